/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a holder of keys knows of the ledger: the right edge of its tree and a few totals, computed from the
 * entries themselves and from nobody's word about them.  Pure: entries in, a tree out.
 *
 * It is not the audit: whether a card may make a move, whether totals add up and blanks were there is not
 * asked here.  What is asked is what a signature hangs on: that there is one ledger, of this office, that it
 * only grows, and which cards it begins under which order.
 */
#ifndef PROFBILET_KEYS_KEYD_TREE_H
#define PROFBILET_KEYS_KEYD_TREE_H

#include "base/err.h"
#include "issuer/ledger/approval.h"
#include "issuer/ledger/merkle.h"

enum { PB_KEYD_SERIALS = 1000000 }; /* of a prefix, 0 not among them */

struct pb_keyd_tree {
	struct pb_merkle_edge edge;
	uint64_t prefix;		/* of the serials, by the first entry */
	char origin[PB_ORIGIN_MAX + 1]; /* by the last beginning (issuer/ledger/origin.h) */
	int64_t time;	      /* of the last entry */
	uint64_t last_serial; /* of the last INTENT; 0: none yet */
	uint64_t intents;
	struct pb_approval approval; /* the newest order */
};

/* Adds one entry.  PB_KEYS_REFUSED, and the tree is as it was, when a ledger cannot go on like that: a time that
 * goes back, a beginning in the middle or none at the start, a serial that is not the next, a card beyond the order. */
PB_MUST_USE enum pb_status pb_keyd_tree_add(struct pb_keyd_tree *tree, struct pb_view bytes, const struct pb_entry *entry,
					    struct pb_err *err);

/* The serial that the next card will have; 0 when they are used up. */
uint64_t pb_keyd_tree_next_serial(const struct pb_keyd_tree *tree);

bool pb_keyd_tree_has_root(const struct pb_keyd_tree *tree, uint64_t size, const uint8_t root[static PB_MERKLE_HASH]);

#endif
