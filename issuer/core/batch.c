/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One queue, one thread per station.  What a failure costs is decided by its status, in one table.
 */
#include "issuer/core/batch.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/ledger/approval.h"

/* A request whose cards keep failing is not fed blanks for ever. */
enum { CARDS_PER_REQUEST = PB_CARDS_EACH, RETRY_MS = 50 };

/* Whose trouble a failure is. */
enum scope { SCOPE_REQUEST, SCOPE_CARD, SCOPE_READER, SCOPE_OFFICE };

static enum scope scope_of(enum pb_status status)
{
	switch (status) {
	case PB_NOT_FOUND:
	case PB_INPUT_INVALID:
	case PB_CHECK_DIGIT:
	case PB_CARD_EXISTS:
	case PB_CARD_WAITS:
	case PB_PHOTO_MISSING:
	case PB_PHOTO_INVALID:
	case PB_PHOTO_EXPIRED:
	case PB_NAME_TOO_LONG:
	case PB_CONFLICT:
	case PB_NOT_ALLOWED:
		return SCOPE_REQUEST;
	case PB_CARD_REMOVED:
	case PB_CARD_MUTE:
	case PB_CARD_FOREIGN:
	case PB_CARD_BROKEN:
	case PB_CARD_UNSUPPORTED:
	case PB_CARD_CLONE:
	case PB_CARD_NOT_BLANK:
	case PB_CARD_LIVE:
	case PB_CARD_RESERVED:
	case PB_CARD_REFUSED:
	case PB_CARD_FAULT:
	case PB_CARD_PROTOCOL:
	case PB_CARD_MISMATCH:
	case PB_CARD_SWAPPED:
	case PB_CARD_TERMINATED:
		return SCOPE_CARD;
	case PB_CARD_ABSENT:
	case PB_READER_NONE:
	case PB_READER_GONE:
	case PB_READER_BUSY:
	case PB_READER_SILENT:
	case PB_READER_SERVICE:
	case PB_PROCESS_FAILED:
	case PB_MESSAGE_INVALID:
		return SCOPE_READER;
	default:
		return SCOPE_OFFICE;
	}
}

struct job {
	const struct pb_issue_request *request;
	unsigned cards; /* tried for it */
};

struct batch {
	const struct pb_office *office;
	pthread_mutex_t lock; /* of everything below, and of the listener */
	struct job *jobs;     /* waiting, from `next` on; a job given back goes to the end */
	size_t next, end, capacity;
	size_t in_work;	      /* taken, and may yet be given back */
	const volatile int *stop;
	pb_batch_listener *listener;
	void *context;
	struct pb_batch_summary summary;
};

struct worker {
	pthread_t thread;
	struct batch *batch;
	struct pb_station *station;
	size_t index;
};

/* ---- The queue */

static bool is_over(struct batch *batch)
{
	bool over;

	pthread_mutex_lock(&batch->lock);
	over = batch->summary.status != PB_OK || *batch->stop || (batch->next == batch->end && batch->in_work == 0);
	pthread_mutex_unlock(&batch->lock);
	return over;
}

static bool take_job(struct batch *batch, struct job *ret_job)
{
	bool taken = false;

	pthread_mutex_lock(&batch->lock);
	if (batch->summary.status == PB_OK && !*batch->stop && batch->next < batch->end) {
		*ret_job = batch->jobs[batch->next++];
		batch->in_work++;
		taken = true;
	}
	pthread_mutex_unlock(&batch->lock);
	return taken;
}

/* Under the lock.  Room is always there: a job given back was taken out before. */
static void give_back(struct batch *batch, struct job job)
{
	if (batch->end == batch->capacity) {
		memmove(batch->jobs, batch->jobs + batch->next, (batch->end - batch->next) * sizeof(*batch->jobs));
		batch->end -= batch->next;
		batch->next = 0;
	}
	batch->jobs[batch->end++] = job;
}

/* Under the lock: this member's card came back and was finished, and their waiting job with it. */
static void drop_waiting(struct batch *batch, const char *member_number)
{
	for (size_t i = batch->next; i < batch->end; i++) {
		if (strcmp(batch->jobs[i].request->member_number, member_number) != 0)
			continue;
		batch->end--;
		memmove(batch->jobs + i, batch->jobs + i + 1, (batch->end - i) * sizeof(*batch->jobs));
		return;
	}
}

/* Under the lock: every job ends here exactly once, or is given back. */
static void settle(struct batch *batch, struct job job, struct pb_batch_event *event)
{
	struct pb_batch_summary *summary = &batch->summary;
	bool for_another = strcmp(event->receipt.member_number, job.request->member_number) != 0;

	batch->in_work--;
	if (event->status == PB_OK) {
		event->kind = PB_BATCH_ISSUED;
		summary->issued++;
		summary->resumed += event->receipt.resumed;
		/* The card was somebody else's half-written one: the request still waits. */
		if (for_another) {
			drop_waiting(batch, event->receipt.member_number);
			give_back(batch, job);
		}
		return;
	}
	summary->spoiled += event->receipt.spoiled;
	switch (scope_of(event->status)) {
	case SCOPE_REQUEST:
		event->kind = PB_BATCH_REFUSED;
		summary->refused++;
		return;
	case SCOPE_CARD:
		event->kind = PB_BATCH_CARD_TROUBLE;
		if (++job.cards < CARDS_PER_REQUEST)
			give_back(batch, job);
		else
			summary->left++;
		return;
	case SCOPE_READER:
		event->kind = PB_BATCH_READER_LOST;
		give_back(batch, job);
		return;
	case SCOPE_OFFICE:
		event->kind = PB_BATCH_STOPPED;
		summary->status = event->status;
		summary->left++;
		return;
	}
}

/* ---- One station's work: a card first, then somebody to issue it to.  So no request waits at a reader
 *      whose cards have run out. */

static void tell(struct batch *batch, const struct pb_batch_event *event)
{
	pthread_mutex_lock(&batch->lock);
	batch->listener(batch->context, event);
	pthread_mutex_unlock(&batch->lock);
}

/* Looks up now and then, since the last request may be met on another reader meanwhile. */
static enum pb_status next_card(struct worker *worker, struct pb_card_identity *ret_card, struct pb_err *err)
{
	enum { LOOK_UP_MS = 250 };
	struct batch *batch = worker->batch;
	struct pb_deadline deadline = pb_deadline_in(batch->office->policy.card_wait_ms);
	enum pb_status s;

	do {
		int left = pb_deadline_left(deadline);

		s = pb_station_offer(worker->station, left < LOOK_UP_MS ? left : LOOK_UP_MS, ret_card, err);
	} while (s == PB_CARD_ABSENT && pb_deadline_left(deadline) > 0 && !is_over(batch));
	return s;
}

/* Well or ill, this card is done with; a reader that cannot let go of it is noticed at the next offer. */
static void eject(struct worker *worker)
{
	struct pb_err ignored;

	if (pb_station_eject(worker->station, &ignored) != PB_OK)
		pb_err_clear(&ignored);
}

/* No card could be taken up.  True when the next one may do. */
static bool tell_no_card(struct worker *worker, enum pb_status status, const struct pb_err *err)
{
	struct pb_batch_event event = { .station = worker->index, .status = status, .err = *err };
	bool goes_on = scope_of(status) == SCOPE_CARD;

	event.kind = goes_on ? PB_BATCH_CARD_TROUBLE : PB_BATCH_READER_LOST;
	if (!is_over(worker->batch))
		tell(worker->batch, &event);
	if (goes_on)
		eject(worker);
	return goes_on;
}

/* False when this reader can do no more. */
static bool issue_one(struct worker *worker, const struct pb_card_identity *card, struct job job)
{
	struct batch *batch = worker->batch;
	struct pb_batch_event event = { .kind = PB_BATCH_ISSUED, .station = worker->index, .request = job.request };

	event.status = pb_issue_card(batch->office, worker->station, card, job.request, &event.receipt, &event.err);
	/* A request that cannot be met, or was met before, leaves the card for the next one. */
	if (event.status == PB_OK ? !event.receipt.already : scope_of(event.status) != SCOPE_REQUEST)
		eject(worker);
	pthread_mutex_lock(&batch->lock);
	if (event.receipt.already) {
		/* Finished on another reader while it was in work here: told and counted there. */
		batch->in_work--;
	} else {
		settle(batch, job, &event);
		batch->listener(batch->context, &event);
	}
	pthread_mutex_unlock(&batch->lock);
	return event.kind != PB_BATCH_READER_LOST;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	bool goes_on = true;

	while (goes_on && !is_over(worker->batch)) {
		struct pb_card_identity card;
		struct pb_err err = { 0 };
		enum pb_status s = next_card(worker, &card, &err);
		struct job job;

		if (s != PB_OK)
			goes_on = tell_no_card(worker, s, &err);
		else if (take_job(worker->batch, &job))
			goes_on = issue_one(worker, &card, job);
		else
			poll(NULL, 0, RETRY_MS); /* another reader has the last ones in work, and may give one back */
	}
	return NULL;
}

static bool fill_queue(struct batch *batch, const struct pb_issue_request *requests, size_t count)
{
	batch->jobs = calloc(count + 1, sizeof(*batch->jobs));
	if (!batch->jobs)
		return false;
	batch->capacity = count;
	for (size_t i = 0; i < count; i++)
		batch->jobs[batch->end++] = (struct job){ .request = &requests[i] };
	return true;
}

void pb_batch_run(const struct pb_office *office, struct pb_station *const *stations, size_t station_count,
		  const struct pb_issue_request *requests, size_t request_count, const volatile int *stop,
		  pb_batch_listener *listener, void *context, struct pb_batch_summary *ret_summary)
{
	struct batch batch = { .office = office, .lock = PTHREAD_MUTEX_INITIALIZER, .stop = stop, .listener = listener,
			       .context = context };
	struct worker *workers = calloc(station_count + 1, sizeof(*workers));
	size_t started = 0;

	if (!workers || !fill_queue(&batch, requests, request_count)) {
		batch.summary.status = PB_NO_MEMORY;
		batch.summary.left = request_count;
		goto out;
	}
	for (; started < station_count; started++) {
		workers[started] = (struct worker){ .batch = &batch, .station = stations[started], .index = started };
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
			break;
	}
	for (size_t i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	batch.summary.left += batch.end - batch.next;
out:
	*ret_summary = batch.summary;
	free(batch.jobs);
	free(workers);
}
