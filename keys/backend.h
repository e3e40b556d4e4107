/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the keys of a key store are: the eight things that a place which keeps keys can do with them.
 * Nothing here returns a long-term key.  Two places exist: encrypted files (backend_file.c) and a PKCS#11
 * token (backend_pkcs11.c); the same tests run over both.
 *
 * A backend does what it is told: which bytes a key may sign (keys/roles.h) and until when is checked by
 * the key store above it.  Every operation may be called by several threads at once.
 *
 * Not for callers of a key store: they have keys/keystore.h.
 */
#ifndef PROFBILET_KEYS_BACKEND_H
#define PROFBILET_KEYS_BACKEND_H

#include "base/err.h"
#include "base/secret.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/p256.h"
#include "keys/diversify.h"
#include "keys/master_keys.h"
#include "keys/roles.h"
#include "keys/token.h"

enum { PB_PSEUDONYM_KEY_LEN = 32 };

/* All but destroy fail with PB_KEYS_UNAVAILABLE when the place does not answer any more. */
struct pb_key_backend_ops {
	/* PB_NOT_FOUND: this place has no key of that role. */
	enum pb_status (*p256_point)(void *ctx, enum pb_key_role role, uint8_t ret_point[static PB_P256_POINT],
				     struct pb_err *err);
	/* r || s over SHA-256 of the message, low s. */
	enum pb_status (*p256_sign)(void *ctx, enum pb_key_role role, struct pb_view message,
				    uint8_t ret_sig[static PB_P256_SIG], struct pb_err *err);
	/* PB_NOT_FOUND: this place has no key of that role. */
	enum pb_status (*ed25519_public)(void *ctx, enum pb_key_role role, uint8_t ret_public[static PB_ED25519_PUBLIC],
					 struct pb_err *err);
	enum pb_status (*ed25519_sign)(void *ctx, enum pb_key_role role, struct pb_view message,
				       uint8_t ret_sig[static PB_ED25519_SIG], struct pb_err *err);
	/* AN10922 under a card master key that this place has; the input is 1 to PB_DIVERSIFY_INPUT_MAX bytes. */
	enum pb_status (*diversify)(void *ctx, enum pb_master_family family, uint8_t kvn, struct pb_view input,
				    struct pb_secret *ret_key, struct pb_err *err);
	/* Which card master keys there are, with their check values. */
	enum pb_status (*generations)(void *ctx, struct pb_generations *ret_generations, struct pb_err *err);
	/* HMAC-SHA-256 under the pseudonym key. */
	enum pb_status (*pseudonym_mac)(void *ctx, struct pb_view message, uint8_t ret_mac[static PB_SHA256_LEN],
					struct pb_err *err);
	void (*destroy)(void *ctx); /* wipes */
};

/* Immutable once open. */
struct pb_key_backend {
	const struct pb_key_backend_ops *ops; /* NULL: not open */
	void *ctx;
	bool test; /* its secret keys say that they are for trying things out */
};

/* The encrypted files of a key directory: PB_KEYS_PASSPHRASE, PB_KEYS_UNAVAILABLE as pb_keystore_open.
 * roles: one bit (1u << role) for each key that is to be opened; of those, a missing one that an office
 * can work without is no failure. */
PB_MUST_USE enum pb_status pb_backend_file_open(int dir_fd, const struct pb_secret *passphrase, unsigned roles,
						struct pb_key_backend *ret_backend, struct pb_err *err);

/* A token; keys that it lacks and that may be in files come from the key directory, with the passphrase (NULL:
 * there is none). */
PB_MUST_USE enum pb_status pb_backend_pkcs11_open(const struct pb_token_options *options, int dir_fd,
						  const struct pb_secret *passphrase,
						  struct pb_key_backend *ret_backend, struct pb_err *err);

#endif
