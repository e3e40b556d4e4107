/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trust list and status lists against the entries: a card that is refused by one must be refused by the other, and what
 * was published must be what was entered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/audit/inside.h"

/* ---- the trust list */

/* The issuer whose ledger this is: the entry that certifies its key, or, where the auditor brought the key, the one that
 * signed the cards. */
static const struct pb_trust_entry *issuer_of(const struct stick *stick)
{
	const struct pb_trust *trust = stick->given.trust;
	const struct pb_issuer *by_kid = NULL;

	for (size_t i = 0; i < pb_trust_count(trust); i++)
		if (strcmp(pb_trust_issuer(trust, i)->entry->checkpoint, stick->report.key) == 0 && stick->report.key[0] != '\0')
			return pb_trust_issuer(trust, i)->entry;
	for (size_t i = 0; i < stick->kid_count && by_kid == NULL; i++)
		by_kid = pb_trust_find(trust, stick->kids[i], NULL);
	return by_kid != NULL ? by_kid->entry : NULL;
}

/* An office whose lists somebody else publishes enters none. */
static void compare_with_entered(struct stick *stick)
{
	const struct pb_replay *replay = &stick->replay;
	const struct pb_trust_list *list = pb_trust_list(stick->given.trust);

	if (stick->options->now > list->expires || list->sequence < replay->trust_list)
		stick_find(stick, PB_FINDING_TRUST_OLD, "trust.cwt");
	if (replay->trust_list == 0 || list->sequence < replay->trust_list)
		return;
	if (list->sequence > replay->trust_list ||
	    !pb_view_equal(PB_VIEW(replay->trust_digest), pb_view(pb_trust_digest(stick->given.trust), PB_ENTRY_HASH)))
		stick_find(stick, PB_FINDING_TRUST_LIST, "trust.cwt");
}

static void find_strange_signers(struct stick *stick)
{
	char kid[2 * PB_ENTRY_KID + 1];

	for (size_t i = 0; i < stick->kid_count; i++)
		if (pb_trust_find(stick->given.trust, stick->kids[i], NULL) == NULL) {
			pb_hex_encode(PB_VIEW(stick->kids[i]), kid);
			stick_find(stick, PB_FINDING_ISSUER, kid);
		}
}

static void report_trust(struct stick *stick, const struct pb_trust_entry *issuer)
{
	const struct pb_trust_list *list = pb_trust_list(stick->given.trust);
	struct pb_stick_report *report = &stick->report;

	report->has_trust = true;
	report->trust_sequence = list->sequence;
	report->trust_issued_at = list->issued_at;
	if (issuer == NULL)
		return;
	report->test = issuer->test;
	(void)snprintf(report->issuer, sizeof(report->issuer), "%s", issuer->code);
	(void)snprintf(report->issuer_name, sizeof(report->issuer_name), "%.*s", (int)sizeof(report->issuer_name) - 1, issuer->name);
}

/* ---- status lists */

static const struct pb_status_list *find_list(const struct stick *stick, uint32_t number)
{
	const struct given *given = &stick->given;

	for (size_t i = 0; i < given->list_count; i++)
		if (given->lists[i].number == number && given->lists[i].test == stick->report.test &&
		    strcmp(given->lists[i].issuer, stick->report.issuer) == 0)
			return &given->lists[i];
	return NULL;
}

/* Lists are signed daily: what happened to the card since the list was signed it need not know, for so long. */
static bool is_news(const struct stick *stick, const struct pb_status_list *list, const struct pb_replay_card *card)
{
	return card->moved_at >= list->issued_at && stick->options->now - card->moved_at < 2 * PB_STATUS_TTL;
}

static void compare_card(struct stick *stick, const struct pb_status_list *list, size_t n, const char *name)
{
	const struct pb_replay_card *card = &stick->replay.cards[n - 1];
	bool refused = pb_card_state_is_refused(card->state), in_list;
	uint64_t serial = pb_replay_serial(&stick->replay, n);

	if (!pb_status_list_look(list, card->status.index, &in_list) || refused == in_list || is_news(stick, list, card))
		return;
	pb_findings_add_about(&stick->findings, refused ? PB_FINDING_STATUS_LOST : PB_FINDING_STATUS_EXTRA, card->moved, serial, name);
}

static bool is_taken(const struct pb_replay *replay, uint32_t list, uint32_t index)
{
	return (replay->slots[(size_t)list * (PB_STATUS_SLOTS / 8) + index / 8] >> index % 8 & 1) != 0;
}

/* Places that no card has. */
static void find_nobodys(struct stick *stick, const struct pb_status_list *list, const char *name)
{
	for (uint32_t i = 0; i < PB_STATUS_LIST_SLOTS; i++) {
		bool refused;

		if (pb_status_list_look(list, i, &refused) && refused && !is_taken(&stick->replay, list->number, i)) {
			stick_find(stick, PB_FINDING_STATUS_EXTRA, name);
			return;
		}
	}
}

static void compare_list(struct stick *stick, uint32_t number)
{
	const struct pb_status_list *list = find_list(stick, number);
	struct pb_stick_report *report = &stick->report;
	char name[48];

	(void)snprintf(name, sizeof(name), "status-%s-%" PRIu32 ".cwt", report->issuer, number);
	if (list == NULL) {
		stick_find(stick, PB_FINDING_STATUS_MISSING, name);
		return;
	}
	if (report->status_lists++ == 0 || list->issued_at < report->status_issued_at)
		report->status_issued_at = list->issued_at;
	if (stick->options->now - list->issued_at > PB_STATUS_LIVES)
		stick_find(stick, PB_FINDING_STATUS_OLD, name);
	for (size_t n = 1; n <= stick->replay.card_count; n++)
		if (stick->replay.cards[n - 1].status.list == number)
			compare_card(stick, list, n, name);
	find_nobodys(stick, list, name);
}

enum pb_status stick_compare_lists(struct stick *stick, struct pb_err *err)
{
	(void)err;
	if (stick->given.trust != NULL) {
		report_trust(stick, issuer_of(stick));
		compare_with_entered(stick);
		find_strange_signers(stick);
	}
	for (uint32_t number = 0; number < stick->replay.lists; number++)
		compare_list(stick, number);
	return PB_OK;
}
