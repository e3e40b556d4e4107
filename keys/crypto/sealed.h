/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A short symmetric secret under a passphrase: scrypt (RFC 7914) and AES-256-GCM (NIST SP 800-38D).
 * PKCS#8 has no place for a bare AES key, and its CBC would not notice a changed byte.
 *
 *     "PBSEAL" 01 | log2 N, r, p (1 each) | salt 16 | nonce 12 | purpose length 1, purpose |
 *     secret length 1, ciphertext | tag 16
 *
 * Everything before the ciphertext is authenticated, the purpose too: a secret sealed for one use does
 * not open for another, whatever the file is called.  Bytes in, bytes out: files are keys/key_file.h.
 */
#ifndef PROFBILET_KEYS_CRYPTO_SEALED_H
#define PROFBILET_KEYS_CRYPTO_SEALED_H

#include "base/err.h"
#include "base/secret.h"

enum { PB_SEALED_PURPOSE_MAX = 48, PB_SEALED_MAX = 192 };

/* Returns the length.  purpose: 1 to 48 bytes; another length is a programming mistake and aborts. */
size_t pb_seal(const char *purpose, const struct pb_secret *secret, const struct pb_secret *passphrase,
	       uint8_t ret_sealed[static PB_SEALED_MAX]);

/* PB_KEYS_PASSPHRASE when it does not open: a wrong passphrase or a changed byte, which cannot be told
 * apart.  PB_KEYS_UNAVAILABLE when it is not such a container, or was sealed for another purpose. */
PB_MUST_USE enum pb_status pb_unseal(const char *purpose, struct pb_view sealed, const struct pb_secret *passphrase,
				     struct pb_secret *ret_secret, struct pb_err *err);

#endif
