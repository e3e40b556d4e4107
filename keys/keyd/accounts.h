/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the office's keys have signed, and what the ledger must hold for them to sign more.  Whoever asks for a
 * signature is not believed: he tells the ledger's entries, and the tree, the order and the cards begun under it are
 * computed here from them (tree.h).
 *
 * Checkpoints.  The only note that is signed is the one whose size and root were computed here, over entries that
 * follow those of the last signature.  So the checkpoint key cannot sign an edit, a fork or a rollback.
 *
 * Credentials.  A serial is signed when it is the next one, every serial signed before stands in the ledger
 * as an INTENT, and the newest order (issuer/ledger/approval.h) has a card left:
 *
 *     serial stands in the ledger               refused
 *     the last one signed does not stand there  that one again, after a crash: a few times; no other
 *     else                                      the next one, as far as cards were ordered
 *
 * An INTENT is taken into the tree only when it is of the serial that was signed last, under the key that signed it,
 * and has the hashes of a chip's and of a face's credential that were signed for it: what the ledger accounts for is
 * what was signed, to the byte.
 *
 * When.  All this is on the disk before a signature leaves: it is made, the accounts are charged for it with the
 * hash of what it completes, and then it is handed over.  A crash counts one too many, never too few; a signature
 * that could not be made is not counted, as when a token was removed.  A card is two syncs: face and chip, checkpoint.
 * In memory alone the hashes would be forgotten with the process, while the ledger may hold an INTENT that it
 * committed and could not tell any more.  Such an INTENT cannot be spoiled, for it stands; who starts again would
 * have to believe it or never to sign for this ledger again.  As it is he knows every signature he gave, and the INTENT
 * by it.
 *
 * One step back.  The ledger commits a batch and its checkpoint together, so the signature is made before the
 * batch is durable there, and a crash in between leaves the ledger without a batch that was signed for.  So the ledger
 * may go back once behind the last checkpoint; a card's INTENT is committed before it is told, so never behind
 * an INTENT, and never behind a credential that was signed.  That is the least there can be: of two disks one is
 * synced first.  Were it the ledger's (the batch first, its checkpoint in a second commit), an edit made to
 * the file of an office that lies still would be signed at its next start; now it is found there.  What remains
 * is that somebody in the ledger's place can have two versions of a last batch signed that begins no card
 * after them.  It is logged and counted, PB_KEYD_STEPS_BACK in an hour at most, and whoever kept the first version's
 * checkpoint can prove it.
 *
 * Not for: what may stand in a credential (issuer/credential), deciding to issue (issuer/core), how the record is kept
 * (counter_file.h).
 */
#ifndef PROFBILET_KEYS_KEYD_ACCOUNTS_H
#define PROFBILET_KEYS_KEYD_ACCOUNTS_H

#include "keys/keyd/counter_file.h"
#include "keys/keystore_remote.h"

enum {
	PB_KEYD_STEPS_BACK = 8,
};

struct pb_keyd_accounts {
	struct pb_keyd_file file;
	struct pb_keyd_tree told;  /* with what was told since the last signature; in memory only, as the next */
	struct pb_keyd_tree floor; /* after the last INTENT of that, else as kept */
	uint64_t per_hour;	   /* 0: as many as there are cards */
};

/* The file of a new key directory.  PB_CONFLICT when there is one. */
PB_MUST_USE enum pb_status pb_keyd_accounts_create(const struct pb_keystore *store, const char *dir, struct pb_err *err);

/* PB_KEYS_UNAVAILABLE: no such file, it is not ours, others may write it, or another process has it. */
PB_MUST_USE enum pb_status pb_keyd_accounts_open(const struct pb_keystore *store, const char *dir, uint64_t per_hour,
						 struct pb_keyd_accounts *ret_accounts, struct pb_err *err);
void pb_keyd_accounts_close(struct pb_keyd_accounts *accounts);

void pb_keyd_accounts_say(const struct pb_keyd_accounts *accounts, struct pb_account *ret_account);

/* Where a teller has to begin: what was told and not signed for is forgotten. */
void pb_keyd_accounts_restart(struct pb_keyd_accounts *accounts, struct pb_told *ret_told);

/* Entries, each as a CBOR byte string, that follow the tree of `size` and `root`; `now` in UTC seconds.
 * PB_KEYS_REFUSED with the reason, and nothing was told. */
PB_MUST_USE enum pb_status pb_keyd_accounts_tell(struct pb_keyd_accounts *accounts, uint64_t size,
						 const uint8_t root[static PB_MERKLE_HASH], struct pb_view entries, int64_t now,
						 struct pb_err *err);

/* Whether `count` more credentials may be signed for the serial.  PB_KEYS_REFUSED with the reason. */
PB_MUST_USE enum pb_status pb_keyd_accounts_allow_credentials(const struct pb_keyd_accounts *accounts, uint64_t serial,
							      size_t count, int64_t now, struct pb_err *err);
/* They are signed: charges all of them at once, durably.  On failure no signature may leave. */
PB_MUST_USE enum pb_status pb_keyd_accounts_keep_credentials(struct pb_keyd_accounts *accounts, uint64_t serial,
							     const struct pb_keyd_given *given, size_t count, int64_t now,
							     struct pb_err *err);

/* Whether this is the text of the checkpoint of what was told.  PB_KEYS_REFUSED with the reason. */
PB_MUST_USE enum pb_status pb_keyd_accounts_allow_checkpoint(const struct pb_keyd_accounts *accounts,
							     struct pb_view note_text, struct pb_err *err);
/* It is signed: what was told is kept, durably.  On failure the signature must not leave. */
PB_MUST_USE enum pb_status pb_keyd_accounts_keep_checkpoint(struct pb_keyd_accounts *accounts, struct pb_err *err);

/* Somebody with the passphrase vouches that the ledger is right with `intents` reservations, the last of
 * them `highest` (0 with 0): after a restored backup, for the ledger's copy or for this one, or when the keys come from
 * shares.  The ledger is then told anew, whole, and nothing is signed before it is told so far.  Makes the file
 * when it is missing or damaged. */
PB_MUST_USE enum pb_status pb_keyd_accounts_acknowledge(const struct pb_keystore *store, const char *dir,
							uint64_t highest, uint64_t intents, struct pb_err *err);

#endif
