/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of findings, and how many of them are told.
 */
#include "issuer/ledger/finding.h"

#include <stddef.h>

static const char *const names[PB_FINDING_COUNT] = {
	[PB_FINDING_ENTRY_MISSING] = "entry_missing",
	[PB_FINDING_ENTRY_INVALID] = "entry_invalid",
	[PB_FINDING_LEAF_HASH] = "leaf_hash",
	[PB_FINDING_NODE] = "node",
	[PB_FINDING_CHECKPOINT_MISSING] = "checkpoint_missing",
	[PB_FINDING_CHECKPOINT_INVALID] = "checkpoint_invalid",
	[PB_FINDING_CHECKPOINT_ROOT] = "checkpoint_root",
	[PB_FINDING_GENESIS] = "genesis",
	[PB_FINDING_KEY] = "key",
	[PB_FINDING_TIME] = "time",
	[PB_FINDING_SERIAL] = "serial",
	[PB_FINDING_INTENT] = "intent",
	[PB_FINDING_MOVE] = "move",
	[PB_FINDING_CHIP_TWICE] = "chip_twice",
	[PB_FINDING_JOB_TWICE] = "job_twice",
	[PB_FINDING_SLOT_TWICE] = "slot_twice",
	[PB_FINDING_REISSUE] = "reissue",
	[PB_FINDING_STOCK] = "stock",
	[PB_FINDING_APPROVAL] = "approval",
	[PB_FINDING_CARD_MISSING] = "card_missing",
	[PB_FINDING_CARD_UNKNOWN] = "card_unknown",
	[PB_FINDING_CARD_DIFFERS] = "card_differs",
	[PB_FINDING_CREDENTIAL] = "credential",
	[PB_FINDING_MEMBER] = "member",
	[PB_FINDING_CEREMONY] = "ceremony",
	[PB_FINDING_TRUST] = "trust",
	[PB_FINDING_ERASURE] = "erasure",
	[PB_FINDING_RESTORED] = "restored",
};

const char *pb_finding_name(enum pb_finding_code code)
{
	return (unsigned)code < PB_FINDING_COUNT ? names[code] : NULL;
}

void pb_findings_add(struct pb_findings *findings, enum pb_finding_code code, uint64_t entry, uint64_t serial)
{
	const struct pb_finding finding = { .code = code, .entry = entry, .serial = serial };

	findings->total++;
	if (findings->count[code]++ < PB_FINDINGS_TOLD && findings->tell != NULL)
		findings->tell(findings->ctx, &finding);
}
