/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files of a key directory: small, written whole or not at all, and, when private, refused if anyone
 * but their owner may read them.  What stands in them is keys/crypto/pkcs8.h, sealed.h, x509.h.
 */
#ifndef PROFBILET_KEYS_KEY_FILE_H
#define PROFBILET_KEYS_KEY_FILE_H

#include "base/bytes.h"
#include "base/err.h"

enum { PB_KEY_FILE_MAX = 8192 };

enum pb_key_file_kind {
	PB_KEY_FILE_PRIVATE, /* 0600; reading refuses any bit for group and others */
	PB_KEY_FILE_PUBLIC,  /* 0644 */
};

/* Durable when it returns: written beside, synced, renamed, directory synced.  PB_CONFLICT when the name
 * is taken: a key is never overwritten. */
PB_MUST_USE enum pb_status pb_key_file_write(int dir_fd, const char *name, enum pb_key_file_kind kind,
					     struct pb_view content, struct pb_err *err);

/* The same for a public file that follows an older one of its name: whoever looks finds either, whole. */
PB_MUST_USE enum pb_status pb_key_file_replace(int dir_fd, const char *name, struct pb_view content, struct pb_err *err);

/* Into a caller's array.  PB_KEYS_UNAVAILABLE for a file that is missing, too large, no regular file or
 * readable by others; the detail says which.  PB_NOT_FOUND when there is none and it was public. */
PB_MUST_USE enum pb_status pb_key_file_read(int dir_fd, const char *name, enum pb_key_file_kind kind,
					    uint8_t ret_content[static PB_KEY_FILE_MAX], size_t *ret_n,
					    struct pb_err *err);

/* A larger public file, of at most `max` bytes, into memory the caller frees.  PB_NOT_FOUND when there is none. */
PB_MUST_USE enum pb_status pb_key_file_read_public(int dir_fd, const char *name, size_t max, uint8_t **ret_content,
						   size_t *ret_n, struct pb_err *err);

#endif
