/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The management key of a PIV card (SP 800-73-4 part 2, 3.2.4), triple DES or AES: mutual authentication, in two steps.
 * The card has to be answered first, so a wrong key costs an attempt where a card counts such.
 *
 *     words     algorithm || key version, 00: the factory's || witness, E(K, W)
 *     say       W || a challenge
 *     words     E(K, challenge)
 *     keys      key version || algorithm, 9B, length, key: the data of SET MANAGEMENT KEY
 *
 * Two things of PIV cannot be mended here.  Whoever can begin a login is told what one block is under the management key
 * of one card, for that is the protocol; so that key, diversified for the card, is used for nothing else, and what he
 * gains is what a login is for.  And the new key goes to the card in clear, through the station and over the air: who
 * records that session has it, whatever key the session was opened with.  PIV cards are given keys where nobody listens.
 */
#include <string.h>

#include "card-applet-spec/piv.h"
#include "keys/crypto/aes.h"
#include "keys/crypto/des3.h"
#include "keys/crypto/hash.h"
#include "keys/login.h"

enum { VERSION_FACTORY = 0x00 };

static const struct algorithm {
	uint8_t number;
	uint8_t block, key;
} algorithms[] = {
	{ PIV_3DES, PB_DES3_BLOCK, PB_DES3_KEY },
	{ PIV_AES_128, PB_AES_BLOCK, 16 },
	{ PIV_AES_192, PB_AES_BLOCK, 24 },
	{ PIV_AES_256, PB_AES_BLOCK, 32 },
};

static const struct algorithm *find(uint8_t number)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

/* As many bytes as the algorithm takes of the card's keys 1 and 2, one after the other. */
static enum pb_status own_key(const struct pb_keystore *store, const struct pb_login *card, uint8_t kvn, size_t n,
			      struct pb_secret *ret_key, struct pb_err *err)
{
	PB_SECRET half = { 0 };
	PB_SECRET key = { 0 };
	enum pb_status s = PB_OK;

	for (uint8_t number = 1; key.n < n && s == PB_OK; number++) {
		size_t wanted = n - key.n < PB_CARD_KEY_LEN ? n - key.n : PB_CARD_KEY_LEN;

		s = pb_login_own_key(store, card, kvn, number, &half, err);
		if (s == PB_OK)
			memcpy(key.bytes + key.n, half.bytes, wanted);
		key.n += wanted;
	}
	if (s == PB_OK)
		*ret_key = key;
	return s;
}

/* Factories have put the same 24 bytes into either algorithm of that length. */
static enum pb_status choose_key(const struct pb_keystore *store, const struct pb_login *card, uint8_t kvn,
				 const struct algorithm *algorithm, struct pb_secret *ret_key, struct pb_err *err)
{
	enum pb_status s;

	if (kvn != VERSION_FACTORY)
		return own_key(store, card, kvn, algorithm->key, ret_key, err);
	s = pb_login_allow_factory(store, err);
	if (s != PB_OK)
		return s;
	if (algorithm->key != PIV_FACTORY_KEY_LEN)
		return pb_fail(err, PB_CARD_KEYS, "no factory is known to use algorithm %02X", algorithm->number);
	pb_secret_set(ret_key, PIV_FACTORY_KEY, PIV_FACTORY_KEY_LEN);
	return PB_OK;
}

static void encipher(const struct algorithm *algorithm, const struct pb_secret *key, const uint8_t *block, uint8_t *ret_block)
{
	if (algorithm->number == PIV_3DES)
		pb_des3_encrypt_block(pb_secret_view(key), block, ret_block);
	else
		pb_aes_encrypt_block(pb_secret_view(key), block, ret_block);
}

static void decipher(const struct algorithm *algorithm, const struct pb_secret *key, const uint8_t *block, uint8_t *ret_block)
{
	static const uint8_t zero[PB_AES_BLOCK];

	if (algorithm->number == PIV_3DES)
		pb_des3_decrypt_block(pb_secret_view(key), block, ret_block);
	else
		pb_aes_cbc_decrypt(pb_secret_view(key), zero, block, PB_AES_BLOCK, ret_block);
}

static enum pb_status begin(const struct pb_keystore *store, struct pb_login *login, struct pb_view words,
			    struct pb_login_step *step, struct pb_err *err)
{
	const struct algorithm *algorithm = words.n > 0 ? find(words.p[0]) : NULL;
	uint8_t challenge[PB_AES_BLOCK];
	enum pb_status s;

	if (algorithm == NULL || words.n != 2u + algorithm->block)
		return pb_fail(err, PB_CARD_PROTOCOL, "GENERAL AUTHENTICATE: words of %zu bytes", words.n);
	login->kvn = words.p[1];
	login->algorithm = algorithm->number;
	s = choose_key(store, login, login->kvn, algorithm, &login->key, err);
	if (s != PB_OK)
		return s;
	pb_random(challenge, algorithm->block);
	encipher(algorithm, &login->key, challenge, login->expected.bytes);
	login->expected.n = algorithm->block;
	decipher(algorithm, &login->key, words.p + 2, step->say.bytes);
	memcpy(step->say.bytes + algorithm->block, challenge, algorithm->block);
	step->say.n = 2u * algorithm->block;
	return PB_OK;
}

static enum pb_status answer(struct pb_login *login, struct pb_view words, struct pb_login_step *step, struct pb_err *err)
{
	if (words.n != login->expected.n || !pb_ct_equal(words.p, login->expected.bytes, words.n))
		return pb_fail(err, PB_CARD_KEYS, "the card does not hold our key of version %02X", login->kvn);
	step->open = true;
	step->session = (struct pb_card_session){ .kind = PB_SESSION_OPEN, .kvn = login->kvn,
						  .u.open.algorithm = login->algorithm };
	return PB_OK;
}

static enum pb_status give_keys(const struct pb_keystore *store, const struct pb_login *card,
				const struct pb_card_session *session, struct pb_card_words *words, struct pb_err *err)
{
	const struct algorithm *algorithm = find(session->u.open.algorithm);
	struct pb_writer writer = pb_writer(words->bytes, sizeof(words->bytes));
	PB_SECRET key = { 0 };
	uint8_t newest;
	enum pb_status s;

	if (session->kind != PB_SESSION_OPEN || algorithm == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "keys are given in a session of the management key");
	s = pb_login_next_kvn(store, card->family, session->kvn, &newest, err);
	if (s == PB_OK)
		s = own_key(store, card, newest, algorithm->key, &key, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(&writer, newest);
	pb_put_u8(&writer, algorithm->number);
	pb_put_u8(&writer, PIV_KEY_MANAGEMENT);
	pb_put_u8(&writer, (uint8_t)key.n);
	pb_put_view(&writer, pb_secret_view(&key));
	words->n = writer.n;
	return PB_OK;
}

const struct pb_login_row pb_login_piv = { begin, answer, give_keys, true };
