/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards that were given keys of a newer generation of the master key, and how many wait for it.  The card's
 * state is untouched: to its holder and to a verifier nothing has happened.
 */
#include <inttypes.h>

#include "issuer/ledger/internal.h"

static enum pb_status append_rekeyed(struct pb_ledger *ledger, uint64_t serial, uint8_t kvn, const struct ledger_brief *card,
				     struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_REKEYED, .serial = serial, .intent = card->intent, .kvn = kvn };
	PB_QUERY q = { 0 };
	uint64_t index;
	enum pb_status s;

	if (!pb_card_state_is_out(card->state) || kvn < card->kvn)
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " is %s under key version %02X: none to %02X", serial,
			       pb_card_state_name(card->state), card->kvn, kvn);
	s = ledger_append(ledger, &entry, &index, err);
	if (s == PB_OK)
		s = pb_query(ledger->store, "UPDATE card SET kvn=?2 WHERE serial=?1", &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)serial);
	pb_bind_int(&q, 2, kvn);
	return pb_query_run(&q, err);
}

enum pb_status pb_ledger_rekeyed(struct pb_ledger *ledger, uint64_t serial, uint8_t kvn, struct pb_err *err)
{
	struct ledger_brief card;
	enum pb_status s;

	if (kvn == 0 || kvn >= PB_LEDGER_KVNS)
		return pb_fail(err, PB_INPUT_INVALID, "key version %02X of a card", kvn);
	s = ledger_begin(ledger, err);
	if (s != PB_OK)
		return s;
	s = ledger_brief(ledger, serial, &card, err);
	if (s == PB_OK && card.kvn == kvn) {
		ledger_rollback(ledger);
		return PB_OK;
	}
	if (s == PB_OK)
		s = append_rekeyed(ledger, serial, kvn, &card, err);
	if (s == PB_OK)
		return ledger_commit_signed(ledger, err);
	ledger_rollback(ledger);
	return s;
}

enum pb_status pb_ledger_count_by_kvn(struct pb_ledger *ledger, uint64_t ret_live[static PB_LEDGER_KVNS], struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(ledger->store, "SELECT kvn,count(*) FROM card WHERE state BETWEEN 2 AND 4 GROUP BY kvn", &q,
				    err);

	if (s != PB_OK)
		return s;
	for (size_t i = 0; i < PB_LEDGER_KVNS; i++)
		ret_live[i] = 0;
	while ((s = pb_query_step(&q, &row, err)) == PB_OK && row)
		ret_live[pb_column_int(&q, 0) % PB_LEDGER_KVNS] = (uint64_t)pb_column_int(&q, 1);
	return s;
}
