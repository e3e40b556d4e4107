/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The papers of a key ceremony, one A4 page each: a share, made to be folded, sealed and kept in a safe, and
 * the protocol, made to be signed.  They are documents of a Russian office and in Russian whatever language
 * the program speaks.  The same input gives the same bytes.
 *
 * Not for: what is on them (issuer/core/ceremony.h), members' cards (render.h).
 */
#ifndef PROFBILET_PRINT_PAPER_H
#define PROFBILET_PRINT_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { PB_PAPER_WORDS = 40, PB_PAPER_CUSTODIANS = 8, PB_PAPER_FACTS = 14, PB_PAPER_STEPS = 8 };

struct pb_paper; /* the fonts */

/* PB_FILE_UNREADABLE names the font. */
PB_MUST_USE enum pb_status pb_paper_open(const char *font_directory, struct pb_paper **ret_paper, struct pb_err *err);
void pb_paper_close(struct pb_paper *paper); /* accepts NULL */

/* What all papers of one ceremony say.  Texts are UTF-8, borrowed during the call. */
struct pb_paper_ceremony {
	const char *office; /* its name */
	const char *id;     /* of the ceremony */
	const char *date;   /* "24.11.2026" */
	int64_t unix_time;  /* of the document */
	bool rehearsal;
	unsigned needed, count;
};

struct pb_paper_share {
	unsigned index; /* from 1 */
	const char *custodian;
	const char *qr;	       /* the first five characters are its prefix */
	const char *words;     /* forty, a space between */
};

struct pb_paper_line {
	const char *name, *value;
};

struct pb_paper_protocol {
	const char *custodian[PB_PAPER_CUSTODIANS];	/* by share; ceremony->count of them */
	struct pb_paper_line step[PB_PAPER_STEPS];	/* when, what; ended by a NULL name */
	struct pb_paper_line fact[PB_PAPER_FACTS];	/* what, fingerprint; ended by a NULL name */
};

/* The whole file, in memory the caller frees (and wipes, of a share).  PB_INPUT_INVALID for a name that does
 * not fit or a letter the fonts lack: nothing is ever cut off. */
PB_MUST_USE enum pb_status pb_paper_print_share(const struct pb_paper *paper, const struct pb_paper_ceremony *ceremony,
						const struct pb_paper_share *share, uint8_t **ret_pdf, size_t *ret_n,
						struct pb_err *err);
PB_MUST_USE enum pb_status pb_paper_print_protocol(const struct pb_paper *paper,
						   const struct pb_paper_ceremony *ceremony,
						   const struct pb_paper_protocol *protocol, uint8_t **ret_pdf,
						   size_t *ret_n, struct pb_err *err);

#endif
