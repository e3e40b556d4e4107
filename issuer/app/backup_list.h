/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a backup of an office consists of: its list, text that `sha256sum --check` reads too.
 *
 *     # profbilet office backup 1
 *     # profbilet.example/office/75 41873        the ledger's name and size
 *     <SHA-256 of the content, hex>  office.db.0001
 *     <...>  office.db.0002
 *     <...>  keys/issuer.key.0001
 *
 * A line for each part, in order; a file is its parts one after another.  The list comes from outside: a name has one of
 * the forms below and leads nowhere else.
 */
#ifndef PROFBILET_ISSUER_APP_BACKUP_LIST_H
#define PROFBILET_ISSUER_APP_BACKUP_LIST_H

#include "base/bytes.h"
#include "base/err.h"
#include "issuer/ledger/entry.h"
#include "keys/crypto/hash.h"

enum { PB_BACKUP_NAME = 96, PB_BACKUP_PARTS = 9999, PB_BACKUP_LIST_MAX = 4 * 1024 * 1024 };

struct pb_backup_part {
	char file[PB_BACKUP_NAME]; /* "office.db", "keys/public/trust.cwt" */
	unsigned number;	   /* from 1 */
	uint8_t digest[PB_SHA256_LEN];
};

struct pb_backup_list {
	char origin[PB_ORIGIN_MAX + 1];
	uint64_t entries;
	struct pb_backup_part *part;
	size_t count, room;
};

/* "office.db", "profbilet.conf", "protocol.note", or in keys/, keys/public/ or trust/ a name of a-z, 0-9, hyphen and dot that
 * does not begin with a dot. */
bool pb_backup_name_good(const char *name);

PB_MUST_USE enum pb_status pb_backup_list_add(struct pb_backup_list *list, const char *file, unsigned number,
					      struct pb_view content, struct pb_err *err);
/* As text, in memory the caller frees. */
PB_MUST_USE enum pb_status pb_backup_list_format(const struct pb_backup_list *list, char **ret_text, size_t *ret_n,
						 struct pb_err *err);
/* PB_INPUT_INVALID names the line.  The list is the caller's to finish in every case. */
PB_MUST_USE enum pb_status pb_backup_list_parse(struct pb_view text, struct pb_backup_list *ret_list, struct pb_err *err);
void pb_backup_list_finish(struct pb_backup_list *list); /* accepts zero */

#endif
