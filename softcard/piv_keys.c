/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys and the PIN (SP 800-73-4 part 2, 3.2 and 3.3): what proves the card, and what proves who may write it.
 */
#include "softcard/piv.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/aes.h"
#include "keys/crypto/des3.h"
#include "keys/crypto/hash.h"
#include "softcard/random.h"

enum {
	SW_WRONG_PIN = 0x63C0, /* plus the tries left */
	PIN_POLICY_NEVER = 1,
	TOUCH_NEVER = 1,
	ORIGIN_GENERATED = 1,
};

/* ---- Slot 9E */

/* tag{86{04 X Y}} */
static bool put_point(struct pb_writer *out, unsigned tag, const uint8_t scalar[static PB_P256_SCALAR])
{
	uint8_t point[PB_P256_POINT], bytes[PB_P256_POINT + 2];
	struct pb_writer body = pb_writer(bytes, sizeof(bytes));
	struct pb_p256_private *key;

	if (pb_p256_private_create(pb_view(scalar, PB_P256_SCALAR), &key, NULL) != PB_OK)
		return false;
	pb_p256_private_point(key, point);
	pb_p256_private_destroy(key);
	put_tlv(&body, TAG_EC_POINT, PB_VIEW(point));
	put_tlv(out, tag, pb_view(body.p, body.n));
	return true;
}

/* AC{80 algorithm, ...}; what else hosts put there (policies of PIN and touch) makes no difference here. */
static bool asks_for_p256(struct pb_view data)
{
	struct pb_cursor in = pb_cursor(data);
	struct pb_view control, value;
	unsigned tag;

	if (!take_tlv(&in, &tag, &control) || tag != PIV_TAG_CONTROL || in.left)
		return false;
	in = pb_cursor(control);
	return take_tlv(&in, &tag, &value) && tag == PIV_TAG_ALGORITHM && value.n == 1 && value.p[0] == PIV_P256;
}

uint16_t piv_generate(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	struct card_image next = card->nvm.now;
	struct pb_p256_private *key;
	bool written;

	if (!card->piv.authenticated)
		return SW_SECURITY;
	if (command->p1 || command->p2 != PIV_KEY_CARD)
		return SW_P1P2;
	if (!asks_for_p256(command->data))
		return SW_DATA;
	key = card_generate_key();
	card->work.key_generations++;
	pb_p256_private_scalar(key, next.key);
	pb_p256_private_destroy(key);
	next.has_key = true;
	pb_p256_private_destroy(card->key);
	card->key = NULL;
	written = nvm_write(&card->nvm, &next) && put_point(out, TAG_PUBLIC_KEY, next.key);
	pb_wipe(&next, sizeof(next));
	return written ? SW_OK : SW_MEMORY;
}

/* ---- GENERAL AUTHENTICATE */

/* 7C{...}; a member that is not there has p NULL, one that is empty has not. */
struct template {
	struct pb_view witness, challenge, response;
};

static bool read_template(struct pb_view data, struct template *ret_template)
{
	struct template template = { 0 };
	struct pb_cursor in = pb_cursor(data);
	struct pb_view body, value;
	unsigned tag;

	if (!take_tlv(&in, &tag, &body) || tag != PIV_TAG_AUTHENTICATION || in.left)
		return false;
	in = pb_cursor(body);
	while (take_tlv(&in, &tag, &value)) {
		if (tag == PIV_TAG_WITNESS)
			template.witness = value;
		else if (tag == PIV_TAG_CHALLENGE)
			template.challenge = value;
		else if (tag == PIV_TAG_RESPONSE)
			template.response = value;
		else
			return false;
	}
	*ret_template = template;
	return !in.left;
}

static bool is_empty(struct pb_view member)
{
	return member.p && !member.n;
}

static uint16_t say(struct pb_writer *out, unsigned tag, struct pb_view value)
{
	uint8_t bytes[PB_P256_SIG_DER_MAX + 2];
	struct pb_writer body = pb_writer(bytes, sizeof(bytes));

	put_tlv(&body, tag, value);
	put_tlv(out, PIV_TAG_AUTHENTICATION, pb_view(body.p, body.n));
	return SW_OK;
}

/* ECDSA over the digest the host made: the card cannot know of what. */
static uint16_t sign(struct softcard *card, uint8_t algorithm, const struct template *template, struct pb_writer *out)
{
	uint8_t signature[PB_P256_SIG], der[PB_P256_SIG_DER_MAX];

	if (algorithm != PIV_P256 || !card->nvm.now.has_key)
		return SW_P1P2;
	if (!is_empty(template->response) || template->challenge.n != PB_SHA256_LEN || template->witness.p)
		return SW_DATA;
	if (!card->key && pb_p256_private_create(PB_VIEW(card->nvm.now.key), &card->key, NULL) != PB_OK)
		return SW_UNKNOWN;
	pb_p256_sign_digest(card->key, template->challenge.p, signature);
	card->work.signatures++;
	card->proved = true;
	return say(out, PIV_TAG_RESPONSE, pb_view(der, pb_p256_sig_to_der(signature, der)));
}

static size_t block_length(const struct piv_image *image)
{
	return image->algorithm == PIV_3DES ? PB_DES3_BLOCK : PB_AES_BLOCK;
}

static void encipher(struct softcard *card, const uint8_t *block, uint8_t ret_block[static PB_AES_BLOCK])
{
	const struct piv_image *image = &card->nvm.now.piv;
	const struct pb_view key = pb_view(image->management, piv_key_length(image->algorithm));

	card->work.aes_runs++;
	if (image->algorithm == PIV_3DES)
		pb_des3_encrypt_block(key, block, ret_block);
	else
		pb_aes_encrypt_block(key, block, ret_block);
}

/* Both ways begin with a block drawn here; the host answers with what only the key's holder can make of it. */
static uint16_t ask(struct softcard *card, bool witness, struct pb_writer *out)
{
	struct piv_session *piv = &card->piv;
	const size_t n = block_length(&card->nvm.now.piv);
	uint8_t drawn[PB_AES_BLOCK], enciphered[PB_AES_BLOCK];

	card_random(drawn, n);
	encipher(card, drawn, enciphered);
	piv->asked = witness ? PIV_ASKED_WITNESS : PIV_ASKED_CHALLENGE;
	memcpy(piv->expected, witness ? drawn : enciphered, n);
	return say(out, witness ? PIV_TAG_WITNESS : PIV_TAG_CHALLENGE, pb_view(witness ? enciphered : drawn, n));
}

static bool is_expected(const struct softcard *card, struct pb_view given)
{
	return given.n == block_length(&card->nvm.now.piv) && pb_ct_equal(given.p, card->piv.expected, given.n);
}

/* A question is answered once. */
static uint16_t authenticate(struct softcard *card, const struct template *template, struct pb_writer *out)
{
	const enum piv_asked asked = card->piv.asked;
	uint8_t enciphered[PB_AES_BLOCK];

	card->piv.asked = PIV_ASKED_NOTHING;
	card->piv.authenticated = false;
	if (is_empty(template->witness) && !template->challenge.p)
		return ask(card, true, out);
	if (is_empty(template->challenge) && !template->witness.p)
		return ask(card, false, out);
	if (asked == PIV_ASKED_CHALLENGE && template->response.n && !template->witness.p) {
		card->piv.authenticated = is_expected(card, template->response);
		return card->piv.authenticated ? SW_OK : SW_SECURITY;
	}
	if (asked != PIV_ASKED_WITNESS || !template->witness.n ||
	    template->challenge.n != block_length(&card->nvm.now.piv))
		return SW_DATA;
	if (!is_expected(card, template->witness))
		return SW_SECURITY;
	card->piv.authenticated = true;
	encipher(card, template->challenge.p, enciphered);
	return say(out, PIV_TAG_RESPONSE, pb_view(enciphered, template->challenge.n));
}

uint16_t piv_general_authenticate(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	struct template template;

	if (!read_template(command->data, &template))
		return SW_DATA;
	if (command->p2 == PIV_KEY_CARD)
		return sign(card, command->p1, &template, out);
	/* 00 stands for triple DES (SP 800-78-4 table 6-2). */
	if (command->p2 != PIV_KEY_MANAGEMENT ||
	    (command->p1 ? command->p1 : PIV_3DES) != card->nvm.now.piv.algorithm)
		return SW_P1P2;
	return authenticate(card, &template, out);
}

/* ---- What is not of NIST */

uint16_t piv_set_management_key(struct softcard *card, const struct command *command)
{
	struct card_image next = card->nvm.now;
	struct pb_cursor in = pb_cursor(command->data);
	uint8_t algorithm, reference, n;
	struct pb_view key;
	bool written;

	if (!card->piv.authenticated)
		return SW_SECURITY;
	if (command->p1 != P12_PIV_SET_MANAGEMENT_KEY || command->p2 != P12_PIV_SET_MANAGEMENT_KEY)
		return SW_P1P2;
	if (!pb_take_u8(&in, &algorithm) || !pb_take_u8(&in, &reference) || reference != PIV_KEY_MANAGEMENT ||
	    !pb_take_u8(&in, &n) || !n || n != piv_key_length(algorithm) || !pb_take(&in, n, &key) || in.left)
		return SW_DATA;
	next.piv.algorithm = algorithm;
	memset(next.piv.management, 0, sizeof(next.piv.management));
	memcpy(next.piv.management, key.p, key.n);
	written = nvm_write(&card->nvm, &next);
	pb_wipe(&next, sizeof(next));
	return written ? SW_OK : SW_MEMORY;
}

static void put_byte(struct pb_writer *out, unsigned tag, uint8_t value)
{
	put_tlv(out, tag, pb_view(&value, 1));
}

static uint16_t card_key_metadata(const struct softcard *card, struct pb_writer *out)
{
	static const uint8_t policy[] = { PIN_POLICY_NEVER, TOUCH_NEVER };

	if (!card->nvm.now.has_key)
		return SW_REFERENCE;
	put_byte(out, PIV_METADATA_ALGORITHM, PIV_P256);
	put_tlv(out, PIV_METADATA_POLICY, PB_VIEW(policy));
	put_byte(out, PIV_METADATA_ORIGIN, ORIGIN_GENERATED);
	return put_point(out, PIV_METADATA_PUBLIC_KEY, card->nvm.now.key) ? SW_OK : SW_UNKNOWN;
}

uint16_t piv_get_metadata(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	static const uint8_t policy[] = { 0, TOUCH_NEVER };
	const struct piv_image *image = &card->nvm.now.piv;
	const uint8_t tries[] = { PIV_PIN_TRIES, image->pin_tries };

	if (command->p1)
		return SW_P1P2;
	switch (command->p2) {
	case PIV_KEY_CARD:
		return card_key_metadata(card, out);
	case PIV_KEY_MANAGEMENT:
		put_byte(out, PIV_METADATA_ALGORITHM, image->algorithm);
		put_tlv(out, PIV_METADATA_POLICY, PB_VIEW(policy));
		put_byte(out, PIV_METADATA_DEFAULT, piv_management_is_factory(image));
		return SW_OK;
	case PIV_PIN:
		put_tlv(out, PIV_METADATA_RETRIES, PB_VIEW(tries));
		return SW_OK;
	default:
		return SW_REFERENCE;
	}
}

/* ---- The PIN */

uint16_t piv_verify(struct softcard *card, const struct command *command)
{
	struct card_image next = card->nvm.now;
	bool right;

	if (command->p1 || command->p2 != PIV_PIN)
		return SW_P1P2;
	if (!command->data.n)
		return card->piv.pin_verified ? SW_OK : (uint16_t)(SW_WRONG_PIN | next.piv.pin_tries);
	if (command->data.n != PIV_PIN_LEN)
		return SW_DATA;
	if (!next.piv.pin_tries)
		return SW_BLOCKED;
	right = pb_ct_equal(command->data.p, next.piv.pin, PIV_PIN_LEN);
	next.piv.pin_tries = right ? PIV_PIN_TRIES : (uint8_t)(next.piv.pin_tries - 1);
	card->piv.pin_verified = false;
	if (next.piv.pin_tries != card->nvm.now.piv.pin_tries && !nvm_write(&card->nvm, &next))
		return SW_MEMORY;
	card->piv.pin_verified = right;
	return right ? SW_OK : (uint16_t)(SW_WRONG_PIN | next.piv.pin_tries);
}
