/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AN10922: a CMAC that always runs over two blocks.
 */
#include "keys/diversify.h"

#include <string.h>

#include "base/err.h"
#include "card-applet-spec/applet.h"
#include "keys/crypto/aes.h"

enum { UID_MIN = 4, PADDED = 2 * PB_AES_BLOCK };

void pb_card_keys_wipe(struct pb_card_keys *keys)
{
	pb_wipe(keys, sizeof(*keys));
}

/* NIST SP 800-38B 6.1: multiply by x in GF(2^128). */
static void double_block(uint8_t block[static PB_AES_BLOCK])
{
	uint8_t carry = (uint8_t)(block[0] >> 7);

	for (size_t i = 0; i < PB_AES_BLOCK - 1; i++)
		block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
	block[PB_AES_BLOCK - 1] = (uint8_t)(block[PB_AES_BLOCK - 1] << 1 ^ carry * 0x87);
}

static void xor_block(uint8_t block[static PB_AES_BLOCK], const uint8_t with[static PB_AES_BLOCK])
{
	for (size_t i = 0; i < PB_AES_BLOCK; i++)
		block[i] ^= with[i];
}

/* A short input is padded to 32 bytes, not to 16 as CMAC would: calling a CMAC here gives other keys for
 * inputs below 16 bytes, a mistake that more than one library has shipped. */
enum pb_status pb_an10922_by_blocks(const struct pb_block_cipher *cipher, struct pb_view input, struct pb_secret *ret_key,
				    struct pb_err *err)
{
	uint8_t message[PADDED] = { 0x01 }, subkey[PB_AES_BLOCK] = { 0 };
	uint8_t *first = message, *second = message + PB_AES_BLOCK;
	enum pb_status s;

	if (input.n < 1 || input.n > PB_DIVERSIFY_INPUT_MAX)
		PB_BUG("length of a diversification input");
	memcpy(message + 1, input.p, input.n);
	s = cipher->encrypt(cipher->ctx, subkey, subkey, err);
	double_block(subkey); /* K1: a full message */
	if (1 + input.n < PADDED) {
		message[1 + input.n] = 0x80;
		double_block(subkey); /* K2: a padded one */
	}
	xor_block(second, subkey);
	if (s == PB_OK)
		s = cipher->encrypt(cipher->ctx, first, first, err);
	xor_block(second, first);
	if (s == PB_OK)
		s = cipher->encrypt(cipher->ctx, second, second, err);
	if (s == PB_OK)
		pb_secret_set(ret_key, second, PB_AES_BLOCK);
	pb_wipe(message, sizeof(message));
	pb_wipe(subkey, sizeof(subkey));
	return s;
}

static enum pb_status encrypt_here(void *ctx, const uint8_t block[static PB_AES_BLOCK],
				   uint8_t ret_block[static PB_AES_BLOCK], struct pb_err *err)
{
	const struct pb_secret *master = ctx;

	(void)err;
	pb_aes_encrypt_block(pb_secret_view(master), block, ret_block);
	return PB_OK;
}

void pb_an10922_aes128(const struct pb_secret *master, struct pb_view input, struct pb_secret *ret_key)
{
	const struct pb_block_cipher cipher = { encrypt_here, (void *)master };

	if (pb_an10922_by_blocks(&cipher, input, ret_key, NULL) != PB_OK)
		PB_BUG("a key in memory always encrypts");
}

void pb_diversify_put_input(struct pb_writer *input, struct pb_view uid, struct pb_view system, uint8_t number)
{
	if (uid.n < UID_MIN || uid.n > UID_MAX)
		PB_BUG("length of a chip UID");
	pb_put_view(input, uid);
	pb_put_view(input, system);
	pb_put(input, "PB", 2);
	pb_put_u8(input, number);
}

static void diversify_one(const struct pb_secret *master, struct pb_view uid, enum pb_card_key_number number,
			  struct pb_secret *ret_key)
{
	uint8_t bytes[PB_DIVERSIFY_INPUT_MAX];
	struct pb_writer input = pb_writer(bytes, sizeof(bytes));

	pb_diversify_put_input(&input, uid, pb_view(ISD_AID, ISD_AID_LEN), (uint8_t)number);
	pb_an10922_aes128(master, pb_view(bytes, input.n), ret_key);
}

void pb_diversify_card_keys(const struct pb_secret *master, struct pb_view uid, struct pb_card_keys *ret_keys)
{
	diversify_one(master, uid, PB_CARD_KEY_ENC, &ret_keys->enc);
	diversify_one(master, uid, PB_CARD_KEY_MAC, &ret_keys->mac);
	diversify_one(master, uid, PB_CARD_KEY_DEK, &ret_keys->dek);
}

void pb_key_check_value(const struct pb_secret *key, uint8_t ret_kcv[static PB_KCV_LEN])
{
	uint8_t block[PB_AES_BLOCK];

	memset(block, 0x01, sizeof(block));
	pb_aes_encrypt_block(pb_secret_view(key), block, block);
	memcpy(ret_kcv, block, PB_KCV_LEN);
}
