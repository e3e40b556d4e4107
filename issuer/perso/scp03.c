/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each command's MAC covers the MAC before it (the chaining value), so commands can neither be dropped
 * nor reordered.  Each command's number makes the initial vector of its data, and with the top bit set
 * that of its answer; a command without data has a number too and is not enciphered.
 */
#include "issuer/perso/scp03.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "keys/crypto/aes.h"

enum {
	PAD_FIRST = 0x80,
	RESPONSE_COUNTER_BIT = 0x80,
	DATA_MAX = 255,
	PADDED_MAX = (DATA_MAX / PB_AES_BLOCK) * PB_AES_BLOCK,
};

struct pb_scp03 {
	struct pb_secret enc;
	struct pb_aes_cmac_key *mac, *rmac;
	uint8_t chain[PB_AES_BLOCK];
	uint64_t counter; /* of the last wrapped command; its block is 128 bits of which these are enough */
	unsigned level;
	size_t mac_n;
	bool broken;
};

struct pb_scp03 *pb_scp03_create(struct pb_view enc, struct pb_view mac, struct pb_view rmac, unsigned level,
				 size_t mac_n)
{
	struct pb_scp03 *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	if (mac_n != PB_SCP03_S8 && mac_n != PB_SCP03_S16)
		PB_BUG("a MAC length SCP03 does not have");
	pb_secret_set(&channel->enc, enc.p, enc.n);
	channel->mac = pb_aes_cmac_key_create(mac);
	channel->rmac = pb_aes_cmac_key_create(rmac);
	channel->level = level;
	channel->mac_n = mac_n;
	return channel;
}

void pb_scp03_destroy(struct pb_scp03 *channel)
{
	if (!channel)
		return;
	pb_secret_wipe(&channel->enc);
	pb_aes_cmac_key_destroy(channel->mac);
	pb_aes_cmac_key_destroy(channel->rmac);
	pb_wipe(channel, sizeof(*channel));
	free(channel);
}

static enum pb_status give_up(struct pb_scp03 *channel, enum pb_status status, const char *why, struct pb_err *err)
{
	channel->broken = true;
	return pb_fail(err, status, "secure channel: %s", why);
}

/* Writes the command with its MAC behind the data, and moves the chain on. */
static void put_with_mac(struct pb_scp03 *channel, const struct pb_apdu *command, struct pb_writer *writer)
{
	const uint8_t header[] = { command->cla, command->ins, command->p1, command->p2,
				   (uint8_t)(command->data.n + channel->mac_n) };
	const struct pb_view parts[] = { PB_VIEW(channel->chain), PB_VIEW(header), command->data };
	uint8_t mac[PB_AES_BLOCK];

	pb_aes_cmac_with(channel->mac, parts, 3, mac);
	memcpy(channel->chain, mac, sizeof(mac));
	pb_put(writer, header, sizeof(header));
	pb_put_view(writer, command->data);
	pb_put(writer, mac, channel->mac_n);
	if (command->le)
		pb_put_u8(writer, (uint8_t)command->le);
}

void pb_scp03_authenticate(struct pb_scp03 *channel, struct pb_view host_cryptogram, struct pb_writer *writer)
{
	const struct pb_apdu command = { CLA_GP_SM, INS_EXTERNAL_AUTHENTICATE, (uint8_t)channel->level, 0,
					 host_cryptogram, 0 };

	put_with_mac(channel, &command, writer);
}

static void make_icv(const struct pb_scp03 *channel, uint8_t first, uint8_t ret_icv[static PB_AES_BLOCK])
{
	uint8_t block[PB_AES_BLOCK] = { first };
	struct pb_writer low = pb_writer(block + PB_AES_BLOCK / 2, PB_AES_BLOCK / 2);

	pb_put_be(&low, channel->counter, PB_AES_BLOCK / 2);
	pb_aes_encrypt_block(pb_secret_view(&channel->enc), block, ret_icv);
}

/* Padded and enciphered into ret_data; returns its length. */
static size_t encipher(const struct pb_scp03 *channel, struct pb_view plain, uint8_t ret_data[static PADDED_MAX])
{
	uint8_t icv[PB_AES_BLOCK], padded[PADDED_MAX] = { 0 };
	size_t n = (plain.n / PB_AES_BLOCK + 1) * PB_AES_BLOCK;

	memcpy(padded, plain.p, plain.n);
	padded[plain.n] = PAD_FIRST;
	make_icv(channel, 0, icv);
	pb_aes_cbc_encrypt(pb_secret_view(&channel->enc), icv, padded, n, ret_data);
	pb_wipe(padded, sizeof(padded));
	return n;
}

enum pb_status pb_scp03_wrap(struct pb_scp03 *channel, const struct pb_apdu *plain, struct pb_writer *writer,
			     struct pb_err *err)
{
	bool enciphered = (channel->level & PB_SCP03_C_ENC) && plain->data.n;
	size_t n = enciphered ? (plain->data.n / PB_AES_BLOCK + 1) * PB_AES_BLOCK : plain->data.n;
	uint8_t data[PADDED_MAX];
	struct pb_apdu command = *plain;

	if (channel->broken)
		return give_up(channel, PB_CARD_PROTOCOL, "it is closed", err);
	if (n + channel->mac_n > DATA_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "secure channel: %zu bytes do not fit one command", plain->data.n);
	channel->counter++;
	if (enciphered)
		command.data = pb_view(data, encipher(channel, plain->data, data));
	command.cla |= CLA_GP_SM & ~CLA_GP;
	put_with_mac(channel, &command, writer);
	return PB_OK;
}

/* 80 00 .. 00 at the end.  More than one block of it is taken too, as cards in the field send it (a
 * session of OpenSCP): the MAC has been checked, so there is no oracle in being patient. */
static bool strip_padding(const uint8_t *data, size_t *n)
{
	size_t end = *n;

	while (end > 0 && data[end - 1] == 0)
		end--;
	if (end == 0 || data[end - 1] != PAD_FIRST)
		return false;
	*n = end - 1;
	return true;
}

static bool decipher(const struct pb_scp03 *channel, struct pb_view data, uint8_t ret_data[static APDU_RESPONSE_MAX],
		     size_t *ret_n)
{
	uint8_t icv[PB_AES_BLOCK];

	*ret_n = data.n;
	if (data.n == 0)
		return true;
	if (data.n % PB_AES_BLOCK)
		return false;
	make_icv(channel, RESPONSE_COUNTER_BIT, icv);
	pb_aes_cbc_decrypt(pb_secret_view(&channel->enc), icv, data.p, data.n, ret_data);
	return strip_padding(ret_data, ret_n);
}

static bool mac_is_right(const struct pb_scp03 *channel, struct pb_view data, uint16_t sw, const uint8_t *mac)
{
	const uint8_t word[] = { (uint8_t)(sw >> 8), (uint8_t)sw };
	const struct pb_view parts[] = { PB_VIEW(channel->chain), data, PB_VIEW(word) };
	uint8_t right[PB_AES_BLOCK];

	pb_aes_cmac_with(channel->rmac, parts, 3, right);
	return pb_ct_equal(right, mac, channel->mac_n);
}

/* 6.2.5: only 9000 and the warnings 62xx and 63xx carry a MAC. */
static bool carries_mac(uint16_t sw)
{
	return sw == SW_OK || sw >> 8 == 0x62 || sw >> 8 == 0x63;
}

enum pb_status pb_scp03_unwrap(struct pb_scp03 *channel, const struct pb_response *response,
			       uint8_t ret_data[static APDU_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct pb_view data = response->data;

	if (channel->broken || data.n > APDU_RESPONSE_MAX)
		return give_up(channel, PB_CARD_PROTOCOL, "it is closed", err);
	if (!carries_mac(response->sw)) {
		if (data.n)
			return give_up(channel, PB_CARD_PROTOCOL, "data beside an error", err);
		*ret_n = 0;
		return PB_OK;
	}
	if (channel->level & PB_SCP03_R_MAC) {
		if (data.n < channel->mac_n)
			return give_up(channel, PB_CARD_PROTOCOL, "an answer without its MAC", err);
		data.n -= channel->mac_n;
		if (!mac_is_right(channel, data, response->sw, data.p + data.n))
			return give_up(channel, PB_CARD_PROTOCOL, "an answer with a wrong MAC", err);
	}
	if (channel->level & PB_SCP03_R_ENC)
		return decipher(channel, data, ret_data, ret_n) ?
			PB_OK : give_up(channel, PB_CARD_PROTOCOL, "an answer with wrong padding", err);
	if (data.n)
		memcpy(ret_data, data.p, data.n);
	*ret_n = data.n;
	return PB_OK;
}
