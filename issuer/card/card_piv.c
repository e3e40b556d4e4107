/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card with a PIV application (card-applet-spec/piv.h): the credential in its CHUID, the key of slot 9E by its
 * certificate, the address for telephones in whatever NDEF application lies beside it.
 *
 * PIV has no life cycle.  Blank is a card without a CHUID and under the factory's management key; what that key is
 * worth is asked of the card (GET METADATA, where there is such a command) and never tried.
 */
#include "issuer/card/family.h"

#include <stdio.h>
#include <string.h>

#include "card-applet-spec/piv.h"
#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"
#include "issuer/reader/exchange.h"
#include "keys/crypto/hash.h"

enum {
	AID_UNVERSIONED = 9, /* PIV_AID without the version, which cards differ in */
	OBJECT_TAG_LEN = 3,
	OBJECT_MAX = 2048,
	DER_INTEGER = 0x02,
	DER_SEQUENCE = 0x30,
	DER_VERSION = 0xA0,
	CC_LEN = 15, /* of the capability container, as far as it says where the file is */
	CC_FILE_CONTROL = 0x04,
	CC_FILE_CONTROL_LEN = 6,
	CC_FREE = 0x00,
};

/* ---- Form of what the card holds */

/* {30 FASC-N, 34 GUID, 35 expiry, 3E credential, FE}: as the issuer writes it and nobody else, for whom 3E is either
 * empty or a signature in CMS, far longer. */
static bool read_chuid(struct pb_view object, struct pb_view *ret_credential)
{
	struct pb_cursor in = pb_cursor(object), body;
	struct pb_view value, other;

	if (!pb_tlv_take_tag(&in, PIV_TAG_OBJECT, &value) || in.left)
		return false;
	body = pb_cursor(value);
	return pb_tlv_take_tag(&body, PIV_CHUID_FASC_N, &other) && pb_tlv_take_tag(&body, PIV_CHUID_GUID, &other) &&
	       pb_tlv_take_tag(&body, PIV_CHUID_EXPIRY, &other) &&
	       pb_tlv_take_tag(&body, PIV_CHUID_SIGNATURE, ret_credential) &&
	       pb_tlv_take_tag(&body, PIV_CHUID_CHECK, &other) && !other.n && !body.left && ret_credential->n &&
	       ret_credential->n <= CREDENTIAL_MAX;
}

/* The key that a certificate is about (RFC 5280 4.1): nothing else in it is believed, nor looked at. */
static bool read_certified_point(struct pb_view der, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cursor in = pb_cursor(der), body;
	struct pb_view certificate, tbs, other, key;
	uint8_t spki[PB_P256_SPKI];

	if (!pb_tlv_take_tag(&in, DER_SEQUENCE, &certificate) || in.left)
		return false;
	body = pb_cursor(certificate);
	if (!pb_tlv_take_tag(&body, DER_SEQUENCE, &tbs))
		return false;
	body = pb_cursor(tbs);
	if (!pb_tlv_take_tag(&body, DER_VERSION, &other) || !pb_tlv_take_tag(&body, DER_INTEGER, &other))
		return false;
	for (int i = 0; i < 4; i++) /* algorithm, issuer, validity, subject */
		if (!pb_tlv_take_tag(&body, DER_SEQUENCE, &other))
			return false;
	if (!pb_tlv_take_tag(&body, DER_SEQUENCE, &key) || key.n != PB_P256_SPKI - 2)
		return false;
	pb_p256_point_to_spki(key.p + key.n - PB_P256_POINT, spki);
	if (!pb_view_equal(key, pb_view(spki + 2, sizeof(spki) - 2)))
		return false;
	memcpy(ret_point, key.p + key.n - PB_P256_POINT, PB_P256_POINT);
	return true;
}

/* 53{70 certificate, 71 00: not compressed, FE} */
static bool read_certificate(struct pb_view object, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cursor in = pb_cursor(object);
	struct pb_view body, certificate, info;

	return pb_tlv_take_tag(&in, PIV_TAG_OBJECT, &body) && !in.left &&
	       pb_tlv_find(body, PIV_CERTIFICATE, &certificate) && pb_tlv_find(body, PIV_CERTIFICATE_INFO, &info) &&
	       info.n == 1 && info.p[0] == 0 && read_certified_point(certificate, ret_point);
}

/* ---- Asking the card */

static enum pb_status select_piv(struct pb_reader *reader, struct pb_card_identity *identity, bool *ret_ours,
				 struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_exchange_select(reader, pb_view(PIV_AID, AID_UNVERSIONED), &answer, err);

	if (s != PB_OK)
		return s;
	*ret_ours = answer.response.sw == SW_OK;
	if (!*ret_ours && !identity->why[0])
		snprintf(identity->why, sizeof(identity->why), "SELECT: SW %04X (%s)", answer.response.sw,
			 pb_sw_row(answer.response.sw)->words);
	return PB_OK;
}

/* GET DATA; any status word is PB_OK. */
static enum pb_status ask_object(struct pb_reader *reader, uint32_t tag, uint8_t room[static OBJECT_MAX],
				 struct pb_response *ret_response, struct pb_err *err)
{
	const uint8_t wanted[] = { TAG_TAG_LIST, OBJECT_TAG_LEN, (uint8_t)(tag >> 16), (uint8_t)(tag >> 8), (uint8_t)tag };
	const struct pb_apdu get_data = { CLA_ISO, INS_GET_DATA, P1_PIV_OBJECT, P2_PIV_OBJECT, PB_VIEW(wanted),
					  APDU_RESPONSE_MAX };

	return pb_exchange_long(reader, "GET DATA", &get_data, room, OBJECT_MAX, ret_response, err);
}

/* ret_object is empty when there is no such object. */
static enum pb_status get_object(struct pb_reader *reader, uint32_t tag, uint8_t room[static OBJECT_MAX],
				 struct pb_view *ret_object, struct pb_err *err)
{
	struct pb_response response;
	enum pb_status s = ask_object(reader, tag, room, &response, err);

	if (s != PB_OK)
		return s;
	if (response.sw != SW_OK && response.sw != SW_FILE_NOT_FOUND)
		return pb_sw_fail(err, "GET DATA", response.sw);
	*ret_object = response.sw == SW_OK ? response.data : (struct pb_view){ 0 };
	return PB_OK;
}

/* What a card says of one of its keys; empty where it knows no such command, or has no such key. */
static enum pb_status get_metadata(struct pb_reader *reader, enum piv_reference key, struct pb_answer *answer,
				   struct pb_view *ret_metadata, struct pb_err *err)
{
	const struct pb_apdu command = { CLA_ISO, INS_PIV_GET_METADATA, 0, (uint8_t)key, { 0 }, APDU_RESPONSE_MAX };
	enum pb_status s = pb_exchange(reader, "GET METADATA", &command, answer, err);

	if (s == PB_OK)
		*ret_metadata = answer->response.sw == SW_OK ? answer->response.data : (struct pb_view){ 0 };
	return s;
}

/* Where a card does not say whose its management key is, it counts as the factory's: whoever has to use it finds out. */
static enum pb_status ask_management(struct pb_reader *reader, bool *ret_replaced, struct pb_err *err)
{
	struct pb_answer answer;
	struct pb_view metadata, is_default;
	enum pb_status s = get_metadata(reader, PIV_KEY_MANAGEMENT, &answer, &metadata, err);

	if (s == PB_OK)
		*ret_replaced = pb_tlv_find(metadata, PIV_METADATA_DEFAULT, &is_default) && is_default.n == 1 &&
				is_default.p[0] == 0;
	return s;
}

/* A key that was made for a credential which is not there yet. */
static enum pb_status ask_waiting_key(struct pb_reader *reader, struct pb_card_identity *identity, struct pb_err *err)
{
	struct pb_answer answer;
	struct pb_view metadata, key, point;
	enum pb_status s = get_metadata(reader, PIV_KEY_CARD, &answer, &metadata, err);

	if (s != PB_OK || !pb_tlv_find(metadata, PIV_METADATA_PUBLIC_KEY, &key) ||
	    !pb_tlv_find(key, TAG_EC_POINT, &point) || point.n != PB_P256_POINT)
		return s;
	identity->shadow = true;
	memcpy(identity->shadow_point, point.p, PB_P256_POINT);
	return PB_OK;
}

static enum pb_status identify_blank(struct pb_reader *reader, bool replaced, struct pb_card_identity *identity,
				     struct pb_err *err)
{
	if (replaced) {
		snprintf(identity->why, sizeof(identity->why), "PIV: no CHUID, and a management key of somebody's");
		return PB_OK;
	}
	identity->family = PB_FAMILY_PIV;
	identity->state = APPLET_BLANK;
	return ask_waiting_key(reader, identity, err);
}

static enum pb_status identify(struct pb_reader *reader, const struct pb_reader_card *card,
			       struct pb_card_identity *identity, struct pb_err *err)
{
	uint8_t room[OBJECT_MAX];
	struct pb_response chuid;
	struct pb_view credential;
	bool ours, replaced;
	enum pb_status s = select_piv(reader, identity, &ours, err);

	(void)card;
	if (s != PB_OK || !ours)
		return s;
	s = ask_object(reader, PIV_OBJECT_CHUID, room, &chuid, err);
	if (s == PB_OK && chuid.sw != SW_OK && chuid.sw != SW_FILE_NOT_FOUND) {
		snprintf(identity->why, sizeof(identity->why), "GET DATA: SW %04X (%s)", chuid.sw, pb_sw_row(chuid.sw)->words);
		return PB_OK;
	}
	if (s == PB_OK)
		s = ask_management(reader, &replaced, err);
	if (s != PB_OK)
		return s;
	if (chuid.sw == SW_FILE_NOT_FOUND)
		return identify_blank(reader, replaced, identity, err);
	if (!read_chuid(chuid.data, &credential)) {
		snprintf(identity->why, sizeof(identity->why), "PIV: a CHUID of another issuer");
		return PB_OK;
	}
	identity->family = PB_FAMILY_PIV;
	identity->state = replaced ? APPLET_LOCKED : APPLET_PERSONALISED;
	return PB_OK;
}

/* ---- The tag beside it (NFC Forum Type 4 Tag 2.0) */

static enum pb_status select_file(struct pb_reader *reader, const uint8_t fid[static 2], struct pb_err *err)
{
	const struct pb_apdu select = { CLA_ISO, INS_SELECT, P1_SELECT_BY_FID, P2_SELECT_NO_FCI, pb_view(fid, 2), 0 };
	struct pb_answer answer;

	return pb_exchange_ok(reader, "SELECT file", &select, &answer, err);
}

static enum pb_status read_binary(struct pb_reader *reader, size_t offset, size_t n, uint8_t *ret_bytes, struct pb_err *err)
{
	const struct pb_apdu read = { CLA_ISO, INS_READ_BINARY, (uint8_t)(offset >> 8), (uint8_t)offset, { 0 }, (unsigned)n };
	struct pb_answer answer;
	enum pb_status s = pb_exchange_ok(reader, "READ BINARY", &read, &answer, err);

	if (s == PB_OK && answer.response.data.n != n)
		s = pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: %zu bytes instead of %zu", answer.response.data.n, n);
	if (s == PB_OK)
		memcpy(ret_bytes, answer.response.data.p, n);
	return s;
}

/* Its own file identifier, and the longest piece it gives. */
static bool read_container(const uint8_t cc[static CC_LEN], uint8_t ret_fid[static 2], size_t *ret_piece)
{
	const size_t piece = (size_t)cc[3] << 8 | cc[4];

	if (cc[7] != CC_FILE_CONTROL || cc[8] != CC_FILE_CONTROL_LEN || cc[13] != CC_FREE || piece < 2)
		return false;
	memcpy(ret_fid, cc + 9, 2);
	*ret_piece = piece < APDU_RESPONSE_MAX ? piece : APDU_RESPONSE_MAX;
	return true;
}

/* NLEN and so many bytes. */
static enum pb_status read_ndef_file(struct pb_reader *reader, size_t piece, struct pb_card_image *image, struct pb_err *err)
{
	enum pb_status s = read_binary(reader, 0, 2, image->ndef, err);
	const size_t whole = s == PB_OK ? 2 + ((size_t)image->ndef[0] << 8 | image->ndef[1]) : 0;

	if (s == PB_OK && whole > NDEF_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: an NDEF file of %zu bytes", whole);
	for (size_t n = 2; s == PB_OK && n < whole; n += piece)
		s = read_binary(reader, n, whole - n < piece ? whole - n : piece, image->ndef + n, err);
	image->ndef_n = whole;
	return s;
}

static enum pb_status read_tag(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	static const uint8_t cc_fid[] = { FID_NDEF_CC >> 8, FID_NDEF_CC & 0xFF };
	struct pb_answer answer;
	uint8_t cc[CC_LEN], fid[2];
	size_t piece = 0;
	enum pb_status s = pb_exchange_select(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);

	if (s == PB_OK && answer.response.sw != SW_OK)
		s = pb_sw_fail(err, "SELECT NDEF", answer.response.sw);
	if (s == PB_OK)
		s = select_file(reader, cc_fid, err);
	if (s == PB_OK)
		s = read_binary(reader, 0, sizeof(cc), cc, err);
	if (s == PB_OK && !read_container(cc, fid, &piece))
		s = pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: not a capability container");
	if (s == PB_OK)
		s = select_file(reader, fid, err);
	return s == PB_OK ? read_ndef_file(reader, piece, image, err) : s;
}

/* ---- Reading a card */

/* The card signs any digest it is given; that it is one of ours only the message under it can say. */
static enum pb_status prove(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *image,
			    struct pb_err *err)
{
	uint8_t credential[PB_SHA256_LEN], digest[PB_SHA256_LEN], bytes[PB_SHA256_LEN + 8];
	const struct pb_view parts[] = { pb_view(LIVE_PREFIX, LIVE_PREFIX_LEN), PB_VIEW(credential), challenge };
	struct pb_writer inner = pb_writer(bytes, sizeof(bytes)), outer;
	uint8_t template[sizeof(bytes) + 4];
	struct pb_apdu command = { CLA_ISO, INS_GENERAL_AUTHENTICATE, PIV_P256, PIV_KEY_CARD, { 0 }, APDU_RESPONSE_MAX };
	struct pb_answer answer;
	struct pb_cursor in;
	struct pb_view body, der;
	enum pb_status s;

	pb_sha256(pb_view(image->credential, image->credential_n), credential);
	pb_sha256_parts(parts, 3, digest);
	pb_tlv_put(&inner, PIV_TAG_RESPONSE, (struct pb_view){ 0 });
	pb_tlv_put(&inner, PIV_TAG_CHALLENGE, PB_VIEW(digest));
	outer = pb_writer(template, sizeof(template));
	pb_tlv_put(&outer, PIV_TAG_AUTHENTICATION, pb_view(inner.p, inner.n));
	if (inner.full || !pb_writer_view(&outer, &command.data))
		PB_BUG("a digest longer than digests are");
	s = pb_exchange_ok(reader, "GENERAL AUTHENTICATE", &command, &answer, err);
	if (s != PB_OK)
		return s;
	in = pb_cursor(answer.response.data);
	if (!pb_tlv_take_tag(&in, PIV_TAG_AUTHENTICATION, &body) || in.left)
		return pb_fail(err, PB_CARD_PROTOCOL, "GENERAL AUTHENTICATE: not a template");
	in = pb_cursor(body);
	if (!pb_tlv_take_tag(&in, PIV_TAG_RESPONSE, &der) || in.left || !pb_p256_sig_from_der(der, image->sig))
		return pb_fail(err, PB_CARD_PROTOCOL, "GENERAL AUTHENTICATE: not a signature");
	return PB_OK;
}

static enum pb_status read_objects(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	uint8_t room[OBJECT_MAX];
	struct pb_view object, credential;
	bool replaced;
	enum pb_status s = get_object(reader, PIV_OBJECT_CHUID, room, &object, err);

	if (s != PB_OK)
		return s;
	if (!object.n)
		return pb_fail(err, PB_NOT_FOUND, "the card is blank");
	if (!read_chuid(object, &credential))
		return pb_fail(err, PB_CARD_FOREIGN, "PIV: a CHUID of another issuer");
	memcpy(image->credential, credential.p, credential.n);
	image->credential_n = credential.n;
	s = get_object(reader, PIV_OBJECT_CARD_CERTIFICATE, room, &object, err);
	if (s == PB_OK && !read_certificate(object, image->point))
		s = pb_fail(err, PB_CARD_PROTOCOL, "GET DATA: not the certificate of a card");
	if (s == PB_OK)
		s = ask_management(reader, &replaced, err);
	if (s == PB_OK)
		image->state = replaced ? APPLET_LOCKED : APPLET_PERSONALISED;
	return s;
}

/* The tag first, so that PIV is what stays selected. */
static enum pb_status examine(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
			      struct pb_err *err)
{
	struct pb_card_identity identity = { 0 };
	struct pb_card_image image = { 0 };
	bool ours = false;
	enum pb_status s = read_tag(reader, &image, err);

	if (s == PB_OK)
		s = select_piv(reader, &identity, &ours, err);
	if (s == PB_OK && !ours)
		s = pb_fail(err, PB_CARD_FOREIGN, "%s", identity.why);
	if (s == PB_OK)
		s = read_objects(reader, &image, err);
	if (s == PB_OK)
		s = prove(reader, challenge, &image, err);
	if (s == PB_OK)
		*ret_image = image;
	return s;
}

const struct pb_card_family_ops pb_card_piv = { PB_FAMILY_PIV, identify, examine };
