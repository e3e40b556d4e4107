/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SCP03 key sets (GlobalPlatform Card 2.3.1 Amendment D): which set a card has, proof that it has it, and its own keys
 * wrapped for it.  One step: the card proves itself before the host does, so a wrong key costs no attempt.
 *
 *     words     host challenge (8) || answer to INITIALIZE UPDATE (29 or 32)
 *     keys      data of PUT KEY (70: new KVN || 3 x { 88 11 10 E(DEK, key) 03 KCV }) || the card's answer (KVN || 3 KCVs)
 */
#include <string.h>

#include "card-applet-spec/applet.h"
#include "keys/crypto/aes.h"
#include "keys/login.h"
#include "keys/scp03_keys.h"

static enum pb_status choose_keys(const struct pb_keystore *store, const struct pb_login *card, uint8_t kvn,
				  struct pb_card_keys *ret_keys, struct pb_err *err)
{
	struct pb_secret *const keys[] = {
		[PB_CARD_KEY_ENC] = &ret_keys->enc, [PB_CARD_KEY_MAC] = &ret_keys->mac, [PB_CARD_KEY_DEK] = &ret_keys->dek,
	};
	enum pb_status s = kvn == KVN_FACTORY ? pb_login_allow_factory(store, err) : PB_OK;

	for (enum pb_card_key_number i = PB_CARD_KEY_ENC; i <= PB_CARD_KEY_DEK && s == PB_OK; i++)
		if (kvn == KVN_FACTORY)
			pb_secret_set(keys[i], FACTORY_KEY, FACTORY_KEY_LEN);
		else
			s = pb_login_own_key(store, card, kvn, (uint8_t)i, keys[i], err);
	return s;
}

static enum pb_status parse_words(struct pb_view words, struct pb_view *ret_host, struct pb_initialize_update *ret_answer,
				  struct pb_err *err)
{
	struct pb_cursor in = pb_cursor(words);

	if (!pb_take(&in, PB_SCP03_S8, ret_host) || !pb_initialize_update_parse(pb_view(in.p, in.left), ret_answer))
		return pb_fail(err, PB_CARD_PROTOCOL, "INITIALIZE UPDATE: an answer of %zu bytes", in.left);
	if (ret_answer->scp != SCP03_ID || ret_answer->challenge.n != PB_SCP03_S8)
		return pb_fail(err, PB_CARD_PROTOCOL, "INITIALIZE UPDATE: SCP %02X i=%02X, not SCP03 in S8 mode",
			       ret_answer->scp, ret_answer->i);
	return PB_OK;
}

static bool card_proves_itself(const struct pb_scp03_session_keys *session, struct pb_view host_challenge,
			       const struct pb_initialize_update *answer)
{
	uint8_t expected[PB_SCP03_S8];

	pb_scp03_cryptogram(session, PB_SCP03_CARD_CRYPTOGRAM, host_challenge, answer->challenge, expected);
	return pb_ct_equal(expected, answer->cryptogram.p, sizeof(expected));
}

static enum pb_status begin(const struct pb_keystore *store, struct pb_login *login, struct pb_view words,
			    struct pb_login_step *step, struct pb_err *err)
{
	struct pb_scp03_login *opened = &step->session.u.scp03;
	struct pb_initialize_update answer;
	PB_CARD_KEYS_SECRET keys = { 0 };
	PB_SCP03_SESSION_SECRET session = { 0 };
	struct pb_view host;
	enum pb_status s = parse_words(words, &host, &answer, err);

	if (s == PB_OK)
		s = choose_keys(store, login, answer.kvn, &keys, err);
	if (s != PB_OK)
		return s;
	pb_scp03_session_derive(&keys.enc, &keys.mac, host, answer.challenge, &session);
	if (!card_proves_itself(&session, host, &answer))
		return pb_fail(err, PB_CARD_KEYS, "the card does not hold our keys of version %02X", answer.kvn);
	step->open = true;
	step->session.kind = PB_SESSION_SCP03;
	step->session.kvn = answer.kvn;
	opened->enc = session.enc;
	opened->mac = session.mac;
	opened->rmac = session.rmac;
	pb_scp03_cryptogram(&session, PB_SCP03_HOST_CRYPTOGRAM, host, answer.challenge, opened->host_cryptogram);
	return PB_OK;
}

/* Amendment D 7.2: type, length of what follows, length of the key, the key under the DEK (CBC, zero
 * IV), its check value. */
static void put_key(struct pb_writer *data, struct pb_writer *receipt, const struct pb_secret *dek,
		    const struct pb_secret *key)
{
	static const uint8_t zero[PB_AES_BLOCK];
	uint8_t wrapped[PB_CARD_KEY_LEN], kcv[PB_KCV_LEN];

	pb_aes_cbc_encrypt(pb_secret_view(dek), zero, key->bytes, sizeof(wrapped), wrapped);
	pb_key_check_value(key, kcv);
	pb_put_u8(data, KEY_TYPE_AES);
	pb_put_u8(data, 1 + sizeof(wrapped));
	pb_put_u8(data, PB_CARD_KEY_LEN);
	pb_put(data, wrapped, sizeof(wrapped));
	pb_put_u8(data, sizeof(kcv));
	pb_put(data, kcv, sizeof(kcv));
	pb_put(receipt, kcv, sizeof(kcv));
}

/* Wrapped under the DEK of the set that the card has.  Under factory keys the wrapping is no secret. */
static enum pb_status give_keys(const struct pb_keystore *store, const struct pb_login *card,
				const struct pb_card_session *session, struct pb_card_words *words, struct pb_err *err)
{
	struct pb_writer data = pb_writer(words->bytes, PB_SCP03_PUT_KEY);
	struct pb_writer receipt = pb_writer(words->bytes + PB_SCP03_PUT_KEY, PB_SCP03_RECEIPT);
	PB_CARD_KEYS_SECRET current = { 0 };
	PB_CARD_KEYS_SECRET fresh = { 0 };
	uint8_t newest;
	enum pb_status s = pb_login_next_kvn(store, card->family, session->kvn, &newest, err);

	if (s == PB_OK)
		s = choose_keys(store, card, session->kvn, &current, err);
	if (s == PB_OK)
		s = choose_keys(store, card, newest, &fresh, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(&data, newest);
	pb_put_u8(&receipt, newest);
	put_key(&data, &receipt, &current.dek, &fresh.enc);
	put_key(&data, &receipt, &current.dek, &fresh.mac);
	put_key(&data, &receipt, &current.dek, &fresh.dek);
	if (data.n != PB_SCP03_PUT_KEY || receipt.n != PB_SCP03_RECEIPT)
		PB_BUG("lengths of PUT KEY");
	words->n = PB_SCP03_PUT_KEY + PB_SCP03_RECEIPT;
	return PB_OK;
}

const struct pb_login_row pb_login_scp03 = { begin, NULL, give_keys, false };
