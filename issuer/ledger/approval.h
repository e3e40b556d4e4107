/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many cards were ordered, and how many of them were begun: an APPROVED entry is the order, each INTENT
 * after it draws on it, and the newest order is the only one that counts.  The ledger asks this before it
 * reserves, the audit when it replays, and the holder of the keys before it signs: three that need not
 * trust each other, and one rule.
 *
 * A blank that was spoiled, or a serial that was given up, is given back to the order it was begun under,
 * for the member still waits.  Yet no order ever begins more than PB_CARDS_EACH serials for each card it is of.
 *
 * Not for: who may order (issuer/cli), whether a card is free (ledger.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_APPROVAL_H
#define PROFBILET_ISSUER_LEDGER_APPROVAL_H

#include "issuer/ledger/entry.h"

enum {
	PB_CARDS_EACH = 3,
	PB_APPROVED_MAX = 999999, /* cards of one order: the serials of a prefix */
};

struct pb_approval {
	uint64_t index; /* of the APPROVED entry */
	uint64_t count; /* 0: nothing is ordered */
	uint64_t begun, given_back;
};

/* How many cards may still be begun. */
uint64_t pb_approval_left(const struct pb_approval *approval);

/* What entry `index` does to it.  False for an order of no size and for an INTENT beyond the order; the
 * former changes nothing, the latter is counted all the same. */
bool pb_approval_replay(struct pb_approval *approval, uint64_t index, const struct pb_entry *entry);

#endif
