/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit of what an office has handed out, by somebody who trusts nobody: a folder, on a stick, with
 *
 *     ledger/checkpoint, ledger/tile/...    the ledger (issuer/ledger/tiles.h); also without ledger/
 *     trust/                                a trust folder (keys/trust.h): root.pem, trust.cwt, status lists, certificates
 *     profbilet.update                      the same in one file (keys/update_file.h); the newer of the two counts
 *     policy                                whose cosignatures are wanted (issuer/ledger/witness_policy.h)
 *     photos/                               photos of QR codes
 *
 * of which only the ledger and a trust list or a key must be there.  Nothing in it is believed: the tree is computed anew,
 * cards are replayed from the entries, lists and samples are held against them, and each difference is a finding.
 * What the auditor has from elsewhere (the root certificate or its fingerprint, the ledger's key, a policy) is
 * given beside it; where the root is taken from the folder itself, the report says so.
 *
 * Links nothing that signs, writes or knows a database: tests/repo holds it to that.
 *
 * Not for: an office's own database (issuer/ledger/audit.h), words (issuer/cli).
 */
#ifndef PROFBILET_ISSUER_AUDIT_STICK_H
#define PROFBILET_ISSUER_AUDIT_STICK_H

#include "base/err.h"
#include "issuer/ledger/entry.h"
#include "issuer/ledger/finding.h"
#include "issuer/ledger/lifecycle.h"
#include "issuer/ledger/merkle.h"
#include "issuer/core/verify.h"

struct pb_stick_options {
	const char *folder;
	const char *root;	 /* PEM file of the pinned root; NULL: trust/root.pem */
	const char *fingerprint; /* of the root certificate, as on the protocol of the ceremony: 64 hex digits; NULL: not known */
	const char *key;	 /* verifier key of the ledger, from elsewhere; NULL: the one the trust list certifies */
	const char *policy;	 /* file; NULL: the folder's, if any */
	const char *photos;	 /* folder; NULL: the stick's, if any */
	const char *reader;	 /* cards are read there; NULL: none are */
	unsigned cards_max;	 /* so many */
	int wait_ms;		 /* for each card */
	const char *scan_program; /* path of profbilet-scan */
	int64_t now;
};

/* One card or code that was shown. */
struct pb_stick_sample {
	const char *from; /* photo or reader */
	const struct pb_verification *verification;
	bool good;
};

struct pb_stick_listener {
	pb_finding_fn *finding;
	void (*sample)(void *ctx, const struct pb_stick_sample *sample); /* NULL allowed */
	void *ctx;
};

struct pb_stick_report {
	/* the checkpoint */
	bool signed_well; /* by the ledger's key, over this tree */
	char origin[PB_ORIGIN_MAX + 1];
	char key[PB_VKEY_MAX + 1]; /* who signed; "": nobody we know */
	uint64_t size;
	struct pb_hash root; /* as computed */
	bool has_policy;
	unsigned witnesses; /* that cosigned */
	/* the entries */
	uint64_t entries;
	int64_t first_time, last_time; /* of entries */
	struct pb_entry_counters blanks;
	uint64_t cards, by_state[PB_CARD_STATE_COUNT];
	/* lists */
	bool has_root, root_from_folder;
	uint8_t fingerprint[32]; /* SHA-256 of the root certificate */
	bool has_trust, test;
	uint64_t trust_sequence;
	int64_t trust_issued_at;
	char issuer[17], issuer_name[241];
	uint32_t status_lists;
	int64_t status_issued_at; /* of the oldest that concerns this ledger */
	/* samples */
	unsigned samples, samples_good;
	/* findings */
	uint64_t findings;
	int exit_code; /* 0, or that of the first kind there is (issuer/ledger/finding.h) */
};

/* PB_OK whatever is found; an error means that the audit could not be made: no such folder, an unreadable root or policy
 * that the caller named, no memory, no reader. */
PB_MUST_USE enum pb_status pb_stick_audit(const struct pb_stick_options *options, const struct pb_stick_listener *listener,
					  struct pb_stick_report *ret_report, struct pb_err *err);

#endif
