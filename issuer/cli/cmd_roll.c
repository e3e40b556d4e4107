/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys roll-master: the next generation of the card master key.  profbilet cards roll: the cards that
 * still have keys of an older one, each moved when it is put on a reader.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/stations.h"
#include "issuer/cli/tell_roll.h"
#include "issuer/core/roll.h"
#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"

/* ---- keys roll-master */

/* With the names there are: nothing else on the screen tells them. */
static int refuse_family(struct pb_call *call, const char *name)
{
	char names[80];
	struct pb_writer out = pb_writer(names, sizeof(names) - 1);

	for (enum pb_master_family i = 0; i < PB_MASTER_FAMILY_COUNT; i++) {
		pb_put_view(&out, pb_view_text(i == 0 ? "" : ", "));
		pb_put_view(&out, pb_view_text(pb_master_family_row(i)->name));
	}
	names[out.n] = '\0';
	return pb_say_error(call, name, pb_fail(&call->err, PB_INPUT_INVALID, "a family of cards is one of: %s", names));
}

int pb_cmd_keys_roll_master(struct pb_call *call)
{
	const char *name = call->word_count ? call->words[0] : pb_master_family_row(PB_MASTER_APPLET)->name;
	const enum pb_master_family family = pb_master_family_find(name);
	struct pb_generation made;
	char kcv[2 * PB_KCV_LEN + 1], kvn[3];
	bool finished;
	enum pb_status s;

	if (family == PB_MASTER_FAMILY_COUNT)
		return refuse_family(call, name);
	s = pb_app_roll_master(&call->app.config, &call->prompt, family, &made, &finished, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	snprintf(kvn, sizeof(kvn), "%02X", made.kvn);
	pb_hex_encode(PB_VIEW(made.kcv), kcv);
	if (call->json) {
		pb_json_print(json_pack("{s:s, s:s, s:b}", "kvn", kvn, "kcv", kcv, "finished", finished));
		return PB_EXIT_OK;
	}
	if (finished)
		puts(_("A roll that was interrupted is finished; no further key was made."));
	printf(_("Card master key %s, check value %s: new cards get its keys.\n"), kvn, kcv);
	puts(_("Cards issued before are moved at their next tap: profbilet cards roll."));
	puts(_("Keep a copy of the key folder with the custodians: no backup of before has this key."));
	return PB_EXIT_OK;
}

/* ---- cards roll */

struct roll {
	struct pb_call *call;
	struct pb_stations stations;
	bool lost[PB_READERS_MAX];  /* readers that can do no more */
	size_t readers_left;
	long wanted;		    /* cards to be moved; 0: all that wait */
	long moved, noted, others;
	uint64_t waiting;
	enum pb_status trouble;	    /* the first that was told */
	json_t *cards, *troubles;   /* with --json */
};

/* Of a KVN that belongs to no family, as that of cards without keys, there is no newest. */
static bool is_newest(const struct pb_call *call, unsigned kvn)
{
	enum pb_master_family family = pb_master_family_of_kvn((uint8_t)kvn);

	return family < PB_MASTER_FAMILY_COUNT && pb_keystore_current_kvn(call->app.office.keys, family) == kvn;
}

static enum pb_status count_waiting(struct pb_call *call, uint64_t live[static PB_LEDGER_KVNS], uint64_t *ret_waiting)
{
	enum pb_status s = pb_ledger_count_by_kvn(call->app.office.ledger, live, &call->err);

	*ret_waiting = 0;
	for (unsigned kvn = 0; kvn < PB_LEDGER_KVNS && s == PB_OK; kvn++)
		if (pb_master_family_of_kvn((uint8_t)kvn) < PB_MASTER_FAMILY_COUNT && !is_newest(call, kvn))
			*ret_waiting += live[kvn];
	return s;
}

/* What lies ahead, and no reader is asked. */
static int dry_run(struct pb_call *call)
{
	uint64_t live[PB_LEDGER_KVNS], waiting;
	json_t *array = call->json ? json_array() : NULL;
	enum pb_status s = count_waiting(call, live, &waiting);

	if (s != PB_OK) {
		json_decref(array);
		return pb_say_error(call, NULL, s);
	}
	for (unsigned i = 0; i < PB_LEDGER_KVNS; i++) {
		char kvn[4];

		if (live[i] == 0)
			continue;
		snprintf(kvn, sizeof(kvn), "%02X", i);
		if (array)
			json_array_append_new(array, json_pack("{s:s, s:I}", "kvn", kvn, "cards", (json_int_t)live[i]));
		else if (i == PB_LEDGER_KVN_NONE)
			printf(_("Cards without keys, which can be copied: %llu\n"), (unsigned long long)live[i]);
		else
			printf(is_newest(call, i) ? _("Cards with keys of master key %02X, the newest: %llu\n") :
					     _("Cards with keys of master key %02X: %llu\n"), i, (unsigned long long)live[i]);
	}
	if (call->json)
		pb_json_print(json_pack("{s:o, s:I}", "keys", array, "waiting", (json_int_t)waiting));
	else
		printf(_("Waiting for the newest keys: %llu\n"), (unsigned long long)waiting);
	return PB_EXIT_OK;
}

/* A card that fails is one card; with a reader or the office in trouble the next one would fail alike. */
static bool is_of_one_card(enum pb_status status)
{
	switch (status) {
	case PB_CARD_REMOVED:
	case PB_CARD_MUTE:
	case PB_CARD_FOREIGN:
	case PB_CARD_KEYS:
	case PB_CARD_REFUSED:
	case PB_CARD_FAULT:
	case PB_CARD_PROTOCOL:
	case PB_CARD_MISMATCH:
	case PB_CARD_SWAPPED:
	case PB_CARD_TERMINATED:
		return true;
	default:
		return false;
	}
}

static void tell_trouble(struct roll *roll, size_t reader, uint64_t serial, enum pb_status status)
{
	char text[PB_SERIAL_TEXT] = "";

	if (serial != 0)
		pb_serial_format(serial, text);
	if (roll->trouble == PB_OK)
		roll->trouble = status;
	pb_say_trouble(roll->call, serial != 0 ? text : roll->stations.name[reader], status);
	if (roll->troubles)
		json_array_append_new(roll->troubles,
				      json_pack("{s:s, s:s, s:o, s:o}", "status", pb_status_row(status)->name, "serial", text, "detail",
						pb_json_text(roll->call->err.msg), "reader",
						pb_json_text(roll->stations.name[reader])));
	if (!is_of_one_card(status)) {
		roll->lost[reader] = true;
		roll->readers_left--;
	}
}

static void tell_card(struct roll *roll, size_t reader, const struct pb_roll *card)
{
	roll->moved += card->outcome == PB_ROLL_MOVED;
	roll->noted += card->outcome == PB_ROLL_NOTED;
	roll->others += card->outcome == PB_ROLL_NOTHING || card->outcome == PB_ROLL_NOT_ISSUED;
	if (roll->cards)
		json_array_append_new(roll->cards, pb_roll_json(card, roll->stations.name[reader]));
	else
		pb_say_roll(card);
}

/* True when there was a card, well or ill. */
static bool meet(struct roll *roll, size_t reader, int wait_ms)
{
	struct pb_station *station = roll->stations.station[reader];
	struct pb_card_identity card;
	struct pb_roll done = { 0 };
	struct pb_err ignored;
	enum pb_status s;

	pb_err_clear(&roll->call->err);
	s = pb_station_offer(station, wait_ms, &card, &roll->call->err);
	if (s == PB_CARD_ABSENT)
		return false;
	if (s == PB_OK)
		s = pb_roll_card(&roll->call->app.office, station, &card, &done, &roll->call->err);
	if (s == PB_OK)
		tell_card(roll, reader, &done);
	else
		tell_trouble(roll, reader, done.serial, s);
	/* Done with this card; trouble with the reader is met at the next one. */
	if (!roll->lost[reader] && pb_station_eject(station, &ignored) != PB_OK)
		pb_err_clear(&ignored);
	return true;
}

static bool is_over(const struct roll *roll)
{
	bool enough = roll->wanted != 0 ? roll->moved + roll->noted >= roll->wanted : roll->waiting == 0;

	return enough || roll->readers_left == 0;
}

/* Around the readers, until enough cards are moved or none comes any more. */
static enum pb_status meet_cards(struct roll *roll, int64_t wait_ms)
{
	enum { LOOK_MS = 250 };
	struct pb_deadline deadline = pb_deadline_in(wait_ms);
	uint64_t live[PB_LEDGER_KVNS];
	enum pb_status s = count_waiting(roll->call, live, &roll->waiting);

	for (bool late = false; s == PB_OK && !late && !is_over(roll);) {
		late = pb_deadline_left(deadline) == 0; /* one more look all the same */
		for (size_t i = 0; i < roll->stations.count && s == PB_OK && !is_over(roll); i++) {
			if (roll->lost[i] || !meet(roll, i, LOOK_MS))
				continue;
			late = false;
			deadline = pb_deadline_in(wait_ms);
			s = count_waiting(roll->call, live, &roll->waiting);
		}
	}
	return s;
}

static int finish(struct roll *roll)
{
	struct pb_call *call = roll->call;
	bool nothing_came = roll->moved + roll->noted + roll->others == 0 && roll->trouble == PB_OK && roll->waiting != 0;

	if (nothing_came) {
		json_decref(roll->cards);
		json_decref(roll->troubles);
		pb_err_clear(&call->err);
		return pb_say_error(call, NULL, PB_CARD_ABSENT);
	}
	if (call->json)
		pb_json_print(json_pack("{s:I, s:I, s:I, s:o, s:o}", "moved", (json_int_t)roll->moved, "noted", (json_int_t)roll->noted,
					"waiting", (json_int_t)roll->waiting, "cards", roll->cards, "troubles", roll->troubles));
	else
		printf(_("Moved: %ld. Waiting for the newest keys: %llu\n"), roll->moved + roll->noted,
		       (unsigned long long)roll->waiting);
	return roll->trouble == PB_OK ? PB_EXIT_OK : pb_status_row(roll->trouble)->exit_code;
}

int pb_cmd_cards_roll(struct pb_call *call)
{
	enum { COUNT_MAX = 100000, WAIT_MAX = 3600 };
	struct roll roll = { .call = call };
	bool all = pb_call_switch(call, "all-readers");
	long wait;
	enum pb_status s;

	if (!pb_call_number(call, "count", 0, COUNT_MAX, 0, &roll.wanted) ||
	    !pb_call_number(call, "wait", 0, WAIT_MAX, all ? 2 : call->app.config.wait_seconds, &wait))
		return pb_status_row(PB_USAGE)->exit_code;
	if (pb_call_switch(call, "dry-run"))
		return dry_run(call);
	s = pb_stations_start(call, pb_call_option(call, "reader"), all, pb_call_option(call, "trace"), &roll.stations);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	roll.readers_left = roll.stations.count;
	roll.cards = call->json ? json_array() : NULL;
	roll.troubles = call->json ? json_array() : NULL;
	s = meet_cards(&roll, wait * INT64_C(1000));
	pb_stations_stop(&roll.stations);
	if (s == PB_OK)
		return finish(&roll);
	json_decref(roll.cards);
	json_decref(roll.troubles);
	return pb_say_error(call, NULL, s);
}
