/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an office hands out of its ledger, for people who trust nobody: the whole of it as a folder of tiles (tiles.h),
 * and one entry with its proof (tlog_proof.h).  The folder is of the tree of the newest checkpoint, the proof of that of the
 * newest one which a witness has signed, where there is one; both carry the cosignatures that are there.
 *
 * Not for: reading either; a stranger has no database (tile_folder.h, tlog_proof.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_EXPORT_H
#define PROFBILET_ISSUER_LEDGER_EXPORT_H

#include "issuer/ledger/ledger.h"

struct pb_ledger_exported {
	uint64_t size;		/* entries of the checkpoint */
	uint64_t written, kept; /* files */
};

/* Makes the folder or goes on with the one there is: nothing is taken away, and only the checkpoint is replaced.  What a
 * crash has interrupted is finished by exporting again.  PB_CONFLICT: the folder is of another ledger, of a later state
 * of this one, or its tiles were changed; nothing is written then.  PB_LEDGER_CORRUPT names the entry. */
PB_MUST_USE enum pb_status pb_ledger_export(struct pb_ledger *ledger, const char *folder, struct pb_ledger_exported *ret_exported,
					    struct pb_err *err);

/* The proof file of this entry, which has the entry itself as its extra data, to be freed.  PB_NOT_FOUND: no such entry;
 * PB_NOT_ALLOWED: no checkpoint covers it yet. */
PB_MUST_USE enum pb_status pb_ledger_proof_file(struct pb_ledger *ledger, uint64_t index, char **ret_text, size_t *ret_n,
						struct pb_err *err);

#endif
