/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES for cards: blocks, CBC, CMAC.
 */
#include "keys/crypto/aes.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/core_names.h>

#include "keys/crypto/openssl.h"

enum direction { DECRYPT = 0, ENCRYPT = 1 };

/* 16, 24, 32 -> 0, 1, 2 */
static size_t size_index(struct pb_view key)
{
	if (key.n != 16 && key.n != 24 && key.n != 32)
		PB_BUG("length of an AES key");
	return key.n / 8 - 2;
}

static void run(const EVP_CIPHER *cipher, enum direction direction, struct pb_view key, const uint8_t *iv,
		const uint8_t *in, size_t n, uint8_t *ret_out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int written = 0;

	if (n % PB_AES_BLOCK != 0 || n > INT_MAX)
		PB_BUG("AES over something that is not whole blocks");
	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_CipherInit_ex2(ctx, cipher, key.p, iv, direction, NULL) == 1);
	OPENSSL_MUST(EVP_CIPHER_CTX_set_padding(ctx, 0) == 1);
	OPENSSL_MUST(EVP_CipherUpdate(ctx, ret_out, &written, in, (int)n) == 1);
	OPENSSL_MUST((size_t)written == n);
	EVP_CIPHER_CTX_free(ctx); /* wipes the key schedule */
}

void pb_aes_encrypt_block(struct pb_view key, const uint8_t block[static PB_AES_BLOCK],
			  uint8_t ret_block[static PB_AES_BLOCK])
{
	run(pb_algorithms()->aes_ecb[size_index(key)], ENCRYPT, key, NULL, block, PB_AES_BLOCK, ret_block);
}

void pb_aes_cbc_encrypt(struct pb_view key, const uint8_t iv[static PB_AES_BLOCK], const uint8_t *in, size_t n,
			uint8_t *ret_out)
{
	run(pb_algorithms()->aes_cbc[size_index(key)], ENCRYPT, key, iv, in, n, ret_out);
}

void pb_aes_cbc_decrypt(struct pb_view key, const uint8_t iv[static PB_AES_BLOCK], const uint8_t *in, size_t n,
			uint8_t *ret_out)
{
	run(pb_algorithms()->aes_cbc[size_index(key)], DECRYPT, key, iv, in, n, ret_out);
}

/* The struct is only a name: what it holds is OpenSSL's context with the key in it. */
struct pb_aes_cmac_key {
	EVP_MAC_CTX *ctx;
};

struct pb_aes_cmac_key *pb_aes_cmac_key_create(struct pb_view key)
{
	static const char *const names[] = { "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" };
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)names[size_index(key)], 0),
		OSSL_PARAM_construct_end(),
	};
	struct pb_aes_cmac_key *created = calloc(1, sizeof(*created));

	OPENSSL_MUST(created != NULL);
	OPENSSL_MUST((created->ctx = EVP_MAC_CTX_new(pb_algorithms()->cmac)) != NULL);
	OPENSSL_MUST(EVP_MAC_init(created->ctx, key.p, key.n, params) == 1);
	return created;
}

void pb_aes_cmac_key_destroy(struct pb_aes_cmac_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->ctx); /* wipes the key schedule */
	free(key);
}

void pb_aes_cmac_with(struct pb_aes_cmac_key *key, const struct pb_view *parts, size_t count,
		      uint8_t ret_mac[static PB_AES_BLOCK])
{
	size_t n = 0;

	OPENSSL_MUST(EVP_MAC_init(key->ctx, NULL, 0, NULL) == 1); /* the same key from the start */
	for (size_t i = 0; i < count; i++)
		OPENSSL_MUST(EVP_MAC_update(key->ctx, parts[i].p, parts[i].n) == 1);
	OPENSSL_MUST(EVP_MAC_final(key->ctx, ret_mac, &n, PB_AES_BLOCK) == 1);
}

void pb_aes_cmac(struct pb_view key, const struct pb_view *parts, size_t count, uint8_t ret_mac[static PB_AES_BLOCK])
{
	struct pb_aes_cmac_key *schedule = pb_aes_cmac_key_create(key);

	pb_aes_cmac_with(schedule, parts, count, ret_mac);
	pb_aes_cmac_key_destroy(schedule);
}
