/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A key ceremony: keys are made, a fresh secret of 32 bytes opens their backup, the secret is split among
 * custodians, and nothing counts until every share has been read back from its paper.
 *
 * What is shared is that secret alone.  It seals the passphrase of the key folder in the backup; the folder is
 * encrypted under the passphrase.  So a backup without shares is noise, shares without a backup open nothing,
 * and an office that changes its passphrase need not call its custodians.
 *
 * Until pb_ceremony_finish nothing of it is on the disk: it lives in this struct, and dies with it.
 * Not for: asking people (issuer/cli), paper (print/paper.h), whether the machine has a network (issuer/cli).
 */
#ifndef PROFBILET_ISSUER_CORE_CEREMONY_H
#define PROFBILET_ISSUER_CORE_CEREMONY_H

#include "issuer/core/ceremony_record.h"
#include "issuer/core/key_backup.h"

struct pb_ceremony_plan {
	const char *issuer_code, *issuer_name; /* as struct pb_keystore_terms */
	bool test; /* a rehearsal: TEST keys, which never become real ones */
	uint8_t needed, count;
	const char *workspace; /* a name that is free, for the key folder while it is packed */
	const struct pb_clock *clock;
};

enum pb_read_back {
	PB_READ_COUNTED,
	PB_READ_BEFORE,	       /* this share counted already */
	PB_READ_OTHER_CEREMONY,
	PB_READ_CHANGED,       /* well-formed, and not what was printed */
};

struct pb_ceremony;

PB_MUST_USE enum pb_status pb_ceremony_begin(const struct pb_ceremony_plan *plan, struct pb_ceremony **ret_ceremony,
					     struct pb_err *err);
void pb_ceremony_end(struct pb_ceremony *ceremony); /* accepts NULL; wipes */

/* "deadbeef": the set of its shares. */
void pb_ceremony_name(const struct pb_ceremony *ceremony, char ret_name[static PB_CEREMONY_NAME]);
const struct pb_key_facts *pb_ceremony_facts(const struct pb_ceremony *ceremony); /* borrowed */
/* Borrowed; index from 1. */
const struct pb_share *pb_ceremony_share(const struct pb_ceremony *ceremony, unsigned index);
enum pb_read_back pb_ceremony_read_back(struct pb_ceremony *ceremony, const struct pb_share *share);

/* The backup, borrowed.  PB_NOT_ALLOWED until every share has been read back. */
PB_MUST_USE enum pb_status pb_ceremony_finish(const struct pb_ceremony *ceremony, struct pb_view *ret_backup,
					      struct pb_err *err);

/* The record of it, signed by its own keys: when each step was done, and the protocol that was printed. */
PB_MUST_USE enum pb_status pb_ceremony_record(const struct pb_ceremony *ceremony, const int64_t at[static PB_MOMENTS],
					      struct pb_view paper, char ret_note[static PB_CEREMONY_RECORD_MAX],
					      struct pb_err *err);

/* What an office works with, restored from the backup and the shares as custodians would, without the roots'
 * private keys: `directory` as by pb_ceremony_restore. */
PB_MUST_USE enum pb_status pb_ceremony_equip(const struct pb_ceremony *ceremony, struct pb_view record,
					     const struct pb_clock *clock, const char *directory, struct pb_err *err);

/* Makes `directory`, which must not exist, whole or not at all: keys/, passphrase (0600) and the record, which
 * must be signed by these keys and of them. */
PB_MUST_USE enum pb_status pb_ceremony_restore(struct pb_view backup, struct pb_view record,
					       const struct pb_share *shares, size_t count, bool with_root,
					       const struct pb_clock *clock, const char *directory,
					       struct pb_key_facts *ret_facts, struct pb_err *err);

/* Removes what pb_ceremony_restore has made, and nothing else. */
void pb_ceremony_discard(const char *directory);

#endif
