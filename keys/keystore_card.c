/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Card keys: which set a card has, proof that it has it, and its own keys wrapped for it.  SCP03 key sets are
 * those of the family "applet"; a family with another protocol gets functions of its own beside these.
 */
#include <string.h>

#include "card-applet-spec/applet.h"
#include "keys/crypto/aes.h"
#include "keys/keystore_inside.h"
#include "keys/scp03_keys.h"

enum { CHIP_UID_MIN = 4 };

void pb_card_session_wipe(struct pb_card_session *session)
{
	pb_wipe(session, sizeof(*session));
}

static enum pb_status check_uid(struct pb_view uid, struct pb_err *err)
{
	if (uid.n < CHIP_UID_MIN || uid.n > UID_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "a chip UID of %zu bytes", uid.n);
	return PB_OK;
}

/* Ours, of one card and a generation that there is: they exist in this process for the length of a call. */
static enum pb_status own_keys(const struct pb_keystore *store, struct pb_view uid, uint8_t kvn,
			       struct pb_card_keys *ret_keys, struct pb_err *err)
{
	struct pb_secret *const keys[] = {
		[PB_CARD_KEY_ENC] = &ret_keys->enc, [PB_CARD_KEY_MAC] = &ret_keys->mac, [PB_CARD_KEY_DEK] = &ret_keys->dek,
	};
	enum pb_status s = PB_OK;

	for (enum pb_card_key_number i = PB_CARD_KEY_ENC; i <= PB_CARD_KEY_DEK && s == PB_OK; i++) {
		uint8_t bytes[PB_DIVERSIFY_INPUT_MAX];
		struct pb_writer input = pb_writer(bytes, sizeof(bytes));

		pb_diversify_put_input(&input, uid, i);
		s = store->keys.ops->diversify(store->keys.ctx, PB_MASTER_APPLET, kvn, pb_view(bytes, input.n), keys[i], err);
	}
	return s;
}

static enum pb_status factory_keys(const struct pb_keystore *store, struct pb_card_keys *ret_keys, struct pb_err *err)
{
	if (!store->allow_factory_keys)
		return pb_fail(err, PB_KEYS_REFUSED, "the card has factory keys, which the configuration does not allow");
	pb_secret_set(&ret_keys->enc, FACTORY_KEY, FACTORY_KEY_LEN);
	pb_secret_set(&ret_keys->mac, FACTORY_KEY, FACTORY_KEY_LEN);
	pb_secret_set(&ret_keys->dek, FACTORY_KEY, FACTORY_KEY_LEN);
	return PB_OK;
}

static enum pb_status choose_keys(const struct pb_keystore *store, struct pb_view uid, uint8_t kvn,
				  struct pb_card_keys *ret_keys, struct pb_err *err)
{
	enum pb_status s = check_uid(uid, err);

	if (s != PB_OK)
		return s;
	if (kvn == KVN_FACTORY)
		return factory_keys(store, ret_keys, err);
	if (pb_generation_find(&store->generations, PB_MASTER_APPLET, kvn) == NULL)
		return pb_fail(err, PB_CARD_KEYS, "the card names key version %02X, which is neither ours nor the factory's", kvn);
	return own_keys(store, uid, kvn, ret_keys, err);
}

static enum pb_status parse_answer(struct pb_view response, struct pb_initialize_update *ret_answer, struct pb_err *err)
{
	if (!pb_initialize_update_parse(response, ret_answer))
		return pb_fail(err, PB_CARD_PROTOCOL, "INITIALIZE UPDATE: an answer of %zu bytes", response.n);
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

enum pb_status pb_keystore_open_card_session(const struct pb_keystore *store, struct pb_view uid,
					     const uint8_t host_challenge[static PB_HOST_CHALLENGE_LEN],
					     struct pb_view initialize_update_response,
					     struct pb_card_session *ret_session, struct pb_err *err)
{
	struct pb_view host = pb_view(host_challenge, PB_HOST_CHALLENGE_LEN);
	struct pb_initialize_update answer;
	PB_CARD_KEYS_SECRET keys = { 0 };
	PB_SCP03_SESSION_SECRET session = { 0 };
	enum pb_status s;

	if (store->remote != NULL)
		return store->remote->open_card_session(store->remote_ctx, uid, host_challenge, initialize_update_response,
							ret_session, err);
	s = parse_answer(initialize_update_response, &answer, err);
	if (s != PB_OK)
		return s;
	s = choose_keys(store, uid, answer.kvn, &keys, err);
	if (s != PB_OK)
		return s;
	pb_scp03_session_derive(&keys.enc, &keys.mac, host, answer.challenge, &session);
	if (!card_proves_itself(&session, host, &answer))
		return pb_fail(err, PB_CARD_KEYS, "the card does not hold our keys of version %02X", answer.kvn);
	ret_session->enc = session.enc;
	ret_session->mac = session.mac;
	ret_session->rmac = session.rmac;
	ret_session->kvn = answer.kvn;
	pb_scp03_cryptogram(&session, PB_SCP03_HOST_CRYPTOGRAM, host, answer.challenge, ret_session->host_cryptogram);
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

enum pb_status pb_keystore_wrap_card_keys(const struct pb_keystore *store, struct pb_view uid, uint8_t current_kvn,
					  uint8_t ret_data[static PB_PUT_KEY_LEN],
					  uint8_t ret_receipt[static PB_PUT_KEY_RECEIPT], struct pb_err *err)
{
	struct pb_writer data = pb_writer(ret_data, PB_PUT_KEY_LEN);
	struct pb_writer receipt = pb_writer(ret_receipt, PB_PUT_KEY_RECEIPT);
	PB_CARD_KEYS_SECRET current = { 0 };
	PB_CARD_KEYS_SECRET fresh = { 0 };
	uint8_t newest;
	enum pb_status s;

	if (store->remote != NULL)
		return store->remote->wrap_card_keys(store->remote_ctx, uid, current_kvn, ret_data, ret_receipt, err);
	newest = pb_keystore_current_kvn(store, PB_MASTER_APPLET);
	if (current_kvn == newest)
		return pb_fail(err, PB_KEYS_REFUSED, "the card has the keys of version %02X, the newest, already", newest);
	s = choose_keys(store, uid, current_kvn, &current, err);
	if (s == PB_OK)
		s = own_keys(store, uid, newest, &fresh, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(&data, newest);
	pb_put_u8(&receipt, newest);
	put_key(&data, &receipt, &current.dek, &fresh.enc);
	put_key(&data, &receipt, &current.dek, &fresh.mac);
	put_key(&data, &receipt, &current.dek, &fresh.dek);
	if (data.n != PB_PUT_KEY_LEN || receipt.n != PB_PUT_KEY_RECEIPT)
		PB_BUG("lengths of PUT KEY");
	return PB_OK;
}
