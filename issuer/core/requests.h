/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which cards are to be made: requests for issue.h and batch.h.  A request's key is made from what it is
 * for ("first/<member>", "reissue/<serial>"), so that asking twice, from two desks or after a crash, still
 * makes one card.
 */
#ifndef PROFBILET_ISSUER_CORE_REQUESTS_H
#define PROFBILET_ISSUER_CORE_REQUESTS_H

#include "issuer/core/issue.h"

/* The first card of a member, whose number is given as people type it.  PB_CARD_EXISTS when there is a live
 * one, PB_NOT_ALLOWED when there was one: that is a reissue. */
PB_MUST_USE enum pb_status pb_request_first(const struct pb_office *office, const char *member_number, const char *actor,
					    struct pb_issue_request *ret_request, struct pb_err *err);

/* A card in place of a dead one.  PB_NOT_ALLOWED while the old one is live: report the loss first. */
PB_MUST_USE enum pb_status pb_request_reissue(const struct pb_office *office, uint64_t old_serial, const char *actor,
					      struct pb_issue_request *ret_request, struct pb_err *err);

/* First cards for every active member of an organisation, with all below it, who has none and never had;
 * half-issued ones are among them, so that a batch finishes them.  The caller frees the array. */
PB_MUST_USE enum pb_status pb_requests_of_organisation(const struct pb_office *office, int64_t organisation, const char *actor,
						       struct pb_issue_request **ret_requests, size_t *ret_count,
						       struct pb_err *err);

#endif
