/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office out of its backup (backup.h): a folder that works, and whose ledger goes on under a new name, since the
 * old one may have grown after the backup (issuer/ledger/origin.h).
 *
 *     decrypt     every part, compared with the list
 *     hold        the ledger is audited, and must be these keys'
 *     vouch       the keys' count of signatures begins with the cards that the ledger has
 *     begin anew  RESTORED, and from its checkpoint on another origin
 *     place       the folder takes its name
 *
 * All of it happens in FOLDER.restoring, which is removed by the next run when this one is killed: an office is there whole or
 * not at all.  Cards begun after the backup are not in it, and nor are erasures: docs/backup.md says what to do.
 *
 * Not for: the keys from the shares (issuer/core/ceremony.h).
 */
#ifndef PROFBILET_ISSUER_APP_RESTORE_H
#define PROFBILET_ISSUER_APP_RESTORE_H

#include "issuer/app/app.h"
#include "issuer/ledger/entry.h"

struct pb_restore_result {
	char before[PB_ORIGIN_MAX + 1], after[PB_ORIGIN_MAX + 1]; /* origins */
	uint64_t entries;     /* with RESTORED */
	uint64_t last_serial; /* 0: no card */
	int64_t last_time;    /* of the last entry of the backup */
};

/* `keys`: what `profbilet keys restore --with-root` has made: passphrase, and keys/backup.key.  `folder` must not exist or be
 * empty.  PB_KEYS_REFUSED: another key's backup, or changed; PB_LEDGER_CORRUPT: the audit of what came out has findings. */
PB_MUST_USE enum pb_status pb_app_restore(const char *backup, const char *keys, const char *folder,
					  const struct pb_pin_prompt *prompt, struct pb_restore_result *ret_result,
					  struct pb_err *err);

#endif
