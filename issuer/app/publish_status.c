/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See publish_status.h.
 */
#include "issuer/app/publish_status.h"

#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"
#include "keys/status_folder.h"

_Static_assert((int)PB_STATUS_SLOTS == (int)PB_STATUS_LIST_SLOTS, "the ledger gives the slots that a list has");

struct work {
	struct pb_app *app;
	const char *directory;
	struct pb_statuses *present; /* what was published last */
};

/* Later than the one before, whatever the clock says: a verifier goes by it. */
static int64_t next_moment(const struct work *work, const struct pb_status_list *list, bool test)
{
	const struct pb_status_list *before = pb_statuses_find(work->present, list->issuer, test, list->number);
	int64_t now = pb_clock_now(work->app->office.clock);

	return before != NULL && before->issued_at >= now ? before->issued_at + 1 : now;
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

static enum pb_status publish_one(const struct work *work, uint32_t number, struct pb_status_publication *sum, struct pb_err *err)
{
	const struct pb_keystore *store = work->app->office.keys;
	uint8_t token[PB_STATUS_TOKEN_MAX];
	struct pb_status_list list = { 0 };
	size_t n;
	enum pb_status s = pb_status_list_name(&list, work->app->config.verify_host, pb_keystore_issuer_code(store), number, err);

	if (s == PB_OK)
		s = pb_ledger_status_list(work->app->office.ledger, number, list.bits, err);
	if (s != PB_OK)
		return s;
	list.issued_at = next_moment(work, &list, pb_keystore_is_test(store));
	list.expires = list.issued_at + PB_STATUS_LIVES;
	s = pb_statuses_sign(work->present, &list, store, token, &n, err);
	if (s == PB_OK)
		s = take_in(work, pb_view(token, n), err);
	if (s != PB_OK)
		return s;
	sum->lists++;
	sum->refused += pb_status_list_refused(&list);
	sum->bytes += n;
	sum->issued_at = list.issued_at > sum->issued_at ? list.issued_at : sum->issued_at;
	return PB_OK;
}

static enum pb_status publish_all(const struct work *work, struct pb_status_publication *sum, struct pb_err *err)
{
	uint32_t lists = 0;
	enum pb_status s = pb_ledger_status_lists(work->app->office.ledger, &lists, err);

	for (uint32_t number = 0; s == PB_OK && number < lists; number++)
		s = publish_one(work, number, sum, err);
	return s;
}

enum pb_status pb_app_publish_status(struct pb_app *app, struct pb_status_publication *ret_published, struct pb_err *err)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	struct work work = { .app = app, .directory = pb_app_trust_directory(&app->config, directory) };
	struct pb_status_publication sum = { 0 };
	enum pb_status s = pb_statuses_load(directory, &work.present, err);

	if (s == PB_OK)
		s = publish_all(&work, &sum, err);
	pb_statuses_destroy(work.present);
	if (s == PB_OK)
		*ret_published = sum;
	return s;
}
