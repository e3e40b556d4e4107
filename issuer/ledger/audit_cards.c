/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The card table is only an index: each row must be what the entries say, and hold the credentials and the
 * member number that its INTENT has committed to, or, of a person who was erased, nothing of them.
 */
#include <string.h>

#include "issuer/ledger/audit_internal.h"
#include "keys/crypto/hash.h"

static bool hashes_to(struct pb_view bytes, const uint8_t expected[static PB_SHA256_LEN])
{
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256(bytes, digest);
	return pb_view_equal(PB_VIEW(digest), pb_view(expected, PB_SHA256_LEN));
}

/* Columns of the one query below. */
enum column {
	SERIAL, STATE, REASON, REPLACES, REPLACED_BY, STATUS_LIST, STATUS_INDEX, INTENT, RESERVED_AT, ISSUED_AT,
	PRINTED_AT, ENDED_AT, UID, JOB, KID, CHIP, FACE, MEMBER, SALT, KVN,
};

static const char every_card[] =
	"SELECT serial,state,reason,replaces,replaced_by,status_list,status_index,intent,reserved_at,issued_at,"
	"printed_at,ended_at,uid_h,job_h,kid,chip_token,face_token,member_number,salt,kvn FROM card ORDER BY serial";

static bool is_as_replayed(const struct pb_query *q, const struct pb_replay_card *card)
{
	return pb_column_int(q, STATE) == card->state && pb_column_int(q, REASON) == card->reason &&
	       (uint64_t)pb_column_int(q, REPLACES) == card->replaces &&
	       (uint64_t)pb_column_int(q, REPLACED_BY) == card->replaced_by &&
	       (uint64_t)pb_column_int(q, INTENT) == card->intent &&
	       pb_column_int(q, RESERVED_AT) == card->reserved_at && pb_column_int(q, ISSUED_AT) == card->issued_at &&
	       pb_column_int(q, PRINTED_AT) == card->printed_at && pb_column_int(q, ENDED_AT) == card->ended_at &&
	       pb_column_int(q, KVN) == card->kvn;
}

static bool is_as_intended(const struct pb_query *q, const struct pb_entry *intent)
{
	return pb_column_int(q, STATUS_LIST) == intent->status.list &&
	       pb_column_int(q, STATUS_INDEX) == intent->status.index &&
	       pb_view_equal(pb_column_bytes(q, UID), PB_VIEW(intent->uid_h)) &&
	       pb_view_equal(pb_column_bytes(q, JOB), PB_VIEW(intent->job_h)) &&
	       pb_view_equal(pb_column_bytes(q, KID), PB_VIEW(intent->kid));
}

static bool is_empty_of_person(const struct pb_query *q)
{
	return pb_column_is_null(q, MEMBER) && pb_column_is_null(q, SALT) && pb_column_bytes(q, CHIP).n == 0 &&
	       pb_column_bytes(q, FACE).n == 0;
}

static bool is_member_committed(const struct pb_query *q, const struct pb_entry *intent)
{
	uint8_t commitment[PB_SHA256_LEN];

	pb_hmac_sha256(pb_column_bytes(q, SALT), pb_column_bytes(q, MEMBER), commitment);
	return pb_view_equal(PB_VIEW(commitment), PB_VIEW(intent->member_c));
}

static enum pb_status compare_card(struct audit *audit, const struct pb_query *q, const struct pb_replay_card *card,
				   struct pb_err *err)
{
	uint64_t serial = (uint64_t)pb_column_int(q, SERIAL);
	struct pb_entry intent;
	enum pb_status s;

	if (!is_as_replayed(q, card))
		pb_findings_add(&audit->findings, PB_FINDING_CARD_DIFFERS, card->intent, serial);
	s = ledger_read_entry(audit->ledger->store, card->intent, &intent, err);
	if (s == PB_LEDGER_CORRUPT) {
		pb_err_clear(err); /* found, and said, on the walk along the entries */
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (!is_as_intended(q, &intent))
		pb_findings_add(&audit->findings, PB_FINDING_CARD_DIFFERS, card->intent, serial);
	if (card->erased || (pb_column_is_null(q, MEMBER) && pb_column_is_null(q, SALT))) {
		if (!card->erased || !is_empty_of_person(q))
			pb_findings_add(&audit->findings, PB_FINDING_ERASURE, card->intent, serial);
		return PB_OK;
	}
	if (!hashes_to(pb_column_bytes(q, CHIP), intent.chip_h) || !hashes_to(pb_column_bytes(q, FACE), intent.face_h))
		pb_findings_add(&audit->findings, PB_FINDING_CREDENTIAL, card->intent, serial);
	if (!is_member_committed(q, &intent))
		pb_findings_add(&audit->findings, PB_FINDING_MEMBER, card->intent, serial);
	return PB_OK;
}

static void report_missing(struct audit *audit, size_t n)
{
	pb_findings_add(&audit->findings, PB_FINDING_CARD_MISSING, audit->replay.cards[n].intent,
			pb_replay_serial(&audit->replay, n + 1));
}

/* Rows and replayed cards, both in order of serials, side by side. */
static enum pb_status compare_rows(struct audit *audit, struct pb_err *err)
{
	const struct pb_replay *replay = &audit->replay;
	PB_QUERY q = { 0 };
	size_t n = 0;
	bool row = true;
	enum pb_status s = pb_query(audit->ledger->store, every_card, &q, err);

	while (s == PB_OK && (s = pb_query_step(&q, &row, err)) == PB_OK && row) {
		uint64_t serial = (uint64_t)pb_column_int(&q, SERIAL);

		audit->summary.cards++;
		for (; n < replay->card_count && pb_replay_serial(replay, n + 1) < serial; n++)
			report_missing(audit, n);
		if (n == replay->card_count || pb_replay_serial(replay, n + 1) != serial)
			pb_findings_add(&audit->findings, PB_FINDING_CARD_UNKNOWN, replay->entries, serial);
		else
			s = compare_card(audit, &q, &replay->cards[n++], err);
	}
	for (; s == PB_OK && n < replay->card_count; n++)
		report_missing(audit, n);
	return s;
}

/* The table's own unique index says so; but an index can be damaged too. */
static enum pb_status find_double_members(struct audit *audit, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(audit->ledger->store,
				    "SELECT max(serial) FROM card NOT INDEXED WHERE state BETWEEN 1 AND 4"
				    " AND member_number IS NOT NULL GROUP BY member_number HAVING count(*)>1",
				    &q, err);

	while (s == PB_OK && (s = pb_query_step(&q, &row, err)) == PB_OK && row)
		pb_findings_add(&audit->findings, PB_FINDING_MEMBER, audit->replay.entries, (uint64_t)pb_column_int(&q, 0));
	return s;
}

/* What a roll of the master key has still to do. */
static void count_by_kvn(struct audit *audit)
{
	for (size_t n = 0; n < audit->replay.card_count; n++)
		if (pb_card_state_is_out(audit->replay.cards[n].state) && audit->replay.cards[n].kvn < PB_LEDGER_KVNS)
			audit->summary.live_by_kvn[audit->replay.cards[n].kvn]++;
}

enum pb_status audit_card_table(struct audit *audit, struct pb_err *err)
{
	enum pb_status s = compare_rows(audit, err);

	count_by_kvn(audit);
	return s == PB_OK ? find_double_members(audit, err) : s;
}
