/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The issue journey: one approved request and one card on a station become one issued card.
 *
 * The order is the promise.  The serial, the member and the *signed* credential are in the ledger, in one
 * durable commit, before a byte of it is written to the card; ISSUED is recorded after the card is read
 * back, proven, given its own keys and locked.  So a torn card can only hold what the ledger already has,
 * and a card that comes back is continued at the first step it has not taken, found by reading it.
 *
 * Whatever fails, the card is in a known state: nothing was reserved; or its reservation is open and the
 * same card continues it; or it was spoiled (the serial is dead, the blank is counted as used).
 */
#ifndef PROFBILET_ISSUER_CORE_ISSUE_H
#define PROFBILET_ISSUER_CORE_ISSUE_H

#include "issuer/core/office.h"
#include "issuer/ledger/ledger.h"
#include "issuer/station/station.h"

struct pb_issue_request {
	char idempotency_key[PB_IDEMPOTENCY_MAX - 4]; /* the same key never makes a second card; room is left for a count */
	char member_number[PB_LEDGER_MEMBER_MAX + 1];
	uint64_t replaces;	  /* serial of the dead card this one replaces; 0: none */
	char actor[64];		  /* who asked; "" for the program itself */
};

/* What came of it. */
struct pb_receipt {
	uint64_t serial;
	char member_number[PB_LEDGER_MEMBER_MAX + 1]; /* of whom the card is: on a resumed card perhaps not the request's */
	bool already;		/* the request had its card before: this one was not touched */
	bool resumed;		/* the card was half-written and has been finished */
	bool spoiled;		/* with an error: this card is to be destroyed */
	bool reserved;		/* with an error: put the same card back and it continues */
};

/* Issues the card that the station has just offered (pb_station_offer), or finishes it for whom it was begun.
 * On any status *ret_receipt says what state the card is left in; `serial` is 0 when none was spent. */
PB_MUST_USE enum pb_status pb_issue_card(const struct pb_office *office, struct pb_station *station,
					 const struct pb_card_identity *card, const struct pb_issue_request *request,
					 struct pb_receipt *ret_receipt, struct pb_err *err);

#endif
