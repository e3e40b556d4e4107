/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One entry at a time.
 */
#include "keys/keyd/tree.h"

#include <inttypes.h>
#include <string.h>

uint64_t pb_keyd_tree_next_serial(const struct pb_keyd_tree *tree)
{
	uint64_t last = tree->last_serial != 0 ? tree->last_serial : tree->prefix * PB_KEYD_SERIALS;

	return last % PB_KEYD_SERIALS + 1 < PB_KEYD_SERIALS ? last + 1 : 0;
}

bool pb_keyd_tree_has_root(const struct pb_keyd_tree *tree, uint64_t size, const uint8_t root[static PB_MERKLE_HASH])
{
	struct pb_hash own = pb_merkle_root(&tree->edge);

	return tree->edge.size == size && pb_view_equal(PB_VIEW(own.bytes), pb_view(root, PB_MERKLE_HASH));
}

enum pb_status pb_keyd_tree_add(struct pb_keyd_tree *tree, struct pb_view bytes, const struct pb_entry *entry,
				struct pb_err *err)
{
	uint64_t index = tree->edge.size;
	struct pb_keyd_tree next = *tree;
	struct pb_hash leaf = pb_merkle_leaf(bytes);
	bool begins = entry->type == PB_ENTRY_INTENT;

	if ((index == 0) != (entry->type == PB_ENTRY_GENESIS))
		return pb_fail(err, PB_KEYS_REFUSED, "entry %" PRIu64 ": a ledger begins once, and at its beginning", index);
	if (index != 0 && entry->time < tree->time)
		return pb_fail(err, PB_KEYS_REFUSED, "entry %" PRIu64 " is older than the one before it", index);
	if (begins && entry->serial != pb_keyd_tree_next_serial(tree))
		return pb_fail(err, PB_KEYS_REFUSED, "entry %" PRIu64 " begins card %010" PRIu64 ", which is not the next", index,
			       entry->serial);
	if (!pb_approval_replay(&next.approval, index, entry))
		return pb_fail(err, PB_KEYS_REFUSED, "entry %" PRIu64 ": %s", index,
			       begins ? "more cards are begun than were ordered" : "an order of no size");
	if (!pb_merkle_append(&next.edge, &leaf, NULL, NULL))
		return pb_fail(err, PB_KEYS_REFUSED, "the ledger is full");
	if (index == 0)
		next.prefix = entry->prefix;
	if (index == 0 || entry->type == PB_ENTRY_RESTORED)
		memcpy(next.origin, entry->origin, sizeof(next.origin));
	next.time = entry->time;
	next.intents += begins;
	if (begins)
		next.last_serial = entry->serial;
	*tree = next;
	return PB_OK;
}
