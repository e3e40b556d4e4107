/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The count of what the issuer key has signed, kept beside the key and not by whoever asks for signatures.
 * The ledger's word (pb_signing_order) is held against it: a serial is signed when every serial signed
 * before it stands in the ledger, and never once a later one was.
 *
 *     serial below the highest signed          refused
 *     serial = highest, ledger at serials - 1  the open reservation again, after a crash: a few times
 *     serial = highest + 1, ledger at serials  the next one
 *     the ledger holds fewer                   refused: an old copy of the office came back
 *     the ledger holds more                    refused: an old copy of this count came back
 *
 * The count is durable before a signature leaves: it is charged for PB_KEYD_LEASE signatures at once, so a
 * card costs one sync and a crash counts too many, never too few.
 *
 * The file, in the key directory: two slots of PB_KEYD_SLOT bytes, written in turn, so that a torn write
 * leaves the one before.  Each holds a deterministic CBOR array and its MAC under a key derived from the
 * store's, so that an edited count is noticed.  An old copy of the whole file is noticed by the ledger.
 *
 * Not for: what may stand in a credential (issuer/credential), deciding to issue (issuer/core).
 */
#ifndef PROFBILET_KEYS_KEYD_ACCOUNTS_H
#define PROFBILET_KEYS_KEYD_ACCOUNTS_H

#include "base/err.h"
#include "keys/keystore.h"

#define PB_KEYD_COUNTER "signing-counter"

enum {
	PB_KEYD_LEASE = 2,	/* a chip's credential and a face's */
	PB_KEYD_PER_SERIAL = 8, /* signatures for one serial: four attempts */
	PB_KEYD_SLOT = 512,
};

struct pb_keyd_count {
	uint64_t generation;   /* of the record: the higher slot counts */
	uint64_t highest;      /* serial, 0: none yet */
	uint64_t serials;      /* how many were signed for, highest included */
	uint64_t signatures;   /* for highest */
	uint64_t total;	       /* signatures ever */
	uint64_t hour;	       /* since 1970, of the next number */
	uint64_t in_hour;      /* signatures in it */
	uint64_t acknowledged; /* how often somebody with the passphrase has set this count */
};

struct pb_keyd_accounts {
	const struct pb_keystore *store; /* borrowed */
	int fd;				 /* locked: one process at a time */
	struct pb_keyd_count count;
	uint64_t leased;   /* of count.signatures, not yet used; in memory only */
	uint64_t per_hour; /* 0: as many as there are cards */
};

/* The file of a new key directory.  PB_CONFLICT when there is one. */
PB_MUST_USE enum pb_status pb_keyd_accounts_create(const struct pb_keystore *store, const char *dir, struct pb_err *err);

/* PB_KEYS_UNAVAILABLE: no such file, neither slot is ours, others may write it, or another process has it. */
PB_MUST_USE enum pb_status pb_keyd_accounts_open(const struct pb_keystore *store, const char *dir, uint64_t per_hour,
						 struct pb_keyd_accounts *ret_accounts, struct pb_err *err);
void pb_keyd_accounts_close(struct pb_keyd_accounts *accounts);

/* Charges one signature for the order, durably; `now` in UTC seconds.  PB_KEYS_REFUSED with the reason, and
 * nothing is charged. */
PB_MUST_USE enum pb_status pb_keyd_accounts_charge(struct pb_keyd_accounts *accounts,
						   const struct pb_signing_order *order, int64_t now, struct pb_err *err);

/* Somebody with the passphrase vouches that the ledger is right with `intents` reservations, the last of
 * them `highest` (0 with 0): after a restored backup, for the ledger's copy or for this one.  Makes the file
 * when it is missing or damaged. */
PB_MUST_USE enum pb_status pb_keyd_accounts_acknowledge(const struct pb_keystore *store, const char *dir,
							uint64_t highest, uint64_t intents, struct pb_err *err);

#endif
