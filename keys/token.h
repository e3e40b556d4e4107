/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PKCS#11 token (2.40): found by its label, logged into once, used for keys of the roles of keys/roles.h.
 * Keys are made in the token, sensitive and not extractable, and nothing here takes one out; a key that the
 * token would give away is not used.
 *
 * The PIN is tried once.  What the token says of the tries that are left is asked before, and is in the
 * message after; the last one is spent only when a person has said so.
 *
 * A module does not survive fork(): a token is opened by the process that uses it, and refuses any other.
 * All functions may be called by several threads at once.
 *
 * Not for callers of a key store: they name a token in struct pb_keystore_options.
 */
#ifndef PROFBILET_KEYS_TOKEN_H
#define PROFBILET_KEYS_TOKEN_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "keys/crypto/p256.h"
#include "keys/roles.h"

enum { PB_TOKEN_LABEL_CAP = 33, PB_TOKEN_SERIAL_CAP = 17 };

/* What anyone may ask of a token.  Texts are ASCII: another byte is a '?'. */
struct pb_token_facts {
	char label[PB_TOKEN_LABEL_CAP], serial[PB_TOKEN_SERIAL_CAP];
	bool tries_count_low; /* a wrong PIN was the last one given */
	bool last_try, locked;
};

struct pb_token_options {
	const char *module;	 /* absolute path of the library that came with the token */
	const char *label;	 /* of the token */
	const char *environment; /* "NAME=value", set for the module; NULL or "": nothing */
	bool spend_last_try;
	/* Asked once, when the token has been found and may be tried; a failure of its own ends the opening. */
	enum pb_status (*pin)(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err);
	void *pin_ctx;
};

struct pb_token;

/* Looks without logging in: no PIN is asked for. */
PB_MUST_USE enum pb_status pb_token_look(const struct pb_token_options *options, struct pb_token_facts *ret_facts,
					 struct pb_err *err);

/* PB_TOKEN_MODULE, PB_TOKEN_ABSENT, PB_TOKEN_LABEL (also when several have it); PB_TOKEN_PIN: wrong;
 * PB_TOKEN_PIN_LAST, PB_TOKEN_PIN_LOCKED: nothing was tried.  Here and below, PB_TOKEN_REMOVED: it is gone. */
PB_MUST_USE enum pb_status pb_token_open(const struct pb_token_options *options, struct pb_token **ret_token,
					 struct pb_err *err);
void pb_token_close(struct pb_token *token); /* accepts NULL; logs out */

/* Whether the token has what keys of this role need. */
bool pb_token_offers(const struct pb_token *token, enum pb_key_role role);

/* A key in the token; borrowed from it. */
struct pb_token_key {
	unsigned long private_handle, public_handle; /* of a secret key: the first alone */
};

/* `name`: the role's own, or of which of its keys (keys/master_keys.h).  The label is "profbilet issuer", of a test
 * key "profbilet TEST issuer".  PB_CONFLICT when there is one. */
PB_MUST_USE enum pb_status pb_token_generate(struct pb_token *token, enum pb_key_role role, const char *name, bool test,
					     struct pb_token_key *ret_key, struct pb_err *err);
void pb_token_remove(struct pb_token *token, const struct pb_token_key *key);
/* Removes what a pb_token_generate of a pair has left that was cut short: a half without the other.  A whole pair
 * stays. */
PB_MUST_USE enum pb_status pb_token_remove_halves(struct pb_token *token, const char *name, bool test, struct pb_err *err);
/* PB_NOT_FOUND; PB_KEYS_UNAVAILABLE for a key that is there twice or could be taken out. */
PB_MUST_USE enum pb_status pb_token_find(struct pb_token *token, enum pb_key_role role, const char *name, bool test,
					 struct pb_token_key *ret_key, struct pb_err *err);
/* The bytes by which others find the key: a kid, a check value (CKA_ID). */
PB_MUST_USE enum pb_status pb_token_set_id(struct pb_token *token, const struct pb_token_key *key, struct pb_view id,
					   struct pb_err *err);
/* Check value of a master key (GPC 2.3.1 B.6), computed by the token. */
PB_MUST_USE enum pb_status pb_token_check_value(struct pb_token *token, const struct pb_token_key *key,
						uint8_t ret_kcv[static 3], struct pb_err *err);
/* The public key as the token has it: 65 bytes 04 || X || Y, or 32 bytes of Ed25519. */
PB_MUST_USE enum pb_status pb_token_public(struct pb_token *token, const struct pb_token_key *key, uint8_t *ret_bytes,
					   size_t n, struct pb_err *err);

enum pb_token_mechanism {
	PB_TOKEN_ECDSA,	 /* of a digest */
	PB_TOKEN_EDDSA,	 /* of a message */
	PB_TOKEN_CMAC,
	PB_TOKEN_HMAC,
	PB_TOKEN_ECB,	 /* one block, see pb_token_encrypt_block */
	PB_TOKEN_CBC,
	PB_TOKEN_P256_GENERATE,
	PB_TOKEN_ED25519_GENERATE,
	PB_TOKEN_AES_GENERATE,
	PB_TOKEN_SECRET_GENERATE,
	PB_TOKEN_MECHANISM_COUNT
};

bool pb_token_has(const struct pb_token *token, enum pb_token_mechanism mechanism);

/* At most `cap` bytes. */
PB_MUST_USE enum pb_status pb_token_sign(struct pb_token *token, enum pb_token_mechanism mechanism,
					 const struct pb_token_key *key, struct pb_view message, uint8_t *ret_sig,
					 size_t cap, size_t *ret_n, struct pb_err *err);
/* By AES-ECB where the token has it, otherwise by AES-CBC of one block.  In and out may be the same memory. */
PB_MUST_USE enum pb_status pb_token_encrypt_block(struct pb_token *token, const struct pb_token_key *key,
						  const uint8_t block[static 16], uint8_t ret_block[static 16],
						  struct pb_err *err);

#endif
