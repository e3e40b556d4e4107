/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit: recomputes everything the ledger claims, from the bytes of its entries alone, and reports
 * every difference as a value.  It changes nothing and needs no secret.
 *
 * Checked: each entry strict and its leaf hash; every stored node; the root at every checkpoint and its
 * signature; that cosignatures are well made; times; serials, chips, members and status slots used once; each card's moves; the stock; the
 * orders; and that the card table is what the entries say, down to the hashes of the stored credentials.
 */
#ifndef PROFBILET_ISSUER_LEDGER_AUDIT_H
#define PROFBILET_ISSUER_LEDGER_AUDIT_H

#include "issuer/ledger/finding.h"
#include "issuer/ledger/ledger.h"

struct pb_audit_summary {
	uint64_t entries, checkpoints, cards, findings;
	uint64_t live_by_kvn[PB_LEDGER_KVNS]; /* issued and live cards under each key version, by the entries */
	struct pb_hash root;
	int64_t first_time, last_time;
	struct pb_entry_counters blanks;
	uint64_t by_state[PB_CARD_STATE_COUNT]; /* cards, by the entries */
	char origin[PB_ORIGIN_MAX + 1];
};

/* `trusted_vkey`: the checkpoint key the auditor was given, NULL to take the ledger's word for it.
 * PB_OK whatever is found; an error means that the audit could not be made. */
PB_MUST_USE enum pb_status pb_ledger_audit(struct pb_ledger *ledger, const char *trusted_vkey,
					   pb_finding_fn *finding, void *ctx, struct pb_audit_summary *ret_summary, struct pb_err *err);

struct pb_keystore; /* keys/keystore.h */

/* Holds the ledger against what the holder of the keys, who keeps accounts of his own (pb_keystore_keeps_accounts), has
 * signed: that he signed for these entries and for no more, and for these cards.  He is told nothing. */
PB_MUST_USE enum pb_status pb_ledger_audit_signer(struct pb_ledger *ledger, const struct pb_keystore *ks, pb_finding_fn *finding,
						  void *ctx, uint64_t *ret_findings, struct pb_err *err);

#endif
