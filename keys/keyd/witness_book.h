/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a witness has signed for: of each ledger its name, its key, and the largest tree, in a file beside the witness's
 * key.  Whoever asks for a cosignature is not believed: he brings the ledger's own signature and the consistency proof,
 * and both are checked here, against this book.  Looking, signing and writing are one step under a lock, and the book is
 * on the disk before the signature leaves.  So
 *
 *     two requests at once, of one process or of two      the second sees what the first has written
 *     a crash before the book is written                  nothing left; asked again, it is signed
 *     a crash after it, before the answer                 asked again, the same tree is signed again; another is refused
 *
 * The book belongs to one witness's key, which it names.  A witness that has lost its book must not go on with that key:
 * it would sign a fork of what it forgot.  So a book is made with a new key only (pb_witness_begin), and no backup
 * of keys has either (issuer/core/key_backup.c); a restored office begins anew as a witness.
 *
 * A slot of two records for each ledger, written in turn; each is a sector, so that no write is half done.  A record has
 * a MAC of the store's (keys/keystore_remote.h); one that is damaged stops the witness, for it hides what was signed.
 *
 * Not for: which ledgers are witnessed (issuer/ledger/witness_policy.h).
 */
#ifndef PROFBILET_KEYS_KEYD_WITNESS_BOOK_H
#define PROFBILET_KEYS_KEYD_WITNESS_BOOK_H

#include "keys/keystore.h"

#define PB_WITNESS_BOOK "witness-book"

enum {
	PB_WITNESS_RECORD = 512,
	PB_WITNESS_LOGS = 128, /* ledgers in one book */
	PB_WITNESS_BOOK_SIZE = 2 * PB_WITNESS_RECORD * (1 + PB_WITNESS_LOGS), /* the first slot names the witness */
};

struct pb_witness_book {
	const struct pb_keystore *store; /* borrowed: key and seal */
	int fd;				 /* -1: there is none */
}; /* a zeroed one is none either */

/* Makes the witness's key and an empty book; `anew`: in place of others.  As pb_keystore_begin_witness. */
PB_MUST_USE enum pb_status pb_witness_begin(const char *keys, const struct pb_secret *passphrase,
					    const struct pb_keystore_options *options, bool anew, struct pb_err *err);

/* There may be none: PB_OK with fd -1.  PB_KEYS_UNAVAILABLE for one that others may read. */
PB_MUST_USE enum pb_status pb_witness_book_open(const struct pb_keystore *store, const char *keys,
						struct pb_witness_book *ret_book, struct pb_err *err);
void pb_witness_book_close(struct pb_witness_book *book);

/* As pb_keystore_cosign; `now` in UTC seconds.  PB_KEYS_REFUSED: the book is damaged, full, or of another key. */
PB_MUST_USE enum pb_status pb_witness_book_cosign(const struct pb_witness_book *book, const struct pb_cosign_order *order,
						  int64_t now, struct pb_cosign_answer *ret_answer, struct pb_err *err);

#endif
