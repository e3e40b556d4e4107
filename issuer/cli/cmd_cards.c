/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet cards: list and show them, report one lost, suspend one for a time, give one up, print faces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/print_faces.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/member_number.h"

static json_t *as_json(const struct pb_ledger_card *card)
{
	char serial[PB_SERIAL_TEXT], replaces[PB_SERIAL_TEXT] = "", replaced_by[PB_SERIAL_TEXT] = "";

	pb_serial_format(card->serial, serial);
	if (card->replaces != 0)
		pb_serial_format(card->replaces, replaces);
	if (card->replaced_by != 0)
		pb_serial_format(card->replaced_by, replaced_by);
	return json_pack("{s:s, s:s?, s:s?, s:s, s:i, s:b, s:s, s:s, s:I, s:I, s:I, s:I}", "serial", serial, "state",
			 pb_card_state_name(card->state), "reason", pb_reason_name(card->reason), "member", card->member_number,
			 "sequence", (int)card->sequence, "copyable", card->kvn == PB_LEDGER_KVN_NONE, "replaces", replaces, "replaced_by", replaced_by, "reserved_at",
			 (json_int_t)card->reserved_at, "issued_at", (json_int_t)card->issued_at, "printed_at",
			 (json_int_t)card->printed_at, "ended_at", (json_int_t)card->ended_at);
}

static void say_card(const struct pb_ledger_card *card)
{
	char serial[PB_SERIAL_TEXT], member[PB_MEMBER_NUMBER_SHOWN_CAP];

	pb_serial_format(card->serial, serial);
	pb_member_number_show(card->member_number, member);
	printf("%s  %s  %s", serial, member, pb_word_of_state(card->state));
	if (card->reason != PB_REASON_NONE)
		printf(" (%s)", pb_word_of_reason(card->reason));
	if (card->kvn == PB_LEDGER_KVN_NONE)
		fputs(_("  can be copied"), stdout);
	putchar('\n');
}

/* What is not known of a card has no line. */
static void say_when(const struct pb_call *call, const char *what, int64_t instant)
{
	char when[PB_WHEN_TEXT];

	if (instant == 0)
		return;
	pb_when(instant, call->app.config.zone, when);
	fputs("  ", stdout);
	pb_say_padded(what, 24);
	printf("%s\n", when);
}

static void say_other_card(const char *what, uint64_t serial)
{
	char text[PB_SERIAL_TEXT];

	if (serial == 0)
		return;
	pb_serial_format(serial, text);
	fputs("  ", stdout);
	pb_say_padded(what, 24);
	printf("%s\n", text);
}

static void say_life(const struct pb_call *call, const struct pb_ledger_card *card)
{
	say_card(card);
	say_other_card(_("in place of card"), card->replaces);
	say_when(call, _("begun"), card->reserved_at);
	say_when(call, _("issued"), card->issued_at);
	say_when(call, _("printed"), card->printed_at);
	say_when(call, pb_word_of_state(card->state), card->ended_at);
	say_other_card(_("replaced by card"), card->replaced_by);
}

/* ---- list and show */

struct listing {
	json_t *array; /* with --json */
	size_t count;
};

static bool list_card(void *context, const struct pb_ledger_card *card)
{
	struct listing *listing = context;

	listing->count++;
	if (listing->array)
		json_array_append_new(listing->array, as_json(card));
	else
		say_card(card);
	return true;
}

static bool parse_state(const char *name, enum pb_card_state *ret_state)
{
	for (int state = PB_CARD_IS_RESERVED; state < PB_CARD_STATE_COUNT; state++) {
		if (strcmp(pb_card_state_name((enum pb_card_state)state), name) == 0) {
			*ret_state = (enum pb_card_state)state;
			return true;
		}
	}
	return false;
}

int pb_cmd_cards_list(struct pb_call *call)
{
	struct listing listing = { 0 };
	const char *name = pb_call_option(call, "state");
	enum pb_card_state state = PB_CARD_IS_UNKNOWN;
	enum pb_status s;

	if (name && !parse_state(name, &state))
		return pb_say_usage(call, _("no state is called %s"), name);
	listing.array = call->json ? json_array() : NULL;
	s = pb_ledger_each_card(call->app.office.ledger, state, list_card, &listing, &call->err);
	if (s != PB_OK) {
		json_decref(listing.array);
		return pb_say_error(call, NULL, s);
	}
	pb_say_if_none(call, listing.count);
	if (call->json)
		pb_json_print(json_pack("{s:o}", "cards", listing.array));
	return PB_EXIT_OK;
}

int pb_cmd_cards_show(struct pb_call *call)
{
	struct pb_ledger_card card;
	uint64_t serial;
	bool found;
	enum pb_status s;

	if (!pb_call_serial(call, 0, &serial))
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_ledger_card_by_serial(call->app.office.ledger, serial, &card, &found, &call->err);
	if (s == PB_OK && !found)
		s = pb_fail(&call->err, PB_NOT_FOUND, "card %s", call->words[0]);
	if (s != PB_OK)
		return pb_say_error(call, call->words[0], s);
	if (call->json)
		pb_json_print(as_json(&card));
	else
		say_life(call, &card);
	return PB_EXIT_OK;
}

/* ---- the end of a card */

/* Says an error, or the JSON; true when a sentence for people is still to be said. */
static bool ended(struct pb_call *call, enum pb_status status, int *ret_code)
{
	*ret_code = status == PB_OK ? PB_EXIT_OK : pb_say_error(call, call->words[0], status);
	if (status == PB_OK && call->json)
		pb_json_print(json_pack("{s:s, s:s}", "serial", call->words[0], "status", "ok"));
	return status == PB_OK && !call->json;
}

/* Those a person can know of; the others are what a station found. */
static bool parse_reason(const char *name, enum pb_reason *ret_reason)
{
	static const unsigned known = 1u << PB_REASON_LOST | 1u << PB_REASON_STOLEN | 1u << PB_REASON_DAMAGED |
				      1u << PB_REASON_RETURNED | 1u << PB_REASON_NAME_CHANGE | 1u << PB_REASON_OTHER;

	return pb_reason_parse(name, ret_reason) && (known & 1u << *ret_reason) != 0;
}

int pb_cmd_cards_lost(struct pb_call *call)
{
	const char *name = pb_call_option(call, "reason"), *serial_text = call->words[0];
	enum pb_reason reason = PB_REASON_LOST;
	uint64_t serial;
	int code;

	if (!pb_call_serial(call, 0, &serial))
		return pb_status_row(PB_USAGE)->exit_code;
	if (name && !parse_reason(name, &reason))
		return pb_say_usage(call, _("no reason is called %s"), name);
	if (ended(call, pb_ledger_revoke(call->app.office.ledger, serial, reason, NULL, &call->err), &code))
		printf(_("Card %s is refused here from now on, and by shops with the next status list (profbilet status publish). "
			 "A new one: profbilet issue --reissue %s\n"), serial_text, serial_text);
	return code;
}

int pb_cmd_cards_suspend(struct pb_call *call)
{
	const char *serial_text = call->words[0];
	uint64_t serial;
	int code;

	if (!pb_call_serial(call, 0, &serial))
		return pb_status_row(PB_USAGE)->exit_code;
	if (ended(call, pb_ledger_suspend(call->app.office.ledger, serial, NULL, &call->err), &code))
		printf(_("Card %s is refused here for now, and by shops with the next status list (profbilet status publish). "
			 "When it is good again: profbilet cards resume %s\n"), serial_text, serial_text);
	return code;
}

int pb_cmd_cards_resume(struct pb_call *call)
{
	uint64_t serial;
	int code;

	if (!pb_call_serial(call, 0, &serial))
		return pb_status_row(PB_USAGE)->exit_code;
	if (ended(call, pb_ledger_resume(call->app.office.ledger, serial, NULL, &call->err), &code))
		printf(_("Card %s is good again here, and in shops with the next status list (profbilet status publish).\n"), call->words[0]);
	return code;
}

int pb_cmd_cards_spoil(struct pb_call *call)
{
	uint64_t serial;
	int code;

	if (!pb_call_serial(call, 0, &serial))
		return pb_status_row(PB_USAGE)->exit_code;
	if (ended(call, pb_ledger_spoil(call->app.office.ledger, serial, PB_REASON_NOT_PRESENTED, NULL, &call->err), &code))
		printf(_("Card %s is given up. Destroy it; its member can get another one.\n"), call->words[0]);
	return code;
}

/* ---- faces */

struct serials {
	uint64_t *list;
	size_t count, capacity;
	bool full; /* out of memory */
};

static bool add_serial(void *context, const struct pb_ledger_card *card)
{
	struct serials *serials = context;

	if (serials->count == serials->capacity) {
		size_t capacity = serials->capacity ? 2 * serials->capacity : 64;
		uint64_t *larger = reallocarray(serials->list, capacity, sizeof(*larger));

		serials->full = !larger;
		if (!larger)
			return false;
		serials->list = larger;
		serials->capacity = capacity;
	}
	serials->list[serials->count++] = card->serial;
	return true;
}

static enum pb_status collect_unprinted(struct pb_call *call, struct serials *serials)
{
	enum pb_status s = pb_ledger_each_card(call->app.office.ledger, PB_CARD_IS_ISSUED, add_serial, serials, &call->err);

	return s == PB_OK && serials->full ? pb_fail(&call->err, PB_NO_MEMORY, "serials") : s;
}

static bool collect_words(struct pb_call *call, struct serials *serials)
{
	for (size_t i = 0; i < call->word_count; i++) {
		struct pb_ledger_card card = { 0 };

		if (!pb_call_serial(call, i, &card.serial) || !add_serial(serials, &card))
			return false;
	}
	return true;
}

static int print(struct pb_call *call, const struct serials *serials)
{
	enum pb_render_product product = pb_call_switch(call, "sheet") ? PB_RENDER_SHEETS : PB_RENDER_CARD_PAGES;
	const char *path = pb_call_option(call, "out");
	struct pb_faces_result result;
	enum pb_status s = pb_print_faces(call, product, path, serials->list, serials->count, &result);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:I, s:I, s:I}", "file", path, "drawn", (json_int_t)result.drawn, "left_out",
					(json_int_t)result.left_out, "without_photo", (json_int_t)result.without_photo));
	else if (result.files == 0)
		puts(_("No face was drawn."));
	else
		printf(ngettext("Faces of %zu card: %s\n", "Faces of %zu cards: %s\n", result.drawn), result.drawn, path);
	return result.left_out > 0 ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}

int pb_cmd_cards_print(struct pb_call *call)
{
	struct serials serials = { 0 };
	bool all = pb_call_switch(call, "all");
	enum pb_status s = PB_OK;
	int code;

	if (!pb_call_option(call, "out") || all == (call->word_count > 0))
		return pb_say_usage(call, _("name the cards, or --all, and the file: --out FILE"));
	if (all)
		s = collect_unprinted(call, &serials);
	else if (!collect_words(call, &serials))
		return free(serials.list), pb_status_row(PB_USAGE)->exit_code;
	code = s == PB_OK ? print(call, &serials) : pb_say_error(call, NULL, s);
	free(serials.list);
	return code;
}
