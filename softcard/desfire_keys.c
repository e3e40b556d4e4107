/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys: authentication under them, and what they are changed by.  Section numbers are those of MF2DL(H)x0; what is
 * "legacy" is that of MF3ICD40, where the host always deciphers, so that the card only has to encipher.
 */
#include "softcard/desfire_inside.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/des3.h"
#include "softcard/random.h"

enum {
	AES_KEY = 0x80, /* in the number of the PICC's key: it is one, or is to become one */
	DES_RESPONSE = 2 * PB_DES3_BLOCK,
	LEGACY_KEY = 24, /* a key, its version, CRC, filled up to whole blocks */
	LEGACY_SETTINGS = 8,
	CRC_LEN = 2,
};

void desfire_lose_key(struct desfire_image *image)
{
	for (size_t i = 0; i <= DESFIRE_APPLICATIONS; i++)
		for (size_t k = 0; k < image->applications[i].key_count; k++)
			card_random(image->applications[i].keys[k].bytes, DESFIRE_KEY_LEN);
}

/* ---- DES */

static struct pb_view three_keys(const uint8_t key[static DESFIRE_KEY_LEN], uint8_t ret_keys[static PB_DES3_KEY])
{
	memcpy(ret_keys, key, DESFIRE_KEY_LEN);
	memcpy(ret_keys + DESFIRE_KEY_LEN, key, PB_DES3_BLOCK);
	return pb_view(ret_keys, PB_DES3_KEY);
}

static void encipher_block(const uint8_t key[static DESFIRE_KEY_LEN], const uint8_t block[static PB_DES3_BLOCK],
			   uint8_t ret_block[static PB_DES3_BLOCK])
{
	uint8_t keys[PB_DES3_KEY];

	pb_des3_encrypt_block(three_keys(key, keys), block, ret_block);
	pb_wipe(keys, sizeof(keys));
}

/* What the host has deciphered in a chain from a zero vector. */
static void undo(const uint8_t key[static DESFIRE_KEY_LEN], struct pb_view data, uint8_t *ret_plain)
{
	for (size_t at = 0; at < data.n; at += PB_DES3_BLOCK) {
		encipher_block(key, data.p + at, ret_plain + at);
		for (size_t i = 0; at && i < PB_DES3_BLOCK; i++)
			ret_plain[at + i] ^= data.p[at - PB_DES3_BLOCK + i];
	}
}

/* ISO/IEC 14443-3 annex B, CRC_A */
static void crc_a(const uint8_t *bytes, size_t n, uint8_t ret_crc[static CRC_LEN])
{
	unsigned crc = 0x6363;

	while (n--) {
		crc ^= *bytes++;
		for (unsigned i = 8; i; i--)
			crc = crc & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
	}
	ret_crc[0] = (uint8_t)crc;
	ret_crc[1] = (uint8_t)(crc >> 8);
}

static void legacy_session_key(const uint8_t key[static DESFIRE_KEY_LEN], const uint8_t *rnd_a, const uint8_t *rnd_b,
			       uint8_t ret_key[static DESFIRE_KEY_LEN])
{
	const bool single = pb_ct_equal(key, key + PB_DES3_BLOCK, PB_DES3_BLOCK);

	memcpy(ret_key, rnd_a, 4);
	memcpy(ret_key + 4, rnd_b, 4);
	memcpy(ret_key + 8, rnd_a + (single ? 0 : 4), 4);
	memcpy(ret_key + 12, rnd_b + (single ? 0 : 4), 4);
}

static void rotate(const uint8_t block[static PB_DES3_BLOCK], uint8_t ret_block[static PB_DES3_BLOCK])
{
	for (size_t i = 0; i < PB_DES3_BLOCK; i++)
		ret_block[i] = block[(i + 1) % PB_DES3_BLOCK];
}

static uint8_t legacy_response(struct softcard *card, struct pb_view response, struct pb_writer *out)
{
	struct desfire_session *session = &card->desfire;
	const uint8_t *key = desfire_selected(card)->keys[session->waiting_key].bytes;
	uint8_t plain[DES_RESPONSE], block[PB_DES3_BLOCK];

	if (response.n != DES_RESPONSE)
		return LENGTH_ERROR;
	undo(key, response, plain);
	rotate(session->rnd_b, block);
	if (!pb_ct_equal(block, plain + PB_DES3_BLOCK, PB_DES3_BLOCK))
		return AUTHENTICATION_ERROR;
	legacy_session_key(key, plain, session->rnd_b, session->des);
	rotate(plain, block);
	encipher_block(key, block, block);
	pb_put(out, block, sizeof(block));
	session->opened = DESFIRE_BY_DES;
	session->key = session->waiting_key;
	return DONE;
}

/* ---- authentication, 11.4 */

static bool well_formed(uint8_t ins, struct pb_view data)
{
	if (ins == AUTHENTICATE_FIRST)
		return data.n >= 2 && data.p[1] <= 6 && data.n == 2u + data.p[1];
	return data.n == 1;
}

static void close_session(struct desfire_session *session)
{
	session->opened = DESFIRE_NOBODY;
	session->written = false;
	ev2_card_close(&session->channel);
}

uint8_t desfire_challenge(struct softcard *card, uint8_t ins, struct pb_view data, struct pb_writer *out)
{
	const struct desfire_application *application = desfire_selected(card);
	struct desfire_session *session = &card->desfire;
	uint8_t block[EV2_BLOCK];

	if (!well_formed(ins, data))
		return LENGTH_ERROR;
	if (data.p[0] >= application->key_count || (ins == AUTHENTICATE_NEXT && session->opened != DESFIRE_BY_AES))
		return NO_SUCH_KEY;
	if (application->aes == (ins == AUTHENTICATE_LEGACY))
		return AUTHENTICATION_ERROR; /* a key for another cipher */
	if (ins != AUTHENTICATE_NEXT)
		close_session(session);
	card_random(session->rnd_b, sizeof(session->rnd_b));
	if (ins == AUTHENTICATE_LEGACY)
		encipher_block(application->keys[data.p[0]].bytes, session->rnd_b, block);
	else
		ev2_card_challenge(application->keys[data.p[0]].bytes, session->rnd_b, block);
	pb_put(out, block, ins == AUTHENTICATE_LEGACY ? PB_DES3_BLOCK : EV2_BLOCK);
	session->waits_for = ins;
	session->waiting_key = data.p[0];
	card->work.aes_runs++;
	return MORE;
}

uint8_t desfire_response(struct softcard *card, uint8_t began_with, struct pb_view response, struct pb_writer *out)
{
	const bool first = began_with == AUTHENTICATE_FIRST;
	struct desfire_session *session = &card->desfire;
	uint8_t ti[EV2_TI], answer[EV2_RESPONSE];

	if (began_with == AUTHENTICATE_LEGACY)
		return legacy_response(card, response, out);
	if (response.n != EV2_RESPONSE)
		return LENGTH_ERROR;
	card_random(ti, sizeof(ti));
	card->work.aes_runs += 4;
	if (!ev2_card_answer(&session->channel, desfire_selected(card)->keys[session->waiting_key].bytes, session->rnd_b,
			     response.p, first ? ti : NULL, answer))
		return AUTHENTICATION_ERROR;
	session->opened = DESFIRE_BY_AES;
	session->key = session->waiting_key;
	pb_put(out, answer, first ? EV2_RESPONSE : EV2_BLOCK);
	return DONE;
}

/* ---- keys and their settings, 11.6 */

/* 11.6.1: whose session may change this key */
static uint8_t may_change(struct softcard *card, unsigned number)
{
	const struct desfire_application *application = desfire_selected(card);
	const unsigned by = application->settings >> 4;

	if (card->desfire.opened == DESFIRE_NOBODY)
		return AUTHENTICATION_ERROR;
	if (number == 0 && !(application->settings & SETTINGS_MASTER_CHANGES))
		return PERMISSION_DENIED;
	if (number != 0 && by == ACCESS_NEVER)
		return PERMISSION_DENIED;
	if (number == 0 || by == number || by == 0)
		return desfire_by_key(card, 0) ? DONE : AUTHENTICATION_ERROR;
	return desfire_by_key(card, by == ACCESS_FREE ? number : by) ? DONE : AUTHENTICATION_ERROR;
}

/* The session ends with the key it was opened with. */
static uint8_t store_key(struct softcard *card, struct card_image *next, bool own)
{
	const uint8_t status = desfire_store(card, next);

	pb_wipe(next, sizeof(*next));
	if (status == DONE && own)
		close_session(&card->desfire);
	return status;
}

uint8_t desfire_change_key(struct softcard *card, const struct native *command)
{
	const bool picc = card->desfire.application == 0;
	const uint8_t number = picc ? command->header.p[0] ^ AES_KEY : command->header.p[0];
	struct card_image next = card->nvm.now;
	struct desfire_application *application = &next.desfire.applications[card->desfire.application];
	uint8_t status;

	if (number >= application->key_count)
		return NO_SUCH_KEY;
	status = may_change(card, number);
	if (status == DONE)
		status = ev2_card_take_key(command->data, desfire_by_key(card, number), application->keys[number].bytes,
					   &application->keys[number].version);
	return status == DONE ? store_key(card, &next, desfire_by_key(card, number)) : status;
}

/* Enciphered data as the old commands have them: n bytes, CRC_A over them, zeroes to whole blocks. */
static uint8_t take_legacy(struct softcard *card, struct pb_view data, size_t n, uint8_t *ret_plain)
{
	uint8_t crc[CRC_LEN];

	undo(card->desfire.des, data, ret_plain);
	crc_a(ret_plain, n, crc);
	return pb_ct_equal(crc, ret_plain + n, sizeof(crc)) ? DONE : INTEGRITY_ERROR;
}

uint8_t desfire_change_key_legacy(struct softcard *card, struct pb_view field)
{
	const bool picc = card->desfire.application == 0;
	struct card_image next = card->nvm.now;
	struct desfire_application *application = &next.desfire.applications[card->desfire.application];
	uint8_t plain[LEGACY_KEY], number, status;
	bool aes;

	if (field.n != 1 + LEGACY_KEY)
		return LENGTH_ERROR;
	aes = picc && (field.p[0] & AES_KEY);
	number = aes ? field.p[0] ^ AES_KEY : field.p[0];
	if (number >= application->key_count)
		return NO_SUCH_KEY;
	if (number != card->desfire.key)
		return ILLEGAL_COMMAND; /* another key's form is not there */
	status = may_change(card, number);
	if (status == DONE)
		status = take_legacy(card, pb_view(field.p + 1, LEGACY_KEY), aes ? DESFIRE_KEY_LEN + 1 : DESFIRE_KEY_LEN, plain);
	if (status != DONE)
		return status;
	memcpy(application->keys[number].bytes, plain, DESFIRE_KEY_LEN);
	application->keys[number].version = aes ? plain[DESFIRE_KEY_LEN] : 0;
	application->aes = aes;
	pb_wipe(plain, sizeof(plain));
	return store_key(card, &next, true);
}

uint8_t desfire_get_key_version(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	const struct desfire_application *application = desfire_selected(card);

	if (command->header.p[0] >= application->key_count)
		return NO_SUCH_KEY;
	pb_put_u8(out, desfire_key_version(application, command->header.p[0]));
	return DONE;
}

uint8_t desfire_get_key_settings(struct softcard *card, struct pb_writer *out)
{
	const struct desfire_application *application = desfire_selected(card);

	if (!(application->settings & SETTINGS_FREE_LISTING) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	pb_put_u8(out, application->settings);
	pb_put_u8(out, application->key_count | (application->aes ? AES_KEY : 0));
	return DONE;
}

static uint8_t change_settings(struct softcard *card, uint8_t settings)
{
	struct card_image next = card->nvm.now;

	if (!desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	if (!(desfire_selected(card)->settings & SETTINGS_CHANGES))
		return PERMISSION_DENIED;
	next.desfire.applications[card->desfire.application].settings = settings;
	return desfire_store(card, &next);
}

uint8_t desfire_change_key_settings(struct softcard *card, const struct native *command)
{
	return command->data.n == 1 ? change_settings(card, command->data.p[0]) : LENGTH_ERROR;
}

uint8_t desfire_change_key_settings_legacy(struct softcard *card, struct pb_view field)
{
	uint8_t plain[LEGACY_SETTINGS], status;

	if (field.n != LEGACY_SETTINGS)
		return LENGTH_ERROR;
	status = take_legacy(card, field, 1, plain);
	return status == DONE ? change_settings(card, plain[0]) : status;
}
