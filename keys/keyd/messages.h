/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a holder of keys and its owner say to each other: one request, one reply, each a deterministic CBOR
 * array whose first element is its type.  One description of the fields serves writing and reading
 * (messages.c), with a bound on each; both ends take the other for hostile.
 *
 * Nothing here asks for a key, and no reply has room for one: what comes back is signatures, the session
 * keys of one card, keys wrapped for one card, pseudonyms, how far the ledger was told, how much was signed, and what a witness says.
 */
#ifndef PROFBILET_KEYS_KEYD_MESSAGES_H
#define PROFBILET_KEYS_KEYD_MESSAGES_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/keystore.h"
#include "keys/keystore_remote.h"

enum pb_keyd_type {
	/* requests */
	PB_KEYD_HELLO = 1,
	PB_KEYD_SIGN_CREDENTIALS,
	PB_KEYD_SIGN_CHECKPOINT,
	PB_KEYD_SIGN_LIST,
	PB_KEYD_LOGIN,
	PB_KEYD_GIVE_KEYS,
	PB_KEYD_PSEUDONYM,
	PB_KEYD_TELL,
	PB_KEYD_LOGIN_ANSWER,
	PB_KEYD_COSIGN,
	/* replies */
	PB_KEYD_FAILED = 32,
	PB_KEYD_FACTS,
	PB_KEYD_SIGNATURE,
	PB_KEYD_SESSION,
	PB_KEYD_WRAPPED,
	PB_KEYD_NAMED,
	PB_KEYD_STANDS,
	PB_KEYD_SAY, /* instead of SESSION, when the card has to answer first */
	PB_KEYD_SIGNATURES,
	PB_KEYD_COSIGNED, /* the last: PB_KEYD_REPLIES_END */
};

enum {
	PB_KEYD_REPLIES_END = PB_KEYD_COSIGNED + 1,
	PB_KEYD_NOTE_MAX = 1024,    /* text of a checkpoint */
	PB_KEYD_SIGNED_MAX = 1536,  /* a Sig_structure */
	PB_KEYD_PROOF_MAX = 63 * 32, /* hashes of a consistency proof */
	PB_KEYD_LOG_MAX = 257,	    /* a verifier key, with NUL */
};

struct pb_keyd_request {
	enum pb_keyd_type type;
	struct pb_signing_order order;			/* SIGN_CREDENTIALS */
	bool trust; /* SIGN_LIST: the trust list, not a status list; what is signed is in the sealed file beside it */
	enum pb_master_family family;			/* LOGIN, GIVE_KEYS */
	uint64_t login;					/* LOGIN_ANSWER */
	struct pb_card_session session;			/* GIVE_KEYS */
	char log[PB_KEYD_LOG_MAX];			/* COSIGN: whose checkpoint it is */
	uint8_t log_sig[64];				/* COSIGN: the ledger's signature */
	struct pb_view proof;				/* COSIGN.  Borrowed. */
	bool anew;					/* TELL: nothing, but ask where to begin */
	uint64_t size;					/* TELL: of the tree that the entries follow; COSIGN: the old one */
	uint8_t root[32];				/* TELL: its root */
	struct pb_view uid;   /* LOGIN, GIVE_KEYS; PSEUDONYM: what is to be named.  Borrowed. */
	/* SIGN_CREDENTIALS, SIGN_CHECKPOINT: what; LOGIN, LOGIN_ANSWER: the card's words; TELL: entries; COSIGN: text.  Borrowed. */
	struct pb_view bytes;
	struct pb_view also;  /* SIGN_CREDENTIALS: a second one of the same order, or none.  Borrowed. */
};

struct pb_keyd_reply {
	enum pb_keyd_type type;
	union {
		struct pb_err failure;
		struct pb_keystore_facts facts;
		uint8_t sig[PB_ES256_LEN];
		uint8_t sigs[PB_STATEMENTS_MAX][PB_ES256_LEN]; /* the second is zeros where none was asked for */
		struct pb_login_step step;   /* SESSION, SAY */
		struct pb_card_words wrapped;
		uint8_t pseudonym[PB_PSEUDONYM_LEN];
		struct pb_told stands;
		struct pb_cosign_answer cosigned;
	} u;
};

/* PB_INPUT_INVALID when a field is longer than the message has room for. */
PB_MUST_USE enum pb_status pb_keyd_request_encode(const struct pb_keyd_request *request, uint8_t *ret_bytes, size_t cap,
						  struct pb_view *ret_message, struct pb_err *err);
/* Aborts on a field outside its bounds: it comes from our own key store. */
struct pb_view pb_keyd_reply_encode(const struct pb_keyd_reply *reply, uint8_t *ret_bytes, size_t cap);

/* PB_MESSAGE_INVALID for anything but one whole message within its bounds.  The request borrows `bytes`. */
PB_MUST_USE enum pb_status pb_keyd_request_decode(struct pb_view bytes, struct pb_keyd_request *ret_request,
						  struct pb_err *err);
/* `expected`: the reply that belongs to the request; PB_KEYD_FAILED always may come, and PB_KEYD_SAY for PB_KEYD_SESSION. */
PB_MUST_USE enum pb_status pb_keyd_reply_decode(struct pb_view bytes, enum pb_keyd_type expected,
						struct pb_keyd_reply *ret_reply, struct pb_err *err);

/* Either may carry session keys. */
void pb_keyd_request_wipe(struct pb_keyd_request *request);
void pb_keyd_reply_wipe(struct pb_keyd_reply *reply);

#endif
