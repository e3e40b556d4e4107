/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests, from members and dead cards.
 */
#include "issuer/core/requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "issuer/register/register.h"

static void fill(struct pb_issue_request *request, const char *member_number, const char *actor)
{
	*request = (struct pb_issue_request){ 0 };
	snprintf(request->member_number, sizeof(request->member_number), "%s", member_number);
	snprintf(request->actor, sizeof(request->actor), "%s", actor ? actor : "");
}

static void fill_first(struct pb_issue_request *request, const char *member_number, const char *actor)
{
	fill(request, member_number, actor);
	snprintf(request->idempotency_key, sizeof(request->idempotency_key), "first/%s", member_number);
}

/* Whether a first card may be made: none is live, and none was issued before. */
static enum pb_status check_first(const struct pb_office *office, const char *member_number, struct pb_err *err)
{
	struct pb_ledger_card card;
	bool found;
	enum pb_status s = pb_ledger_last_card_of_member(office->ledger, member_number, &card, &found, err);

	if (s != PB_OK || !found)
		return s;
	switch (card.state) {
	case PB_CARD_IS_RESERVED:
	case PB_CARD_IS_VOIDED:
	case PB_CARD_IS_SPOILED:
		return PB_OK;
	case PB_CARD_IS_REVOKED:
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " was issued before: reissue it", card.serial);
	default:
		return pb_fail(err, PB_CARD_EXISTS, "it is card %010" PRIu64, card.serial);
	}
}

enum pb_status pb_request_first(const struct pb_office *office, const char *member_number, const char *actor,
				struct pb_issue_request *ret_request, struct pb_err *err)
{
	char number[PB_MEMBER_NUMBER_CAP];
	struct pb_member member;
	enum pb_status s = pb_member_number_parse(member_number, pb_register_rule(office->members), number, err);

	if (s == PB_OK)
		s = pb_register_find_member(office->members, number, &member, err);
	if (s == PB_OK)
		s = check_first(office, number, err);
	if (s == PB_OK)
		fill_first(ret_request, number, actor);
	return s;
}

enum pb_status pb_request_reissue(const struct pb_office *office, uint64_t old_serial, const char *actor,
				  struct pb_issue_request *ret_request, struct pb_err *err)
{
	struct pb_ledger_card card;
	bool found;
	enum pb_status s = pb_ledger_card_by_serial(office->ledger, old_serial, &card, &found, err);

	if (s != PB_OK)
		return s;
	if (!found)
		return pb_fail(err, PB_NOT_FOUND, "card %010" PRIu64, old_serial);
	if (card.state != PB_CARD_IS_REVOKED)
		return pb_fail(err, PB_NOT_ALLOWED, "card %010" PRIu64 " is %s", old_serial, pb_card_state_name(card.state));
	fill(ret_request, card.member_number, actor);
	ret_request->replaces = old_serial;
	snprintf(ret_request->idempotency_key, sizeof(ret_request->idempotency_key), "reissue/%010" PRIu64, old_serial);
	return PB_OK;
}

struct collection {
	const struct pb_office *office;
	const char *actor;
	struct pb_issue_request *requests;
	size_t count, capacity;
};

static enum pb_status collect(void *context, const struct pb_member *member, struct pb_err *err)
{
	struct collection *all = context;
	enum pb_status s = check_first(all->office, member->number, err);

	/* Those who have or had a card are not what a batch of first cards is about. */
	if (s == PB_CARD_EXISTS || s == PB_NOT_ALLOWED) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (all->count == all->capacity) {
		size_t capacity = all->capacity ? 2 * all->capacity : 64;
		struct pb_issue_request *larger = reallocarray(all->requests, capacity, sizeof(*larger));

		if (!larger)
			return pb_fail(err, PB_NO_MEMORY, "%zu requests", capacity);
		all->requests = larger;
		all->capacity = capacity;
	}
	fill_first(&all->requests[all->count++], member->number, all->actor);
	return PB_OK;
}

enum pb_status pb_requests_of_organisation(const struct pb_office *office, int64_t organisation, const char *actor,
					   struct pb_issue_request **ret_requests, size_t *ret_count, struct pb_err *err)
{
	struct pb_member_filter filter = { .organisation = organisation };
	struct collection all = { .office = office, .actor = actor };
	enum pb_status s = pb_register_each_member(office->members, &filter, collect, &all, err);

	if (s != PB_OK) {
		free(all.requests);
		return s;
	}
	*ret_requests = all.requests;
	*ret_count = all.count;
	return PB_OK;
}
