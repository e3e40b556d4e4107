/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two papers that the destruction of a person's data must be proven with (order No. 179 of Roskomnadzor of
 * 28 October 2022): the act, to be signed, and the extract of the log.  Both are kept for three years, and what each
 * must name is in the order's items 3 and 5; the letters below are theirs.  In Russian whatever language the program
 * speaks, and the same input gives the same bytes.
 *
 * Not for: what is destroyed, and how (issuer/core/erasure.h).
 */
#ifndef PROFBILET_PRINT_ACT_H
#define PROFBILET_PRINT_ACT_H

#include "print/paper.h"

/* What the data of a person consists of; bits are stored: never renumbered. */
enum pb_act_category {
	PB_ACT_NAME,
	PB_ACT_BORN,
	PB_ACT_SEX,
	PB_ACT_NUMBER,
	PB_ACT_WORK,
	PB_ACT_MEMBERSHIP,
	PB_ACT_PHONE,
	PB_ACT_EMAIL,
	PB_ACT_PHOTO,
	PB_ACT_CARDS,
	PB_ACT_CATEGORIES
};

enum pb_act_reason { PB_ACT_CONSENT, PB_ACT_PURPOSE, PB_ACT_TERM, PB_ACT_UNLAWFUL, PB_ACT_REASONS };

enum { PB_ACT_ENTRIES = 64 };

struct pb_act_entry {
	const char *index, *when, *serial; /* serial "": of no card */
	const char *leaf;		   /* hash, hex */
};

/* Texts are UTF-8, borrowed during the call. */
struct pb_act {
	const char *operator_name, *operator_address; /* a; the address may be empty, then it is written in by hand */
	const char *subject;			      /* c: whose data */
	const char *executor;			      /* d: name and post; empty: written in by hand */
	unsigned categories;			      /* e: bits 1 << enum pb_act_category */
	const char *system;			      /* g: name of the information system */
	enum pb_act_reason reason;		      /* i */
	const char *date;			      /* j */
	const char *code;			      /* hex: opens the commitment of the entries */
	const char *origin;			      /* of the ledger */
	const struct pb_act_entry *entry;
	size_t entries;		/* at most PB_ACT_ENTRIES */
	const char *checkpoint; /* the signed note that covers them */
	int64_t unix_time;
	bool photo_files; /* looked for in a folder, and destroyed */
	bool test;
};

/* Each: the whole file, in memory the caller frees.  PB_INPUT_INVALID for a text that does not fit. */
PB_MUST_USE enum pb_status pb_act_print(const struct pb_paper *paper, const struct pb_act *act, uint8_t **ret_pdf, size_t *ret_n,
					struct pb_err *err);
PB_MUST_USE enum pb_status pb_act_print_extract(const struct pb_paper *paper, const struct pb_act *act, uint8_t **ret_pdf,
						size_t *ret_n, struct pb_err *err);

#endif
