/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the application answers to anyone, and the key it makes for the issuer.  What the issuer stores is
 * in personalise.c.
 */
#include "softcard/application.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/hash.h"
#include "softcard/file.h"
#include "softcard/personalise.h"
#include "softcard/random.h"

enum { GET_DATA_P1 = 0x3F, GET_DATA_P2 = 0xFF, EF_CARD_MAX = 320 };

static bool readable(const struct softcard *card)
{
	return card->nvm.now.state == APPLET_PERSONALISED || card->nvm.now.state == APPLET_LOCKED;
}

static struct pb_view credential(const struct softcard *card)
{
	return pb_view(card->nvm.now.credential, card->nvm.now.credential_n);
}

uint16_t application_selected(struct softcard *card, struct pb_writer *out)
{
	const struct card_image *now = &card->nvm.now;
	const uint8_t state = (uint8_t)now->state, max_lc = APDU_DATA_MAX, shadow = now->has_shadow;
	const uint8_t version[] = { APPLET_VERSION >> 8, APPLET_VERSION & 0xFF };
	uint8_t body_bytes[64], proprietary_bytes[32];
	struct pb_writer body = pb_writer(body_bytes, sizeof(body_bytes));
	struct pb_writer proprietary = pb_writer(proprietary_bytes, sizeof(proprietary_bytes));

	put_tlv(&proprietary, TAG_VERSION, PB_VIEW(version));
	put_tlv(&proprietary, TAG_STATE, pb_view(&state, 1));
	put_tlv(&proprietary, TAG_MAX_LC, pb_view(&max_lc, 1));
	put_tlv(&proprietary, TAG_SHADOW, pb_view(&shadow, 1));
	put_tlv(&body, TAG_FCI_AID, pb_view(APPLET_AID, APPLET_AID_LEN));
	put_tlv(&body, TAG_FCI_PROPRIETARY, pb_view(proprietary.p, proprietary.n));
	put_tlv(out, TAG_FCI, pb_view(body.p, body.n));
	return now->state == APPLET_TERMINATED ? SW_TERMINATED : SW_OK;
}

/* tag{86{04 X Y}} of a key kept as its scalar */
static bool put_public_key(struct pb_writer *out, unsigned tag, const uint8_t scalar[static PB_P256_SCALAR])
{
	uint8_t point[PB_P256_POINT], bytes[PB_P256_POINT + 2];
	struct pb_writer template = pb_writer(bytes, sizeof(bytes));
	struct pb_p256_private *key;

	if (pb_p256_private_create(pb_view(scalar, PB_P256_SCALAR), &key, NULL) != PB_OK)
		return false;
	pb_p256_private_point(key, point);
	pb_p256_private_destroy(key);
	put_tlv(&template, TAG_EC_POINT, PB_VIEW(point));
	put_tlv(out, tag, pb_view(template.p, template.n));
	return true;
}

static bool ef_card(const struct softcard *card, struct pb_writer *out)
{
	const struct card_image *now = &card->nvm.now;

	put_tlv(out, TAG_CREDENTIAL, credential(card));
	if (!put_public_key(out, TAG_PUBLIC_KEY, now->key))
		return false;
	put_tlv(out, TAG_NDEF, pb_view(now->ndef, now->ndef_n));
	return true;
}

static uint16_t read_binary(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t bytes[EF_CARD_MAX];
	struct pb_writer file = pb_writer(bytes, sizeof(bytes));
	const bool by_sfi = command->p1 & P1_SFI;
	const size_t offset = by_sfi ? command->p2 : (size_t)command->p1 << 8 | command->p2;

	if (command->data.n || !command->le)
		return SW_LENGTH;
	if (by_sfi && command->p1 != (P1_SFI | SFI_CARD))
		return SW_FILE_NOT_FOUND;
	if (!readable(card))
		return SW_CONDITIONS;
	if (!ef_card(card, &file))
		return SW_UNKNOWN;
	return read_file(pb_view(file.p, file.n), offset, command->le, out);
}

static uint16_t get_data(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const struct card_image *now = &card->nvm.now;
	const uint8_t version[] = { APPLET_VERSION >> 8, APPLET_VERSION & 0xFF }, state = (uint8_t)now->state;
	struct pb_cursor in = pb_cursor(command->data);
	uint64_t tag;
	uint8_t list, n;

	if (command->p1 != GET_DATA_P1 || command->p2 != GET_DATA_P2)
		return SW_P1P2;
	if (!pb_take_u8(&in, &list) || list != TAG_TAG_LIST || !pb_take_u8(&in, &n) || n != in.left || !n || n > 2 ||
	    !pb_take_be(&in, n, &tag))
		return SW_DATA;
	switch (tag) {
	case TAG_VERSION:
		put_tlv(out, TAG_VERSION, PB_VIEW(version));
		return SW_OK;
	case TAG_STATE:
		put_tlv(out, TAG_STATE, pb_view(&state, 1));
		return SW_OK;
	case TAG_PUBLIC_KEY:
		return readable(card) && put_public_key(out, TAG_PUBLIC_KEY, now->key) ? SW_OK : SW_REFERENCE;
	case TAG_SHADOW_KEY:
		return now->has_shadow && put_public_key(out, TAG_SHADOW_KEY, now->shadow) ? SW_OK : SW_REFERENCE;
	default:
		return SW_REFERENCE;
	}
}

static uint16_t internal_authenticate(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t digest[PB_SHA256_LEN], bytes[LIVE_PREFIX_LEN + PB_SHA256_LEN + CHALLENGE_MAX];
	uint8_t signature[PB_P256_SIG], der[PB_P256_SIG_DER_MAX];
	struct pb_writer message = pb_writer(bytes, sizeof(bytes));

	if (command->p1 || command->p2)
		return SW_P1P2;
	if (command->data.n < CHALLENGE_MIN || command->data.n > CHALLENGE_MAX)
		return SW_LENGTH;
	if (!readable(card))
		return SW_CONDITIONS;
	if (!card->key && pb_p256_private_create(PB_VIEW(card->nvm.now.key), &card->key, NULL) != PB_OK)
		return SW_UNKNOWN;
	pb_sha256(credential(card), digest);
	pb_put(&message, LIVE_PREFIX, LIVE_PREFIX_LEN);
	pb_put(&message, digest, sizeof(digest));
	pb_put_view(&message, command->data);
	pb_p256_sign(card->key, pb_view(message.p, message.n), signature);
	pb_put(out, der, pb_p256_sig_to_der(signature, der));
	card->work.hashes += 2;
	card->work.signatures++;
	card->proved = true;
	return SW_OK;
}

uint16_t application_open_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (card->nvm.now.state == APPLET_TERMINATED)
		return SW_CONDITIONS;
	switch (command->ins) {
	case INS_READ_BINARY:
		return read_binary(card, command, out);
	case INS_GET_DATA:
		return get_data(card, command, out);
	case INS_INTERNAL_AUTHENTICATE:
		return internal_authenticate(card, command, out);
	default:
		return SW_INS;
	}
}

/* The key waits as the shadow; what is committed stays as it is. */
static uint16_t generate_key_pair(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	struct card_image next = card->nvm.now;
	struct pb_p256_private *key;
	bool written;

	if (command->p1 || command->p2)
		return SW_P1P2;
	if (command->data.n)
		return SW_LENGTH;
	if (next.state == APPLET_LOCKED)
		return SW_CONDITIONS;
	key = card_generate_key();
	card->work.key_generations++;
	pb_p256_private_scalar(key, next.shadow);
	pb_p256_private_destroy(key);
	next.has_shadow = true;
	written = nvm_write(&card->nvm, &next) && put_public_key(out, TAG_PUBLIC_KEY, next.shadow);
	pb_wipe(&next, sizeof(next));
	return written ? SW_OK : SW_MEMORY;
}

static uint16_t set_status(struct softcard *card, const struct command *command)
{
	const struct pb_view own = pb_view(APPLET_AID, APPLET_AID_LEN);

	if (command->p1 != P1_STATUS_APPLICATION)
		return SW_P1P2;
	if (command->data.n && !pb_view_equal(command->data, own))
		return SW_REFERENCE;
	return set_state(card, command->p2);
}

bool application_knows_secured(uint8_t ins)
{
	return ins == INS_GENERATE_KEY_PAIR || ins == INS_STORE_DATA || ins == INS_SET_STATUS;
}

uint16_t application_secured_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	switch (command->ins) {
	case INS_GENERATE_KEY_PAIR:
		return generate_key_pair(card, command, out);
	case INS_STORE_DATA:
		return store_data(card, command);
	case INS_SET_STATUS:
		return set_status(card, command);
	default:
		return SW_INS;
	}
}
