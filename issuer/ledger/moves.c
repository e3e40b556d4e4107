/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What happens to a card after it was reserved, and to the stock: an entry, the row of the card, a signed
 * checkpoint, one commit.
 */
#include <inttypes.h>
#include <string.h>

#include "issuer/ledger/internal.h"

struct move {
	uint64_t serial;
	enum pb_entry_type type;
	enum pb_reason reason;
	bool late;
	uint8_t kvn;
	const char *actor;
};

static enum pb_status update_card(struct pb_ledger *ledger, const struct move *move, enum pb_card_state to,
				  struct pb_err *err)
{
	static const char issued[] = "UPDATE card SET state=?2,issued_at=?3,kvn=?4 WHERE serial=?1";
	static const char printed[] = "UPDATE card SET state=?2,printed_at=?3 WHERE serial=?1";
	static const char ended[] = "UPDATE card SET state=?2,ended_at=?3,reason=?4 WHERE serial=?1";
	static const char other[] = "UPDATE card SET state=?2 WHERE serial=?1";
	PB_QUERY q = { 0 };
	const char *sql = move->type == PB_ENTRY_ISSUED	   ? issued
			  : move->type == PB_ENTRY_PRINTED ? printed
			  : pb_card_state_is_live(to)	   ? other
							   : ended;
	enum pb_status s = pb_query(ledger->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)move->serial);
	pb_bind_int(&q, 2, to);
	if (sql != other)
		pb_bind_int(&q, 3, ledger->now);
	if (sql == ended)
		pb_bind_int(&q, 4, move->reason);
	if (sql == issued)
		pb_bind_int(&q, 4, move->kvn);
	return pb_query_run(&q, err);
}

static enum pb_status append_move(struct pb_ledger *ledger, const struct move *move, const struct ledger_brief *card,
				  struct pb_err *err)
{
	struct pb_entry entry = { .type = move->type,
				  .serial = move->serial,
				  .intent = card->intent,
				  .reason = move->reason,
				  .late = move->late,
				  .kvn = move->kvn };
	enum pb_card_state to;
	uint64_t index;
	enum pb_status s;

	if (!pb_card_state_move(card->state, move->type, card->printed, &to))
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " is %s: no %s", move->serial,
			       pb_card_state_name(card->state), pb_entry_type_name(move->type));
	s = ledger_set_actor(ledger, move->actor, &entry, err);
	if (s != PB_OK)
		return s;
	pb_card_state_count(card->state, move->type, &ledger->next.counters);
	s = ledger_append(ledger, &entry, &index, err);
	return s == PB_OK ? update_card(ledger, move, to, err) : s;
}

/* A finished replacement is linked with the card it replaces. */
static enum pb_status link_replaced(struct pb_ledger *ledger, uint64_t serial, const struct ledger_brief *card,
				    struct pb_err *err)
{
	struct pb_entry entry = {
		.type = PB_ENTRY_REISSUE, .serial = serial, .intent = card->intent, .old_serial = card->replaces
	};
	PB_QUERY q = { 0 };
	uint64_t index;
	enum pb_status s;

	if (card->replaces == 0)
		return PB_OK;
	s = ledger_append(ledger, &entry, &index, err);
	if (s == PB_OK)
		s = pb_query(ledger->store, "UPDATE card SET replaced_by=?2 WHERE serial=?1", &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)card->replaces);
	pb_bind_int(&q, 2, (int64_t)serial);
	return pb_query_run(&q, err);
}

static enum pb_status finish(struct pb_ledger *ledger, enum pb_status s, struct pb_err *err)
{
	if (s == PB_OK)
		return ledger_commit_signed(ledger, err);
	ledger_rollback(ledger);
	return s;
}

static enum pb_status move_one(struct pb_ledger *ledger, const struct move *move, struct pb_err *err)
{
	struct ledger_brief card;
	enum pb_status s = ledger_begin(ledger, err);

	if (s != PB_OK)
		return s;
	s = ledger_brief(ledger, move->serial, &card, err);
	if (s == PB_OK)
		s = append_move(ledger, move, &card, err);
	return finish(ledger, s, err);
}

enum pb_status pb_ledger_issued(struct pb_ledger *ledger, uint64_t serial, uint8_t kvn, bool late, struct pb_err *err)
{
	struct move move = { .serial = serial, .type = PB_ENTRY_ISSUED, .late = late, .kvn = kvn };
	struct ledger_brief card;
	enum pb_status s;

	if (kvn == 0 || kvn >= PB_LEDGER_KVNS)
		return pb_fail(err, PB_INPUT_INVALID, "key version %02X of a card", kvn);
	s = ledger_begin(ledger, err);
	if (s != PB_OK)
		return s;
	s = ledger_brief(ledger, serial, &card, err);
	if (s == PB_OK && pb_card_state_is_out(card.state)) {
		ledger_rollback(ledger);
		return PB_OK;
	}
	if (s == PB_OK)
		s = append_move(ledger, &move, &card, err);
	if (s == PB_OK)
		s = link_replaced(ledger, serial, &card, err);
	return finish(ledger, s, err);
}

enum pb_status pb_ledger_printed(struct pb_ledger *ledger, const uint64_t *serials, size_t count, struct pb_err *err)
{
	size_t moved = 0;
	enum pb_status s = ledger_begin(ledger, err);

	if (s != PB_OK)
		return s;
	for (size_t i = 0; i < count && s == PB_OK; i++) {
		struct move move = { .serial = serials[i], .type = PB_ENTRY_PRINTED };
		struct ledger_brief card;

		s = ledger_brief(ledger, serials[i], &card, err);
		if (s != PB_OK || card.state == PB_CARD_IS_PRINTED)
			continue;
		s = append_move(ledger, &move, &card, err);
		moved++;
	}
	if (s == PB_OK && moved == 0) {
		ledger_rollback(ledger);
		return PB_OK;
	}
	return finish(ledger, s, err);
}

static enum pb_status check_actor(const char *actor, struct pb_err *err)
{
	if (actor == NULL || (actor[0] != '\0' && strlen(actor) <= PB_ACTOR_MAX))
		return PB_OK;
	return pb_fail(err, PB_INPUT_INVALID, "the actor's name is empty or too long");
}

static enum pb_status move_by(struct pb_ledger *ledger, const struct move *move, struct pb_err *err)
{
	enum pb_status s = check_actor(move->actor, err);

	if (s == PB_OK && pb_reason_name(move->reason) == NULL)
		s = pb_fail(err, PB_INPUT_INVALID, "no such reason: %d", (int)move->reason);
	return s == PB_OK ? move_one(ledger, move, err) : s;
}

enum pb_status pb_ledger_void(struct pb_ledger *ledger, uint64_t serial, enum pb_reason reason, const char *actor,
			      struct pb_err *err)
{
	struct move move = { .serial = serial, .type = PB_ENTRY_VOID, .reason = reason, .actor = actor };

	return move_by(ledger, &move, err);
}

enum pb_status pb_ledger_spoil(struct pb_ledger *ledger, uint64_t serial, enum pb_reason reason, const char *actor,
			       struct pb_err *err)
{
	struct move move = { .serial = serial, .type = PB_ENTRY_SPOILED, .reason = reason, .actor = actor };

	return move_by(ledger, &move, err);
}

enum pb_status pb_ledger_revoke(struct pb_ledger *ledger, uint64_t serial, enum pb_reason reason, const char *actor,
				struct pb_err *err)
{
	struct move move = { .serial = serial, .type = PB_ENTRY_REVOKE, .reason = reason, .actor = actor };

	return move_by(ledger, &move, err);
}

enum pb_status pb_ledger_suspend(struct pb_ledger *ledger, uint64_t serial, const char *actor, struct pb_err *err)
{
	struct move move = { .serial = serial, .type = PB_ENTRY_SUSPEND, .actor = actor };

	return move_by(ledger, &move, err);
}

enum pb_status pb_ledger_resume(struct pb_ledger *ledger, uint64_t serial, const char *actor, struct pb_err *err)
{
	struct move move = { .serial = serial, .type = PB_ENTRY_RESUME, .actor = actor };

	return move_by(ledger, &move, err);
}

/* ---- the cards of one key */

/* The first live one after *serial; 0 when there is none. */
static enum pb_status next_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
				     enum pb_ledger_which which, uint64_t *serial, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store,
				    "SELECT serial FROM card WHERE serial>?1 AND kid=?2 AND state BETWEEN 1 AND ?3"
				    " ORDER BY serial LIMIT 1",
				    &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)*serial);
	pb_bind_bytes(&q, 2, pb_view(kid, PB_ENTRY_KID));
	pb_bind_int(&q, 3, which == PB_LEDGER_UNFINISHED ? PB_CARD_IS_RESERVED : PB_CARD_IS_SUSPENDED);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*serial = row ? (uint64_t)pb_column_int(&q, 0) : 0;
	return s;
}

/* A half-written chip may hold its credential already, so that plastic is not used again. */
static enum pb_status end_card(struct pb_ledger *ledger, uint64_t serial, const char *actor, struct pb_err *err)
{
	struct move move = { .serial = serial, .reason = PB_REASON_ISSUER_KEY, .actor = actor };
	struct ledger_brief card;
	enum pb_status s = ledger_brief(ledger, serial, &card, err);

	if (s != PB_OK)
		return s;
	move.type = card.state == PB_CARD_IS_RESERVED ? PB_ENTRY_SPOILED : PB_ENTRY_REVOKE;
	return append_move(ledger, &move, &card, err);
}

enum pb_status pb_ledger_end_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
				       enum pb_ledger_which which, const char *actor, uint64_t *ret_ended, struct pb_err *err)
{
	uint64_t serial = 0, ended = 0;
	enum pb_status s = check_actor(actor, err);

	if (s == PB_OK)
		s = ledger_begin(ledger, err);
	if (s != PB_OK)
		return s;
	while ((s = next_signed_by(ledger, kid, which, &serial, err)) == PB_OK && serial != 0) {
		s = end_card(ledger, serial, actor, err);
		if (s != PB_OK)
			break;
		ended++;
	}
	if (s == PB_OK && ended == 0)
		ledger_rollback(ledger);
	else
		s = finish(ledger, s, err);
	if (s == PB_OK)
		*ret_ended = ended;
	return s;
}

/* ---- stock and start */

static enum pb_status append_alone(struct pb_ledger *ledger, struct pb_entry *entry, struct pb_err *err)
{
	uint64_t index;
	enum pb_status s = ledger_begin(ledger, err);

	if (s != PB_OK)
		return s;
	if (entry->type == PB_ENTRY_STOCK_IN)
		ledger->next.counters.received += entry->count;
	return finish(ledger, ledger_append(ledger, entry, &index, err), err);
}

enum pb_status pb_ledger_receive_blanks(struct pb_ledger *ledger, uint64_t count, const char *batch, const char *actor,
					struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_STOCK_IN, .count = count };
	enum pb_status s = check_actor(actor, err);

	if (s != PB_OK)
		return s;
	if (ledger->ks == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "the ledger was opened for looking only");
	if (count == 0 || count > PB_SERIALS)
		return pb_fail(err, PB_INPUT_INVALID, "a batch has 1 to %d blanks", PB_SERIALS);
	if (strlen(batch) > PB_BATCH_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "the batch's name has more than %d bytes", PB_BATCH_MAX);
	memcpy(entry.batch, batch, strlen(batch) + 1);
	s = ledger_set_actor(ledger, actor, &entry, err);
	return s == PB_OK ? append_alone(ledger, &entry, err) : s;
}

enum pb_status pb_ledger_approve(struct pb_ledger *ledger, const char *job, uint64_t count, const char *actor,
				 struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_APPROVED, .count = count };
	enum pb_status s = check_actor(actor, err);

	if (s != PB_OK)
		return s;
	if (ledger->ks == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "the ledger was opened for looking only");
	if (job[0] == '\0' || strlen(job) > PB_IDEMPOTENCY_MAX || count == 0 || count > PB_APPROVED_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "an order has a name and 1 to %d cards", PB_APPROVED_MAX);
	s = ledger_pseudonym(ledger, "job", job, entry.job_h, err);
	if (s == PB_OK)
		s = ledger_set_actor(ledger, actor, &entry, err);
	return s == PB_OK ? append_alone(ledger, &entry, err) : s;
}

enum pb_status pb_ledger_note_start(struct pb_ledger *ledger, uint64_t *ret_open, struct pb_err *err)
{
	struct pb_ledger_counts counts;
	struct pb_entry entry = { .type = PB_ENTRY_RECOVER };
	enum pb_status s = PB_OK;

	pb_ledger_counts(ledger, &counts);
	entry.count = counts.open;
	if (counts.open > 0)
		s = append_alone(ledger, &entry, err);
	if (s == PB_OK)
		*ret_open = counts.open;
	return s;
}

void pb_ledger_counts(struct pb_ledger *ledger, struct pb_ledger_counts *ret_counts)
{
	const struct ledger_head *head = &ledger->head;

	pb_store_lock(ledger->store);
	*ret_counts = (struct pb_ledger_counts){
		.entries = head->edge.size,
		.received = head->counters.received,
		.issued = head->counters.issued,
		.spoiled = head->counters.spoiled,
		.left = head->counters.received - head->counters.issued - head->counters.spoiled,
		.open = head->counters.open,
	};
	pb_store_unlock(ledger->store);
}
