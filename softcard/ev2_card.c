/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EV2, the chip's half.  Section numbers are those of NT4H2421Gx.
 */
#include "softcard/ev2_card.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/aes.h"

static const uint8_t no_vector[EV2_BLOCK];
static const uint8_t command_label[] = { 0xA5, 0x5A }, answer_label[] = { 0x5A, 0xA5 };

static struct pb_view block_view(const uint8_t block[static EV2_BLOCK])
{
	return pb_view(block, EV2_BLOCK);
}

void ev2_card_challenge(const uint8_t key[static EV2_BLOCK], const uint8_t rnd_b[static EV2_BLOCK],
			uint8_t ret_challenge[static EV2_BLOCK])
{
	pb_aes_cbc_encrypt(block_view(key), no_vector, rnd_b, EV2_BLOCK, ret_challenge);
}

static void rotated(const uint8_t random[static EV2_BLOCK], uint8_t ret_rotated[static EV2_BLOCK])
{
	for (size_t i = 0; i < EV2_BLOCK; i++)
		ret_rotated[i] = random[(i + 1) % EV2_BLOCK];
}

/* 9.1.7: RndA[15..14] || (RndA[13..8] ^ RndB[15..10]) || RndB[9..0] || RndA[7..0]; the document counts from the
 * right, the array from the left. */
static void session_key(const uint8_t key[static EV2_BLOCK], const uint8_t label[static 2], const uint8_t *rnd_a,
			const uint8_t *rnd_b, uint8_t ret_key[static EV2_BLOCK])
{
	uint8_t sv[32] = { label[0], label[1], 0x00, 0x01, 0x00, 0x80 };
	const struct pb_view whole = PB_VIEW(sv);

	memcpy(sv + 6, rnd_a, 8);
	for (size_t i = 0; i < 6; i++)
		sv[8 + i] ^= rnd_b[i];
	memcpy(sv + 14, rnd_b + 6, 10);
	memcpy(sv + 24, rnd_a + 8, 8);
	pb_aes_cmac(block_view(key), &whole, 1, ret_key);
	pb_wipe(sv, sizeof(sv));
}

bool ev2_card_answer(struct ev2_card *channel, const uint8_t key[static EV2_BLOCK],
		     const uint8_t rnd_b[static EV2_BLOCK], const uint8_t response[static EV2_RESPONSE],
		     const uint8_t *ti, uint8_t ret_answer[static EV2_RESPONSE])
{
	uint8_t plain[EV2_RESPONSE], right[EV2_BLOCK], answer[EV2_RESPONSE] = { 0 };

	pb_aes_cbc_decrypt(block_view(key), no_vector, response, EV2_RESPONSE, plain);
	rotated(rnd_b, right);
	if (!pb_ct_equal(right, plain + EV2_BLOCK, EV2_BLOCK))
		return false;
	if (ti) {
		memcpy(answer, ti, EV2_TI);
		rotated(plain, answer + EV2_TI); /* then both capabilities, which are zero here */
		memcpy(channel->ti, ti, EV2_TI);
		channel->counter = 0;
	} else {
		rotated(plain, answer);
	}
	pb_aes_cbc_encrypt(block_view(key), no_vector, answer, ti ? EV2_RESPONSE : EV2_BLOCK, ret_answer);
	session_key(key, command_label, plain, rnd_b, channel->enc);
	session_key(key, answer_label, plain, rnd_b, channel->mac);
	channel->open = true;
	pb_wipe(plain, sizeof(plain));
	return true;
}

void ev2_card_close(struct ev2_card *channel)
{
	pb_wipe(channel, sizeof(*channel));
}

/* 9.1.9: code || CmdCtr || TI || the rest; every second byte of the CMAC */
static void mac_of(const struct ev2_card *channel, uint8_t code, struct pb_view rest, uint8_t ret_mac[static EV2_MAC])
{
	const uint8_t head[] = { code, (uint8_t)channel->counter, (uint8_t)(channel->counter >> 8),
				 channel->ti[0], channel->ti[1], channel->ti[2], channel->ti[3] };
	const struct pb_view parts[] = { PB_VIEW(head), rest };
	uint8_t whole[EV2_BLOCK];

	pb_aes_cmac(block_view(channel->mac), parts, 2, whole);
	for (size_t i = 0; i < EV2_BLOCK; i++)
		if (i % 2)
			ret_mac[i / 2] = whole[i];
}

bool ev2_card_check(const struct ev2_card *channel, uint8_t ins, struct pb_view *field)
{
	uint8_t right[EV2_MAC];

	if (field->n < EV2_MAC)
		return false;
	mac_of(channel, ins, pb_view(field->p, field->n - EV2_MAC), right);
	if (!pb_ct_equal(right, field->p + field->n - EV2_MAC, EV2_MAC))
		return false;
	field->n -= EV2_MAC;
	return true;
}

/* 9.1.4: the vector is a block of label, TI and counter, enciphered */
static void vector_of(const struct ev2_card *channel, const uint8_t label[static 2],
		      uint8_t ret_vector[static EV2_BLOCK])
{
	uint8_t block[EV2_BLOCK] = { label[0], label[1] };

	memcpy(block + 2, channel->ti, EV2_TI);
	block[6] = (uint8_t)channel->counter;
	block[7] = (uint8_t)(channel->counter >> 8);
	pb_aes_encrypt_block(block_view(channel->enc), block, ret_vector);
}

bool ev2_card_decipher(const struct ev2_card *channel, struct pb_view data, uint8_t *ret_plain, size_t *ret_n)
{
	uint8_t vector[EV2_BLOCK];
	size_t n = data.n;

	if (n == 0 || n % EV2_BLOCK || n > EV2_FIELD_MAX)
		return false;
	vector_of(channel, command_label, vector);
	pb_aes_cbc_decrypt(block_view(channel->enc), vector, data.p, n, ret_plain);
	for (size_t zeroes = 0; zeroes < EV2_BLOCK; zeroes++) {
		n--;
		if (ret_plain[n] == 0x80) {
			*ret_n = n;
			return true;
		}
		if (ret_plain[n])
			return false;
	}
	return false;
}

void ev2_card_encipher(const struct ev2_card *channel, struct pb_writer *out)
{
	uint8_t vector[EV2_BLOCK], padded[EV2_FIELD_MAX + EV2_BLOCK] = { 0 };
	const size_t n = (out->n / EV2_BLOCK + 1) * EV2_BLOCK;

	if (out->n > EV2_FIELD_MAX)
		PB_BUG("an answer longer than an answer can be");
	memcpy(padded, out->p, out->n);
	padded[out->n] = 0x80;
	vector_of(channel, answer_label, vector);
	pb_aes_cbc_encrypt(block_view(channel->enc), vector, padded, n, padded);
	out->n = 0;
	pb_put(out, padded, n);
	pb_wipe(padded, sizeof(padded));
}

void ev2_card_put_mac(const struct ev2_card *channel, struct pb_writer *out)
{
	uint8_t mac[EV2_MAC];

	mac_of(channel, 0x00, pb_view(out->p, out->n), mac);
	pb_put(out, mac, sizeof(mac));
}

uint8_t ev2_card_unwrap(struct ev2_card *channel, enum mode mode, size_t header_n, struct pb_view field, uint8_t *plain,
			struct native *command)
{
	if (channel->open && mode != PLAIN && !ev2_card_check(channel, command->ins, &field))
		return INTEGRITY_ERROR;
	if (field.n < header_n)
		return LENGTH_ERROR;
	command->header = pb_view(field.p, header_n);
	command->data = pb_view(field.p + header_n, field.n - header_n);
	if (!channel->open)
		return DONE;
	if (mode == FULL && command->data.n) {
		if (!ev2_card_decipher(channel, command->data, plain, &command->data.n))
			return INTEGRITY_ERROR;
		command->data.p = plain;
	}
	channel->counter++;
	return DONE;
}

void ev2_card_wrap(const struct ev2_card *channel, enum mode mode, struct pb_writer *out)
{
	if (!channel->open || mode == PLAIN)
		return;
	if (mode == FULL && out->n)
		ev2_card_encipher(channel, out);
	ev2_card_put_mac(channel, out);
}

/* CRC-32 of IEEE 802.3 without its last inversion, least significant byte first */
static void crc32_nk(const uint8_t *bytes, size_t n, uint8_t ret_crc[static 4])
{
	uint32_t crc = ~0u;

	while (n--) {
		crc ^= *bytes++;
		for (unsigned i = 8; i; i--)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
	}
	for (unsigned i = 0; i < 4; i++, crc >>= 8)
		ret_crc[i] = (uint8_t)crc;
}

uint8_t ev2_card_take_key(struct pb_view data, bool own, uint8_t key[static EV2_BLOCK], uint8_t *version)
{
	uint8_t next[EV2_BLOCK], crc[4];

	if (data.n != (own ? EV2_BLOCK + 1 : EV2_BLOCK + 1 + sizeof(crc)))
		return LENGTH_ERROR;
	for (size_t i = 0; i < EV2_BLOCK; i++)
		next[i] = data.p[i] ^ (own ? 0 : key[i]);
	crc32_nk(next, EV2_BLOCK, crc);
	if (!own && !pb_ct_equal(crc, data.p + EV2_BLOCK + 1, sizeof(crc)))
		return INTEGRITY_ERROR;
	memcpy(key, next, EV2_BLOCK);
	*version = data.p[EV2_BLOCK];
	pb_wipe(next, sizeof(next));
	return DONE;
}
