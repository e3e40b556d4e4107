/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A signed list that stands in a trust folder and gives way to later ones only: the trust list, and each status list.
 * Three files, NAME.cwt, NAME.seen and, while lists are exchanged, NAME.cwt.new.
 *
 * NAME.seen is the number and SHA-256 of the latest list that was taken in.  It stays when the list itself is lost or
 * damaged, so that putting an older one in its place is noticed.  It also decides which of the two lists counts: a
 * crash between any two steps of an exchange leaves exactly one of them.
 *
 * Not for: what a list says and whether it is believed, which the caller's function tells.
 */
#ifndef PROFBILET_KEYS_LIST_FILE_H
#define PROFBILET_KEYS_LIST_FILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/crypto/hash.h"

enum { PB_LIST_FILE_NAME_CAP = 48 };

/* A list that was seen. */
struct pb_list_seen {
	uint64_t number; /* grows with each later list; 0: none */
	uint8_t digest[PB_SHA256_LEN];
};

bool pb_list_seen_same(const struct pb_list_seen *a, const struct pb_list_seen *b);

/* What may stand in the files of one list. */
struct pb_list_file {
	char stem[PB_LIST_FILE_NAME_CAP]; /* NAME */
	size_t max;			  /* bytes of a list */
	uint64_t number_max;
};

/* Takes a list into `ctx`, in place of one that was taken before, and says its number.  Any status but PB_OK: it is not
 * to be believed, and nothing is in `ctx`. */
typedef enum pb_status pb_list_take(void *ctx, struct pb_view token, uint64_t *ret_number, struct pb_err *err);

/* The list that counts, in `ctx`.  PB_NOT_FOUND: there is none, and never was; PB_KEYS_UNAVAILABLE: it is damaged, lost
 * or older than one that was seen. */
PB_MUST_USE enum pb_status pb_list_file_read(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx,
					     struct pb_list_seen *ret_seen, struct pb_err *err);
/* The newest list of which the folder knows, also where the list itself was lost; `ctx` may hold any of them. */
PB_MUST_USE enum pb_status pb_list_file_newest(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx,
					       struct pb_list_seen *ret_seen, struct pb_err *err);
/* Ends an exchange that a crash has cut short: nothing waits any more.  For whoever holds the folder's lock. */
PB_MUST_USE enum pb_status pb_list_file_settle(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx,
					       struct pb_err *err);
/* The token becomes the list that counts, where nothing waits. */
PB_MUST_USE enum pb_status pb_list_file_replace(int fd, const struct pb_list_file *file, struct pb_view token,
						const struct pb_list_seen *seen, struct pb_err *err);

#endif
