/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ed25519 private keys, and signing with them.
 */
#include <stdlib.h>
#include <string.h>

#include "keys/crypto/ed25519.h"
#include "keys/crypto/ed25519_key.h"

struct pb_ed25519_private *pb_ed25519_adopt(EVP_PKEY *pkey)
{
	struct pb_ed25519_private *key = calloc(1, sizeof(*key));
	size_t n = sizeof(key->public_key);

	OPENSSL_MUST(key != NULL);
	key->pkey = pkey;
	OPENSSL_MUST(EVP_PKEY_get_raw_public_key(pkey, key->public_key, &n) == 1);
	return key;
}

struct pb_ed25519_private *pb_ed25519_generate(void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	OPENSSL_MUST(pkey != NULL);
	return pb_ed25519_adopt(pkey);
}

struct pb_ed25519_private *pb_ed25519_from_seed(const uint8_t seed[static PB_ED25519_SEED])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, PB_ED25519_SEED);

	OPENSSL_MUST(pkey != NULL);
	return pb_ed25519_adopt(pkey);
}

void pb_ed25519_private_destroy(struct pb_ed25519_private *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey); /* OpenSSL clears the private part */
	free(key);
}

void pb_ed25519_public(const struct pb_ed25519_private *key, uint8_t ret_public[static PB_ED25519_PUBLIC])
{
	memcpy(ret_public, key->public_key, PB_ED25519_PUBLIC);
}

void pb_ed25519_sign(const struct pb_ed25519_private *key, struct pb_view message, uint8_t ret_sig[static PB_ED25519_SIG])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = PB_ED25519_SIG;

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1);
	OPENSSL_MUST(EVP_DigestSign(ctx, ret_sig, &n, message.p, message.n) == 1);
	EVP_MD_CTX_free(ctx);
}
