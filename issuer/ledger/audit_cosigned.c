/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is stored of witnesses must be lines of a signed note, under a checkpoint that is there: with one that is not, no
 * proof of that checkpoint could be handed out.  Whether they are right only their keys tell, which are in a policy.
 */
#include "issuer/ledger/audit_internal.h"

/* Opened with no key at all, a note that is well made is by nobody we know. */
static enum pb_status check_one(struct audit *audit, uint64_t size, struct pb_err *err)
{
	char note[PB_COSIGNED_MAX];
	struct pb_view text;
	enum pb_status s = pb_ledger_cosigned(audit->ledger, size, note, err);

	if (s == PB_OK && pb_note_open(pb_view_text(note), NULL, 0, &text, NULL) == PB_NOTE_UNKNOWN)
		return PB_OK;
	if (s != PB_OK && s != PB_NOT_FOUND && s != PB_LEDGER_CORRUPT)
		return s;
	pb_err_clear(err);
	pb_findings_add(&audit->findings, PB_FINDING_CHECKPOINT_INVALID, size - 1, 0);
	return PB_OK;
}

enum pb_status audit_cosigned(struct audit *audit, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(audit->ledger->store, "SELECT DISTINCT size FROM cosignature ORDER BY size", &q, err);

	while (s == PB_OK && (s = pb_query_step(&q, &row, err)) == PB_OK && row)
		s = check_one(audit, (uint64_t)pb_column_int(&q, 0), err);
	return s;
}
