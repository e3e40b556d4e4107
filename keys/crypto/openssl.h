/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of keys/crypto/ share among themselves, and nobody else includes: algorithms fetched
 * once (a fetch costs more than hashing a message), and the border between OpenSSL's return codes and ours.
 */
#ifndef PROFBILET_KEYS_CRYPTO_OPENSSL_H
#define PROFBILET_KEYS_CRYPTO_OPENSSL_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "base/bytes.h"
#include "base/err.h"

/* For calls that can fail only when memory or OpenSSL itself is broken: such a process must not go on. */
#define OPENSSL_MUST(call)                                                                                             \
	do {                                                                                                           \
		if (!(call))                                                                                           \
			PB_BUG("OpenSSL: " #call);                                                                     \
	} while (0)

struct pb_algorithms {
	EVP_MD *sha256;
	EVP_MAC *cmac, *hmac;
	EVP_CIPHER *aes_ecb[3], *aes_cbc[3]; /* by key length: 16, 24, 32 */
	EVP_CIPHER *aes_256_gcm;
	EVP_KDF *scrypt;
};

/* Fetched by the first caller, for the life of the process.  Never NULL. */
const struct pb_algorithms *pb_algorithms(void);

/* A public key from its point, 04 || X || Y, on the curve of that name; NULL when it does not lie there, or this OpenSSL
 * has no such curve. */
EVP_PKEY *pb_ec_public(const char *curve, struct pb_view point);

#endif
