/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys list: which keys there are, what verifiers are told of them, until when they serve, how many
 * cards hang on each, and what profbilet-keyd has counted of what they signed.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "issuer/app/rotation.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"
#include "keys/trust.h"

enum { ROLE_LETTERS = 13, STATE_LETTERS = 22, DATE_CAP = 11, SERIAL_CAP = 21 };

/* One certified key, as it is shown. */
struct row {
	enum pb_key_role role;
	uint8_t kid[PB_P256_KID];
	enum pb_issuer_state state;
	bool signs;
	struct pb_certified_dates dates;
	uint64_t cards; /* live; of an issuer's key */
};

struct showing {
	struct pb_call *call;
	struct pb_keystore *store; /* NULL: the keys cannot be opened here */
	json_t *keys;		   /* with --json */
};

/* ---- one key */

static const char *word_of(const struct row *row)
{
	if (row->state == PB_ISSUER_RETIRED)
		return _("retired");
	if (row->state == PB_ISSUER_COMPROMISED)
		return _("COMPROMISED");
	return row->signs ? _("signs") : _("active, does not sign");
}

static json_t *as_json(const struct row *row, const char *kid)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I}", "role", pb_key_role_row(row->role)->name, "kid", kid, "state",
			 pb_issuer_state_name(row->state), "signs", row->signs, "valid_from", (json_int_t)row->dates.from,
			 "last_signing", (json_int_t)row->dates.signs_until, "valid_until", (json_int_t)row->dates.until, "cards",
			 (json_int_t)row->cards);
}

static void format_day(int64_t instant, char ret_text[static DATE_CAP])
{
	pb_date_format_ru(pb_date_of_instant(instant, 0), ret_text);
}

static void show_row(const struct showing *showing, const struct row *row)
{
	char kid[2 * PB_P256_KID + 1], from[DATE_CAP], last[DATE_CAP], until[DATE_CAP];

	pb_hex_encode(PB_VIEW(row->kid), kid);
	if (showing->keys) {
		json_array_append_new(showing->keys, as_json(row, kid));
		return;
	}
	format_day(row->dates.from, from);
	format_day(row->dates.signs_until, last);
	format_day(row->dates.until, until);
	pb_say_padded(pb_key_role_row(row->role)->name, ROLE_LETTERS);
	printf("%s  ", kid);
	pb_say_padded(word_of(row), STATE_LETTERS);
	printf(_("from %s, signs to %s, valid to %s"), from, last, until);
	if (row->role == PB_ROLE_ISSUER)
		printf(ngettext(", %llu card", ", %llu cards", (unsigned long)row->cards), (unsigned long long)row->cards);
	putchar('\n');
}

/* ---- all of them */

static bool is_signing(const struct showing *showing, enum pb_key_role role, const uint8_t kid[static PB_P256_KID])
{
	uint8_t point[PB_P256_POINT], own[PB_P256_KID];

	if (!showing->store || !pb_keystore_certified_point(showing->store, role, point))
		return false;
	pb_p256_kid(point, own);
	return memcmp(own, kid, PB_P256_KID) == 0;
}

/* The list may name the whole country's; these are the office's own. */
static enum pb_status show_issuers(const struct showing *showing)
{
	const struct pb_app *app = &showing->call->app;
	enum pb_status s = PB_OK;

	for (size_t i = 0; i < pb_trust_count(app->trust) && s == PB_OK; i++) {
		const struct pb_trust_entry *entry = pb_trust_issuer(app->trust, i)->entry;
		struct row row = { .role = PB_ROLE_ISSUER, .state = entry->state,
				   .dates = { entry->valid_from, entry->last_signing, entry->valid_until } };

		if (strcmp(entry->code, app->config.issuer_code) != 0)
			continue;
		memcpy(row.kid, entry->kid, sizeof(row.kid));
		row.signs = is_signing(showing, PB_ROLE_ISSUER, row.kid);
		s = pb_ledger_count_signed_by(app->office.ledger, row.kid, &row.cards, &showing->call->err);
		if (s == PB_OK)
			show_row(showing, &row);
	}
	return s;
}

static void show_list_signers(const struct showing *showing)
{
	static const enum pb_key_role roles[] = { PB_ROLE_STATUS_LIST, PB_ROLE_TRUST_LIST };

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]) && showing->store; i++) {
		struct row row = { .role = roles[i], .signs = true };
		uint8_t point[PB_P256_POINT];

		if (!pb_keystore_certified_point(showing->store, roles[i], point) ||
		    !pb_keystore_certified_dates(showing->store, roles[i], &row.dates))
			continue;
		pb_p256_kid(point, row.kid);
		show_row(showing, &row);
	}
}

static json_t *show_master_keys(const struct showing *showing)
{
	const struct pb_generations *generations = showing->store ? pb_keystore_generations(showing->store) : NULL;
	json_t *array = json_array();

	for (size_t i = 0; generations && i < generations->count; i++) {
		const struct pb_generation *key = &generations->list[i];
		const char *family = pb_master_family_row(key->family)->name;
		char kcv[2 * PB_KCV_LEN + 1];

		pb_hex_encode(PB_VIEW(key->kcv), kcv);
		json_array_append_new(array, json_pack("{s:s, s:i, s:s, s:b}", "family", family, "kvn", (int)key->kvn, "kcv", kcv,
						       "current", key == pb_generation_current(generations, key->family)));
		if (!showing->keys)
			printf(_("Master key of cards (%s), KVN %02X, check value %s\n"), family, (unsigned)key->kvn, kcv);
	}
	return array;
}

/* Of the process that signs, for keys that were opened here count nothing.  NULL when nobody counts. */
static json_t *show_account(const struct showing *showing)
{
	struct pb_account account;
	char serial[SERIAL_CAP] = "";
	bool counted = false;
	enum pb_status s = pb_app_account(&showing->call->app, showing->store != NULL, &account, &counted, &showing->call->err);

	if (s != PB_OK) {
		pb_say_trouble(showing->call, NULL, s);
		pb_err_clear(&showing->call->err);
	}
	if (!counted)
		return json_null();
	if (account.open_serial != 0)
		snprintf(serial, sizeof(serial), "%010llu", (unsigned long long)account.open_serial);
	if (!showing->keys)
		printf(_("Credentials signed: %llu; batches that the ledger took back: %llu; acknowledged: %llu times\n"),
		       (unsigned long long)account.signatures, (unsigned long long)account.steps_back,
		       (unsigned long long)account.acknowledged);
	if (!showing->keys && serial[0] != '\0')
		printf(_("Card %s is signed and not yet in the ledger; signatures for it: %llu\n"), serial,
		       (unsigned long long)account.open_signatures);
	return json_pack("{s:I, s:I, s:I, s:o, s:I}", "signatures", (json_int_t)account.signatures, "steps_back",
			 (json_int_t)account.steps_back, "acknowledged", (json_int_t)account.acknowledged, "open_serial",
			 serial[0] != '\0' ? json_string(serial) : json_null(), "open_signatures",
			 (json_int_t)account.open_signatures);
}

/* Keys that cannot be opened here are no failure: what verifiers are told is shown all the same. */
static void open_keys(struct showing *showing)
{
	struct pb_err err = { 0 };
	enum pb_status s = pb_app_open_keys_here(&showing->call->app, &showing->store, &err);

	if (s == PB_OK)
		return;
	showing->call->err = err;
	pb_say_trouble(showing->call, NULL, s);
	pb_err_clear(&showing->call->err);
}

int pb_cmd_keys_list(struct pb_call *call)
{
	struct showing showing = { .call = call };
	enum pb_status s;
	json_t *master_keys, *account;

	open_keys(&showing);
	showing.keys = call->json ? json_array() : NULL;
	s = show_issuers(&showing);
	if (s != PB_OK) {
		json_decref(showing.keys);
		pb_keystore_close(showing.store);
		return pb_say_error(call, NULL, s);
	}
	show_list_signers(&showing);
	master_keys = show_master_keys(&showing);
	account = show_account(&showing);
	if (call->json) {
		pb_json_print(json_pack("{s:b, s:o, s:o, s:o}", "opened", showing.store != NULL, "keys", showing.keys, "master_keys",
					master_keys, "account", account));
	} else {
		json_decref(master_keys);
		json_decref(account);
	}
	pb_keystore_close(showing.store);
	return PB_EXIT_OK;
}
