/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of an Ed25519 key, for the files of keys/crypto/ that store it (pkcs8.c).  Nobody else includes
 * this: outside, a key is a thing that signs.
 */
#ifndef PROFBILET_KEYS_CRYPTO_ED25519_KEY_H
#define PROFBILET_KEYS_CRYPTO_ED25519_KEY_H

#include "keys/crypto/ed25519.h"
#include "keys/crypto/openssl.h"

struct pb_ed25519_private {
	EVP_PKEY *pkey;
	uint8_t public_key[PB_ED25519_PUBLIC];
};

/* Takes over a key that is known to be Ed25519. */
struct pb_ed25519_private *pb_ed25519_adopt(EVP_PKEY *pkey);

#endif
