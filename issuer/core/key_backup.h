/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A key folder in one file, which only a secret of 32 bytes opens: what a ceremony leaves behind, and what the
 * shares are for.  The folder's own encryption stays as it is; added are its passphrase, sealed under the
 * secret, and a MAC over everything.
 *
 *     "PBKEYS" 01 | flags 1 (bit 0: TEST keys) | set 4 | needed, count 1, 1 |
 *     length 2, passphrase (keys/crypto/sealed.h) | files 1, then each: kind 1 (0 private, 1 public),
 *     name length 1, name, length 2, content | HMAC-SHA-256 32
 *
 * The key of the MAC is HMAC-SHA-256(secret, "profbilet key backup").
 * Not for: where the secret comes from (keys/shares.h), who may have it (ceremony.h).
 */
#ifndef PROFBILET_ISSUER_CORE_KEY_BACKUP_H
#define PROFBILET_ISSUER_CORE_KEY_BACKUP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "keys/shares.h"

enum { PB_KEY_BACKUP_MAX = 128 * 1024 };

/* What a backup says of itself before it is opened. */
struct pb_key_backup_head {
	bool test;
	uint8_t set[PB_SHARE_SET]; /* of the shares that open it */
	uint8_t needed, count;
};

/* The whole folder as it stands, in memory the caller frees.  PB_KEYS_UNAVAILABLE when something lies in it
 * that is no key file. */
PB_MUST_USE enum pb_status pb_key_backup_make(const char *key_directory, const struct pb_secret *passphrase,
					      const struct pb_secret *secret, const struct pb_key_backup_head *head,
					      uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err);

/* False when it is no such file. */
bool pb_key_backup_read_head(struct pb_view backup, struct pb_key_backup_head *ret_head);

/* Makes the folder, which must not exist; the private keys of the roots and of backups stay out of it
 * unless asked for, since an office issues without.  PB_KEYS_PASSPHRASE when the secret is another or the file was changed, which cannot
 * be told apart; then nothing is left behind. */
PB_MUST_USE enum pb_status pb_key_backup_restore(struct pb_view backup, const struct pb_secret *secret, bool with_root,
						 const char *key_directory, struct pb_secret *ret_passphrase,
						 struct pb_err *err);

/* A key folder as it stands into another place, which must not exist: the files of keys and of certificates, and
 * nothing else.  What fails leaves nothing behind. */
PB_MUST_USE enum pb_status pb_key_folder_copy(const char *from, const char *to, struct pb_err *err);

/* Removes a key folder and the files in it, and nothing else: another folder in it stays, and so does it. */
void pb_key_folder_remove(const char *key_directory);

#endif
