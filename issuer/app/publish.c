/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See publish.h.
 */
#include "issuer/app/publish.h"

#include "issuer/ledger/ledger.h"
#include "keys/status_list.h"
#include "keys/trust.h"

_Static_assert((int)PB_STATUS_URI_MAX <= (int)PB_TRUST_URI_MAX, "an address of status lists fits into a trust list");

static enum pb_status take_in(const char *directory, const struct pb_trust_draft *draft, struct pb_err *err)
{
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;
	enum pb_status s = pb_trust_accept(directory, pb_view(draft->token, draft->n), &list, &fault, err);

	pb_trust_list_finish(&list);
	if (s == PB_OK && fault != PB_TRUST_FAULT_NONE)
		return pb_fail(err, PB_CONFLICT, "the list that was just signed: %s", pb_trust_fault_words(fault));
	return s;
}

enum pb_status pb_app_publish_trust(struct pb_app *app, const struct pb_trust_change *changes, size_t count,
				    const char *actor, struct pb_trust_draft *ret_published, struct pb_err *err)
{
	struct pb_ledger *ledger = app->office.ledger;
	char directory[PB_TRUST_DIRECTORY_CAP], status_base[PB_STATUS_URI_MAX + 1];
	struct pb_trust_publication publication = {
		.directory = pb_app_trust_directory(&app->config, directory),
		.store = app->office.keys,
		.now = pb_clock_now(app->office.clock),
		.changes = changes,
		.change_count = count,
		.code = pb_keystore_issuer_code(app->office.keys),
		.status_base = status_base,
		.checkpoint = pb_ledger_vkey(ledger),
	};
	struct pb_trust_draft draft = { 0 };
	enum pb_status s = pb_status_list_base(app->config.verify_host, publication.code, status_base, err);

	if (s == PB_OK)
		s = pb_ledger_last_trust_list(ledger, &publication.above, err);
	if (s == PB_OK)
		s = pb_trust_publication_make(&publication, &draft, err);
	if (s == PB_OK)
		s = pb_ledger_note_trust_list(ledger, draft.sequence, draft.digest, actor, err);
	if (s == PB_OK)
		s = take_in(directory, &draft, err);
	if (s != PB_OK) {
		pb_trust_draft_finish(&draft);
		return s;
	}
	*ret_published = draft;
	return PB_OK;
}
