/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose ledgers there are, who witnesses them, and whose word together is enough (C2SP tlog-policy):
 *
 *     log profbilet.example/office/75+c3ab0003+AX...       the checkpoint key of a ledger
 *     witness centre profbilet.example/centre+5cc6...+BK...
 *     witness west ...
 *     witness east ...
 *     group offices 2 centre west east                     two of these three; also "any" and "all"
 *     quorum offices                                       of a group, of one witness, or "none"
 *
 * An address may stand behind a key; it is not looked at.  Lines that begin with # are comments.
 *
 * A checkpoint is *witnessed* when the key of a listed ledger signed it and the quorum cosigned it.  Who reads a policy
 * must have it from somebody he trusts: it is what he trusts.
 *
 * Not for: what witnesses check (add_checkpoint.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_WITNESS_POLICY_H
#define PROFBILET_ISSUER_LEDGER_WITNESS_POLICY_H

#include "issuer/ledger/note.h"

enum {
	PB_POLICY_LOGS = 128,
	PB_POLICY_WITNESSES = 63, /* with the ledger's key, one bit each */
	PB_POLICY_GROUPS = 32,
	PB_POLICY_FILE_MAX = 64 * 1024,
};

struct pb_policy_witness {
	char name[PB_ORIGIN_MAX + 1]; /* in the policy only */
	struct pb_note_key key;
};

struct pb_policy_group {
	char name[PB_ORIGIN_MAX + 1];
	size_t needed;
	uint64_t witnesses; /* one bit for each of its members */
	uint32_t groups;
};

struct pb_witness_policy {
	struct pb_note_key logs[PB_POLICY_LOGS];
	struct pb_policy_witness witnesses[PB_POLICY_WITNESSES];
	struct pb_policy_group groups[PB_POLICY_GROUPS];
	size_t log_count, witness_count, group_count;
	struct pb_policy_group quorum; /* one member, or none needed */
};

/* Strict.  False: *ret_line is the first line that cannot be, or 0 when the quorum is missing. */
bool pb_witness_policy_parse(struct pb_view text, struct pb_witness_policy *ret_policy, unsigned *ret_line);

/* NULL: no witness of that name in the policy. */
const struct pb_policy_witness *pb_witness_policy_find(const struct pb_witness_policy *policy, const char *name);

enum pb_policy_verdict {
	PB_POLICY_WITNESSED,
	PB_POLICY_NOT_ENOUGH,  /* signed by the ledger, but the quorum is not there */
	PB_POLICY_UNKNOWN_LOG, /* no ledger of the policy signed it */
	PB_POLICY_FORGED,      /* a signature in the name of a ledger or witness of the policy is not its */
	PB_POLICY_MALFORMED,
};

/* Stable name: "witnessed". */
const char *pb_policy_verdict_name(enum pb_policy_verdict verdict);

/* *ret_checkpoint and *ret_witnesses (bit i: witnesses[i] cosigned; NULL allowed): only when WITNESSED or NOT_ENOUGH. */
enum pb_policy_verdict pb_witness_policy_judge(const struct pb_witness_policy *policy, struct pb_view note,
					       struct pb_checkpoint *ret_checkpoint, uint64_t *ret_witnesses);
/* Whether these witnesses are enough. */
bool pb_witness_policy_is_met(const struct pb_witness_policy *policy, uint64_t witnesses);

#endif
