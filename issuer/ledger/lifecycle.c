/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The life of a card as one table: for each entry that moves a card, the states it may come from.
 */
#include <stddef.h>

#include "issuer/ledger/lifecycle.h"

#define FROM(state) (1u << PB_CARD_IS_##state)

static const struct move {
	enum pb_entry_type type;
	unsigned from; /* bits FROM() */
	enum pb_card_state to;
} moves[] = {
	{ PB_ENTRY_INTENT, FROM(UNKNOWN), PB_CARD_IS_RESERVED },
	{ PB_ENTRY_ISSUED, FROM(RESERVED), PB_CARD_IS_ISSUED },
	{ PB_ENTRY_PRINTED, FROM(ISSUED), PB_CARD_IS_PRINTED },
	{ PB_ENTRY_VOID, FROM(RESERVED), PB_CARD_IS_VOIDED },
	{ PB_ENTRY_SPOILED, FROM(RESERVED) | FROM(ISSUED) | FROM(PRINTED), PB_CARD_IS_SPOILED },
	{ PB_ENTRY_REVOKE, FROM(ISSUED) | FROM(PRINTED) | FROM(SUSPENDED), PB_CARD_IS_REVOKED },
	{ PB_ENTRY_SUSPEND, FROM(ISSUED) | FROM(PRINTED), PB_CARD_IS_SUSPENDED },
	{ PB_ENTRY_RESUME, FROM(SUSPENDED), PB_CARD_IS_ISSUED },
};

static const struct {
	const char *name;
	bool live, refused;
} states[PB_CARD_STATE_COUNT] = {
	[PB_CARD_IS_UNKNOWN] = { "unknown", false, false },
	[PB_CARD_IS_RESERVED] = { "reserved", true, false },
	[PB_CARD_IS_ISSUED] = { "issued", true, false },
	[PB_CARD_IS_PRINTED] = { "printed", true, false },
	[PB_CARD_IS_SUSPENDED] = { "suspended", true, true },
	[PB_CARD_IS_REVOKED] = { "revoked", false, true },
	[PB_CARD_IS_VOIDED] = { "voided", false, true },
	[PB_CARD_IS_SPOILED] = { "spoiled", false, true },
};

const char *pb_card_state_name(enum pb_card_state state)
{
	return (unsigned)state < PB_CARD_STATE_COUNT ? states[state].name : NULL;
}

bool pb_card_state_is_live(enum pb_card_state state)
{
	return (unsigned)state < PB_CARD_STATE_COUNT && states[state].live;
}

bool pb_card_state_is_out(enum pb_card_state state)
{
	return pb_card_state_is_live(state) && state != PB_CARD_IS_RESERVED;
}

bool pb_card_state_is_refused(enum pb_card_state state)
{
	return (unsigned)state < PB_CARD_STATE_COUNT && states[state].refused;
}

bool pb_card_state_move(enum pb_card_state from, enum pb_entry_type type, bool was_printed,
			enum pb_card_state *ret_to)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (moves[i].type != type)
			continue;
		if ((unsigned)from >= PB_CARD_STATE_COUNT || (moves[i].from & (1u << from)) == 0)
			return false;
		*ret_to = type == PB_ENTRY_RESUME && was_printed ? PB_CARD_IS_PRINTED : moves[i].to;
		return true;
	}
	return false;
}

void pb_card_state_count(enum pb_card_state from, enum pb_entry_type type, struct pb_entry_counters *counters)
{
	bool was_open = from == PB_CARD_IS_RESERVED;

	switch (type) {
	case PB_ENTRY_INTENT:
		counters->open++;
		break;
	case PB_ENTRY_ISSUED:
		counters->open--;
		counters->issued++;
		break;
	case PB_ENTRY_VOID:
		counters->open--;
		break;
	case PB_ENTRY_SPOILED:
		counters->open -= was_open ? 1 : 0;
		counters->issued -= was_open ? 0 : 1;
		counters->spoiled++;
		break;
	default:
		break;
	}
}
