/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Triple DES for management keys: single blocks.
 */
#include "keys/crypto/des3.h"

#include "keys/crypto/openssl.h"

enum direction { DECRYPT = 0, ENCRYPT = 1 };

/* The algorithm is not among those kept fetched: two blocks a card are all that is ever asked of it. */
static void run(enum direction direction, struct pb_view key, const uint8_t *in, uint8_t *ret_out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int written = 0;

	if (key.n != PB_DES3_KEY)
		PB_BUG("length of a triple DES key");
	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_CipherInit_ex2(ctx, EVP_des_ede3_ecb(), key.p, NULL, direction, NULL) == 1);
	OPENSSL_MUST(EVP_CIPHER_CTX_set_padding(ctx, 0) == 1);
	OPENSSL_MUST(EVP_CipherUpdate(ctx, ret_out, &written, in, PB_DES3_BLOCK) == 1);
	OPENSSL_MUST(written == PB_DES3_BLOCK);
	EVP_CIPHER_CTX_free(ctx); /* wipes the key schedule */
}

void pb_des3_encrypt_block(struct pb_view key, const uint8_t block[static PB_DES3_BLOCK],
			   uint8_t ret_block[static PB_DES3_BLOCK])
{
	run(ENCRYPT, key, block, ret_block);
}

void pb_des3_decrypt_block(struct pb_view key, const uint8_t block[static PB_DES3_BLOCK],
			   uint8_t ret_block[static PB_DES3_BLOCK])
{
	run(DECRYPT, key, block, ret_block);
}
