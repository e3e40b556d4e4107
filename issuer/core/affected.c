/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the cards of one key to requests for their successors.
 */
#include "issuer/core/affected.h"

#include <inttypes.h>
#include <stdlib.h>

#include "issuer/core/requests.h"

const char *pb_affected_name(enum pb_affected affected)
{
	static const char *const names[PB_AFFECTED_COUNT] = {
		[PB_AFFECTED_NOT] = "not_affected",
		[PB_AFFECTED_LIVE] = "live",
		[PB_AFFECTED_WAITS] = "waits",
		[PB_AFFECTED_REPLACED] = "replaced",
		[PB_AFFECTED_SPOILED] = "spoiled",
	};

	return names[affected];
}

enum pb_affected pb_affected_of(const struct pb_ledger_card *card)
{
	if (pb_card_state_is_live(card->state))
		return PB_AFFECTED_LIVE;
	if (card->reason != PB_REASON_ISSUER_KEY)
		return PB_AFFECTED_NOT;
	if (card->state == PB_CARD_IS_SPOILED)
		return PB_AFFECTED_SPOILED;
	return card->replaced_by != 0 ? PB_AFFECTED_REPLACED : PB_AFFECTED_WAITS;
}

struct collection {
	const struct pb_office *office;
	const char *actor;
	struct pb_issue_request *requests;
	size_t count, capacity;
	enum pb_status status;
	struct pb_err *err;
};

/* PB_CARD_EXISTS when the old card has its successor already. */
static enum pb_status reissue(struct collection *all, uint64_t old_serial, struct pb_issue_request *ret_request)
{
	struct pb_ledger_card old = { 0 };
	bool found;
	enum pb_status s = pb_ledger_card_by_serial(all->office->ledger, old_serial, &old, &found, all->err);

	if (s == PB_OK && old.replaced_by != 0)
		s = pb_fail(all->err, PB_CARD_EXISTS, "card %010" PRIu64 " is replaced", old_serial);
	return s == PB_OK ? pb_request_reissue(all->office, old_serial, all->actor, ret_request, all->err) : s;
}

/* A half-written card was for somebody who had none yet, or in place of one that was dead already. */
static enum pb_status request_for(struct collection *all, const struct pb_ledger_card *card, struct pb_issue_request *ret_request)
{
	if (card->state != PB_CARD_IS_SPOILED)
		return reissue(all, card->serial, ret_request);
	if (card->replaces != 0)
		return reissue(all, card->replaces, ret_request);
	return pb_request_first(all->office, card->member_number, all->actor, ret_request, all->err);
}

static enum pb_status make_room(struct collection *all)
{
	size_t capacity = all->capacity ? 2 * all->capacity : 64;
	struct pb_issue_request *larger;

	if (all->count < all->capacity)
		return PB_OK;
	larger = reallocarray(all->requests, capacity, sizeof(*larger));
	if (!larger)
		return pb_fail(all->err, PB_NO_MEMORY, "%zu requests", capacity);
	all->requests = larger;
	all->capacity = capacity;
	return PB_OK;
}

static bool collect(void *context, const struct pb_ledger_card *card)
{
	struct collection *all = context;

	if (pb_affected_of(card) != PB_AFFECTED_WAITS && pb_affected_of(card) != PB_AFFECTED_SPOILED)
		return true;
	all->status = make_room(all);
	if (all->status == PB_OK)
		all->status = request_for(all, card, &all->requests[all->count]);
	/* Whoever has a card by now, or is no member any more, waits for none. */
	if (all->status == PB_CARD_EXISTS || all->status == PB_NOT_ALLOWED || all->status == PB_NOT_FOUND) {
		pb_err_clear(all->err);
		all->status = PB_OK;
		return true;
	}
	all->count += all->status == PB_OK;
	return all->status == PB_OK;
}

enum pb_status pb_affected_requests(const struct pb_office *office, const uint8_t kid[static PB_ENTRY_KID], const char *actor,
				    uint64_t *ret_ended, struct pb_issue_request **ret_requests, size_t *ret_count,
				    struct pb_err *err)
{
	struct collection all = { .office = office, .actor = actor, .err = err };
	uint64_t ended;
	enum pb_status s = pb_ledger_end_signed_by(office->ledger, kid, PB_LEDGER_EVERY_LIVE, actor, &ended, err);

	if (s == PB_OK)
		s = pb_ledger_each_card_signed_by(office->ledger, kid, collect, &all, err);
	if (s == PB_OK)
		s = all.status;
	if (s != PB_OK) {
		free(all.requests);
		return s;
	}
	*ret_ended = ended;
	*ret_requests = all.requests;
	*ret_count = all.count;
	return PB_OK;
}
