/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See publish_status.h.
 */
#include "issuer/app/publish_status.h"

#include <string.h>

#include "base/calendar.h"
#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"
#include "keys/status_folder.h"

_Static_assert((int)PB_STATUS_SLOTS == (int)PB_STATUS_LIST_SLOTS, "the ledger gives the slots that a list has");

struct work {
	struct pb_app *app;
	const char *directory;
	struct pb_statuses *present; /* what was published last */
};

/* Later than any that was here, whatever the clock says: a verifier goes by it. */
static enum pb_status next_moment(const struct work *work, const struct pb_status_list *list, int64_t *ret_moment, struct pb_err *err)
{
	int64_t now = pb_clock_now(work->app->office.clock), newest = 0;
	enum pb_status s = pb_status_newest(work->directory, list->issuer, list->number, &newest, err);

	*ret_moment = newest >= now ? newest + 1 : now;
	return s;
}

/* The list that is here, where it need not be signed again; else NULL. */
static const struct pb_status_list *find_fresh(const struct work *work, const struct pb_status_list *list, bool test)
{
	const struct pb_status_list *before = pb_statuses_find(work->present, list->issuer, test, list->number);
	int32_t zone = work->app->config.zone;
	struct pb_date today = pb_date_of_instant(pb_clock_now(work->app->office.clock), zone);

	return before != NULL && pb_date_compare(pb_date_of_instant(before->issued_at, zone), today) == 0 &&
			       strcmp(before->uri, list->uri) == 0 && pb_view_equal(PB_VIEW(before->bits), PB_VIEW(list->bits)) ?
		       before : NULL;
}

static enum pb_status take_in(const struct work *work, struct pb_view token, struct pb_err *err)
{
	enum pb_status_fault fault;
	struct pb_status_list list;
	bool is_new;
	enum pb_status s = pb_status_accept(work->directory, token, &list, &is_new, &fault, err);

	if (s == PB_OK && fault != PB_STATUS_FAULT_NONE)
		return pb_fail(err, PB_CONFLICT, "the list that was just signed: %s", pb_status_fault_words(fault));
	return s;
}

static enum pb_status sign(const struct work *work, struct pb_status_list *list, struct pb_err *err)
{
	uint8_t token[PB_STATUS_TOKEN_MAX];
	size_t n;
	enum pb_status s = next_moment(work, list, &list->issued_at, err);

	if (s != PB_OK)
		return s;
	list->expires = list->issued_at + PB_STATUS_LIVES;
	s = pb_statuses_sign(work->present, list, work->app->office.keys, token, &n, err);
	return s == PB_OK ? take_in(work, pb_view(token, n), err) : s;
}

static enum pb_status publish_one(const struct work *work, uint32_t number, struct pb_status_publication *sum, struct pb_err *err)
{
	const struct pb_keystore *store = work->app->office.keys;
	struct pb_status_list list = { 0 };
	const struct pb_status_list *fresh;
	enum pb_status s = pb_status_list_name(&list, work->app->config.verify_host, pb_keystore_issuer_code(store), number, err);

	if (s == PB_OK)
		s = pb_ledger_status_list(work->app->office.ledger, number, list.bits, err);
	if (s != PB_OK)
		return s;
	fresh = find_fresh(work, &list, pb_keystore_is_test(store));
	if (fresh == NULL)
		s = sign(work, &list, err);
	else
		list.issued_at = fresh->issued_at;
	if (s != PB_OK)
		return s;
	sum->lists++;
	sum->signed_now += fresh == NULL;
	sum->refused += pb_status_list_refused(&list);
	sum->issued_at = list.issued_at > sum->issued_at ? list.issued_at : sum->issued_at;
	return PB_OK;
}

static enum pb_status publish_all(const struct work *work, struct pb_status_publication *sum, struct pb_err *err)
{
	uint32_t lists = 0;
	enum pb_status s = pb_ledger_status_lists(work->app->office.ledger, &lists, err);

	for (uint32_t number = 0; s == PB_OK && (number < lists || number == 0); number++)
		s = publish_one(work, number, sum, err);
	return s;
}

enum pb_status pb_app_publish_status(struct pb_app *app, struct pb_status_publication *ret_published, struct pb_err *err)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	struct work work = { .app = app, .directory = pb_app_trust_directory(&app->config, directory) };
	struct pb_status_publication sum = { 0 };
	enum pb_status s = pb_statuses_load_good(directory, &work.present, err);

	if (s == PB_OK)
		s = publish_all(&work, &sum, err);
	pb_statuses_destroy(work.present);
	if (s == PB_OK)
		*ret_published = sum;
	return s;
}
