/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names and exit codes of findings, and how many of them are told.
 */
#include "issuer/ledger/finding.h"

#include <stddef.h>

#include "base/text.h"

static const struct {
	const char *name;
	int exit_code;
} rows[PB_FINDING_COUNT] = {
	[PB_FINDING_ENTRY_MISSING] = { "entry_missing", 170 },
	[PB_FINDING_ENTRY_INVALID] = { "entry_invalid", 171 },
	[PB_FINDING_LEAF_HASH] = { "leaf_hash", 172 },
	[PB_FINDING_NODE] = { "node", 173 },
	[PB_FINDING_CHECKPOINT_MISSING] = { "checkpoint_missing", 174 },
	[PB_FINDING_CHECKPOINT_INVALID] = { "checkpoint_invalid", 175 },
	[PB_FINDING_CHECKPOINT_ROOT] = { "checkpoint_root", 176 },
	[PB_FINDING_GENESIS] = { "genesis", 177 },
	[PB_FINDING_KEY] = { "key", 178 },
	[PB_FINDING_TIME] = { "time", 179 },
	[PB_FINDING_SERIAL] = { "serial", 180 },
	[PB_FINDING_INTENT] = { "intent", 181 },
	[PB_FINDING_MOVE] = { "move", 182 },
	[PB_FINDING_CHIP_TWICE] = { "chip_twice", 183 },
	[PB_FINDING_JOB_TWICE] = { "job_twice", 184 },
	[PB_FINDING_SLOT_TWICE] = { "slot_twice", 185 },
	[PB_FINDING_REISSUE] = { "reissue", 186 },
	[PB_FINDING_STOCK] = { "stock", 187 },
	[PB_FINDING_APPROVAL] = { "approval", 188 },
	[PB_FINDING_CARD_MISSING] = { "card_missing", 189 },
	[PB_FINDING_CARD_UNKNOWN] = { "card_unknown", 190 },
	[PB_FINDING_CARD_DIFFERS] = { "card_differs", 191 },
	[PB_FINDING_CREDENTIAL] = { "credential", 192 },
	[PB_FINDING_MEMBER] = { "member", 193 },
	[PB_FINDING_CEREMONY] = { "ceremony", 194 },
	[PB_FINDING_TRUST] = { "trust", 195 },
	[PB_FINDING_ERASURE] = { "erasure", 196 },
	[PB_FINDING_RESTORED] = { "restored", 197 },
	[PB_FINDING_TILE] = { "tile", 198 },
	[PB_FINDING_COSIGNATURES] = { "cosignatures", 199 },
	[PB_FINDING_ROOT] = { "root", 200 },
	[PB_FINDING_TRUST_LIST] = { "trust_list", 201 },
	[PB_FINDING_TRUST_OLD] = { "trust_old", 202 },
	[PB_FINDING_CERTIFICATE] = { "certificate", 203 },
	[PB_FINDING_ISSUER] = { "issuer", 204 },
	[PB_FINDING_STATUS_LIST] = { "status_list", 205 },
	[PB_FINDING_STATUS_MISSING] = { "status_missing", 206 },
	[PB_FINDING_STATUS_OLD] = { "status_old", 207 },
	[PB_FINDING_STATUS_LOST] = { "status_lost", 208 },
	[PB_FINDING_STATUS_EXTRA] = { "status_extra", 209 },
	[PB_FINDING_SAMPLE_UNREADABLE] = { "sample_unreadable", 210 },
	[PB_FINDING_SAMPLE_FORGED] = { "sample_forged", 211 },
	[PB_FINDING_SAMPLE_ISSUER] = { "sample_issuer", 212 },
	[PB_FINDING_SAMPLE_COPY] = { "sample_copy", 213 },
	[PB_FINDING_SAMPLE_UNKNOWN] = { "sample_unknown", 214 },
	[PB_FINDING_SAMPLE_REVOKED] = { "sample_revoked", 215 },
	[PB_FINDING_SAMPLE_EXPIRED] = { "sample_expired", 216 },
	[PB_FINDING_ANCHOR] = { "anchor", 217 },
	[PB_FINDING_SIGNER_AHEAD] = { "signer_ahead", 218 },
	[PB_FINDING_SIGNER_ROOT] = { "signer_root", 219 },
	[PB_FINDING_SIGNER_COUNT] = { "signer_count", 220 },
	[PB_FINDING_SIGNER_CARD] = { "signer_card", 221 },
};

const char *pb_finding_name(enum pb_finding_code code)
{
	return (unsigned)code < PB_FINDING_COUNT ? rows[code].name : NULL;
}

int pb_finding_exit_code(enum pb_finding_code code)
{
	return rows[code].exit_code;
}

void pb_findings_add_about(struct pb_findings *findings, enum pb_finding_code code, uint64_t entry, uint64_t serial,
			   const char *about)
{
	struct pb_finding finding = { .code = code, .entry = entry, .serial = serial };

	/* A stranger's name for a file: it must not write on a terminal what it likes. */
	pb_text_mend(about, finding.about, sizeof(finding.about));
	for (char *at = finding.about; *at != '\0'; at++)
		if (*at == '\n' || *at == '\t')
			*at = '?';
	findings->total++;
	if (findings->count[code]++ < PB_FINDINGS_TOLD && findings->tell != NULL)
		findings->tell(findings->ctx, &finding);
}

void pb_findings_add(struct pb_findings *findings, enum pb_finding_code code, uint64_t entry, uint64_t serial)
{
	pb_findings_add_about(findings, code, entry, serial, "");
}
