/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trust list of a trust folder: reading the one that counts, and exchanging it without ever having none
 * (keys/list_file.h).  For trust.c, and for what else is kept in such a folder; everybody else has keys/trust.h.
 */
#ifndef PROFBILET_KEYS_TRUST_FOLDER_H
#define PROFBILET_KEYS_TRUST_FOLDER_H

#include "keys/list_file.h"
#include "keys/trust_list.h"

/* One of the folder's lists, whole. */
struct pb_trust_found {
	struct pb_trust_list list;
	struct pb_list_seen seen; /* of this list */
};

enum pb_status pb_trust_folder_open(const char *dir, int *ret_fd, struct pb_err *err);

/* The list that counts, under these roots.  PB_NOT_FOUND: there is none, and never was. */
PB_MUST_USE enum pb_status pb_trust_folder_read(int fd, const struct pb_roots *roots, struct pb_trust_found *ret_found,
						struct pb_err *err);
/* The newest list of which the folder knows, also where the list itself was lost. */
PB_MUST_USE enum pb_status pb_trust_folder_newest(int fd, const struct pb_roots *roots, struct pb_list_seen *ret_seen,
						  struct pb_err *err);
/* Ends an exchange that a crash has cut short: nothing waits any more. */
PB_MUST_USE enum pb_status pb_trust_folder_settle(int fd, const struct pb_roots *roots, struct pb_err *err);
/* The token becomes the list that counts, in a folder that is settled. */
PB_MUST_USE enum pb_status pb_trust_folder_replace(int fd, struct pb_view token, const struct pb_list_seen *seen,
						   struct pb_err *err);

#endif
