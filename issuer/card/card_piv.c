/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card with a PIV application (card-applet-spec/piv.h): the credential in its CHUID, the key of slot 9E by its
 * certificate, the address for telephones in whatever NDEF application lies beside it.
 *
 * PIV has no life cycle, so that of ours is read from the CHUID.  Blank is a card without one and under the factory's
 * management key, or with one of ours that holds nothing yet; what a key is worth is asked of the card (GET METADATA,
 * where there is such a command) and never tried.
 */
#include "issuer/card/family.h"

#include <stdio.h>
#include <string.h>

#include "issuer/card/piv_commands.h"
#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"
#include "keys/crypto/hash.h"

enum { DER_INTEGER = 0x02, DER_SEQUENCE = 0x30, DER_VERSION = 0xA0 };

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

bool pb_piv_certificate_read(struct pb_view object, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cursor in = pb_cursor(object);
	struct pb_view body, certificate, info;

	return pb_tlv_take_tag(&in, PIV_TAG_OBJECT, &body) && !in.left &&
	       pb_tlv_find(body, PIV_CERTIFICATE, &certificate) && pb_tlv_find(body, PIV_CERTIFICATE_INFO, &info) &&
	       info.n == 1 && info.p[0] == 0 && read_certified_point(certificate, ret_point);
}

/* ---- Telling what it is */

static enum pb_status select_piv(struct pb_reader *reader, struct pb_card_identity *identity, bool *ret_ours,
				 struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_piv_select(reader, &answer, err);

	if (s != PB_OK)
		return s;
	*ret_ours = answer.response.sw == SW_OK;
	if (!*ret_ours && !identity->why[0])
		snprintf(identity->why, sizeof(identity->why), "SELECT: SW %04X (%s)", answer.response.sw,
			 pb_sw_row(answer.response.sw)->words);
	return PB_OK;
}

/* A key that was made for a credential which is not there yet: the card tells, or the certificate that comes first. */
static enum pb_status ask_waiting_key(struct pb_reader *reader, struct pb_card_identity *identity, struct pb_err *err)
{
	uint8_t room[PB_PIV_OBJECT_MAX];
	struct pb_view object;
	enum pb_status s = pb_piv_ask_key(reader, &identity->shadow, identity->shadow_point, err);

	if (s != PB_OK || identity->shadow)
		return s;
	s = pb_piv_get_object(reader, PIV_OBJECT_CARD_CERTIFICATE, room, &object, err);
	if (s == PB_OK)
		identity->shadow = pb_piv_certificate_read(object, identity->shadow_point);
	return s;
}

static enum pb_status blank(struct pb_reader *reader, struct pb_card_identity *identity, struct pb_err *err)
{
	identity->family = PB_FAMILY_PIV;
	identity->state = APPLET_BLANK;
	return ask_waiting_key(reader, identity, err);
}

/* Where a card does not say whose its management key is, it counts as the factory's: whoever has to use it finds out. */
static enum pb_status identify_empty(struct pb_reader *reader, struct pb_card_identity *identity, struct pb_err *err)
{
	struct pb_piv_management management;
	enum pb_status s = pb_piv_ask_management(reader, &management, err);

	if (s != PB_OK)
		return s;
	if (management.whose == PB_PIV_REPLACED) {
		snprintf(identity->why, sizeof(identity->why), "PIV: no CHUID, and a management key of somebody's");
		return PB_OK;
	}
	return blank(reader, identity, err);
}

/* The address comes after the CHUID, its length last. */
static enum pb_status ask_address(struct pb_reader *reader, bool *ret_there, struct pb_err *err)
{
	struct pb_piv_tag tag;
	struct pb_answer answer;
	uint8_t length[2];
	enum pb_status s = pb_piv_tag_select(reader, &tag, err);

	if (s == PB_OK)
		s = pb_piv_tag_read(reader, 0, sizeof(length), length, err);
	if (s == PB_OK)
		s = pb_piv_select(reader, &answer, err);
	if (s == PB_OK)
		*ret_there = length[0] || length[1];
	return s;
}

static enum pb_status identify_ours(struct pb_reader *reader, const struct pb_piv_chuid *chuid,
				    struct pb_card_identity *identity, struct pb_err *err)
{
	bool whole = chuid->finished;
	enum pb_status s = PB_OK;

	if (chuid->credential.n && !whole)
		s = ask_address(reader, &whole, err);
	if (s == PB_OK && !whole)
		return blank(reader, identity, err);
	identity->family = PB_FAMILY_PIV;
	identity->state = chuid->finished ? APPLET_LOCKED : APPLET_PERSONALISED;
	return s;
}

static enum pb_status identify(struct pb_reader *reader, const struct pb_reader_card *card,
			       struct pb_card_identity *identity, struct pb_err *err)
{
	uint8_t room[PB_PIV_OBJECT_MAX];
	struct pb_response response;
	struct pb_piv_chuid chuid;
	bool ours;
	enum pb_status s = select_piv(reader, identity, &ours, err);

	(void)card;
	if (s != PB_OK || !ours)
		return s;
	s = pb_piv_ask_object(reader, PIV_OBJECT_CHUID, room, &response, err);
	if (s != PB_OK)
		return s;
	if (response.sw == SW_FILE_NOT_FOUND)
		return identify_empty(reader, identity, err);
	if (response.sw == SW_OK && pb_piv_chuid_read(response.data, &chuid))
		return identify_ours(reader, &chuid, identity, err);
	if (response.sw == SW_OK)
		snprintf(identity->why, sizeof(identity->why), "PIV: a CHUID of another issuer");
	else
		snprintf(identity->why, sizeof(identity->why), "GET DATA: SW %04X (%s)", response.sw,
			 pb_sw_row(response.sw)->words);
	return PB_OK;
}

/* ---- Reading a card */

/* NLEN and so many bytes. */
static enum pb_status read_address(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	struct pb_piv_tag tag;
	size_t whole = 0;
	enum pb_status s = pb_piv_tag_select(reader, &tag, err);

	if (s == PB_OK)
		s = pb_piv_tag_read(reader, 0, 2, image->ndef, err);
	if (s != PB_OK)
		return s;
	whole = 2 + ((size_t)image->ndef[0] << 8 | image->ndef[1]);
	if (whole > NDEF_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: an NDEF file of %zu bytes", whole);
	for (size_t n = 2; s == PB_OK && n < whole; n += tag.read_max)
		s = pb_piv_tag_read(reader, n, whole - n < tag.read_max ? whole - n : tag.read_max, image->ndef + n, err);
	image->ndef_n = whole;
	return s;
}

static enum pb_status read_objects(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	uint8_t room[PB_PIV_OBJECT_MAX];
	struct pb_piv_chuid chuid;
	struct pb_view object;
	enum pb_status s = pb_piv_get_object(reader, PIV_OBJECT_CHUID, room, &object, err);

	if (s != PB_OK)
		return s;
	if (object.n && !pb_piv_chuid_read(object, &chuid))
		return pb_fail(err, PB_CARD_FOREIGN, "PIV: a CHUID of another issuer");
	if (!object.n || !chuid.credential.n)
		return pb_fail(err, PB_NOT_FOUND, "the card is blank");
	memcpy(image->credential, chuid.credential.p, chuid.credential.n);
	image->credential_n = chuid.credential.n;
	image->state = chuid.finished ? APPLET_LOCKED : APPLET_PERSONALISED;
	s = pb_piv_get_object(reader, PIV_OBJECT_CARD_CERTIFICATE, room, &object, err);
	if (s == PB_OK && !pb_piv_certificate_read(object, image->point))
		s = pb_fail(err, PB_CARD_PROTOCOL, "GET DATA: not the certificate of a card");
	return s;
}

/* The card signs any digest it is given; that it is one of ours only the message under it can say. */
static enum pb_status prove(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *image,
			    struct pb_err *err)
{
	uint8_t credential[PB_SHA256_LEN], digest[PB_SHA256_LEN];
	const struct pb_view parts[] = { pb_view(LIVE_PREFIX, LIVE_PREFIX_LEN), PB_VIEW(credential), challenge };

	pb_sha256(pb_view(image->credential, image->credential_n), credential);
	pb_sha256_parts(parts, 3, digest);
	return pb_piv_sign(reader, digest, image->sig, err);
}

/* The tag first, so that PIV is what stays selected. */
static enum pb_status examine(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
			      struct pb_err *err)
{
	struct pb_card_identity identity = { 0 };
	struct pb_card_image image = { 0 };
	bool ours = false;
	enum pb_status s = read_address(reader, &image, err);

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
