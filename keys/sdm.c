/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The MAC is made by a key of this one tap, which a CMAC over UID and counter gives.
 */
#include "keys/sdm.h"

#include <string.h>

#include "base/err.h"
#include "keys/crypto/aes.h"

enum { TAG_UID_AND_COUNTER = 0xC7, COUNTER_LEN = 3, KEY_LEN = 16 };

static struct pb_view view_of(const struct pb_secret *key)
{
	if (key->n != KEY_LEN)
		PB_BUG("length of an SDM key");
	return pb_secret_view(key);
}

bool pb_sdm_open(const struct pb_secret *meta_read, const struct pb_sdm_tap *tap, struct pb_sdm_chip *ret_chip)
{
	static const uint8_t zero_vector[PB_AES_BLOCK];
	uint8_t plain[PB_SDM_PICC];
	const uint8_t *counter = plain + 1 + PB_SDM_UID;

	pb_aes_cbc_decrypt(view_of(meta_read), zero_vector, tap->picc, sizeof(plain), plain);
	if (plain[0] != TAG_UID_AND_COUNTER)
		return false;
	memcpy(ret_chip->uid, plain + 1, PB_SDM_UID);
	ret_chip->counter = counter[0] | (uint32_t)counter[1] << 8 | (uint32_t)counter[2] << 16;
	return true;
}

/* 9.3.9.1, SV2: least significant byte of the counter first */
static void tap_key(const struct pb_secret *file_read, const struct pb_sdm_chip *chip, uint8_t ret_key[static KEY_LEN])
{
	uint8_t bytes[PB_AES_BLOCK];
	struct pb_writer sv = pb_writer(bytes, sizeof(bytes));
	struct pb_view whole;

	pb_put_be(&sv, 0x3CC300010080, 6);
	pb_put(&sv, chip->uid, PB_SDM_UID);
	for (size_t i = 0; i < COUNTER_LEN; i++)
		pb_put_u8(&sv, (uint8_t)(chip->counter >> (8 * i)));
	if (!pb_writer_view(&sv, &whole) || whole.n != sizeof(bytes))
		PB_BUG("length of a session vector");
	pb_aes_cmac(view_of(file_read), &whole, 1, ret_key);
}

void pb_sdm_mac(const struct pb_secret *file_read, const struct pb_sdm_chip *chip, struct pb_view input,
		uint8_t ret_mac[static PB_SDM_MAC])
{
	uint8_t key[KEY_LEN], whole[PB_AES_BLOCK];

	tap_key(file_read, chip, key);
	pb_aes_cmac(PB_VIEW(key), &input, 1, whole);
	for (size_t i = 0; i < PB_SDM_MAC; i++)
		ret_mac[i] = whole[2 * i + 1];
	pb_wipe(key, sizeof(key));
}

enum pb_sdm_verdict pb_sdm_check(const struct pb_secret *file_read, const struct pb_sdm_tap *tap,
				 const struct pb_sdm_chip *chip, const uint32_t *last)
{
	uint8_t right[PB_SDM_MAC];

	pb_sdm_mac(file_read, chip, pb_view(NULL, 0), right);
	if (!pb_ct_equal(right, tap->mac, sizeof(right)))
		return PB_SDM_FORGED;
	return last != NULL && chip->counter <= *last ? PB_SDM_REPLAYED : PB_SDM_FRESH;
}
