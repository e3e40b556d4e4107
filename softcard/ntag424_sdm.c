/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Section and table numbers are those of NT4H2421Gx.
 */
#include "softcard/ntag424_sdm.h"

#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "keys/crypto/aes.h"
#include "softcard/native.h"

enum {
	OPTION_SDM = 0x40,
	OPTION_RFU = 0xBC,
	SDM_UID = 0x80,
	SDM_COUNTER = 0x40,
	SDM_LIMIT = 0x20,
	SDM_ENC = 0x10,
	SDM_RFU = 0x0E,
	SDM_ASCII = 0x01,
	NOWHERE = 0xFFFFFF,
	UID_DIGITS = 2 * NTAG424_UID_LEN,
	COUNTER_DIGITS = 6,
	PICC_DIGITS = 32,
	MAC_DIGITS = 16,
	PICC_TAG_UID_LEN = 7,
};

static bool is_condition(uint8_t value)
{
	return value < NTAG424_KEYS || value == ACCESS_FREE || value == ACCESS_NEVER;
}

static bool take_le24(struct pb_cursor *in, bool present, uint32_t *ret_value)
{
	uint8_t bytes[3];

	if (!present)
		return true;
	if (!pb_take_copy(in, bytes, sizeof(bytes)))
		return false;
	*ret_value = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
	return true;
}

static bool take_offsets(struct pb_cursor *in, struct ntag424_rules *rules)
{
	const bool plain = rules->meta_read == ACCESS_FREE, macs = rules->file_read != ACCESS_NEVER;

	return take_le24(in, plain && rules->uid, &rules->uid_at) &&
	       take_le24(in, plain && rules->counter, &rules->counter_at) &&
	       take_le24(in, rules->meta_read < NTAG424_KEYS, &rules->picc_at) && take_le24(in, macs, &rules->input_at) &&
	       take_le24(in, macs && rules->enciphers, &rules->enc_at) &&
	       take_le24(in, macs && rules->enciphers, &rules->enc_n) && take_le24(in, macs, &rules->mac_at) &&
	       take_le24(in, rules->limited, &rules->limit);
}

static bool take_sdm(struct pb_cursor *in, struct ntag424_rules *rules)
{
	uint8_t options, low, high;

	if (!pb_take_u8(in, &options) || options & SDM_RFU || !(options & SDM_ASCII) || !pb_take_u8(in, &low) ||
	    !pb_take_u8(in, &high))
		return false;
	rules->uid = options & SDM_UID;
	rules->counter = options & SDM_COUNTER;
	rules->limited = options & SDM_LIMIT;
	rules->enciphers = options & SDM_ENC;
	rules->meta_read = high >> 4;
	rules->file_read = high & 0xF;
	rules->counter_read = low & 0xF;
	return is_condition(rules->meta_read) && is_condition(rules->counter_read) &&
	       (rules->file_read < NTAG424_KEYS || rules->file_read == ACCESS_NEVER) && take_offsets(in, rules);
}

/* What the chip writes over the file: nothing of it outside, no two in one place. */
struct place {
	bool used;
	uint32_t at, n;
};

enum { PLACES = 5 };

static void places_of(const struct ntag424_rules *rules, struct place ret_places[static PLACES])
{
	const bool plain = rules->meta_read == ACCESS_FREE, macs = rules->file_read != ACCESS_NEVER;

	ret_places[0] = (struct place){ plain && rules->uid, rules->uid_at, UID_DIGITS };
	ret_places[1] = (struct place){ plain && rules->counter && rules->counter_at != NOWHERE, rules->counter_at,
					COUNTER_DIGITS };
	ret_places[2] = (struct place){ rules->meta_read < NTAG424_KEYS, rules->picc_at, PICC_DIGITS };
	ret_places[3] = (struct place){ macs && rules->enciphers, rules->enc_at, rules->enc_n };
	ret_places[4] = (struct place){ macs, rules->mac_at, MAC_DIGITS };
}

static bool places_fit(const struct ntag424_rules *rules, size_t size)
{
	struct place places[PLACES];

	places_of(rules, places);
	for (size_t i = 0; i < PLACES; i++) {
		if (places[i].used && places[i].at + places[i].n > size)
			return false;
		for (size_t k = 0; k < i; k++)
			if (places[i].used && places[k].used && places[i].at < places[k].at + places[k].n &&
			    places[k].at < places[i].at + places[i].n)
				return false;
	}
	return true;
}

/* Table 71, PARAMETER_ERROR */
static bool sdm_makes_sense(const struct ntag424_rules *rules, size_t size)
{
	const bool macs = rules->file_read != ACCESS_NEVER, shows = rules->uid || rules->counter;

	if ((rules->meta_read == ACCESS_NEVER) == shows)
		return false;
	if ((rules->counter_read != ACCESS_NEVER || rules->limited) && !rules->counter)
		return false;
	if (rules->enciphers && (!macs || !rules->uid || !rules->counter || rules->enc_n == 0 || rules->enc_n % 32 ||
				 rules->enc_at < rules->input_at || rules->enc_at + rules->enc_n > rules->mac_at))
		return false;
	return (!macs || rules->input_at <= rules->mac_at) && places_fit(rules, size);
}

bool ntag424_rules_read(struct pb_view settings, size_t size, struct ntag424_rules *ret_rules)
{
	struct pb_cursor in = pb_cursor(settings);
	struct ntag424_rules rules = { .meta_read = ACCESS_NEVER, .file_read = ACCESS_NEVER,
				       .counter_read = ACCESS_NEVER };
	uint8_t option, low, high;

	if (!pb_take_u8(&in, &option) || option & OPTION_RFU || !pb_take_u8(&in, &low) ||
	    !pb_take_u8(&in, &high))
		return false;
	rules.mode = option & 3;
	rules.sdm = option & OPTION_SDM;
	rules.read_write = low >> 4;
	rules.change = low & 0xF;
	rules.read = high >> 4;
	rules.write = high & 0xF;
	if (!is_condition(rules.read) || !is_condition(rules.write) || !is_condition(rules.read_write) ||
	    !is_condition(rules.change))
		return false;
	if (rules.sdm && (!take_sdm(&in, &rules) || !sdm_makes_sense(&rules, size)))
		return false;
	if (in.left)
		return false;
	*ret_rules = rules;
	return true;
}

struct ntag424_rules ntag424_rules_of(const struct ntag424_image *image, unsigned number)
{
	const struct ntag424_settings *settings = &image->settings[number - 1];
	struct ntag424_rules rules;

	if (!ntag424_rules_read(pb_view(settings->bytes, settings->n), NTAG424_NDEF_SIZE, &rules))
		PB_BUG("settings that were checked when they came");
	return rules;
}

/* ---- what stands in the places */

static void put_digits(uint8_t *ret_digits, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		*ret_digits++ = (uint8_t)digits[bytes[i] >> 4];
		*ret_digits++ = (uint8_t)digits[bytes[i] & 0xF];
	}
}

static void counter_bytes(uint32_t counter, uint8_t ret_le[static 3])
{
	for (size_t i = 0; i < 3; i++)
		ret_le[i] = (uint8_t)(counter >> (8 * i));
}

/* 9.3.9: SV1 for enciphering, SV2 for the MAC; what is not shown is not in them */
static void tap_key(const struct ntag424_image *image, const struct ntag424_rules *rules, const uint8_t *uid,
		    const uint8_t label[static 2], uint8_t ret_key[static NTAG424_KEY_LEN])
{
	uint8_t sv[16] = { label[0], label[1], 0x00, 0x01, 0x00, 0x80 };
	const struct pb_view whole = PB_VIEW(sv);
	size_t n = 6;

	if (rules->uid) {
		memcpy(sv + n, uid, NTAG424_UID_LEN);
		n += NTAG424_UID_LEN;
	}
	if (rules->counter)
		counter_bytes(image->read_counter, sv + n);
	pb_aes_cmac(pb_view(image->keys[rules->file_read].bytes, NTAG424_KEY_LEN), &whole, 1, ret_key);
}

/* 9.3.4.1 */
static void mirror_picc(const struct ntag424_image *image, const struct ntag424_rules *rules, const uint8_t *uid,
			const uint8_t *padding, uint8_t *ret_digits)
{
	static const uint8_t no_vector[PB_AES_BLOCK];
	uint8_t bytes[PB_AES_BLOCK];
	struct pb_writer picc = pb_writer(bytes, sizeof(bytes));
	uint8_t counter[3];

	counter_bytes(image->read_counter, counter);
	pb_put_u8(&picc, (uint8_t)((rules->uid ? SDM_UID | PICC_TAG_UID_LEN : 0) | (rules->counter ? SDM_COUNTER : 0)));
	if (rules->uid)
		pb_put(&picc, uid, NTAG424_UID_LEN);
	if (rules->counter)
		pb_put(&picc, counter, sizeof(counter));
	while (picc.n < sizeof(bytes))
		pb_put_u8(&picc, padding[picc.n]);
	pb_aes_cbc_encrypt(pb_view(image->keys[rules->meta_read].bytes, NTAG424_KEY_LEN), no_vector, bytes, sizeof(bytes),
			   bytes);
	put_digits(ret_digits, bytes, sizeof(bytes));
}

static void mirror_plain(const struct ntag424_image *image, const struct ntag424_rules *rules, const uint8_t *uid,
			 uint8_t *file)
{
	const uint8_t counter[] = { (uint8_t)(image->read_counter >> 16), (uint8_t)(image->read_counter >> 8),
				    (uint8_t)image->read_counter };

	if (rules->uid)
		put_digits(file + rules->uid_at, uid, NTAG424_UID_LEN);
	if (rules->counter && rules->counter_at != NOWHERE)
		put_digits(file + rules->counter_at, counter, sizeof(counter));
}

/* 9.3.6: the first half of the place is the plain text, its digits fill the whole */
static void mirror_enciphered(const struct ntag424_image *image, const struct ntag424_rules *rules, const uint8_t *uid,
			      uint8_t *file)
{
	static const uint8_t label[] = { 0xC3, 0x3C };
	uint8_t key[NTAG424_KEY_LEN], vector[PB_AES_BLOCK] = { 0 }, bytes[NTAG424_NDEF_SIZE / 2];

	tap_key(image, rules, uid, label, key);
	counter_bytes(image->read_counter, vector);
	pb_aes_encrypt_block(PB_VIEW(key), vector, vector);
	pb_aes_cbc_encrypt(PB_VIEW(key), vector, file + rules->enc_at, rules->enc_n / 2, bytes);
	put_digits(file + rules->enc_at, bytes, rules->enc_n / 2);
}

/* 9.3.7, 9.3.8: over the file as it is shown */
static void mirror_mac(const struct ntag424_image *image, const struct ntag424_rules *rules, const uint8_t *uid,
		       uint8_t *file)
{
	static const uint8_t label[] = { 0x3C, 0xC3 };
	const struct pb_view input = pb_view(file + rules->input_at, rules->mac_at - rules->input_at);
	uint8_t key[NTAG424_KEY_LEN], whole[PB_AES_BLOCK], mac[PB_AES_BLOCK / 2];

	tap_key(image, rules, uid, label, key);
	pb_aes_cmac(PB_VIEW(key), &input, 1, whole);
	for (size_t i = 0; i < sizeof(mac); i++)
		mac[i] = whole[2 * i + 1];
	put_digits(file + rules->mac_at, mac, sizeof(mac));
}

void ntag424_mirror(const struct ntag424_image *image, const uint8_t uid[static NTAG424_UID_LEN],
		    const uint8_t padding[static NTAG424_PADDING], uint8_t ret_file[static NTAG424_NDEF_SIZE])
{
	const struct ntag424_rules rules = ntag424_rules_of(image, 2);

	memcpy(ret_file, image->ndef, NTAG424_NDEF_SIZE);
	if (!rules.sdm)
		return;
	if (rules.meta_read == ACCESS_FREE)
		mirror_plain(image, &rules, uid, ret_file);
	else if (rules.meta_read < NTAG424_KEYS)
		mirror_picc(image, &rules, uid, padding, ret_file + rules.picc_at);
	if (rules.file_read == ACCESS_NEVER)
		return;
	if (rules.enciphers)
		mirror_enciphered(image, &rules, uid, ret_file);
	mirror_mac(image, &rules, uid, ret_file);
}
