/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A counter where credentials are signed: a throw-away key directory with its signing counter, served in the
 * test's own memory or by the program profbilet-keyd, and what an office would ask of it.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYD_COUNTER_H
#define PROFBILET_TESTS_UNIT_KEYD_COUNTER_H

#include "issuer/credential/credential.h"
#include "issuer/ledger/note.h"
#include "keys/keyd/keyd.h"
#include "keys/keyd/serve.h"

#define COUNTER_FIRST UINT64_C(7501000001) /* the first serial of this office */

/* The office's ledger, as far as a holder of keys can know it. */
enum { BOOK_MAX = 64, BOOK_PREFIX = 7501 };
struct book {
	size_t count, told;
	struct {
		uint8_t bytes[PB_ENTRY_MAX];
		size_t n;
	} entries[BOOK_MAX];
};

struct counter {
	struct book book;
	char directory[64];    /* with keys/ and passphrase in it */
	const char *program;   /* of keyd; NULL: served here */
	int per_hour;
	struct pb_keystore *store; /* what the office holds */
	uint8_t chip_h[PB_SHA256_LEN], face_h[PB_SHA256_LEN]; /* of the credentials that were signed last */
	/* when served here */
	struct pb_keystore *keys;
	struct pb_keyd_server server;
	struct pb_clock clock;
};

/* Keys, their counter and the passphrase, in a folder that is empty or not there. */
void counter_create(const char *directory);

/* One key directory is made for the group and copied for each test. */
int counter_make_keys(void **state);
int counter_remove_keys(void **state);

/* Open, and with a ledger that has begun and has its first order. */
void counter_open(struct counter *counter, const char *program);
/* Where the holder and the book have to go on. */
void counter_meet(struct counter *counter);
void counter_begin_book(struct counter *counter);
/* The office's process ends and starts again. */
void counter_restart(struct counter *counter);
void counter_close(struct counter *counter);

void counter_path(const struct counter *counter, const char *name, char ret_path[static 128]);

/* The bytes of a chip's or a face's credential of this serial, as this office makes them. */
void counter_chip(const struct counter *counter, uint64_t serial, struct pb_sig_structure *ret_structure);
void counter_face(const struct counter *counter, uint64_t serial, const char *issuer, struct pb_sig_structure *ret_structure);

/* Adds an entry, in the book alone. */
void book_add(struct book *book, struct pb_entry entry);
void book_order(struct book *book, uint64_t count);
/* INTENT of the serial, under this office's key, with what was signed last. */
void book_begin(const struct counter *counter, struct book *book, uint64_t serial);
/* ISSUED, of the card whose INTENT is the last entry. */
void book_finish(struct book *book, uint64_t serial);
struct pb_merkle_edge book_edge(const struct book *book, size_t size);
/* GENESIS of this office's ledger, which a fresh counter has been told, with an order of 100 cards. */
struct pb_entry book_first(const struct counter *counter);

/* Tells what was not told yet, and asks for the checkpoint of all. */
enum pb_status counter_tell(struct counter *counter, struct pb_err *ret_err);
enum pb_status counter_checkpoint(struct counter *counter, struct pb_err *ret_err);
/* The entries from `from` on, to a holder who stands there. */
enum pb_status counter_tell_from(struct counter *counter, const struct book *book, size_t from, struct pb_err *ret_err);
enum pb_status counter_checkpoint_of(struct counter *counter, const struct book *book, size_t size, struct pb_err *ret_err);

/* Asks for a chip's signature, and for a face's. */
enum pb_status counter_sign(struct counter *counter, uint64_t serial, struct pb_err *ret_err);
enum pb_status counter_sign_face(struct counter *counter, uint64_t serial, struct pb_err *ret_err);
/* The hash of the token that this signature makes of a credential, for the INTENT. */
void counter_note(struct counter *counter, struct pb_view sig_structure, const uint8_t sig[static 64]);
/* What an honest office does for its n-th card, n from 1: tells, has face and chip signed, begins the card. */
void counter_issue(struct counter *counter, uint64_t n);

#endif
