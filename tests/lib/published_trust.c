/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See published_trust.h.
 */
#include "tests/lib/published_trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void must(enum pb_status s, const struct pb_err *err)
{
	if (s != PB_OK)
		fail_msg("%s", err->msg);
}

struct pb_trust *published_trust(const char *public_directory, const struct pb_keystore *store, int64_t now,
				 const struct pb_trust_change *changes, size_t count)
{
	struct pb_trust_publication publication = { .directory = public_directory, .store = store, .now = now, .changes = changes,
						    .change_count = count };
	struct pb_trust_draft draft = { 0 };
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;
	struct pb_trust *trust = NULL;
	struct pb_err err = { 0 };

	must(pb_trust_publication_make(&publication, &draft, &err), &err);
	must(pb_trust_accept(public_directory, pb_view(draft.token, draft.n), &list, &fault, &err), &err);
	if (fault != PB_TRUST_FAULT_NONE)
		fail_msg("%s", pb_trust_fault_words(fault));
	pb_trust_list_finish(&list);
	pb_trust_draft_finish(&draft);
	must(pb_trust_load(public_directory, &trust, &err), &err);
	return trust;
}
