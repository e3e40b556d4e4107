/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two subtractions that must not go below nothing.
 */
#include "issuer/ledger/approval.h"

static uint64_t above(uint64_t limit, uint64_t used)
{
	return limit > used ? limit - used : 0;
}

uint64_t pb_approval_left(const struct pb_approval *approval)
{
	uint64_t wanted = above(approval->count + approval->given_back, approval->begun);
	uint64_t ever = above(PB_CARDS_EACH * approval->count, approval->begun);

	return wanted < ever ? wanted : ever;
}

bool pb_approval_replay(struct pb_approval *approval, uint64_t index, const struct pb_entry *entry)
{
	bool within = true;

	switch (entry->type) {
	case PB_ENTRY_APPROVED:
		if (entry->count == 0 || entry->count > PB_APPROVED_MAX)
			return false;
		*approval = (struct pb_approval){ .index = index, .count = entry->count };
		return true;
	case PB_ENTRY_INTENT:
		within = pb_approval_left(approval) > 0;
		approval->begun++;
		return within;
	case PB_ENTRY_VOID:
	case PB_ENTRY_SPOILED:
		if (approval->count > 0 && entry->intent > approval->index && approval->given_back < approval->begun)
			approval->given_back++;
		return true;
	default:
		return true;
	}
}
