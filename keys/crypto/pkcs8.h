/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private keys as encrypted PKCS#8 text (RFC 5958, RFC 7468; PBES2 with scrypt N=16384 r=8 p=1 and
 * AES-256-CBC), which `openssl pkey` reads.  Bytes in, bytes out: files are keys/key_file.h.
 *
 * N is not larger because OpenSSL refuses by default what needs more than 32 MiB.
 */
#ifndef PROFBILET_KEYS_CRYPTO_PKCS8_H
#define PROFBILET_KEYS_CRYPTO_PKCS8_H

#include "base/secret.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/p256.h"

enum { PB_PKCS8_MAX = 1024 };

/* Returns the length of the text; it is not terminated. */
size_t pb_pkcs8_seal_p256(const struct pb_p256_private *key, const struct pb_secret *passphrase,
			  uint8_t ret_text[static PB_PKCS8_MAX]);
size_t pb_pkcs8_seal_ed25519(const struct pb_ed25519_private *key, const struct pb_secret *passphrase,
			     uint8_t ret_text[static PB_PKCS8_MAX]);

/* PB_KEYS_PASSPHRASE when it does not open; PB_KEYS_UNAVAILABLE when it is no encrypted PKCS#8, or holds a
 * key of another kind.  CBC has no integrity of its own: a damaged file mostly looks like a wrong
 * passphrase, and what does open is compared with its public key by keys/keystore.c. */
PB_MUST_USE enum pb_status pb_pkcs8_open_p256(struct pb_view text, const struct pb_secret *passphrase,
					      struct pb_p256_private **ret_key, struct pb_err *err);
PB_MUST_USE enum pb_status pb_pkcs8_open_ed25519(struct pb_view text, const struct pb_secret *passphrase,
						 struct pb_ed25519_private **ret_key, struct pb_err *err);

#endif
