/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys, attempts and the few card management commands an issue uses.
 */
#include "softcard/security_domain.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/aes.h"
#include "softcard/personalise.h"
#include "softcard/random.h"

enum {
	SEQUENCE_MAX = 0xFFFFFF,
	DIVERSIFICATION_LEN = 10,
	PSEUDO_RANDOM = 0x70, /* i */
	TAG_KEY_INFORMATION = 0xE0,
	TAG_KEY = 0xC0,
	KEYS_IN_SET = 3,
	KEY_BLOCK_LEN = 1 + FACTORY_KEY_LEN, /* length of the key, and the key */
};

void security_domain_factory_keys(struct card_keys *ret_keys)
{
	*ret_keys = (struct card_keys){ .kvn = KVN_FACTORY, .attempts = AUTHENTICATION_ATTEMPTS };
	memcpy(ret_keys->enc, FACTORY_KEY, FACTORY_KEY_LEN);
	memcpy(ret_keys->mac, FACTORY_KEY, FACTORY_KEY_LEN);
	memcpy(ret_keys->dek, FACTORY_KEY, FACTORY_KEY_LEN);
}

uint16_t security_domain_selected(struct pb_writer *out)
{
	static const uint8_t max_lc = APDU_DATA_MAX;
	uint8_t body_bytes[32], proprietary_bytes[8];
	struct pb_writer body = pb_writer(body_bytes, sizeof(body_bytes));
	struct pb_writer proprietary = pb_writer(proprietary_bytes, sizeof(proprietary_bytes));

	put_tlv(&proprietary, TAG_MAX_LC, pb_view(&max_lc, 1));
	put_tlv(&body, TAG_FCI_AID, pb_view(ISD_AID, ISD_AID_LEN));
	put_tlv(&body, TAG_FCI_PROPRIETARY, pb_view(proprietary.p, proprietary.n));
	put_tlv(out, TAG_FCI, pb_view(body.p, body.n));
	return SW_OK;
}

/* The counter goes up before it is used, so that no challenge is ever given twice. */
static bool draw_challenge(struct softcard *card, struct pb_view aid, uint8_t ret_challenge[static SCP03_CHALLENGE_LEN])
{
	struct card_image next = card->nvm.now;
	struct card_keys *keys = &next.keys;
	const uint32_t sequence = ++keys->sequence;
	const uint8_t bytes[] = { (uint8_t)(sequence >> 16), (uint8_t)(sequence >> 8), (uint8_t)sequence };

	if (next.scp03_i != PSEUDO_RANDOM) {
		card_random(ret_challenge, SCP03_CHALLENGE_LEN);
		return true;
	}
	scp03_card_challenge(PB_VIEW(keys->enc), bytes, aid, SCP03_CHALLENGE_LEN, ret_challenge);
	card->work.aes_runs++;
	return nvm_write(&card->nvm, &next);
}

/* 10 bytes that differ from card to card: 00 in front of the UID, or its end. */
static void put_diversification(struct pb_writer *out, const struct card_image *image)
{
	uint8_t bytes[DIVERSIFICATION_LEN] = { 0 };

	memcpy(bytes + DIVERSIFICATION_LEN - image->uid_n, image->uid, image->uid_n);
	pb_put(out, bytes, sizeof(bytes));
}

uint16_t initialize_update(struct softcard *card, struct pb_view aid, const struct command *command, struct pb_writer *out)
{
	const struct card_image *now = &card->nvm.now;
	const struct card_keys *keys = &now->keys;
	uint8_t challenge[SCP03_CHALLENGE_LEN], cryptogram[SCP03_CHALLENGE_LEN];

	scp03_card_close(&card->channel);
	forget_blocks(card);
	card->installed = false;
	if (command->p2)
		return SW_P1P2;
	if (command->data.n != SCP03_CHALLENGE_LEN)
		return SW_LENGTH;
	if (command->p1 && command->p1 != keys->kvn)
		return SW_REFERENCE;
	if (!keys->attempts)
		return SW_BLOCKED;
	if (now->scp03_i == PSEUDO_RANDOM && keys->sequence == SEQUENCE_MAX)
		return SW_CONDITIONS;
	if (!draw_challenge(card, aid, challenge))
		return SW_MEMORY;
	scp03_card_begin(&card->channel, PB_VIEW(keys->enc), PB_VIEW(keys->mac), SCP03_CHALLENGE_LEN, command->data.p,
			 challenge, cryptogram);
	card->work.aes_runs += 5;
	put_diversification(out, now);
	pb_put_u8(out, keys->kvn);
	pb_put_u8(out, SCP03_ID);
	pb_put_u8(out, now->scp03_i);
	pb_put(out, challenge, sizeof(challenge));
	pb_put(out, cryptogram, sizeof(cryptogram));
	if (now->scp03_i == PSEUDO_RANDOM)
		pb_put_be(out, keys->sequence, SCP03_SEQUENCE_LEN);
	return SW_OK;
}

static bool set_attempts(struct softcard *card, uint8_t attempts)
{
	struct card_image next = card->nvm.now;

	if (next.keys.attempts == attempts)
		return true;
	next.keys.attempts = attempts;
	return nvm_write(&card->nvm, &next);
}

static bool is_level(uint8_t level)
{
	return level == 0x01 || level == 0x03 || level == 0x11 || level == 0x13 || level == 0x33;
}

uint16_t external_authenticate(struct softcard *card, const struct command *command)
{
	const uint8_t attempts = card->nvm.now.keys.attempts;

	if (!attempts)
		return SW_BLOCKED;
	if (card->channel.phase != SCP03_CHALLENGED) {
		scp03_card_close(&card->channel);
		return SW_CONDITIONS;
	}
	if (!is_level(command->p1) || command->p2 || command->data.n != 2 * SCP03_CHALLENGE_LEN) {
		scp03_card_close(&card->channel);
		return command->data.n != 2 * SCP03_CHALLENGE_LEN ? SW_LENGTH : SW_P1P2;
	}
	card->work.aes_runs++;
	if (!scp03_card_authenticate(&card->channel, command))
		return set_attempts(card, (uint8_t)(attempts - 1)) ? SW_HOST_CRYPTOGRAM : SW_MEMORY;
	if (set_attempts(card, AUTHENTICATION_ATTEMPTS))
		return SW_OK;
	scp03_card_close(&card->channel);
	return SW_MEMORY;
}

uint16_t security_domain_get_data(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t bytes[KEYS_IN_SET * 6];
	struct pb_writer template = pb_writer(bytes, sizeof(bytes));

	if (command->p1 || command->p2 != TAG_KEY_INFORMATION)
		return SW_REFERENCE;
	for (unsigned i = 0; i < KEYS_IN_SET; i++) {
		const uint8_t key[] = { (uint8_t)(KEY_ID_FIRST + i), card->nvm.now.keys.kvn, KEY_TYPE_AES, FACTORY_KEY_LEN };

		put_tlv(&template, TAG_KEY, PB_VIEW(key));
	}
	put_tlv(out, TAG_KEY_INFORMATION, pb_view(template.p, template.n));
	return SW_OK;
}

/* Amendment D 7.2: 88, block of length and encrypted key, check value over the key in the clear */
static bool take_key(struct pb_cursor *in, struct pb_view dek, uint8_t ret_key[static FACTORY_KEY_LEN],
		     uint8_t ret_kcv[static KCV_LEN])
{
	static const uint8_t iv[PB_AES_BLOCK];
	uint8_t ones[PB_AES_BLOCK], check[PB_AES_BLOCK], type, block_n, key_n, kcv_n;
	struct pb_view sent;

	if (!pb_take_u8(in, &type) || type != KEY_TYPE_AES || !pb_take_u8(in, &block_n) || block_n != KEY_BLOCK_LEN ||
	    !pb_take_u8(in, &key_n) || key_n != FACTORY_KEY_LEN || !pb_take_copy(in, ret_key, FACTORY_KEY_LEN) ||
	    !pb_take_u8(in, &kcv_n) || kcv_n != KCV_LEN || !pb_take(in, KCV_LEN, &sent))
		return false;
	pb_aes_cbc_decrypt(dek, iv, ret_key, FACTORY_KEY_LEN, ret_key);
	memset(ones, 0x01, sizeof(ones));
	pb_aes_encrypt_block(pb_view(ret_key, FACTORY_KEY_LEN), ones, check);
	memcpy(ret_kcv, check, KCV_LEN);
	return pb_ct_equal(check, sent.p, KCV_LEN);
}

static bool take_key_set(struct pb_view data, struct pb_view dek, struct card_keys *keys, struct pb_writer *receipt)
{
	uint8_t *const into[KEYS_IN_SET] = { keys->enc, keys->mac, keys->dek };
	struct pb_cursor in = pb_cursor(data);
	uint8_t kcv[KCV_LEN];

	if (!pb_take_u8(&in, &keys->kvn) || !keys->kvn || keys->kvn > 0x7F)
		return false;
	pb_put_u8(receipt, keys->kvn);
	for (unsigned i = 0; i < KEYS_IN_SET; i++) {
		if (!take_key(&in, dek, into[i], kcv))
			return false;
		pb_put(receipt, kcv, sizeof(kcv));
	}
	return in.left == 0;
}

/* The new set takes the place of the one there is: P1 00 on the factory's, else P1 the present KVN. */
static uint16_t put_key(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	struct card_image next = card->nvm.now;
	const uint8_t old_kvn = next.keys.kvn, replaced = old_kvn == KVN_FACTORY ? 0 : old_kvn;
	uint8_t bytes[1 + KEYS_IN_SET * KCV_LEN];
	struct pb_writer receipt = pb_writer(bytes, sizeof(bytes));
	uint16_t sw;

	if (command->p2 != P2_PUT_KEY_SET)
		return SW_P1P2;
	if (command->p1 != replaced)
		return SW_REFERENCE;
	next.keys = (struct card_keys){ .attempts = AUTHENTICATION_ATTEMPTS };
	card->work.aes_runs += 2 * KEYS_IN_SET;
	if (!take_key_set(command->data, PB_VIEW(card->nvm.now.keys.dek), &next.keys, &receipt))
		sw = SW_DATA;
	else
		sw = nvm_write(&card->nvm, &next) ? SW_OK : SW_MEMORY;
	if (sw == SW_OK)
		pb_put(out, receipt.p, receipt.n);
	pb_wipe(&next, sizeof(next));
	return sw;
}

/* No load file, no module, the application, no privileges, no parameters, no token. */
static uint16_t install(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	static const uint8_t nothing[] = { 0, 0, 0 };
	struct pb_cursor in = pb_cursor(command->data);
	struct pb_view head, aid, tail;
	uint8_t n;

	card->installed = false;
	forget_blocks(card);
	if (command->p1 != P1_INSTALL_FOR_PERSONALIZATION || command->p2)
		return SW_P1P2;
	if (!pb_take(&in, 2, &head) || !pb_view_equal(head, pb_view(nothing, 2)) || !pb_take_u8(&in, &n) ||
	    !pb_take(&in, n, &aid) || !pb_take(&in, 3, &tail) || !pb_view_equal(tail, PB_VIEW(nothing)) || in.left)
		return SW_DATA;
	if (!pb_view_equal(aid, pb_view(APPLET_AID, APPLET_AID_LEN)))
		return SW_REFERENCE;
	card->installed = true;
	pb_put_u8(out, 0x00);
	return SW_OK;
}

/* A personalisation ends with its last block and with any error. */
static uint16_t forward_store_data(struct softcard *card, const struct command *command)
{
	uint16_t sw;

	if (!card->installed)
		return SW_CONDITIONS;
	sw = store_data(card, command);
	if (sw != SW_OK || command->p1 & P1_STORE_LAST)
		card->installed = false;
	return sw;
}

bool security_domain_knows_secured(uint8_t ins)
{
	return ins == INS_PUT_KEY || ins == INS_INSTALL || ins == INS_STORE_DATA || ins == INS_GP_GET_DATA;
}

uint16_t security_domain_secured_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	switch (command->ins) {
	case INS_PUT_KEY:
		return put_key(card, command, out);
	case INS_INSTALL:
		return install(card, command, out);
	case INS_STORE_DATA:
		return forward_store_data(card, command);
	case INS_GP_GET_DATA:
		return security_domain_get_data(card, command, out);
	default:
		return SW_INS;
	}
}
