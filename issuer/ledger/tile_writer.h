/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing files into a folder that others read or carry away: each whole or not at all (written beside, renamed), so
 * that what was begun can be begun again at any time.  One writer at a time; the others wait.
 *
 *     pb_tile_writer_open, pb_tile_writer_put for every file, pb_tile_writer_finish with the file that names the
 *     others: it appears when all of them are on the disk.
 *
 * Not for: secrets (the files are readable by all), files for people (issuer/app/output.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_TILE_WRITER_H
#define PROFBILET_ISSUER_LEDGER_TILE_WRITER_H

#include "base/bytes.h"
#include "base/err.h"

struct pb_tile_writer {
	int folder;
	uint64_t written, kept; /* files that were put, and files that were there */
};

/* Makes the folder when it is missing. */
PB_MUST_USE enum pb_status pb_tile_writer_open(const char *folder, struct pb_tile_writer *ret_writer, struct pb_err *err);
void pb_tile_writer_close(struct pb_tile_writer *writer); /* accepts a closed one */

/* The file at the relative path, with the folders on its way.  One that is there with these bytes is kept; `firm`: one
 * that is there with others is PB_CONFLICT, else it is what an interrupted writer left and is written anew. */
PB_MUST_USE enum pb_status pb_tile_writer_put(struct pb_tile_writer *writer, const char *path, struct pb_view bytes, bool firm,
					      struct pb_err *err);
/* Syncs all that was put, then puts and syncs this one, which may replace an older one. */
PB_MUST_USE enum pb_status pb_tile_writer_finish(struct pb_tile_writer *writer, const char *path, struct pb_view bytes,
						 struct pb_err *err);

#endif
