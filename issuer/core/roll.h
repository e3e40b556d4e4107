/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A roll of the card master key: a new generation (keys/master_keys.h), which cards are given from then on, and
 * the cards in members' pockets, each moved to it when it next lies on a reader of the office.
 *
 * A card is under one generation at any moment, and says which.  So a card that is pulled away before, during
 * or after PUT KEY is under the old one or the new one, the ledger says what was known last, and the next tap
 * finds out and finishes: nothing is remembered in between.  A card is opened with the generation that it names
 * and proves to hold, or not at all: no attempt is spent on a guess.
 *
 * Not for: verifiers without keys, who never see any of this.
 */
#ifndef PROFBILET_ISSUER_CORE_ROLL_H
#define PROFBILET_ISSUER_CORE_ROLL_H

#include "issuer/core/office.h"
#include "issuer/station/station.h"
#include "keys/master_keys.h"

/* ---- The generation */

enum pb_roll_due {
	PB_ROLL_MAKE, /* the ledger and the keys agree: the next generation may be made */
	PB_ROLL_DONE, /* an interrupted roll had made it: it is noted now, and there is nothing to make */
};

/* Holds the keys against the ledger, and notes in it each generation that it lacks.  Called before the next one
 * is made and once more after it, with keys opened anew; so a crash in between is mended by asking again.
 * *ret_newest: of the keys.  PB_KEYS_REFUSED when the ledger knows of a generation that the keys lack or have with
 * another check value: making the next one would give two keys one number.  Of a family without a key *ret_newest has KVN 0. */
PB_MUST_USE enum pb_status pb_roll_reconcile(const struct pb_office *office, enum pb_master_family family,
					     enum pb_roll_due *ret_due, struct pb_generation *ret_newest, struct pb_err *err);

/* ---- A card */

enum pb_roll_outcome {
	PB_ROLL_MOVED,	   /* it got keys of the newest generation now */
	PB_ROLL_NOTED,	   /* it had them, and the ledger did not know: an interrupted move is finished */
	PB_ROLL_NOTHING,   /* it has them, as the ledger says */
	PB_ROLL_NOT_ISSUED, /* no issued, live card of this office: not touched */
};

struct pb_roll {
	enum pb_roll_outcome outcome;
	uint64_t serial;     /* 0 when NOT_ISSUED */
	uint8_t from, to;    /* KVNs; equal when nothing was moved */
};

/* Of the card that the station has just offered (pb_station_offer): identify, prove, open with its own generation,
 * PUT KEY, open with the new one, note.  PB_CARD_KEYS: it names or holds keys that the office does not have;
 * PB_CARD_MISMATCH: it is not the card of the record, or checked other keys than were sent.  With an error, the
 * card is under the old generation or the new one, and can be put back. */
PB_MUST_USE enum pb_status pb_roll_card(const struct pb_office *office, struct pb_station *station,
					const struct pb_card_identity *card, struct pb_roll *ret_roll, struct pb_err *err);

/* The same for the card that has just been verified there and lies on the reader still. */
PB_MUST_USE enum pb_status pb_roll_at_tap(const struct pb_office *office, struct pb_station *station, struct pb_roll *ret_roll,
					  struct pb_err *err);

#endif
