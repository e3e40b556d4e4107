/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The status lists of a trust folder (keys/trust.h): beside its roots and its trust list stand
 *
 *     status-list-KID.pem       certificates of whoever signs lists: believed because of the root, whoever put them there
 *     status-CODE-NUMBER.cwt    the newest list of that issuer and number (keys/status_list.h)
 *     status-CODE-NUMBER.seen   second and SHA-256 of the latest list that was taken in under this name
 *
 * A list gives way to later ones only, and to none that was made before one that was seen here, though the list itself be
 * lost (keys/list_file.h).  Whoever can write here could exchange the root as well.
 *
 * Not for: the verdict.  Age and bits are given as the list has them; issuer/core weighs them.
 */
#ifndef PROFBILET_KEYS_STATUS_FOLDER_H
#define PROFBILET_KEYS_STATUS_FOLDER_H

#include "base/err.h"
#include "keys/status_list.h"

enum { PB_STATUS_FOLDER_LISTS = 4096, PB_STATUS_FOLDER_SIGNERS = 1024, PB_STATUS_FILE_CAP = 48 };

/* "status-RU-75-TST-0.cwt" */
void pb_status_file_name(const char *issuer, uint32_t number, char ret_name[static PB_STATUS_FILE_CAP]);

struct pb_statuses; /* the lists of one folder, each checked */

/* No list at all is fine, one that was here and is gone is not.  PB_KEYS_UNAVAILABLE names the file that is missing,
 * damaged or older than what was seen, and says what is wrong with it. */
PB_MUST_USE enum pb_status pb_statuses_load(const char *dir, struct pb_statuses **ret_statuses, struct pb_err *err);
/* The same for whoever signs the lists anew: those that are not good are left out. */
PB_MUST_USE enum pb_status pb_statuses_load_good(const char *dir, struct pb_statuses **ret_statuses, struct pb_err *err);
void pb_statuses_destroy(struct pb_statuses *statuses); /* accepts NULL */

/* All borrowed from the statuses. */
size_t pb_statuses_count(const struct pb_statuses *statuses);
const struct pb_status_list *pb_statuses_list(const struct pb_statuses *statuses, size_t index); /* below the count */
size_t pb_statuses_signer_count(const struct pb_statuses *statuses);
const struct pb_x509 *pb_statuses_signer(const struct pb_statuses *statuses, size_t index);
/* NULL when it is not here.  A TEST list speaks for TEST issuers, and no other does. */
const struct pb_status_list *pb_statuses_find(const struct pb_statuses *statuses, const char *issuer, bool test, uint32_t number);

/* `iat` of the latest list that was ever here under this issuer and number; 0: none was. */
PB_MUST_USE enum pb_status pb_status_newest(const char *dir, const char *issuer, uint32_t number, int64_t *ret_issued_at,
					    struct pb_err *err);

/* Signs a list for this folder.  Which of the issuer's certificates here is of the store's key shows when it has
 * signed.  PB_NOT_FOUND: the issuer has none here; else as pb_status_list_sign. */
PB_MUST_USE enum pb_status pb_statuses_sign(const struct pb_statuses *statuses, const struct pb_status_list *list,
					    const struct pb_keystore *store, uint8_t ret_token[static PB_STATUS_TOKEN_MAX],
					    size_t *ret_n, struct pb_err *err);

/* Takes in a list: *ret_list is it.  Refused (*ret_fault) when it is older than what was seen here, or another of the
 * same second.  One process at a time: the others wait.  *ret_new: it was not here. */
PB_MUST_USE enum pb_status pb_status_accept(const char *dir, struct pb_view token, struct pb_status_list *ret_list,
					    bool *ret_new, enum pb_status_fault *ret_fault, struct pb_err *err);
/* Takes in the certificate (DER) of a signer under a pinned root; *ret_name of its file.  One of the same key that is
 * here stays. */
PB_MUST_USE enum pb_status pb_status_accept_signer(const char *dir, struct pb_view der, char ret_name[static PB_STATUS_FILE_CAP],
						   bool *ret_new, enum pb_status_fault *ret_fault, struct pb_err *err);

#endif
