/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forgetting a person: what ties the member's cards to anybody leaves the card table, and the entries stay as they
 * are, for without number and salt their commitments say nothing.
 */
#include <inttypes.h>
#include <string.h>

#include "issuer/ledger/internal.h"

static enum pb_status refuse_live(struct pb_ledger *ledger, const char *number, struct pb_err *err)
{
	struct pb_ledger_card card;
	bool found = false;
	enum pb_status s = pb_ledger_card_of_member(ledger, number, &card, &found, err);

	if (s == PB_OK && found)
		return pb_fail(err, PB_CARD_EXISTS, "card %010" PRIu64 " is %s", card.serial, pb_card_state_name(card.state));
	return s;
}

/* The first of the member's cards that still has a number; 0 when none has. */
static enum pb_status next_card(struct pb_ledger *ledger, const char *number, struct pb_entry *entry, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT serial,intent FROM card WHERE member_number=?1 ORDER BY serial LIMIT 1",
				    &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, number);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK) {
		entry->serial = row ? (uint64_t)pb_column_int(&q, 0) : 0;
		entry->intent = row ? (uint64_t)pb_column_int(&q, 1) : 0;
	}
	return s;
}

static enum pb_status empty_card(struct pb_ledger *ledger, uint64_t serial, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(ledger->store,
				    "UPDATE card SET member_number=NULL,salt=NULL,point=zeroblob(65),chip_token=x'',face_token=x''"
				    " WHERE serial=?1",
				    &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)serial);
	return pb_query_run(&q, err);
}

static enum pb_status erase_cards(struct pb_ledger *ledger, const char *number, struct pb_entry *entry,
				  struct pb_erased *ret_erased, struct pb_err *err)
{
	enum pb_status s;

	*ret_erased = (struct pb_erased){ .first = ledger->next.edge.size };
	do {
		uint64_t index;

		s = next_card(ledger, number, entry, err);
		if (s != PB_OK || (entry->serial == 0 && ret_erased->count > 0))
			return s;
		s = ledger_append(ledger, entry, &index, err);
		ret_erased->count++;
		if (s == PB_OK && entry->serial != 0)
			s = empty_card(ledger, entry->serial, err);
	} while (s == PB_OK && entry->serial != 0);
	return s;
}

static enum pb_status check(const struct pb_erasing *erasing, struct pb_err *err)
{
	const char *actor = erasing->actor;

	if (erasing->reason < PB_REASON_CONSENT || erasing->reason >= PB_REASON_COUNT)
		return pb_fail(err, PB_INPUT_INVALID, "no reason to destroy data: %d", (int)erasing->reason);
	if (actor != NULL && (actor[0] == '\0' || strlen(actor) > PB_ACTOR_MAX))
		return pb_fail(err, PB_INPUT_INVALID, "the actor's name is empty or too long");
	return PB_OK;
}

enum pb_status pb_ledger_erase_begin(struct pb_ledger *ledger, const struct pb_erasing *erasing, struct pb_erased *ret_erased,
				     struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_ERASED, .reason = erasing->reason };
	struct pb_erased erased;
	enum pb_status s = check(erasing, err);

	if (s == PB_OK)
		s = ledger_begin(ledger, err);
	if (s != PB_OK)
		return s;
	memcpy(entry.digest, erasing->commitment, sizeof(entry.digest));
	s = refuse_live(ledger, erasing->member_number, err);
	if (s == PB_OK)
		s = ledger_set_actor(ledger, erasing->actor, &entry, err);
	if (s == PB_OK)
		s = erase_cards(ledger, erasing->member_number, &entry, &erased, err);
	if (s == PB_OK)
		*ret_erased = erased;
	else
		ledger_rollback(ledger);
	return s;
}

enum pb_status pb_ledger_erase_commit(struct pb_ledger *ledger, struct pb_err *err)
{
	return ledger_commit_signed(ledger, err);
}

void pb_ledger_erase_abandon(struct pb_ledger *ledger)
{
	ledger_rollback(ledger);
}
