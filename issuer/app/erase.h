/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Erasing a person from an open office: the steps of issuer/core/erasure.h, and what lies beside the database: the
 * photo in the folder that lists come with, the papers, the file and the log of the database themselves.
 *
 * What is done, in this order; each step is found done or done again by whoever comes after a crash:
 *
 *     intent     a durable row
 *     photos     files of the named folder that are the stored photo, byte for byte: overwritten, synced, removed
 *     destroyed  register, ledger and the row, in one commit with its checkpoint
 *     scrubbed   the database written anew, its log cut to nothing
 *     papers     act-N.pdf and extract-N.pdf, N the ledger's entry
 *     forgotten  the row names nobody; the log is cut again; the row goes
 *
 * Not reached: what the office has given away (faces that were printed, lists, traces, backups), and what a disk keeps of
 * a file that was overwritten: docs/erasure.md.
 */
#ifndef PROFBILET_ISSUER_APP_ERASE_H
#define PROFBILET_ISSUER_APP_ERASE_H

#include "issuer/app/app.h"
#include "issuer/core/erasure.h"

struct pb_erase_result {
	bool resumed;	   /* one that was interrupted was finished */
	bool done;	   /* the one that was ordered, too */
	uint64_t entry;	   /* the first of the ledger's, of the last one done; 0: not known any more */
	size_t photos;	   /* files that were destroyed */
	char papers[PB_ERASURE_PATH]; /* folder of the last one done */
};

/* The office is open to write.  An erasure that was interrupted is finished first, whoever it was of; then
 * PB_NOT_FOUND says that the one who was ordered is not in the register: perhaps it was he. */
PB_MUST_USE enum pb_status pb_app_erase(struct pb_app *app, const struct pb_erasure_order *order,
					struct pb_erase_result *ret_result, struct pb_err *err);

#endif
