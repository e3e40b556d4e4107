/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our own card application (card-applet-spec/): its FCI, EF.CARD and INTERNAL AUTHENTICATE.
 */
#include "issuer/card/family.h"

#include <stdio.h>
#include <string.h>

#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"
#include "issuer/reader/exchange.h"

enum {
	EF_CARD_MAX = 512,     /* more than the largest contents, so that too many are seen */
	POINT_UNCOMPRESSED = 0x04,
	NDEF_MIN = 2,	       /* NLEN alone */
};

static bool is_state(uint8_t byte)
{
	return byte == APPLET_BLANK || byte == APPLET_PERSONALISED || byte == APPLET_LOCKED || byte == APPLET_TERMINATED;
}

/* {86 04 X Y} */
static bool read_point(struct pb_view template, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cursor in = pb_cursor(template);
	struct pb_view point;

	if (!pb_tlv_take_tag(&in, TAG_EC_POINT, &point) || in.left || point.n != PB_P256_POINT ||
	    point.p[0] != POINT_UNCOMPRESSED)
		return false;
	memcpy(ret_point, point.p, PB_P256_POINT);
	return true;
}

static bool foreign(struct pb_card_identity *identity, const char *why)
{
	snprintf(identity->why, sizeof(identity->why), "%s", why);
	return false;
}

/* 6F{84 our name, A5{9F6E state, 9F08 version, 9F6F shadow, ...}}; false with the reason in `why`. */
static bool read_fci(struct pb_view fci, struct pb_card_identity *identity)
{
	struct pb_cursor in = pb_cursor(fci);
	struct pb_view body, name, proprietary, state, version, shadow;

	if (!pb_tlv_take_tag(&in, TAG_FCI, &body) || in.left || !pb_tlv_find(body, TAG_FCI_AID, &name) ||
	    !pb_view_equal(name, pb_view(APPLET_AID, APPLET_AID_LEN)) ||
	    !pb_tlv_find(body, TAG_FCI_PROPRIETARY, &proprietary))
		return foreign(identity, "SELECT: another application answered");
	if (!pb_tlv_find(proprietary, TAG_STATE, &state) || state.n != 1 || !is_state(state.p[0]))
		return foreign(identity, "SELECT: a life cycle state that is not ours");
	if (pb_tlv_find(proprietary, TAG_VERSION, &version) && (version.n != 2 || version.p[0] != APPLET_VERSION >> 8))
		return foreign(identity, "SELECT: a newer generation of the card application");
	identity->state = (enum applet_state)state.p[0];
	identity->shadow = pb_tlv_find(proprietary, TAG_SHADOW, &shadow) && shadow.n == 1 && shadow.p[0] == 1;
	return true;
}

/* SELECT.  ret_ours is false, with the reason in identity->why, for a card that is not of our kind. */
static enum pb_status select_applet(struct pb_reader *reader, struct pb_card_identity *identity, bool *ret_ours,
				    struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_exchange_select(reader, pb_view(APPLET_AID, APPLET_AID_LEN), &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.sw == SW_TERMINATED) {
		identity->state = APPLET_TERMINATED;
		*ret_ours = true;
	} else if (answer.response.sw == SW_OK) {
		*ret_ours = read_fci(answer.response.data, identity);
	} else {
		snprintf(identity->why, sizeof(identity->why), "SELECT: SW %04X (%s)", answer.response.sw,
			 pb_sw_row(answer.response.sw)->words);
		*ret_ours = false;
	}
	return PB_OK;
}

static enum pb_status read_shadow(struct pb_reader *reader, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	static const uint8_t wanted[] = { TAG_TAG_LIST, 2, TAG_SHADOW_KEY >> 8, TAG_SHADOW_KEY & 0xFF };
	const struct pb_apdu get_data = { CLA_ISO, INS_GET_DATA, 0x3F, 0xFF, PB_VIEW(wanted), APDU_RESPONSE_MAX };
	struct pb_answer answer;
	struct pb_view template;
	struct pb_cursor in;
	enum pb_status s = pb_exchange_ok(reader, "GET DATA", &get_data, &answer, err);

	if (s != PB_OK)
		return s;
	in = pb_cursor(answer.response.data);
	if (!pb_tlv_take_tag(&in, TAG_SHADOW_KEY, &template) || in.left || !read_point(template, ret_point))
		return pb_fail(err, PB_CARD_PROTOCOL, "GET DATA: not a public key");
	return PB_OK;
}

static enum pb_status identify(struct pb_reader *reader, const struct pb_reader_card *card,
			       struct pb_card_identity *identity, struct pb_err *err)
{
	bool ours;
	enum pb_status s = select_applet(reader, identity, &ours, err);

	(void)card;
	if (s == PB_OK && ours && identity->shadow)
		s = read_shadow(reader, identity->shadow_point, err);
	if (s == PB_OK && ours)
		identity->family = PB_FAMILY_APPLET;
	return s;
}

/* The file in pieces of 256 bytes: the first by its short identifier, which makes it current. */
static enum pb_status read_file(struct pb_reader *reader, uint8_t ret_bytes[static EF_CARD_MAX], size_t *ret_n,
				struct pb_err *err)
{
	struct pb_answer answer;
	size_t n = 0;

	do {
		const struct pb_apdu read = { CLA_ISO, INS_READ_BINARY,
					      n ? (uint8_t)(n >> 8) : (uint8_t)(P1_SFI | SFI_CARD), (uint8_t)n,
					      { 0 }, APDU_RESPONSE_MAX };
		enum pb_status s = pb_exchange(reader, "READ BINARY", &read, &answer, err);

		if (s != PB_OK)
			return s;
		if (n && answer.response.sw == SW_OFFSET)
			break; /* the file ends with a whole piece */
		if (answer.response.sw != SW_OK && answer.response.sw != SW_END_OF_FILE)
			return pb_sw_fail(err, "READ BINARY", answer.response.sw);
		if (n + answer.response.data.n > EF_CARD_MAX)
			return pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: a file of more than %d bytes", EF_CARD_MAX);
		if (answer.response.data.n)
			memcpy(ret_bytes + n, answer.response.data.p, answer.response.data.n);
		n += answer.response.data.n;
	} while (answer.response.data.n == APDU_RESPONSE_MAX);
	*ret_n = n;
	return PB_OK;
}

static bool copy_bounded(struct pb_view from, size_t min, size_t max, uint8_t *ret_bytes, size_t *ret_n)
{
	if (from.n < min || from.n > max)
		return false;
	memcpy(ret_bytes, from.p, from.n);
	*ret_n = from.n;
	return true;
}

/* The one way these contents can be written: shortest lengths, this order, nothing else. */
static bool is_canonical(struct pb_view file, struct pb_view credential, struct pb_view key, struct pb_view ndef)
{
	uint8_t bytes[EF_CARD_MAX], point[PB_P256_POINT + 2];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes)), inner = pb_writer(point, sizeof(point));
	struct pb_view written, template;

	pb_tlv_put(&inner, TAG_EC_POINT, key);
	if (!pb_writer_view(&inner, &template))
		return false;
	pb_tlv_put(&writer, TAG_CREDENTIAL, credential);
	pb_tlv_put(&writer, TAG_PUBLIC_KEY, template);
	pb_tlv_put(&writer, TAG_NDEF, ndef);
	return pb_writer_view(&writer, &written) && pb_view_equal(written, file);
}

static bool parse_file(struct pb_view file, struct pb_card_image *image)
{
	struct pb_cursor in = pb_cursor(file);
	struct pb_view credential, key, ndef;

	return pb_tlv_take_tag(&in, TAG_CREDENTIAL, &credential) && pb_tlv_take_tag(&in, TAG_PUBLIC_KEY, &key) &&
	       pb_tlv_take_tag(&in, TAG_NDEF, &ndef) && read_point(key, image->point) &&
	       copy_bounded(credential, 1, CREDENTIAL_MAX, image->credential, &image->credential_n) &&
	       copy_bounded(ndef, NDEF_MIN, NDEF_MAX, image->ndef, &image->ndef_n) &&
	       is_canonical(file, credential, pb_view(image->point, PB_P256_POINT), ndef);
}

static enum pb_status prove(struct pb_reader *reader, struct pb_view challenge, uint8_t ret_sig[static PB_P256_SIG],
			    struct pb_err *err)
{
	const struct pb_apdu authenticate = { CLA_ISO, INS_INTERNAL_AUTHENTICATE, 0, 0, challenge, APDU_RESPONSE_MAX };
	struct pb_answer answer;
	enum pb_status s = pb_exchange_ok(reader, "INTERNAL AUTHENTICATE", &authenticate, &answer, err);

	if (s != PB_OK)
		return s;
	if (!pb_p256_sig_from_der(answer.response.data, ret_sig))
		return pb_fail(err, PB_CARD_PROTOCOL, "INTERNAL AUTHENTICATE: not a signature");
	return PB_OK;
}

static enum pb_status examine(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
			      struct pb_err *err)
{
	struct pb_card_identity identity = { 0 };
	struct pb_card_image image = { 0 };
	uint8_t bytes[EF_CARD_MAX];
	enum pb_status s;
	size_t n = 0;
	bool ours;

	s = select_applet(reader, &identity, &ours, err);
	if (s != PB_OK)
		return s;
	if (!ours)
		return pb_fail(err, PB_CARD_FOREIGN, "%s", identity.why);
	image.state = identity.state;
	if (image.state == APPLET_TERMINATED)
		return pb_fail(err, PB_CARD_TERMINATED, "SELECT");
	if (image.state == APPLET_BLANK)
		return pb_fail(err, PB_NOT_FOUND, "the card is blank");
	s = read_file(reader, bytes, &n, err);
	if (s == PB_OK && !parse_file(pb_view(bytes, n), &image))
		s = pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: not the contents of a card");
	if (s == PB_OK)
		s = prove(reader, challenge, image.sig, err);
	if (s == PB_OK)
		*ret_image = image;
	return s;
}

const struct pb_card_family_ops pb_card_applet = { PB_FAMILY_APPLET, identify, examine };
