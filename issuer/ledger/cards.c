/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking cards up in the index of the entries, serials as text, and the published status bits.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/ledger/internal.h"

#define CARD_COLUMNS \
	"serial,state,reason,member_number,sequence,replaces,replaced_by,status_list,status_index,anchor_size," \
	"anchor_root,intent,reserved_at,issued_at,printed_at,ended_at,point,kid,chip_token,face_token,kvn"

static bool read_token(const struct pb_query *q, int column, uint8_t *ret_token, size_t cap, size_t *ret_n)
{
	struct pb_view token = pb_column_bytes(q, column);

	if (token.n > cap)
		return false;
	if (token.n > 0)
		memcpy(ret_token, token.p, token.n);
	*ret_n = token.n;
	return true;
}

/* The columns in the order of CARD_COLUMNS. */
static bool read_card(const struct pb_query *q, struct pb_ledger_card *ret_card)
{
	struct pb_ledger_card card = {
		.serial = (uint64_t)pb_column_int(q, 0),
		.state = (enum pb_card_state)pb_column_int(q, 1),
		.reason = (enum pb_reason)pb_column_int(q, 2),
		.sequence = (uint32_t)pb_column_int(q, 4),
		.replaces = (uint64_t)pb_column_int(q, 5),
		.replaced_by = (uint64_t)pb_column_int(q, 6),
		.status = { (uint32_t)pb_column_int(q, 7), (uint32_t)pb_column_int(q, 8) },
		.anchor = { .size = (uint64_t)pb_column_int(q, 9) },
		.intent = (uint64_t)pb_column_int(q, 11),
		.reserved_at = pb_column_int(q, 12),
		.issued_at = pb_column_int(q, 13),
		.printed_at = pb_column_int(q, 14),
		.ended_at = pb_column_int(q, 15),
		.kvn = (uint8_t)pb_column_int(q, 20),
	};

	if (!pb_column_text(q, 3, card.member_number, sizeof(card.member_number)) ||
	    !pb_column_copy(q, 10, card.anchor.root, sizeof(card.anchor.root)) ||
	    !pb_column_copy(q, 16, card.point, sizeof(card.point)) ||
	    !pb_column_copy(q, 17, card.kid, sizeof(card.kid)) ||
	    !read_token(q, 18, card.chip_token, sizeof(card.chip_token), &card.chip_token_n) ||
	    !read_token(q, 19, card.face_token, sizeof(card.face_token), &card.face_token_n))
		return false;
	*ret_card = card;
	return true;
}

/* One step of a query over CARD_COLUMNS whose parameters are bound. */
static enum pb_status step_card(struct pb_query *q, struct pb_ledger_card *ret_card, bool *ret_found,
				struct pb_err *err)
{
	bool row = false;
	enum pb_status s = pb_query_step(q, &row, err);

	if (s != PB_OK)
		return s;
	if (row && !read_card(q, ret_card))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the row of card %010lld", (long long)pb_column_int(q, 0));
	*ret_found = row;
	return PB_OK;
}

enum pb_status pb_ledger_card_by_serial(struct pb_ledger *ledger, uint64_t serial, struct pb_ledger_card *ret_card,
					bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(ledger->store, "SELECT " CARD_COLUMNS " FROM card WHERE serial=?1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)serial);
	return step_card(&q, ret_card, ret_found, err);
}

enum pb_status pb_ledger_card_by_uid(struct pb_ledger *ledger, struct pb_view uid, struct pb_ledger_card *ret_card,
				     bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	uint8_t uid_h[PB_PSEUDONYM];
	enum pb_status s;

	if (ledger->ks == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "only the office's keys can tell whose chip it is");
	s = pb_keystore_pseudonym(ledger->ks, uid, uid_h, err);
	if (s == PB_OK)
		s = pb_query(ledger->store, "SELECT " CARD_COLUMNS " FROM card WHERE uid_h=?1 AND state BETWEEN 1 AND 4",
			     &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_bytes(&q, 1, PB_VIEW(uid_h));
	return step_card(&q, ret_card, ret_found, err);
}

enum pb_status pb_ledger_card_of_member(struct pb_ledger *ledger, const char *member_number,
					struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s =
		pb_query(ledger->store,
			 "SELECT " CARD_COLUMNS " FROM card WHERE member_number=?1 AND state BETWEEN 1 AND 4", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, member_number);
	return step_card(&q, ret_card, ret_found, err);
}

enum pb_status pb_ledger_last_card_of_member(struct pb_ledger *ledger, const char *member_number,
					     struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(
		ledger->store, "SELECT " CARD_COLUMNS " FROM card WHERE member_number=?1 ORDER BY serial DESC LIMIT 1",
		&q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, member_number);
	return step_card(&q, ret_card, ret_found, err);
}

enum pb_status pb_ledger_card_by_key(struct pb_ledger *ledger, const char *idempotency_key,
				     struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	uint8_t job_h[PB_PSEUDONYM];
	enum pb_status s;

	if (ledger->ks == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "only the office's keys can tell which job it was");
	s = ledger_pseudonym(ledger, "job", idempotency_key, job_h, err);
	if (s == PB_OK)
		s = pb_query(ledger->store, "SELECT " CARD_COLUMNS " FROM card WHERE job_h=?1", &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_bytes(&q, 1, PB_VIEW(job_h));
	return step_card(&q, ret_card, ret_found, err);
}

/* The first card of the state after `serial`. */
static enum pb_status next_card(struct pb_ledger *ledger, enum pb_card_state state, uint64_t serial,
				struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err)
{
	static const char every[] = "SELECT " CARD_COLUMNS " FROM card WHERE serial>?1 ORDER BY serial LIMIT 1";
	static const char reserved[] = "SELECT " CARD_COLUMNS
				       " FROM card WHERE serial>?1 AND state=1 ORDER BY serial LIMIT 1";
	static const char others[] = "SELECT " CARD_COLUMNS
				     " FROM card WHERE serial>?1 AND state=?2 ORDER BY serial LIMIT 1";
	PB_QUERY q = { 0 };
	const char *sql = state == PB_CARD_IS_UNKNOWN ? every : state == PB_CARD_IS_RESERVED ? reserved : others;
	enum pb_status s = pb_query(ledger->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)serial);
	if (sql == others)
		pb_bind_int(&q, 2, state);
	return step_card(&q, ret_card, ret_found, err);
}

enum pb_status pb_ledger_each_card(struct pb_ledger *ledger, enum pb_card_state state, pb_ledger_card_fn *each,
				   void *ctx, struct pb_err *err)
{
	struct pb_ledger_card card = { 0 };
	bool found = true;
	enum pb_status s = PB_OK;

	while (s == PB_OK && found) {
		s = next_card(ledger, state, card.serial, &card, &found, err);
		if (s == PB_OK && found && !each(ctx, &card))
			break;
	}
	return s;
}

static enum pb_status next_card_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID], uint64_t serial,
					  struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(ledger->store,
				    "SELECT " CARD_COLUMNS " FROM card WHERE serial>?1 AND kid=?2 ORDER BY serial LIMIT 1", &q,
				    err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)serial);
	pb_bind_bytes(&q, 2, pb_view(kid, PB_ENTRY_KID));
	return step_card(&q, ret_card, ret_found, err);
}

enum pb_status pb_ledger_each_card_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
					     pb_ledger_card_fn *each, void *ctx, struct pb_err *err)
{
	struct pb_ledger_card card = { 0 };
	bool found = true;
	enum pb_status s = PB_OK;

	while (s == PB_OK && found) {
		s = next_card_signed_by(ledger, kid, card.serial, &card, &found, err);
		if (s == PB_OK && found && !each(ctx, &card))
			break;
	}
	return s;
}

enum pb_status pb_ledger_count_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
					 uint64_t *ret_live, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT count(*) FROM card WHERE kid=?1 AND state BETWEEN 1 AND 4", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_bytes(&q, 1, pb_view(kid, PB_ENTRY_KID));
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_live = (uint64_t)pb_column_int(&q, 0);
	return s;
}

enum pb_status ledger_brief(struct pb_ledger *ledger, uint64_t serial, struct ledger_brief *ret_brief,
			    struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store,
				    "SELECT state,printed_at,intent,replaces,replaced_by,member_number,kvn"
				    " FROM card WHERE serial=?1",
				    &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)serial);
	s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	if (!row)
		return pb_fail(err, PB_NOT_FOUND, "card %010" PRIu64, serial);
	*ret_brief = (struct ledger_brief){
		.state = (enum pb_card_state)pb_column_int(&q, 0),
		.printed = pb_column_int(&q, 1) != 0,
		.intent = (uint64_t)pb_column_int(&q, 2),
		.replaces = (uint64_t)pb_column_int(&q, 3),
		.replaced_by = (uint64_t)pb_column_int(&q, 4),
		.kvn = (uint8_t)pb_column_int(&q, 6),
	};
	if (!pb_column_text(&q, 5, ret_brief->member_number, sizeof(ret_brief->member_number)))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the row of card %010" PRIu64, serial);
	return PB_OK;
}

enum pb_status pb_ledger_status_lists(struct pb_ledger *ledger, uint32_t *ret_lists, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT max(status_list) FROM card", &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_lists = row && !pb_column_is_null(&q, 0) ? (uint32_t)pb_column_int(&q, 0) + 1 : 0;
	return s;
}

enum pb_status pb_ledger_status_list(struct pb_ledger *ledger, uint32_t list,
				     uint8_t ret_bits[static PB_STATUS_SLOTS / 8], struct pb_err *err)
{
	PB_QUERY q = { 0 };
	uint8_t bits[PB_STATUS_SLOTS / 8] = { 0 };
	bool row = true;
	enum pb_status s = pb_query(ledger->store, "SELECT status_index,state FROM card WHERE status_list=?1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, list);
	while ((s = pb_query_step(&q, &row, err)) == PB_OK && row) {
		uint64_t slot = (uint64_t)pb_column_int(&q, 0);

		if (slot < PB_STATUS_SLOTS && pb_card_state_is_refused((enum pb_card_state)pb_column_int(&q, 1)))
			bits[slot / 8] |= (uint8_t)(1u << slot % 8);
	}
	if (s == PB_OK)
		memcpy(ret_bits, bits, sizeof(bits));
	return s;
}
