/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our own card application (card-applet-spec/).  The member's data go to the application itself, in a
 * session it opens through its security domain; keys and the last state go through the security domain,
 * whose session is the second and last one.
 */
#include "issuer/perso/family.h"

#include <stdio.h>
#include <string.h>

#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"
#include "issuer/perso/scp03.h"
#include "issuer/reader/exchange.h"
#include "keys/crypto/hash.h"
#include "keys/scp03_keys.h"

enum {
	HOST_CHALLENGE = PB_SCP03_S8,
	INITIALIZE_PLAIN = 29,	/* 10 diversification, 3 key information, 8 challenge, 8 cryptogram */
	INITIALIZE_COUNTED = 32, /* and the 3 of the sequence counter (i = 70) */
	DGI_HEADER = 3,
	STORE_MAX = (DGI_HEADER + CREDENTIAL_MAX) + (DGI_HEADER + NDEF_MAX) + (DGI_HEADER + DGI_COMMIT_LEN),
};

/* A random challenge, and the card's answer to it: the words for the key store. */
static enum pb_status initialize_update(struct pb_perso *perso, struct pb_card_words *ret_words, struct pb_err *err)
{
	uint8_t challenge[HOST_CHALLENGE];
	const struct pb_apdu command = { CLA_GP, INS_INITIALIZE_UPDATE, 0, 0, PB_VIEW(challenge), APDU_RESPONSE_MAX };
	struct pb_writer writer = pb_writer(ret_words->bytes, sizeof(ret_words->bytes));
	struct pb_answer answer;
	enum pb_status s;

	pb_random(challenge, sizeof(challenge));
	s = pb_exchange_ok(perso->reader, "INITIALIZE UPDATE", &command, &answer, err);
	if (s != PB_OK)
		return s;
	if (answer.response.data.n != INITIALIZE_PLAIN && answer.response.data.n != INITIALIZE_COUNTED)
		return pb_fail(err, PB_CARD_PROTOCOL, "INITIALIZE UPDATE: an answer of %zu bytes", answer.response.data.n);
	pb_put(&writer, challenge, sizeof(challenge));
	pb_put_view(&writer, answer.response.data);
	ret_words->n = writer.n;
	return PB_OK;
}

/* The first session's key diversification data are the card's name for the rest of the conversation. */
static bool is_same_card(struct pb_perso *perso, const struct pb_card_words *words)
{
	const uint8_t *diversification = words->bytes + HOST_CHALLENGE;

	if (!perso->has_name)
		memcpy(perso->name, diversification, PB_PERSO_NAME);
	perso->has_name = true;
	return pb_view_equal(PB_VIEW(perso->name), pb_view(diversification, PB_PERSO_NAME));
}

static enum pb_status select_target(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_err *err)
{
	struct pb_view aid = purpose == PB_SESSION_FOR_DATA ? pb_view(APPLET_AID, APPLET_AID_LEN) :
							      pb_view(ISD_AID, ISD_AID_LEN);
	struct pb_answer answer;
	enum pb_status s;

	if (purpose == PB_SESSION_FOR_DATA && perso->selected)
		return PB_OK;
	s = pb_exchange_select(perso->reader, aid, &answer, err);
	if (s == PB_OK && answer.response.sw != SW_OK)
		s = pb_sw_fail(err, "SELECT", answer.response.sw);
	return s;
}

static enum pb_status begin(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
			    struct pb_err *err)
{
	struct pb_card_words words;
	enum pb_status s = select_target(perso, purpose, err);

	perso->selected = false; /* a session will be open: only a new SELECT makes it fresh */
	if (s == PB_OK)
		s = initialize_update(perso, &words, err);
	if (s != PB_OK)
		return s;
	if (!is_same_card(perso, &words))
		return pb_fail(err, PB_CARD_SWAPPED, "INITIALIZE UPDATE: other key diversification data");
	*ret_words = words;
	return PB_OK;
}

static enum pb_status transmit(struct pb_perso *perso, const char *step, const struct pb_writer *command,
			       struct pb_answer *ret_answer, struct pb_err *err)
{
	struct pb_view sent;
	enum pb_status s;
	size_t n;

	if (!pb_writer_view(command, &sent))
		PB_BUG("a wrapped command longer than a short APDU");
	s = pb_reader_transmit(perso->reader, sent, ret_answer->bytes, &n, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", step);
	if (!pb_response_parse(pb_view(ret_answer->bytes, n), &ret_answer->response))
		PB_BUG("a reader gave an answer without a status word");
	return PB_OK;
}

static enum pb_status authenticate(struct pb_perso *perso, const struct pb_card_session *session, struct pb_err *err)
{
	const struct pb_scp03_login *keys = &session->u.scp03;
	struct pb_scp03 *channel = pb_scp03_create(pb_secret_view(&keys->enc), pb_secret_view(&keys->mac),
						   pb_secret_view(&keys->rmac), SCP03_LEVEL, PB_SCP03_S8);
	uint8_t bytes[PB_COMMAND_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_answer answer;
	enum pb_status s;

	if (!channel)
		return pb_fail(err, PB_NO_MEMORY, "secure channel");
	pb_scp03_authenticate(channel, PB_VIEW(keys->host_cryptogram), &writer);
	s = transmit(perso, "EXTERNAL AUTHENTICATE", &writer, &answer, err);
	if (s == PB_OK && answer.response.sw != SW_OK)
		s = pb_sw_fail(err, "EXTERNAL AUTHENTICATE", answer.response.sw);
	if (s != PB_OK) {
		pb_scp03_destroy(channel);
		return s;
	}
	perso->scp03 = channel;
	return PB_OK;
}

/* One command in the open session; its answer must be 9000. */
static enum pb_status secure(struct pb_perso *perso, const char *step, const struct pb_apdu *command,
			     uint8_t ret_data[static APDU_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	uint8_t bytes[PB_COMMAND_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_answer answer;
	enum pb_status s = pb_scp03_wrap(perso->scp03, command, &writer, err);

	if (s == PB_OK)
		s = transmit(perso, step, &writer, &answer, err);
	if (s != PB_OK)
		return s;
	s = pb_scp03_unwrap(perso->scp03, &answer.response, ret_data, ret_n, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", step);
	if (answer.response.sw != SW_OK)
		return pb_sw_fail(err, step, answer.response.sw);
	return PB_OK;
}

/* 7F49{86 04 X Y} */
static bool read_public_key(struct pb_view data, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cursor in = pb_cursor(data), inner;
	struct pb_view template, point;

	if (!pb_tlv_take_tag(&in, TAG_PUBLIC_KEY, &template) || in.left)
		return false;
	inner = pb_cursor(template);
	if (!pb_tlv_take_tag(&inner, TAG_EC_POINT, &point) || inner.left || point.n != PB_P256_POINT)
		return false;
	memcpy(ret_point, point.p, PB_P256_POINT);
	return true;
}

static enum pb_status make_key(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	const struct pb_apdu command = { CLA_GP, INS_GENERATE_KEY_PAIR, 0, 0, { NULL, 0 }, APDU_RESPONSE_MAX };
	uint8_t data[APDU_RESPONSE_MAX];
	enum pb_status s;
	size_t n;

	s = secure(perso, "GENERATE KEY PAIR", &command, data, &n, err);
	if (s == PB_OK && !read_public_key(pb_view(data, n), ret_point))
		s = pb_fail(err, PB_CARD_PROTOCOL, "GENERATE KEY PAIR: not a public key");
	return s;
}

static void put_dgi(struct pb_writer *writer, unsigned dgi, struct pb_view value)
{
	pb_put_be(writer, dgi, 2);
	pb_put_u8(writer, (uint8_t)value.n);
	pb_put_view(writer, value);
}

/* All data groupings in one row; the commit is over what stands before it. */
static struct pb_view groupings(struct pb_view credential, struct pb_view ndef, uint8_t ret_bytes[static STORE_MAX])
{
	struct pb_writer writer = pb_writer(ret_bytes, STORE_MAX);
	uint8_t digest[PB_SHA256_LEN];
	struct pb_view all;

	put_dgi(&writer, DGI_CREDENTIAL, credential);
	put_dgi(&writer, DGI_NDEF, ndef);
	pb_sha256(pb_view(ret_bytes, writer.n), digest);
	put_dgi(&writer, DGI_COMMIT, pb_view(digest, DGI_COMMIT_LEN));
	if (!pb_writer_view(&writer, &all))
		PB_BUG("groupings longer than their bounds");
	return all;
}

static enum pb_status store_data(struct pb_perso *perso, struct pb_view block, uint8_t number, bool last,
				 struct pb_err *err)
{
	const struct pb_apdu command = { CLA_GP, INS_STORE_DATA, (uint8_t)(P1_STORE_DGI | (last ? P1_STORE_LAST : 0)),
					 number, block, 0 };
	uint8_t data[APDU_RESPONSE_MAX];
	char step[32];
	size_t n;

	snprintf(step, sizeof(step), "STORE DATA %u", number + 1u);
	return secure(perso, step, &command, data, &n, err);
}

static enum pb_status write_card(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
				 struct pb_err *err)
{
	uint8_t bytes[STORE_MAX];
	struct pb_cursor in = pb_cursor(groupings(credential, ndef, bytes));
	enum pb_status s = PB_OK;

	for (uint8_t number = 0; s == PB_OK && in.left; number++) {
		struct pb_view block = { 0 };

		if (!pb_take(&in, in.left < SCP03_PLAIN_MAX ? in.left : SCP03_PLAIN_MAX, &block))
			PB_BUG("a block longer than what is left");
		s = store_data(perso, block, number, in.left == 0, err);
	}
	return s;
}

/* PUT KEY, and what the card has to answer to it. */
static enum pb_status give_keys(struct pb_perso *perso, struct pb_view keys, struct pb_err *err)
{
	/* P1 names the set to replace, 0 adds one; the factory's cannot be named, it goes by itself. */
	uint8_t replaced = perso->session.kvn == KVN_FACTORY ? 0 : perso->session.kvn;
	struct pb_apdu command = { CLA_GP, INS_PUT_KEY, replaced, P2_PUT_KEY_SET, { NULL, 0 }, APDU_RESPONSE_MAX };
	struct pb_cursor in = pb_cursor(keys);
	struct pb_view receipt;
	uint8_t data[APDU_RESPONSE_MAX];
	enum pb_status s;
	size_t n;

	if (!pb_take(&in, PB_SCP03_PUT_KEY, &command.data) || !pb_take(&in, PB_SCP03_RECEIPT, &receipt) || in.left)
		return pb_fail(err, PB_INPUT_INVALID, "PUT KEY: keys of %zu bytes", keys.n);
	s = secure(perso, "PUT KEY", &command, data, &n, err);
	if (s == PB_OK && !pb_view_equal(pb_view(data, n), receipt))
		s = pb_fail(err, PB_CARD_MISMATCH, "PUT KEY: the card checked other keys than were sent");
	return s;
}

/* GPC 2.3.1 11.5.2.3.6: no load file, no module, the application, no privileges, parameters, token. */
static enum pb_status install_for_personalization(struct pb_perso *perso, struct pb_err *err)
{
	uint8_t bytes[3 + APPLET_AID_LEN + 3];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_apdu command = { CLA_GP, INS_INSTALL, P1_INSTALL_FOR_PERSONALIZATION, 0, { NULL, 0 }, APDU_RESPONSE_MAX };
	uint8_t data[APDU_RESPONSE_MAX];
	size_t n;

	pb_put_be(&writer, 0, 2);
	pb_put_u8(&writer, APPLET_AID_LEN);
	pb_put(&writer, APPLET_AID, APPLET_AID_LEN);
	pb_put_be(&writer, 0, 3);
	if (!pb_writer_view(&writer, &command.data))
		PB_BUG("INSTALL data of another length");
	return secure(perso, "INSTALL", &command, data, &n, err);
}

static enum pb_status set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err)
{
	const uint8_t grouping[] = { DGI_STATE >> 8, DGI_STATE & 0xFF, 1, (uint8_t)state };
	enum pb_status s = install_for_personalization(perso, err);

	if (s == PB_OK)
		s = store_data(perso, PB_VIEW(grouping), 0, true, err);
	return s;
}

const struct pb_perso_family_ops pb_perso_applet = {
	PB_FAMILY_APPLET, begin, NULL, authenticate, make_key, write_card, give_keys, set_state, PB_SESSION_SCP03, 0,
};
