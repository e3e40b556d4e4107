/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cards of an issuer key that is in other hands: no verifier believes them any more, so each holder gets a
 * new one.  Nothing is remembered but the ledger: a card that was ended for this reason and has no successor
 * is a request that waits, and the batch that works them off may stop anywhere and begin again.
 *
 * Not for: telling verifiers (rotation.h), issuing (batch.h).
 */
#ifndef PROFBILET_ISSUER_CORE_AFFECTED_H
#define PROFBILET_ISSUER_CORE_AFFECTED_H

#include "issuer/core/issue.h"

enum pb_affected {
	PB_AFFECTED_NOT,      /* its end had another reason: lost, say */
	PB_AFFECTED_LIVE,     /* in its holder's hands, or half-written */
	PB_AFFECTED_WAITS,    /* ended; its holder waits for the new one */
	PB_AFFECTED_REPLACED, /* its holder has the new one */
	PB_AFFECTED_SPOILED,  /* was half-written: nobody has held it, and its plastic is waste */
	PB_AFFECTED_COUNT
};

/* "live", "waits", "replaced", "spoiled": stable, for programs. */
const char *pb_affected_name(enum pb_affected affected);
/* Of a card that the key signed. */
enum pb_affected pb_affected_of(const struct pb_ledger_card *card);

/* Ends what is live of this key's cards, in one commit, and gives the requests that wait, in the order of the old
 * cards.  The caller frees the array; given again, nothing is ended twice and no request is new. */
PB_MUST_USE enum pb_status pb_affected_requests(const struct pb_office *office, const uint8_t kid[static PB_ENTRY_KID],
						const char *actor, uint64_t *ret_ended,
						struct pb_issue_request **ret_requests, size_t *ret_count, struct pb_err *err);

#endif
