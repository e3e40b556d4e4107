/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet blanks inspect: what lies on the readers, and whether a membership card can be made of it.  Exit code 0
 * when it can be of every card, 1 when it cannot be of one.
 */
#include <stdio.h>
#include <string.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/stations.h"

enum { COUNT_MAX = 100000, WAIT_MAX = 3600, UID_RANDOM = 0x08, UID_RANDOM_LEN = 4 };

static const char *const originality_names[PB_ORIGINALITY_COUNT] = {
	[PB_ORIGINALITY_NOT_OFFERED] = "not_offered",
	[PB_ORIGINALITY_VALID] = "valid",
	[PB_ORIGINALITY_WRONG] = "wrong",
	[PB_ORIGINALITY_UNKNOWN] = "unknown",
};

static const char *const originality_words[PB_ORIGINALITY_COUNT] = {
	[PB_ORIGINALITY_NOT_OFFERED] = N_("the chip offers none"),
	[PB_ORIGINALITY_VALID] = N_("right"),
	[PB_ORIGINALITY_WRONG] = N_("WRONG: not by a key of the maker that is known here"),
	[PB_ORIGINALITY_UNKNOWN] = N_("cannot be checked on this computer"),
};

static const char *const keys_names[PB_CHIP_KEYS_COUNT] = {
	[PB_CHIP_KEYS_UNKNOWN] = "unknown",
	[PB_CHIP_KEYS_FACTORY] = "yes",
	[PB_CHIP_KEYS_CHANGED] = "no",
};

static const char *const keys_words[PB_CHIP_KEYS_COUNT] = {
	[PB_CHIP_KEYS_UNKNOWN] = N_("cannot be told without trying a key"),
	[PB_CHIP_KEYS_FACTORY] = N_("those of the factory"),
	[PB_CHIP_KEYS_CHANGED] = N_("changed since the factory"),
};

/* One card and its reader. */
struct finding {
	const char *reader;
	struct pb_card_identity card;
	struct pb_chip chip;
	enum pb_status refusal; /* PB_OK: a membership card can be made of it */
};

/* What `issue` would say, as far as it depends on the card alone. */
static enum pb_status judge(const struct pb_call *call, const struct pb_card_identity *card, const struct pb_chip *chip)
{
	enum pb_status s = pb_card_refusal(card, NULL);

	if (s != PB_OK)
		return s;
	if (pb_card_family_row(card->family)->copyable && !call->app.config.allow_copyable)
		return PB_CARD_UNSUPPORTED;
	if (card->state == APPLET_TERMINATED)
		return PB_CARD_TERMINATED;
	if (card->state != APPLET_BLANK)
		return PB_CARD_NOT_BLANK;
	if (chip->keys == PB_CHIP_KEYS_FACTORY && !call->app.config.allow_factory_keys)
		return PB_KEYS_REFUSED;
	return PB_OK;
}

static bool has_random_uid(const struct pb_card_identity *card)
{
	return card->uid_n == UID_RANDOM_LEN && card->uid[0] == UID_RANDOM;
}

/* ---- Telling */

static json_t *versions_json(const struct pb_chip *chip)
{
	json_t *array = json_array();

	for (size_t i = 0; i < chip->key_count; i++) {
		char hex[3];

		pb_hex_encode(pb_view(&chip->key_versions[i], 1), hex);
		json_array_append_new(array, json_string(hex));
	}
	return array;
}

static void tell_program(const struct finding *finding)
{
	const struct pb_chip *chip = &finding->chip;
	const struct pb_chip_row *row = pb_chip_row(chip->kind);
	char uid[2 * UID_MAX + 1];
	json_t *object;

	pb_hex_encode(pb_view(finding->card.uid, finding->card.uid_n), uid);
	object = json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:b, s:s}", "reader", pb_json_text(finding->reader),
			   "chip", row->name, "product", row->words, "told_by", pb_chip_source_name(chip->source), "uid", uid,
			   "uid_random", has_random_uid(&finding->card), "originality", originality_names[chip->originality],
			   "factory_keys", keys_names[chip->keys], "key_versions", versions_json(chip), "issuable",
			   finding->refusal == PB_OK, "status", pb_status_row(finding->refusal)->name);
	if (chip->memory)
		json_object_set_new(object, "memory", json_integer(chip->memory));
	if (chip->has_free)
		json_object_set_new(object, "free", json_integer(chip->free));
	if (chip->note[0] != '\0')
		json_object_set_new(object, "note", pb_json_text(chip->note));
	pb_json_print(object);
	fflush(stdout);
}

static void say_line(const char *what, const char *said)
{
	enum { WHAT_LETTERS = 22 };

	printf("  ");
	pb_say_padded(what, WHAT_LETTERS);
	puts(said);
}

static void say_memory(const struct pb_chip *chip)
{
	char text[80];

	if (chip->has_free)
		snprintf(text, sizeof(text), _("%u bytes, %u of them free"), (unsigned)chip->memory, (unsigned)chip->free);
	else
		snprintf(text, sizeof(text), _("%u bytes"), (unsigned)chip->memory);
	if (chip->memory)
		say_line(_("Memory"), text);
}

static void say_keys(const struct pb_chip *chip)
{
	char text[PB_CHIP_KEYS_MAX * 3 + 1] = "";

	for (size_t i = 0; i < chip->key_count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), i ? " %02X" : "%02X", chip->key_versions[i]);
	if (chip->key_count)
		say_line(_("Key versions"), text);
	say_line(_("Keys"), _(keys_words[chip->keys]));
}

static void tell_person(const struct finding *finding)
{
	const struct pb_chip *chip = &finding->chip;
	const struct pb_status_row *row = pb_status_row(finding->refusal);
	const char *words = chip->kind == PB_CHIP_UNKNOWN ? _("unknown card") : chip->kind == PB_CHIP_CLONE ? _("COPY of a chip") :
									      pb_chip_row(chip->kind)->words;
	char uid[2 * UID_MAX + 1];

	pb_hex_encode(pb_view(finding->card.uid, finding->card.uid_n), uid);
	printf("%s   %s\n", words, finding->reader);
	if (finding->card.uid_n)
		say_line(has_random_uid(&finding->card) ? _("UID, new at each tap") : _("UID"), uid);
	say_memory(chip);
	if (chip->originality != PB_ORIGINALITY_NOT_OFFERED)
		say_line(_("Maker's signature"), _(originality_words[chip->originality]));
	say_keys(chip);
	if (chip->note[0] != '\0')
		say_line(_("It says"), chip->note);
	if (finding->refusal == PB_OK) {
		say_line(_("Membership card"), _("can be made of it"));
	} else {
		say_line(_("Membership card"), _("NO"));
		printf("    %s %s\n", _(row->happened), _(row->advice));
	}
	fflush(stdout);
}

/* ---- Looking */

static enum pb_status inspect(struct pb_call *call, struct pb_station *station, int64_t wait_ms, struct finding *ret_finding)
{
	struct pb_err ignored;
	enum pb_status s = pb_station_offer(station, wait_ms, &ret_finding->card, &call->err);

	if (s != PB_OK)
		return s;
	s = pb_station_inspect(station, &ret_finding->chip, &call->err);
	if (s == PB_OK)
		ret_finding->refusal = judge(call, &ret_finding->card, &ret_finding->chip);
	/* Done with this card; trouble with the reader is met at the next one. */
	if (pb_station_eject(station, &ignored) != PB_OK)
		pb_err_clear(&ignored);
	return s;
}

/* One reader after the other, a short look at each: cards are put down by one person. */
static enum pb_status inspect_all(struct pb_call *call, struct pb_stations *stations, long wanted, int64_t wait_ms,
				  long *ret_seen, bool *ret_all_good)
{
	enum { LOOK_MS = 100 };
	struct pb_deadline deadline = pb_deadline_in(wait_ms);
	enum pb_status s = PB_CARD_ABSENT;

	while (*ret_seen < wanted && (s == PB_OK || s == PB_CARD_ABSENT)) {
		for (size_t i = 0; i < stations->count && *ret_seen < wanted && (s == PB_OK || s == PB_CARD_ABSENT); i++) {
			struct finding finding = { .reader = stations->name[i] };

			s = inspect(call, stations->station[i], LOOK_MS, &finding);
			if (s != PB_OK)
				continue;
			call->json ? tell_program(&finding) : tell_person(&finding);
			*ret_all_good = *ret_all_good && finding.refusal == PB_OK;
			++*ret_seen;
			deadline = pb_deadline_in(wait_ms);
		}
		if (s == PB_CARD_ABSENT && pb_deadline_left(deadline) == 0)
			break;
	}
	return s;
}

int pb_cmd_blanks_inspect(struct pb_call *call)
{
	struct pb_stations stations = { .count = 0 };
	bool all = pb_call_switch(call, "all-readers"), all_good = true;
	long wanted, wait, seen = 0;
	enum pb_status s;

	if (!pb_call_number(call, "count", 1, COUNT_MAX, all ? COUNT_MAX : 1, &wanted) ||
	    !pb_call_number(call, "wait", 0, WAIT_MAX, all ? 2 : call->app.config.wait_seconds, &wait))
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_stations_start(call, pb_call_option(call, "reader"), all, NULL, &stations);
	if (s == PB_OK)
		s = inspect_all(call, &stations, wanted, wait * INT64_C(1000), &seen, &all_good);
	pb_stations_stop(&stations);
	/* The end of the cards is no failure where several were asked for. */
	if (s != PB_OK && !(s == PB_CARD_ABSENT && seen > 0))
		return pb_say_error(call, NULL, s);
	return all_good ? PB_EXIT_OK : PB_EXIT_NEGATIVE;
}
