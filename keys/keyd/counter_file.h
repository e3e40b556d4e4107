/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file in which a holder of keys keeps his accounts (accounts.h), in the key directory: two slots of
 * PB_KEYD_SLOT bytes, written in turn, so that a torn write leaves the one before.  Each holds a deterministic
 * CBOR array and its MAC under a key derived from the store's, so that an edited record is noticed.  An old copy of
 * the whole file is noticed by the ledger, which has more than it.
 *
 * Not for: what the numbers mean and when they are written.
 */
#ifndef PROFBILET_KEYS_KEYD_COUNTER_FILE_H
#define PROFBILET_KEYS_KEYD_COUNTER_FILE_H

#include "keys/crypto/hash.h"
#include "keys/keyd/tree.h"
#include "keys/keystore.h"

#define PB_KEYD_COUNTER "signing-counter"

enum {
	PB_KEYD_SLOT = 8192,
	PB_KEYD_PER_SERIAL = 8, /* signatures for one serial: four attempts */
};

/* A credential that was signed, to the byte. */
struct pb_keyd_given {
	uint8_t kind;		     /* enum pb_credential_kind */
	uint8_t hash[PB_SHA256_LEN]; /* of the token */
};

struct pb_keyd_count {
	uint64_t generation;   /* of the record: the higher slot counts */
	uint64_t highest;      /* serial that a credential was signed for, 0: none yet */
	uint64_t signatures;   /* for highest: so many are in `given` */
	uint64_t total;	       /* signatures ever */
	uint64_t hour;	       /* since 1970, of the next number */
	uint64_t in_hour;      /* signatures in it */
	uint64_t vouched;      /* so many INTENTs are taken on the word of somebody with the passphrase */
	uint64_t acknowledged; /* how often that was done */
	uint64_t steps_back;   /* how often the last batch was taken back, ever */
	uint64_t back_hour, back_in_hour;
	uint8_t kid[PB_ISSUER_KID_LEN]; /* of the key that signed for highest */
	struct pb_keyd_given given[PB_KEYD_PER_SERIAL];
};

struct pb_keyd_record {
	struct pb_keyd_count count;
	struct pb_keyd_tree kept;   /* as of the last signature */
	struct pb_keyd_tree before; /* what may still be taken back to */
};

struct pb_keyd_file {
	const struct pb_keystore *store; /* borrowed: the seal */
	int fd;				 /* locked: one process at a time */
	struct pb_keyd_record record;	 /* what is on the disk */
};

/* PB_CONFLICT when there is one. */
PB_MUST_USE enum pb_status pb_keyd_file_create(const struct pb_keystore *store, const char *dir, struct pb_keyd_file *ret_file,
					       struct pb_err *err);
/* PB_KEYS_UNAVAILABLE: no such file, others may write it, another process has it, or neither slot is ours;
 * the last not with `anew`, which makes one where there is none and begins again where it cannot be read. */
PB_MUST_USE enum pb_status pb_keyd_file_open(const struct pb_keystore *store, const char *dir, bool anew,
					     struct pb_keyd_file *ret_file, struct pb_err *err);
void pb_keyd_file_close(struct pb_keyd_file *file);

/* Durable when it returns PB_OK; otherwise the last record still counts.  PB_DISK_FULL is said as such. */
PB_MUST_USE enum pb_status pb_keyd_file_write(struct pb_keyd_file *file, const struct pb_keyd_record *record,
					      struct pb_err *err);

#endif
