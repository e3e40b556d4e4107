/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SCP03, the card's half.  Section numbers are those of Amendment D 1.1.2.
 */
#include "softcard/scp03_card.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/aes.h"

/* 4.1.5: derivation constants */
enum {
	DERIVE_CARD_CRYPTOGRAM = 0x00,
	DERIVE_HOST_CRYPTOGRAM = 0x01,
	DERIVE_CARD_CHALLENGE = 0x02,
	DERIVE_S_ENC = 0x04,
	DERIVE_S_MAC = 0x06,
	DERIVE_S_RMAC = 0x07,
};

/* 4.1.5: NIST SP 800-108 in counter mode with CMAC, the counter standing between L and the context. */
static void derive(struct pb_view key, uint8_t constant, struct pb_view context, size_t n, uint8_t *ret_bytes)
{
	for (size_t done = 0; done < n; done += PB_AES_BLOCK) {
		const size_t bits = n * 8, left = n - done;
		const uint8_t fixed[16] = { [11] = constant, 0x00, (uint8_t)(bits >> 8), (uint8_t)bits,
					    (uint8_t)(done / PB_AES_BLOCK + 1) };
		const struct pb_view parts[] = { PB_VIEW(fixed), context };
		uint8_t block[PB_AES_BLOCK];

		pb_aes_cmac(key, parts, 2, block);
		memcpy(ret_bytes + done, block, left < PB_AES_BLOCK ? left : PB_AES_BLOCK);
	}
}

void scp03_card_challenge(struct pb_view key_enc, const uint8_t sequence[static SCP03_SEQUENCE_LEN], struct pb_view aid,
			  size_t s, uint8_t *ret_challenge)
{
	uint8_t bytes[SCP03_SEQUENCE_LEN + 16];
	struct pb_writer context = pb_writer(bytes, sizeof(bytes));
	struct pb_view view;

	pb_put(&context, sequence, SCP03_SEQUENCE_LEN);
	pb_put_view(&context, aid);
	if (!pb_writer_view(&context, &view))
		PB_BUG("an AID of more than 16 bytes");
	derive(key_enc, DERIVE_CARD_CHALLENGE, view, s, ret_challenge);
}

void scp03_card_begin(struct scp03_card *channel, struct pb_view key_enc, struct pb_view key_mac, size_t s,
		      const uint8_t *host_challenge, const uint8_t *card_challenge, uint8_t *ret_cryptogram)
{
	uint8_t bytes[2 * SCP03_S_MAX] = { 0 };
	const struct pb_view context = pb_view(bytes, 2 * s);

	memcpy(bytes, host_challenge, s);
	memcpy(bytes + s, card_challenge, s);
	*channel = (struct scp03_card){ .phase = SCP03_CHALLENGED, .s = s, .key_n = key_enc.n };
	derive(key_enc, DERIVE_S_ENC, context, key_enc.n, channel->s_enc);
	derive(key_mac, DERIVE_S_MAC, context, key_enc.n, channel->s_mac);
	derive(key_mac, DERIVE_S_RMAC, context, key_enc.n, channel->s_rmac);
	derive(pb_view(channel->s_mac, key_enc.n), DERIVE_HOST_CRYPTOGRAM, context, s, channel->host_cryptogram);
	derive(pb_view(channel->s_mac, key_enc.n), DERIVE_CARD_CRYPTOGRAM, context, s, ret_cryptogram);
}

void scp03_card_close(struct scp03_card *channel)
{
	pb_wipe(channel, sizeof(*channel));
}

/* 6.2.4: over the chaining value, the header as sent, Lc as sent and the data before the MAC. */
static bool check_c_mac(struct scp03_card *channel, const struct command *command)
{
	const uint8_t header[] = { command->cla, command->ins, command->p1, command->p2, (uint8_t)command->data.n };
	const size_t n = command->data.n - channel->s;
	const struct pb_view parts[] = { PB_VIEW(channel->chain), PB_VIEW(header), pb_view(command->data.p, n) };
	uint8_t mac[PB_AES_BLOCK];

	pb_aes_cmac(pb_view(channel->s_mac, channel->key_n), parts, 3, mac);
	if (!pb_ct_equal(mac, command->data.p + n, channel->s))
		return false;
	memcpy(channel->chain, mac, sizeof(mac));
	return true;
}

bool scp03_card_authenticate(struct scp03_card *channel, const struct command *command)
{
	bool right = channel->phase == SCP03_CHALLENGED && command->data.n == 2 * channel->s &&
		     pb_ct_equal(command->data.p, channel->host_cryptogram, channel->s) &&
		     check_c_mac(channel, command);

	if (!right) {
		scp03_card_close(channel);
		return false;
	}
	channel->phase = SCP03_OPEN;
	channel->level = command->p1;
	return true;
}

/* 6.2.6: counts every command, also those without data */
static void count(struct scp03_card *channel)
{
	for (size_t i = sizeof(channel->counter); i-- > 0 && ++channel->counter[i] == 0;)
		;
}

/* 6.2.6, 6.2.7: the start value is the encrypted counter; in answers its first byte is 80. */
static void start_value(const struct scp03_card *channel, uint8_t first, uint8_t ret_iv[static PB_AES_BLOCK])
{
	uint8_t block[PB_AES_BLOCK];

	memcpy(block, channel->counter, sizeof(block));
	block[0] |= first;
	pb_aes_encrypt_block(pb_view(channel->s_enc, channel->key_n), block, ret_iv);
}

/* Takes off 80 00.. ; false when it is not there. */
static bool unpad(const uint8_t *bytes, size_t *n)
{
	size_t left = *n;

	while (left && bytes[left - 1] == 0x00)
		left--;
	if (!left || bytes[left - 1] != 0x80)
		return false;
	*n = left - 1;
	return true;
}

static bool decrypt(struct scp03_card *channel, struct pb_view data, uint8_t ret_plain[static APDU_DATA_MAX], size_t *ret_n)
{
	uint8_t iv[PB_AES_BLOCK];

	if (data.n % PB_AES_BLOCK)
		return false;
	start_value(channel, 0, iv);
	pb_aes_cbc_decrypt(pb_view(channel->s_enc, channel->key_n), iv, data.p, data.n, ret_plain);
	*ret_n = data.n;
	return unpad(ret_plain, ret_n);
}

enum scp03_unwrap scp03_card_unwrap(struct scp03_card *channel, const struct command *command,
				    uint8_t ret_plain[static APDU_DATA_MAX], struct command *ret_command)
{
	struct command plain = *command;
	bool wrapped = channel->phase == SCP03_OPEN && command->cla == CLA_GP_SM && command->data.n >= channel->s;

	if (!wrapped || !check_c_mac(channel, command)) {
		scp03_card_close(channel);
		return wrapped ? SCP03_WRONG : SCP03_NOT_WRAPPED;
	}
	count(channel);
	plain.cla = CLA_GP;
	plain.data.n -= channel->s;
	if (plain.data.n && channel->level & SCP03_C_ENC) {
		if (!decrypt(channel, plain.data, ret_plain, &plain.data.n)) {
			scp03_card_close(channel);
			return SCP03_WRONG;
		}
	} else if (plain.data.n) {
		memcpy(ret_plain, plain.data.p, plain.data.n);
	}
	plain.data.p = ret_plain;
	*ret_command = plain;
	return SCP03_UNWRAPPED;
}

static size_t encrypt_answer(const struct scp03_card *channel, uint8_t *bytes, size_t n)
{
	const size_t padded = (n / PB_AES_BLOCK + 1) * PB_AES_BLOCK;
	uint8_t iv[PB_AES_BLOCK];

	memset(bytes + n, 0, padded - n);
	bytes[n] = 0x80;
	start_value(channel, 0x80, iv);
	pb_aes_cbc_encrypt(pb_view(channel->s_enc, channel->key_n), iv, bytes, padded, bytes);
	return padded;
}

/* 6.2.5: over the command's chaining value, the data as sent and the status word */
static void put_r_mac(const struct scp03_card *channel, uint16_t sw, struct pb_writer *out)
{
	const uint8_t trailer[] = { (uint8_t)(sw >> 8), (uint8_t)sw };
	const struct pb_view parts[] = { PB_VIEW(channel->chain), pb_view(out->p, out->n), PB_VIEW(trailer) };
	uint8_t mac[PB_AES_BLOCK];

	pb_aes_cmac(pb_view(channel->s_rmac, channel->key_n), parts, 3, mac);
	pb_put(out, mac, channel->s);
}

void scp03_card_wrap(const struct scp03_card *channel, uint16_t sw, struct pb_writer *out)
{
	const unsigned kind = sw >> 8;

	if (channel->phase != SCP03_OPEN || (sw != SW_OK && kind != 0x62 && kind != 0x63))
		return;
	if (out->n + PB_AES_BLOCK + channel->s > out->cap)
		PB_BUG("an answer too long to be wrapped");
	if (out->n && channel->level & SCP03_R_ENC)
		out->n = encrypt_answer(channel, out->p, out->n);
	if (channel->level & SCP03_R_MAC)
		put_r_mac(channel, sw, out);
}
