/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Insides of P-256 keys, for the files of keys/crypto/ that use, store and certify them (p256_sign.c, pkcs8.c, x509.c).
 * Nobody else includes this: outside, a key is a thing that signs or agrees.
 */
#ifndef PROFBILET_KEYS_CRYPTO_P256_KEY_H
#define PROFBILET_KEYS_CRYPTO_P256_KEY_H

#include "keys/crypto/openssl.h"
#include "keys/crypto/p256.h"

#define PB_P256_GROUP "prime256v1"

struct pb_p256_public {
	EVP_PKEY *pkey; /* decoded once; shared by threads, each with a context of its own */
	uint8_t point[PB_P256_POINT];
};

struct pb_p256_private {
	EVP_PKEY *pkey;
	uint8_t point[PB_P256_POINT];
};

/* Takes over a private key; false, and nothing taken, when it is not on P-256. */
bool pb_p256_private_adopt(EVP_PKEY *pkey, struct pb_p256_private **ret_key);

#endif
