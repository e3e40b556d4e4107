/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup of the whole office, made while it works, that the custodians alone can read.  (The backup of its *keys* is
 * another thing: issuer/core/key_backup.h, made in the ceremony.)
 *
 * It is a folder: for each part of each file an envelope (keys/crypto/envelope.h), FILE.NNNN.cms, and list.cms, which says
 * what there is (backup_list.h).  openssl cms, sha256sum and cat get everything out again without this program:
 * docs/backup.md.
 *
 *     office.db        one state of it, by SQLite's backup interface, whoever writes meanwhile
 *     profbilet.conf, protocol.note
 *     keys/, trust/    as they are: private keys stay encrypted under the passphrase, which is not in the backup, and
 *                      neither are the custodians' own keys and the count of signatures
 *
 * Each envelope is read back from the disk and compared before the next is made; the folder has another name until it is
 * whole.  Not for: restoring (restore.h).
 */
#ifndef PROFBILET_ISSUER_APP_BACKUP_H
#define PROFBILET_ISSUER_APP_BACKUP_H

#include "issuer/app/app.h"
#include "issuer/app/backup_list.h"

#define PB_BACKUP_LIST_FILE "list.cms"
#define PB_BACKUP_SUFFIX    ".cms"

struct pb_backup_result {
	size_t parts;
	uint64_t bytes;	  /* of what is in it */
	uint64_t entries; /* of the ledger */
	char to[2 * PB_SHA256_LEN + 1]; /* SHA-256 of the certificate it is encrypted to */
};

/* Of an office that is open to read.  `folder` must not exist.  `certificate`: PEM file; NULL for the office's own, which must
 * be certified by its root.  What an earlier run left half-made under that name is removed. */
PB_MUST_USE enum pb_status pb_app_backup(struct pb_app *app, const char *folder, const char *certificate,
					 struct pb_backup_result *ret_result, struct pb_err *err);

/* Removes the copy of the database that a killed backup may have left beside it. */
PB_MUST_USE enum pb_status pb_app_backup_clear(const struct pb_config *config, struct pb_err *err);

#endif
