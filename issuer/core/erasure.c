/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of an erasure, and what stands on its papers.
 */
#include "issuer/core/erasure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/secret.h"
#include "keys/crypto/hash.h"
#include "print/act.h"

/* ---- intending and destroying */

static enum pb_status refuse_live(const struct pb_office *office, const char *number, bool *ret_had_cards, struct pb_err *err)
{
	struct pb_ledger_card card;
	bool found = false;
	enum pb_status s = pb_ledger_card_of_member(office->ledger, number, &card, &found, err);

	if (s == PB_OK && found)
		return pb_fail(err, PB_CARD_EXISTS, "card %010" PRIu64 " is %s", card.serial, pb_card_state_name(card.state));
	return s == PB_OK ? pb_ledger_last_card_of_member(office->ledger, number, &card, ret_had_cards, err) : s;
}

static unsigned categories_of(const struct pb_member *member, bool had_cards)
{
	const bool has[PB_ACT_CATEGORIES] = {
		[PB_ACT_NAME] = true,
		[PB_ACT_BORN] = true,
		[PB_ACT_SEX] = member->sex != PB_SEX_UNKNOWN,
		[PB_ACT_NUMBER] = true,
		[PB_ACT_WORK] = true,
		[PB_ACT_MEMBERSHIP] = true,
		[PB_ACT_PHONE] = member->phone[0] != '\0',
		[PB_ACT_EMAIL] = member->email[0] != '\0',
		[PB_ACT_PHOTO] = member->photo != PB_PHOTO_NONE,
		[PB_ACT_CARDS] = had_cards,
	};
	unsigned bits = 0;

	for (unsigned i = 0; i < PB_ACT_CATEGORIES; i++)
		bits |= has[i] ? 1u << i : 0;
	return bits;
}

/* False when a text is longer than its place. */
static bool set_text(char *field, size_t cap, const char *text)
{
	return snprintf(field, cap, "%s", text) < (int)cap;
}

static bool describe(const struct pb_erasure_order *order, const struct pb_member *member, bool had_cards,
		     struct pb_erasure *ret_erasure)
{
	*ret_erasure = (struct pb_erasure){ .state = PB_ERASURE_INTENDED, .member = member->id, .reason = order->reason,
					    .categories = categories_of(member, had_cards) };
	pb_random(ret_erasure->code, sizeof(ret_erasure->code));
	memcpy(ret_erasure->number, member->number, sizeof(ret_erasure->number));
	memcpy(ret_erasure->surname, member->surname, sizeof(ret_erasure->surname));
	memcpy(ret_erasure->name, member->name, sizeof(ret_erasure->name));
	memcpy(ret_erasure->patronymic, member->patronymic, sizeof(ret_erasure->patronymic));
	return set_text(ret_erasure->actor, sizeof(ret_erasure->actor), order->actor) &&
	       set_text(ret_erasure->executor, sizeof(ret_erasure->executor), order->executor) &&
	       set_text(ret_erasure->papers, sizeof(ret_erasure->papers), order->papers) &&
	       set_text(ret_erasure->photos, sizeof(ret_erasure->photos), order->photos);
}

enum pb_status pb_erasure_intend(const struct pb_office *office, const struct pb_erasure_order *order, struct pb_err *err)
{
	struct pb_erasure erasure;
	struct pb_member member;
	bool had_cards;
	enum pb_status s = pb_register_find_member(office->members, order->member_number, &member, err);

	if (s == PB_OK)
		s = refuse_live(office, order->member_number, &had_cards, err);
	if (s == PB_OK && !describe(order, &member, had_cards, &erasure))
		s = pb_fail(err, PB_INPUT_INVALID, "a path or a name is too long");
	if (s != PB_OK)
		return s;
	erasure.at = pb_clock_now(office->clock);
	s = pb_erasure_put(office->members, &erasure, err);
	pb_wipe(&erasure, sizeof(erasure));
	return s;
}

enum pb_status pb_erasure_carry_out(const struct pb_office *office, struct pb_erasure *erasure, struct pb_err *err)
{
	struct pb_erasing erasing = { .member_number = erasure->number, .reason = (enum pb_reason)erasure->reason,
				      .actor = erasure->actor[0] != '\0' ? erasure->actor : NULL };
	struct pb_erased erased;
	enum pb_status s;

	pb_hmac_sha256(PB_VIEW(erasure->code), pb_view_text(erasure->number), erasing.commitment);
	s = pb_ledger_erase_begin(office->ledger, &erasing, &erased, err);
	if (s != PB_OK)
		return s;
	erasure->first = erased.first;
	erasure->count = erased.count;
	erasure->at = pb_clock_now(office->clock);
	s = pb_erasure_destroy(office->members, erasure, err);
	if (s != PB_OK) {
		pb_ledger_erase_abandon(office->ledger);
		return s;
	}
	s = pb_ledger_erase_commit(office->ledger, err);
	if (s == PB_OK)
		erasure->state = PB_ERASURE_DESTROYED;
	return s;
}

/* ---- the papers */

enum { WHEN = 40, ENTRY_TEXT = 24 };

/* Everything a paper borrows, in one place. */
struct content {
	struct pb_act act;
	char subject[3 * PB_NAME_CAP + 64], date[WHEN], code[2 * PB_ERASURE_CODE + 1];
	char origin[PB_ORIGIN_MAX + 1], checkpoint[PB_COSIGNED_MAX];
	struct pb_act_entry entry[PB_ACT_ENTRIES];
	char index[PB_ACT_ENTRIES][ENTRY_TEXT], when[PB_ACT_ENTRIES][WHEN], serial[PB_ACT_ENTRIES][PB_SERIAL_TEXT];
	char leaf[PB_ACT_ENTRIES][2 * PB_MERKLE_HASH + 1];
};

/* "24.11.2026 15:04:05" */
static void format_when(int64_t at, int32_t zone, char ret_text[static WHEN])
{
	struct pb_date day = pb_date_of_instant(at, zone);
	unsigned second = (unsigned)(at - pb_date_start(day, zone));
	char date[11];

	pb_date_format_ru(day, date);
	(void)snprintf(ret_text, WHEN, "%s %02u:%02u:%02u", date, second / 3600 % 24, second / 60 % 60, second % 60);
}

static void format_date(int64_t at, int32_t zone, char ret_text[static WHEN])
{
	int32_t minutes = (zone < 0 ? -zone : zone) / 60;
	size_t n;

	format_when(at, zone, ret_text);
	n = strlen(ret_text);
	(void)snprintf(ret_text + n, WHEN - n, " (UTC%c%02d:%02d)", zone < 0 ? '-' : '+', minutes / 60 % 24, minutes % 60);
}

static enum pb_act_reason reason_of(int reason)
{
	switch (reason) {
	case PB_REASON_CONSENT:
		return PB_ACT_CONSENT;
	case PB_REASON_PURPOSE:
		return PB_ACT_PURPOSE;
	case PB_REASON_TERM:
		return PB_ACT_TERM;
	default:
		return PB_ACT_UNLAWFUL;
	}
}

static enum pb_status read_entry(const struct pb_office *office, uint64_t index, struct content *content, size_t i,
				 struct pb_err *err)
{
	uint8_t bytes[PB_ENTRY_MAX];
	struct pb_entry entry;
	struct pb_hash leaf;
	size_t n;
	enum pb_status s = pb_ledger_entry(office->ledger, index, bytes, &n, err);

	if (s != PB_OK)
		return s;
	if (!pb_entry_decode(pb_view(bytes, n), &entry) || entry.type != PB_ENTRY_ERASED)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %" PRIu64 " is no erasure", index);
	leaf = pb_merkle_leaf(pb_view(bytes, n));
	(void)snprintf(content->index[i], ENTRY_TEXT, "%" PRIu64, index);
	format_when(entry.time, office->policy.zone, content->when[i]);
	content->serial[i][0] = '\0';
	if (entry.serial != 0)
		pb_serial_format(entry.serial, content->serial[i]);
	pb_hex_encode(PB_VIEW(leaf.bytes), content->leaf[i]);
	content->entry[i] = (struct pb_act_entry){ content->index[i], content->when[i], content->serial[i], content->leaf[i] };
	return PB_OK;
}

/* They may come later, and the paper must be the same when it is drawn again. */
static void cut_cosignatures(char *note)
{
	char *signature = strstr(note, "\n\n"), *end = signature ? strchr(signature + 2, '\n') : NULL;

	if (end)
		end[1] = '\0';
}

static enum pb_status read_ledger(const struct pb_office *office, const struct pb_erasure *erasure, struct content *content,
				  struct pb_err *err)
{
	size_t count = erasure->count < PB_ACT_ENTRIES ? (size_t)erasure->count : PB_ACT_ENTRIES;
	enum pb_status s = pb_ledger_cosigned(office->ledger, erasure->first + erasure->count, content->checkpoint, err);

	for (size_t i = 0; s == PB_OK && i < count; i++)
		s = read_entry(office, erasure->first + i, content, i, err);
	if (s == PB_OK)
		cut_cosignatures(content->checkpoint);
	content->act.entry = content->entry;
	content->act.entries = count;
	(void)snprintf(content->origin, sizeof(content->origin), "%.*s", (int)strcspn(content->checkpoint, "\n"),
		       content->checkpoint);
	return s;
}

static void fill(struct content *content, const struct pb_office *office, const struct pb_erasure *erasure,
		 const struct pb_erasure_operator *by)
{
	char shown[PB_MEMBER_NUMBER_SHOWN_CAP];

	pb_member_number_show(erasure->number, shown);
	(void)snprintf(content->subject, sizeof(content->subject), "%s %s%s%s, член профсоюза № %s", erasure->surname, erasure->name,
		       erasure->patronymic[0] != '\0' ? " " : "", erasure->patronymic, shown);
	format_date(erasure->at, office->policy.zone, content->date);
	pb_hex_encode(PB_VIEW(erasure->code), content->code);
	content->act = (struct pb_act){
		.operator_name = by->name,
		.operator_address = by->address,
		.system = by->system,
		.test = by->test,
		.subject = content->subject,
		.executor = erasure->executor,
		.categories = erasure->categories,
		.photo_files = erasure->photos[0] != '\0',
		.reason = reason_of(erasure->reason),
		.date = content->date,
		.code = content->code,
		.origin = content->origin,
		.checkpoint = content->checkpoint,
		.unix_time = erasure->at,
	};
}

enum pb_status pb_erasure_print(const struct pb_office *office, const struct pb_erasure *erasure,
				const struct pb_erasure_operator *by, const struct pb_paper *paper,
				struct pb_erasure_papers *ret_papers, struct pb_err *err)
{
	struct content *content = malloc(sizeof(*content));
	struct pb_erasure_papers papers = { 0 };
	enum pb_status s;

	if (!content)
		return pb_fail(err, PB_NO_MEMORY, "the act");
	fill(content, office, erasure, by);
	s = read_ledger(office, erasure, content, err);
	if (s == PB_OK)
		s = pb_act_print(paper, &content->act, &papers.act, &papers.act_n, err);
	if (s == PB_OK)
		s = pb_act_print_extract(paper, &content->act, &papers.extract, &papers.extract_n, err);
	pb_wipe(content, sizeof(*content));
	free(content);
	if (s != PB_OK) {
		free(papers.act);
		return s;
	}
	*ret_papers = papers;
	return PB_OK;
}
