/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards with a PIV application (card-applet-spec/piv.h), in this order, so that what the card holds shows where a torn
 * one stopped (issuer/card/card_piv.c):
 *
 *     key 9E made   certificate of it   CHUID with the credential   address in the tag beside it
 *     CHUID with the version of the new management key   that key   CHUID that says the card is finished
 *
 * The tag's application is another one, and selecting it ends the session: it is the last of the data.  The certificate
 * is signed by the key that it is about; it is for programs that look for keys by certificates, and proves nothing that
 * the credential does not.  PIN and PUK stay the factory's: they open nothing that we put there.
 */
#include "issuer/perso/family.h"

#include <string.h>

#include "base/clock.h"
#include "issuer/card/piv_commands.h"
#include "issuer/credential/credential.h"
#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"
#include "issuer/perso/piv_certificate.h"

enum {
	VERSION_FACTORY = 0x00,
	BLOCK_MAX = 16,
	CHAIN_PIECE = 255,
};

/* ---- Opening */

/* The last CHUID of ours on the card, or that of a card which has none. */
static enum pb_status read_chuid(struct pb_perso *perso, struct pb_err *err)
{
	struct pb_perso_piv *piv = &perso->piv;
	uint8_t room[PB_PIV_OBJECT_MAX];
	struct pb_piv_chuid chuid;
	struct pb_view object;
	enum pb_status s = pb_piv_get_object(perso->reader, PIV_OBJECT_CHUID, room, &object, err);

	if (s != PB_OK)
		return s;
	piv->chuid = (struct pb_piv_chuid){ .expiry = { '2', '0', '9', '9', '1', '2', '3', '1' } };
	if (object.n == 0 || !pb_piv_chuid_read(object, &chuid))
		return PB_OK;
	memcpy(piv->credential, chuid.credential.p, chuid.credential.n);
	chuid.credential.p = piv->credential;
	piv->chuid = chuid;
	return PB_OK;
}

/* The newer of the two versions that the CHUID names, and the older when the card has refused that one. */
static enum pb_status choose_version(struct pb_perso *perso, enum pb_piv_whose whose, uint8_t *ret_kvn, struct pb_err *err)
{
	const struct pb_piv_chuid *chuid = &perso->piv.chuid;

	if (whose == PB_PIV_FACTORYS)
		*ret_kvn = VERSION_FACTORY;
	else
		*ret_kvn = perso->refused ? chuid->from : chuid->to;
	if (perso->refused && (whose == PB_PIV_FACTORYS || chuid->from == chuid->to))
		return pb_fail(err, PB_CARD_KEYS, "the card has refused its management key, which is not tried again");
	return PB_OK;
}

/* A template of up to two members, and what the card says to it. */
static enum pb_status authenticate(struct pb_perso *perso, struct pb_view template, struct pb_answer *ret_answer,
				   struct pb_err *err)
{
	uint8_t bytes[4 * BLOCK_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_apdu command = { CLA_ISO, INS_GENERAL_AUTHENTICATE, perso->piv.algorithm, PIV_KEY_MANAGEMENT, { 0 },
				   APDU_RESPONSE_MAX };

	pb_tlv_put(&writer, PIV_TAG_AUTHENTICATION, template);
	if (!pb_writer_view(&writer, &command.data))
		PB_BUG("a template longer than two blocks");
	return pb_exchange(perso->reader, "GENERAL AUTHENTICATE", &command, ret_answer, err);
}

/* The one member of the card's template. */
static enum pb_status read_member(const struct pb_response *response, uint32_t tag, struct pb_view *ret_value, struct pb_err *err)
{
	struct pb_cursor in = pb_cursor(response->data);
	struct pb_view body;

	if (!pb_tlv_take_tag(&in, PIV_TAG_AUTHENTICATION, &body) || in.left)
		return pb_fail(err, PB_CARD_PROTOCOL, "GENERAL AUTHENTICATE: not a template");
	in = pb_cursor(body);
	if (!pb_tlv_take_tag(&in, tag, ret_value) || in.left || ret_value->n > BLOCK_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "GENERAL AUTHENTICATE: not the member that was asked for");
	return PB_OK;
}

/* Asking for a witness is no attempt, so a card that does not say which algorithm its key has is asked for each. */
static enum pb_status ask_witness(struct pb_perso *perso, uint8_t algorithm, struct pb_answer *answer, struct pb_view *ret_witness,
				  struct pb_err *err)
{
	static const uint8_t wanted[] = { PIV_TAG_WITNESS, 0 };
	const uint8_t candidates[] = { algorithm ? algorithm : PIV_3DES, PIV_AES_192, PIV_AES_128, PIV_AES_256 };
	const size_t count = algorithm ? 1 : sizeof(candidates);

	for (size_t i = 0; i < count; i++) {
		enum pb_status s;

		perso->piv.algorithm = candidates[i];
		s = authenticate(perso, PB_VIEW(wanted), answer, err);
		if (s != PB_OK)
			return s;
		if (answer->response.sw == SW_OK)
			return read_member(&answer->response, PIV_TAG_WITNESS, ret_witness, err);
	}
	return pb_sw_fail(err, "GENERAL AUTHENTICATE", answer->response.sw);
}

static enum pb_status select_piv(struct pb_perso *perso, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s;

	if (perso->selected)
		return PB_OK;
	s = pb_piv_select(perso->reader, &answer, err);
	if (s == PB_OK && answer.response.sw != SW_OK)
		s = pb_sw_fail(err, "SELECT", answer.response.sw);
	return s;
}

/* One key for everything. */
static enum pb_status begin(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
			    struct pb_err *err)
{
	struct pb_writer words = pb_writer(ret_words->bytes, sizeof(ret_words->bytes));
	struct pb_piv_management management;
	struct pb_answer answer;
	struct pb_view witness = { 0 };
	uint8_t kvn = 0;
	enum pb_status s = select_piv(perso, err);

	(void)purpose;
	perso->selected = false;
	if (s == PB_OK)
		s = read_chuid(perso, err);
	if (s == PB_OK)
		s = pb_piv_ask_management(perso->reader, &management, err);
	if (s == PB_OK)
		s = choose_version(perso, management.whose, &kvn, err);
	if (s == PB_OK)
		s = ask_witness(perso, management.algorithm, &answer, &witness, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(&words, perso->piv.algorithm);
	pb_put_u8(&words, kvn);
	pb_put_view(&words, witness);
	ret_words->n = words.n;
	return PB_OK;
}

/* Witness and challenge, a block each. */
static enum pb_status answer(struct pb_perso *perso, struct pb_view say, struct pb_card_words *ret_words, struct pb_err *err)
{
	uint8_t bytes[3 * BLOCK_MAX];
	struct pb_writer template = pb_writer(bytes, sizeof(bytes));
	struct pb_answer answered;
	struct pb_view response;
	enum pb_status s;

	if (say.n > 2 * BLOCK_MAX || say.n % 2)
		return pb_fail(err, PB_INPUT_INVALID, "GENERAL AUTHENTICATE: words of %zu bytes", say.n);
	pb_tlv_put(&template, PIV_TAG_WITNESS, pb_view(say.p, say.n / 2));
	pb_tlv_put(&template, PIV_TAG_CHALLENGE, pb_view(say.p + say.n / 2, say.n / 2));
	s = authenticate(perso, pb_view(bytes, template.n), &answered, err);
	if (s != PB_OK)
		return s;
	if (answered.response.sw == SW_SECURITY || answered.response.sw == SW_DATA)
		return pb_fail_sw(err, PB_CARD_KEYS, answered.response.sw, "GENERAL AUTHENTICATE: the card has another key");
	if (answered.response.sw != SW_OK)
		return pb_sw_fail(err, "GENERAL AUTHENTICATE", answered.response.sw);
	s = read_member(&answered.response, PIV_TAG_RESPONSE, &response, err);
	if (s == PB_OK && !pb_card_words_set(ret_words, response))
		PB_BUG("a block longer than words may be");
	return s;
}

/* ---- Writing */

/* PUT DATA, in a chain where it is long (ISO/IEC 7816-4 5.3.3). */
static enum pb_status put_object(struct pb_perso *perso, uint32_t tag, struct pb_view object, struct pb_err *err)
{
	uint8_t bytes[PB_PIV_CERTIFICATE_MAX + 16];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_answer answered;
	struct pb_cursor in;
	enum pb_status s = PB_OK;

	pb_put_u8(&writer, TAG_TAG_LIST);
	pb_put_u8(&writer, PB_PIV_TAG_LEN);
	pb_put_be(&writer, tag, PB_PIV_TAG_LEN);
	pb_put_view(&writer, object);
	if (writer.full)
		PB_BUG("an object longer than its bounds");
	in = pb_cursor(pb_view(bytes, writer.n));
	while (in.left && s == PB_OK) {
		struct pb_apdu command = { in.left > CHAIN_PIECE ? CLA_CHAINED : CLA_ISO, INS_PUT_DATA, P1_PIV_OBJECT,
					   P2_PIV_OBJECT, { 0 }, 0 };

		if (!pb_take(&in, in.left < CHAIN_PIECE ? in.left : CHAIN_PIECE, &command.data))
			PB_BUG("a piece longer than what is left");
		s = pb_exchange_ok(perso->reader, "PUT DATA", &command, &answered, err);
	}
	return s;
}

static enum pb_status put_chuid(struct pb_perso *perso, struct pb_err *err)
{
	uint8_t bytes[PB_PIV_CHUID_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));

	pb_piv_chuid_put(&writer, &perso->piv.chuid);
	return put_object(perso, PIV_OBJECT_CHUID, pb_view(bytes, writer.n), err);
}

/* 7F49{86 04 X Y} */
static bool read_public_key(struct pb_view data, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cursor in = pb_cursor(data);
	struct pb_view template, point;

	if (!pb_tlv_take_tag(&in, TAG_PUBLIC_KEY, &template) || in.left || !pb_tlv_find(template, TAG_EC_POINT, &point) ||
	    point.n != PB_P256_POINT)
		return false;
	memcpy(ret_point, point.p, PB_P256_POINT);
	return true;
}

static enum pb_status make_key(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	static const uint8_t wanted[] = { PIV_TAG_CONTROL, 3, PIV_TAG_ALGORITHM, 1, PIV_P256 };
	const struct pb_apdu command = { CLA_ISO, INS_PIV_GENERATE, 0, PIV_KEY_CARD, PB_VIEW(wanted), APDU_RESPONSE_MAX };
	struct pb_answer answered;
	enum pb_status s = pb_exchange_ok(perso->reader, "GENERATE KEY PAIR", &command, &answered, err);

	if (s == PB_OK && !read_public_key(answered.response.data, ret_point))
		s = pb_fail(err, PB_CARD_PROTOCOL, "GENERATE KEY PAIR: not a public key");
	if (s != PB_OK)
		return s;
	memcpy(perso->piv.point, ret_point, PB_P256_POINT);
	perso->piv.has_point = true;
	return PB_OK;
}

/* The key that waits, of a card that came back. */
static enum pb_status find_point(struct pb_perso *perso, struct pb_err *err)
{
	struct pb_perso_piv *piv = &perso->piv;
	uint8_t room[PB_PIV_OBJECT_MAX];
	struct pb_view object;
	enum pb_status s = PB_OK;

	if (!piv->has_point)
		s = pb_piv_ask_key(perso->reader, &piv->has_point, piv->point, err);
	if (s != PB_OK || piv->has_point)
		return s;
	s = pb_piv_get_object(perso->reader, PIV_OBJECT_CARD_CERTIFICATE, room, &object, err);
	if (s == PB_OK && !pb_piv_certificate_read(object, piv->point))
		s = pb_fail(err, PB_CARD_PROTOCOL, "the card does not tell which key waits");
	piv->has_point = s == PB_OK;
	return s;
}

static enum pb_status sign_by_card(void *ctx, const uint8_t digest[static 32], uint8_t ret_sig[static PB_P256_SIG],
				   struct pb_err *err)
{
	const struct pb_perso *perso = ctx;

	return pb_piv_sign(perso->reader, digest, ret_sig, err);
}

static enum pb_status put_certificate(struct pb_perso *perso, const struct pb_card_claims *claims, struct pb_err *err)
{
	const struct pb_piv_subject subject = { .serial = claims->serial, .from = pb_clock_now(&pb_clock_system),
						.until = claims->expires - 1, .point = perso->piv.point };
	uint8_t bytes[PB_PIV_CERTIFICATE_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	enum pb_status s = pb_piv_certificate_make(&subject, sign_by_card, perso, &writer, err);

	return s == PB_OK ? put_object(perso, PIV_OBJECT_CARD_CERTIFICATE, pb_view(bytes, writer.n), err) : s;
}

static enum pb_status update_binary(struct pb_perso *perso, size_t offset, struct pb_view bytes, struct pb_err *err)
{
	const struct pb_apdu command = { CLA_ISO, INS_NDEF_UPDATE_BINARY, (uint8_t)(offset >> 8), (uint8_t)offset, bytes, 0 };
	struct pb_answer answered;

	return pb_exchange_ok(perso->reader, "UPDATE BINARY", &command, &answered, err);
}

/* NFC Forum Type 4 Tag 2.0 5.3.2: no length while the message is being written. */
static enum pb_status put_address(struct pb_perso *perso, struct pb_view ndef, struct pb_err *err)
{
	static const uint8_t nothing[2];
	struct pb_piv_tag tag = { 0 };
	enum pb_status s = pb_piv_tag_select(perso->reader, &tag, err);

	if (s == PB_OK && (ndef.n < sizeof(nothing) || ndef.n > tag.size || tag.write_max < sizeof(nothing)))
		s = pb_fail(err, PB_CARD_REFUSED, "the tag has no room for an address of %zu bytes", ndef.n);
	if (s == PB_OK)
		s = update_binary(perso, 0, PB_VIEW(nothing), err);
	for (size_t n = sizeof(nothing); s == PB_OK && n < ndef.n; n += tag.write_max)
		s = update_binary(perso, n, pb_view(ndef.p + n, ndef.n - n < tag.write_max ? ndef.n - n : tag.write_max), err);
	return s == PB_OK ? update_binary(perso, 0, pb_view(ndef.p, sizeof(nothing)), err) : s;
}

static enum pb_status write_card(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef, struct pb_err *err)
{
	struct pb_perso_piv *piv = &perso->piv;
	struct pb_credential said;
	enum pb_status s;

	if (pb_credential_decode(credential, &said) != PB_FAULT_NONE || said.kind != PB_CREDENTIAL_CHIP)
		return pb_fail(err, PB_INPUT_INVALID, "not the credential of a chip");
	s = find_point(perso, err);
	if (s == PB_OK)
		s = put_certificate(perso, &said.claims.card, err);
	if (s != PB_OK)
		return s;
	memcpy(piv->credential, credential.p, credential.n);
	piv->chuid.credential = pb_view(piv->credential, credential.n);
	pb_piv_expiry(said.claims.card.expires - 1, piv->chuid.expiry);
	s = put_chuid(perso, err);
	if (s == PB_OK)
		s = put_address(perso, ndef, err);
	perso->open = false; /* of the card's two applications, the other one is selected */
	return s;
}

/* ---- The key, and the end */

/* The version, and the data of SET MANAGEMENT KEY. */
static enum pb_status give_keys(struct pb_perso *perso, struct pb_view keys, struct pb_err *err)
{
	struct pb_apdu command = { CLA_ISO, INS_PIV_SET_MANAGEMENT_KEY, P12_PIV_SET_MANAGEMENT_KEY, P12_PIV_SET_MANAGEMENT_KEY,
				   { 0 }, 0 };
	struct pb_cursor in = pb_cursor(keys);
	struct pb_answer answered;
	enum pb_status s;

	if (!pb_take_u8(&in, &perso->piv.chuid.to) || in.left < 3)
		return pb_fail(err, PB_INPUT_INVALID, "SET MANAGEMENT KEY: %zu bytes", keys.n);
	command.data = pb_view(in.p, in.left);
	perso->piv.chuid.from = perso->session.kvn;
	s = put_chuid(perso, err);
	return s == PB_OK ? pb_exchange_ok(perso->reader, "SET MANAGEMENT KEY", &command, &answered, err) : s;
}

static enum pb_status set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err)
{
	if (state != APPLET_LOCKED)
		return pb_fail(err, PB_CARD_UNSUPPORTED, "a PIV card has no such state");
	perso->piv.chuid.finished = true;
	return put_chuid(perso, err);
}

const struct pb_perso_family_ops pb_perso_piv = {
	PB_FAMILY_PIV, begin, answer, NULL, make_key, write_card, give_keys, set_state, PB_SESSION_OPEN, 1,
};
