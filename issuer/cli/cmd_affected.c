/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet cards affected: whose cards hang on an issuer key, for people, for a spreadsheet and for programs.
 */
#include <stdio.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/core/affected.h"
#include "issuer/register/member_number.h"

struct listing {
	json_t *cards; /* with --json */
	bool csv;
	size_t count[PB_AFFECTED_COUNT];
};

static const char *word_of(enum pb_affected affected)
{
	/* TRANSLATORS: of a card ("карта"), so feminine in Russian. */
	static const char *const words[PB_AFFECTED_COUNT] = {
		[PB_AFFECTED_NOT] = "",
		[PB_AFFECTED_LIVE] = N_("valid by the ledger"),
		[PB_AFFECTED_WAITS] = N_("revoked, the new one waits for a blank"),
		[PB_AFFECTED_REPLACED] = N_("replaced"),
		[PB_AFFECTED_SPOILED] = N_("was half-written, given up"),
	};

	return _(words[affected]);
}

static void say_card(const struct pb_ledger_card *card, const char *serial, enum pb_affected affected)
{
	char member[PB_MEMBER_NUMBER_SHOWN_CAP], other[PB_SERIAL_TEXT] = "";

	pb_member_number_show(card->member_number, member);
	if (card->replaced_by != 0)
		pb_serial_format(card->replaced_by, other);
	printf("%s  %s  %s%s%s\n", serial, member, word_of(affected), other[0] ? " " : "", other);
}

/* Digits and fixed words: no field needs quotes. */
static void say_row(const struct pb_ledger_card *card, const char *serial, const char *replaced_by, enum pb_affected affected)
{
	printf("%s;%s;%s;%s\n", serial, card->member_number, pb_affected_name(affected), replaced_by);
}

static bool list_card(void *context, const struct pb_ledger_card *card)
{
	struct listing *listing = context;
	enum pb_affected affected = pb_affected_of(card);
	char serial[PB_SERIAL_TEXT], replaced_by[PB_SERIAL_TEXT] = "";

	if (affected == PB_AFFECTED_NOT)
		return true;
	listing->count[affected]++;
	pb_serial_format(card->serial, serial);
	if (card->replaced_by != 0)
		pb_serial_format(card->replaced_by, replaced_by);
	if (listing->cards)
		json_array_append_new(listing->cards, json_pack("{s:s, s:s, s:s, s:s}", "serial", serial, "member",
								card->member_number, "status", pb_affected_name(affected),
								"replaced_by", replaced_by));
	else if (listing->csv)
		say_row(card, serial, replaced_by, affected);
	else
		say_card(card, serial, affected);
	return true;
}

static json_t *as_json(const char *kid, const struct listing *listing)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:O}", "kid", kid, "live", (json_int_t)listing->count[PB_AFFECTED_LIVE], "waits",
			 (json_int_t)listing->count[PB_AFFECTED_WAITS], "replaced",
			 (json_int_t)listing->count[PB_AFFECTED_REPLACED], "spoiled",
			 (json_int_t)listing->count[PB_AFFECTED_SPOILED], "cards", listing->cards);
}

int pb_cmd_cards_affected(struct pb_call *call)
{
	const char *text = pb_call_option(call, "kid");
	struct listing listing = { .csv = pb_call_switch(call, "csv") };
	uint8_t kid[PB_ENTRY_KID];
	enum pb_status s;
	size_t total = 0;

	if (!text)
		return pb_say_usage(call, _("--kid names the key, as profbilet keys list has it"));
	if (!pb_call_kid(call, text, kid))
		return pb_status_row(PB_USAGE)->exit_code;
	listing.cards = call->json ? json_array() : NULL;
	if (listing.csv && !call->json)
		puts("serial;member;status;replaced_by");
	s = pb_ledger_each_card_signed_by(call->app.office.ledger, kid, list_card, &listing, &call->err);
	if (s == PB_OK && call->json)
		pb_json_print(as_json(text, &listing));
	json_decref(listing.cards);
	if (s != PB_OK)
		return pb_say_error(call, text, s);
	for (size_t i = 0; i < PB_AFFECTED_COUNT; i++)
		total += listing.count[i];
	pb_say_if_none(call, total);
	return PB_EXIT_OK;
}
