/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many requests over several stations at once: one thread per station, one queue.  A card that goes
 * wrong costs a card, a request that cannot be met costs a request, a reader that goes away costs a
 * reader; only trouble of the whole office (disk, ledger, keys) ends the batch.  Every request ends in
 * exactly one outcome, and what was interrupted is found again by the next batch.
 */
#ifndef PROFBILET_ISSUER_CORE_BATCH_H
#define PROFBILET_ISSUER_CORE_BATCH_H

#include "issuer/core/issue.h"

enum pb_batch_event_kind {
	PB_BATCH_ISSUED,       /* receipt */
	PB_BATCH_REFUSED,      /* the request cannot be met: member, status, err */
	PB_BATCH_CARD_TROUBLE, /* this card: status, err, receipt; the request, if there was one, goes on with another */
	PB_BATCH_READER_LOST,  /* station, status, err; the others go on */
	PB_BATCH_STOPPED,      /* the office: status, err; nothing more is begun */
};

struct pb_batch_event {
	enum pb_batch_event_kind kind;
	size_t station;		      /* index */
	const struct pb_issue_request *request; /* NULL: no card could be taken up, so nobody's yet */
	struct pb_receipt receipt;
	enum pb_status status;
	struct pb_err err;
};

/* Called one at a time, from the threads of the batch; must not call into the batch. */
typedef void pb_batch_listener(void *context, const struct pb_batch_event *event);

struct pb_batch_summary {
	size_t issued, resumed, refused, spoiled, left; /* left: not done, and nothing lost */
	enum pb_status status;			       /* PB_OK, or why the batch stopped early */
};

/* `stop` is polled between cards: set it from a signal handler to end after the cards in work. */
void pb_batch_run(const struct pb_office *office, struct pb_station *const *stations, size_t station_count,
		  const struct pb_issue_request *requests, size_t request_count, const volatile int *stop,
		  pb_batch_listener *listener, void *context, struct pb_batch_summary *ret_summary);

#endif
