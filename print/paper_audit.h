/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The conclusion of an audit of a ledger, on A4: what was examined, the counts, what was found, the conclusion, and places
 * to sign; as many further pages as the findings need.  A document of a Russian office, and in Russian whatever
 * language the program speaks.  The same input gives the same bytes.
 *
 * Not for: auditing (issuer/ledger/audit.h, issuer/audit), the words of a finding, which the caller has.
 */
#ifndef PROFBILET_PRINT_PAPER_AUDIT_H
#define PROFBILET_PRINT_PAPER_AUDIT_H

#include "print/paper.h"

struct pb_paper_finding {
	bool has_entry;
	uint64_t entry;
	char card[12]; /* serial; "": about none */
	const char *about; /* a file, where there is neither; NULL: none */
	const char *words;
};

/* Texts are UTF-8, borrowed during the call; one that is NULL is not printed, nor is its label. */
struct pb_paper_audit {
	int64_t unix_time; /* of the document */
	const char *when;  /* of the audit: "24.11.2026 19:14" */
	const char *source; /* what was examined: a database, a folder */
	bool test;	   /* of an office with test keys */
	/* what was examined */
	const char *origin, *root, *key; /* base64, verifier key */
	const char *last_entry;		 /* when */
	uint64_t entries, checkpoints;
	const char *pinned; /* fingerprint of the root certificate, and ... */
	bool pinned_in_source; /* ... it was found in what was examined: to be compared with paper */
	const char *trust_issued; /* when */
	uint64_t trust_sequence;
	unsigned status_lists; /* 0: not printed */
	long long status_days; /* age of the oldest */
	bool has_witnesses;    /* they were asked for */
	unsigned witnesses;
	/* counts */
	uint64_t received, issued, spoiled, left, open;
	uint64_t cards, valid, suspended, revoked;
	unsigned samples, samples_good; /* cards and codes shown; 0: not printed */
	/* what was found; `total` may be more than are told of */
	const struct pb_paper_finding *findings;
	size_t count;
	uint64_t total;
};

/* As pb_paper_print_protocol. */
PB_MUST_USE enum pb_status pb_paper_print_audit(const struct pb_paper *paper, const struct pb_paper_audit *audit,
						uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err);

#endif
