/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The life of a card: which state it may be in, and which entry of the ledger moves it where.  One table;
 * the ledger asks it before it writes, the audit asks it again when it replays the entries.
 */
#ifndef PROFBILET_ISSUER_LEDGER_LIFECYCLE_H
#define PROFBILET_ISSUER_LEDGER_LIFECYCLE_H

#include <stdbool.h>

#include "issuer/ledger/entry.h"

/* Stored in the card table: never renumbered. */
enum pb_card_state {
	PB_CARD_IS_UNKNOWN = 0,	  /* no such serial yet */
	PB_CARD_IS_RESERVED = 1,  /* serial and signed credential recorded; the chip may hold any part of it */
	PB_CARD_IS_ISSUED = 2,	  /* chip complete, read back, locked */
	PB_CARD_IS_PRINTED = 3,	  /* and its face printed */
	PB_CARD_IS_SUSPENDED = 4, /* for a time not to be accepted */
	PB_CARD_IS_REVOKED = 5,	  /* for good; the reason says why */
	PB_CARD_IS_VOIDED = 6,	  /* the serial is dead, its blank is still usable */
	PB_CARD_IS_SPOILED = 7,	  /* the plastic is waste */
	PB_CARD_STATE_COUNT
};

/* Stable name, for files and JSON: "reserved". */
const char *pb_card_state_name(enum pb_card_state state);
/* Occupies its chip and its member: reserved, issued, printed, suspended. */
bool pb_card_state_is_live(enum pb_card_state state);
/* Issued, and live still. */
bool pb_card_state_is_out(enum pb_card_state state);
/* Its bit is set in the published status list: whoever verifies must refuse it. */
bool pb_card_state_is_refused(enum pb_card_state state);

/* Where an entry of this type moves a card; false when it may not.  `was_printed` matters when a suspension
 * ends. */
bool pb_card_state_move(enum pb_card_state from, enum pb_entry_type type, bool was_printed,
			enum pb_card_state *ret_to);

/* What the same move does to the stock's totals. */
void pb_card_state_count(enum pb_card_state from, enum pb_entry_type type, struct pb_entry_counters *counters);

#endif
