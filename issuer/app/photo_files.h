/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The photo of one person among the files of a folder: recognised by its bytes, for the register keeps no names of
 * files.  Not for the photo in the database (issuer/register).
 */
#ifndef PROFBILET_ISSUER_APP_PHOTO_FILES_H
#define PROFBILET_ISSUER_APP_PHOTO_FILES_H

#include "base/bytes.h"
#include "base/err.h"

/* Each regular file of the folder that is `photo` byte for byte is overwritten with zeros, synced and removed; links are
 * not followed, nor folders in it.  Adds their number to *count. */
PB_MUST_USE enum pb_status pb_photo_files_destroy(const char *folder, struct pb_view photo, size_t *count, struct pb_err *err);

#endif
