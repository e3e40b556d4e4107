/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reserving: everything that can be refused is refused in begin, before a signature exists; commit makes the
 * signed credential durable before a byte of it may reach a chip.
 */
#include <inttypes.h>
#include <string.h>

#include "issuer/ledger/internal.h"
#include "keys/crypto/hash.h"

enum {
	UID_MIN = 4,
	UID_MAX = 10,
	/* Slots are drawn at random; a list is left for the next one at three quarters, so that a free slot is
	 * found within a few draws. */
	SLOTS_USED = PB_STATUS_SLOTS / 4 * 3,
};

static bool is_text(const char *text, size_t max)
{
	return text != NULL && text[0] != '\0' && strlen(text) <= max;
}

static enum pb_status check_request(const struct pb_reserve *reserve, struct pb_err *err)
{
	if (!is_text(reserve->idempotency_key, PB_IDEMPOTENCY_MAX))
		return pb_fail(err, PB_INPUT_INVALID, "the idempotency key is empty or too long");
	if (!is_text(reserve->member_number, PB_LEDGER_MEMBER_MAX))
		return pb_fail(err, PB_INPUT_INVALID, "the member number is empty or too long");
	if (reserve->uid.n < UID_MIN || reserve->uid.n > UID_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a chip UID of %zu bytes", reserve->uid.n);
	if (reserve->actor != NULL && !is_text(reserve->actor, PB_ACTOR_MAX))
		return pb_fail(err, PB_INPUT_INVALID, "the actor's name is empty or too long");
	return PB_OK;
}

/* A card that stands in the way, or is the one asked for. */
struct rival {
	bool found;
	struct pb_reservation reservation;
	enum pb_card_state state;
	bool same_member, same_chip;
};

static void read_rival(struct pb_query *q, const struct pb_reserve *reserve, const struct pb_entry *entry,
		       struct rival *ret_rival)
{
	*ret_rival = (struct rival){
		.found = true,
		.reservation = { .serial = (uint64_t)pb_column_int(q, 0),
				 .existing = true,
				 .sequence = (uint32_t)pb_column_int(q, 4),
				 .status = { (uint32_t)pb_column_int(q, 5), (uint32_t)pb_column_int(q, 6) },
				 .anchor = { .size = (uint64_t)pb_column_int(q, 7) } },
		.state = (enum pb_card_state)pb_column_int(q, 1),
		.same_member = pb_view_equal(pb_column_bytes(q, 2), pb_view_text(reserve->member_number)),
		.same_chip = pb_view_equal(pb_column_bytes(q, 3), PB_VIEW(entry->uid_h)),
	};
	(void)pb_column_copy(q, 8, ret_rival->reservation.anchor.root, PB_ANCHOR_ROOT);
}

#define RIVAL_COLUMNS "serial,state,member_number,uid_h,sequence,status_list,status_index,anchor_size,anchor_root"
static const char by_job[] = "SELECT " RIVAL_COLUMNS " FROM card WHERE job_h=?1";
static const char by_chip[] = "SELECT " RIVAL_COLUMNS " FROM card WHERE uid_h=?1 AND state BETWEEN 1 AND 4";
static const char by_member[] = "SELECT " RIVAL_COLUMNS " FROM card WHERE member_number=?1 AND state BETWEEN 1 AND 4";

static enum pb_status find_rival(struct pb_ledger *ledger, const char *sql, const struct pb_reserve *reserve,
				 const struct pb_entry *entry, struct rival *ret_rival, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	if (sql == by_member)
		pb_bind_text(&q, 1, reserve->member_number);
	else
		pb_bind_bytes(&q, 1, sql == by_job ? PB_VIEW(entry->job_h) : PB_VIEW(entry->uid_h));
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK && row)
		read_rival(&q, reserve, entry, ret_rival);
	return s;
}

/* The same job, then the same chip, then the same member: the first that is found decides. */
static enum pb_status look_for_rivals(struct pb_ledger *ledger, const struct pb_reserve *reserve,
				      const struct pb_entry *entry, struct rival *ret_same, struct pb_err *err)
{
	struct rival rival = { 0 };
	enum pb_status s = find_rival(ledger, by_job, reserve, entry, &rival, err);

	if (s == PB_OK && rival.found && !(rival.same_member && rival.same_chip))
		return pb_fail(err, PB_CONFLICT, "this job has reserved card %010" PRIu64 " for another %s",
			       rival.reservation.serial, rival.same_member ? "chip" : "member");
	if (s == PB_OK && !rival.found) {
		s = find_rival(ledger, by_chip, reserve, entry, &rival, err);
		if (s == PB_OK && rival.found && !(rival.same_member && rival.state == PB_CARD_IS_RESERVED))
			return pb_fail(err,
				       rival.state == PB_CARD_IS_RESERVED ? PB_CARD_RESERVED
				       : rival.same_member		  ? PB_CARD_EXISTS
									  : PB_CARD_LIVE,
				       "this chip is card %010" PRIu64, rival.reservation.serial);
	}
	if (s == PB_OK && !rival.found) {
		s = find_rival(ledger, by_member, reserve, entry, &rival, err);
		if (s == PB_OK && rival.found)
			return pb_fail(err, PB_CARD_EXISTS, "the member has card %010" PRIu64 " (%s)",
				       rival.reservation.serial, pb_card_state_name(rival.state));
	}
	*ret_same = rival;
	return s;
}

static enum pb_status check_replaced(struct pb_ledger *ledger, const struct pb_reserve *reserve, struct pb_err *err)
{
	struct ledger_brief old;
	enum pb_status s;

	if (reserve->replaces == 0)
		return PB_OK;
	s = ledger_brief(ledger, reserve->replaces, &old, err);
	if (s != PB_OK)
		return s;
	if (strcmp(old.member_number, reserve->member_number) != 0)
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " is another member's", reserve->replaces);
	if (old.state != PB_CARD_IS_REVOKED && old.state != PB_CARD_IS_SPOILED)
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " is %s, not revoked or spoiled",
			       reserve->replaces, pb_card_state_name(old.state));
	if (old.replaced_by != 0)
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " was replaced by %010" PRIu64,
			       reserve->replaces, old.replaced_by);
	return PB_OK;
}

static enum pb_status check_means(const struct pb_ledger *ledger, struct pb_err *err)
{
	const struct pb_entry_counters *stock = &ledger->head.counters;
	int64_t behind = ledger_clock_behind(ledger);

	if (behind > LEDGER_CLOCK_SLACK)
		return pb_fail(err, PB_CLOCK_WRONG, "%lld s before the last entry", (long long)behind);
	if (stock->received <= stock->issued + stock->spoiled + stock->open)
		return pb_fail(err, PB_STOCK_EMPTY,
			       "%" PRIu64 " received, %" PRIu64 " issued, %" PRIu64 " spoiled, %" PRIu64 " in hand",
			       stock->received, stock->issued, stock->spoiled, stock->open);
	if (pb_approval_left(&ledger->head.approval) == 0)
		return pb_fail(err, PB_NOT_ALLOWED, "%" PRIu64 " cards were ordered, and as many were begun",
			       ledger->head.approval.count);
	if (ledger->head.last_serial + 1 >= PB_SERIALS)
		return pb_fail(err, PB_NOT_ALLOWED, "the serials of prefix %04u are used up", ledger->prefix);
	return PB_OK;
}

static enum pb_status draw_slot(struct pb_ledger *ledger, struct pb_status_slot *ret_slot, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct pb_status_slot slot = { .list = (uint32_t)(ledger->head.last_serial / SLOTS_USED) };
	bool taken = true;
	enum pb_status s = pb_query(ledger->store, "SELECT 1 FROM card WHERE status_list=?1 AND status_index=?2", &q,
				    err);

	while (s == PB_OK && taken) {
		uint16_t drawn;

		pb_random(&drawn, sizeof(drawn));
		slot.index = drawn;
		pb_query_reset(&q);
		pb_bind_int(&q, 1, slot.list);
		pb_bind_int(&q, 2, slot.index);
		s = pb_query_step(&q, &taken, err);
	}
	if (s == PB_OK)
		*ret_slot = slot;
	return s;
}

/* How many cards of this member were issued before, and one. */
static enum pb_status count_sequence(struct pb_ledger *ledger, const char *member, uint32_t *ret_sequence,
				     struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT count(*) FROM card WHERE member_number=?1 AND issued_at<>0",
				    &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, member);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_sequence = (uint32_t)pb_column_int(&q, 0) + 1;
	return s;
}

static enum pb_status prepare(struct pb_ledger *ledger, const struct pb_reserve *reserve, struct pb_err *err)
{
	struct ledger_pending *pending = &ledger->pending;
	struct pb_entry *entry = &pending->entry;
	struct pb_reservation *reservation = &pending->reservation;
	uint8_t commitment[PB_SHA256_LEN];
	enum pb_status s = draw_slot(ledger, &entry->status, err);

	if (s == PB_OK)
		s = count_sequence(ledger, reserve->member_number, &reservation->sequence, err);
	if (s == PB_OK)
		s = ledger_set_actor(ledger, reserve->actor, entry, err);
	if (s != PB_OK)
		return s;
	entry->serial = (uint64_t)ledger->prefix * PB_SERIALS + ledger->head.last_serial + 1;
	entry->old_serial = reserve->replaces;
	pb_random(pending->salt, sizeof(pending->salt));
	pb_hmac_sha256(PB_VIEW(pending->salt), pb_view_text(reserve->member_number), commitment);
	memcpy(entry->member_c, commitment, sizeof(entry->member_c));
	memcpy(pending->member_number, reserve->member_number, strlen(reserve->member_number) + 1);
	memcpy(pending->point, reserve->point, sizeof(pending->point));
	reservation->serial = entry->serial;
	reservation->status = entry->status;
	reservation->anchor = ledger->head.anchor;
	return PB_OK;
}

static enum pb_status decide(struct pb_ledger *ledger, const struct pb_reserve *reserve, struct rival *ret_same,
			     struct pb_err *err)
{
	enum pb_status s = look_for_rivals(ledger, reserve, &ledger->pending.entry, ret_same, err);

	if (s != PB_OK || ret_same->found)
		return s;
	s = check_replaced(ledger, reserve, err);
	if (s == PB_OK)
		s = check_means(ledger, err);
	if (s == PB_OK)
		s = prepare(ledger, reserve, err);
	/* What is committed: an entry of this transaction may yet be undone. */
	return s == PB_OK ? ledger_tell(ledger, ledger->head.edge.size, err) : s;
}

enum pb_status pb_ledger_reserve_begin(struct pb_ledger *ledger, const struct pb_reserve *reserve,
				       struct pb_reservation *ret_reservation, struct pb_err *err)
{
	struct rival same = { 0 };
	enum pb_status s = check_request(reserve, err);

	if (s == PB_OK)
		s = ledger_begin(ledger, err);
	if (s != PB_OK)
		return s;
	ledger->pending = (struct ledger_pending){ .entry.type = PB_ENTRY_INTENT };
	s = ledger_pseudonym(ledger, "job", reserve->idempotency_key, ledger->pending.entry.job_h, err);
	if (s == PB_OK)
		s = pb_keystore_pseudonym(ledger->ks, reserve->uid, ledger->pending.entry.uid_h, err);
	if (s == PB_OK)
		s = decide(ledger, reserve, &same, err);
	if (s != PB_OK || same.found) {
		ledger_rollback(ledger);
		if (s == PB_OK)
			*ret_reservation = same.reservation;
		return s;
	}
	ledger->reserving = true;
	*ret_reservation = ledger->pending.reservation;
	return PB_OK;
}

void pb_ledger_reserve_abandon(struct pb_ledger *ledger)
{
	if (!ledger->reserving)
		PB_BUG("no reservation to abandon");
	ledger->reserving = false;
	ledger_rollback(ledger);
}

static void bind_card(struct pb_query *q, const struct ledger_pending *pending, uint64_t intent,
		      const struct pb_signed_tokens *tokens)
{
	const struct pb_entry *entry = &pending->entry;

	pb_bind_int(q, 1, (int64_t)entry->serial);
	pb_bind_text(q, 2, pending->member_number);
	pb_bind_bytes(q, 3, PB_VIEW(pending->salt));
	pb_bind_int(q, 4, pending->reservation.sequence);
	pb_bind_bytes(q, 5, PB_VIEW(entry->uid_h));
	pb_bind_bytes(q, 6, PB_VIEW(entry->job_h));
	pb_bind_int(q, 7, (int64_t)entry->old_serial);
	pb_bind_int(q, 8, entry->status.list);
	pb_bind_int(q, 9, entry->status.index);
	pb_bind_int(q, 10, (int64_t)pending->reservation.anchor.size);
	pb_bind_bytes(q, 11, PB_VIEW(pending->reservation.anchor.root));
	pb_bind_int(q, 12, (int64_t)intent);
	pb_bind_int(q, 13, entry->time);
	pb_bind_bytes(q, 14, PB_VIEW(pending->point));
	pb_bind_bytes(q, 15, PB_VIEW(entry->kid));
	pb_bind_bytes(q, 16, tokens->chip);
	pb_bind_bytes(q, 17, tokens->face);
}

static enum pb_status store_card(struct pb_ledger *ledger, uint64_t intent, const struct pb_signed_tokens *tokens,
				 struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(ledger->store,
				    "INSERT INTO card(serial,state,member_number,salt,sequence,uid_h,job_h,replaces,"
				    "status_list,status_index,anchor_size,anchor_root,intent,reserved_at,point,kid,"
				    "chip_token,face_token)"
				    " VALUES(?1,1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)",
				    &q, err);

	if (s != PB_OK)
		return s;
	bind_card(&q, &ledger->pending, intent, tokens);
	return pb_query_run(&q, err);
}

static enum pb_status record(struct pb_ledger *ledger, const struct pb_signed_tokens *tokens, struct pb_err *err)
{
	struct pb_entry *entry = &ledger->pending.entry;
	uint64_t intent;
	enum pb_status s;

	if (tokens->chip.n == 0 || tokens->chip.n > PB_CHIP_TOKEN_MAX || tokens->face.n > PB_FACE_TOKEN_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "credentials of %zu and %zu bytes", tokens->chip.n,
			       tokens->face.n);
	pb_sha256(tokens->chip, entry->chip_h);
	pb_sha256(tokens->face, entry->face_h);
	memcpy(entry->kid, tokens->kid, sizeof(entry->kid));
	pb_card_state_count(PB_CARD_IS_UNKNOWN, PB_ENTRY_INTENT, &ledger->next.counters);
	ledger->next.last_serial++;
	s = ledger_append(ledger, entry, &intent, err);
	return s == PB_OK ? store_card(ledger, intent, tokens, err) : s;
}

enum pb_status pb_ledger_reserve_commit(struct pb_ledger *ledger, const struct pb_reservation *reservation,
					const struct pb_signed_tokens *tokens, struct pb_err *err)
{
	enum pb_status s;

	if (!ledger->reserving || reservation->serial != ledger->pending.reservation.serial)
		PB_BUG("committing a reservation that was not begun");
	ledger->reserving = false;
	s = record(ledger, tokens, err);
	if (s != PB_OK) {
		ledger_rollback(ledger);
		return s;
	}
	return ledger_commit(ledger, err);
}
