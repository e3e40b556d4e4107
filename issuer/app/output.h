/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files made for people (PDF, exports): whole or not at all, on the disk when it says so, and never over
 * another file.  Not for the office's own files, which are issuer/store's and keys'.
 */
#ifndef PROFBILET_ISSUER_APP_OUTPUT_H
#define PROFBILET_ISSUER_APP_OUTPUT_H

#include "base/bytes.h"
#include "base/err.h"

/* Whether a file can be made there, for whoever has work to do first that cannot be undone. */
PB_MUST_USE enum pb_status pb_output_check(const char *path, struct pb_err *err);
/* PB_CONFLICT when `path` exists, and nothing is written. */
PB_MUST_USE enum pb_status pb_output_write(const char *path, struct pb_view bytes, struct pb_err *err);
/* That the disk, and not a cache, has these bytes there. */
bool pb_output_holds(const char *path, struct pb_view bytes);
/* Makes the name of a file or folder durable, once it was renamed. */
PB_MUST_USE enum pb_status pb_output_sync_name(const char *path, struct pb_err *err);
/* The same, and PB_OK when there is a file of these very bytes: what an interrupted run has written. */
PB_MUST_USE enum pb_status pb_output_write_again(const char *path, struct pb_view bytes, struct pb_err *err);

#endif
