/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One command each, and the forms of what is in them.
 */
#include "issuer/card/piv_commands.h"

#include <string.h>

#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"
#include "keys/crypto/hash.h"

enum {
	AID_UNVERSIONED = 9, /* PIV_AID without the version, which cards differ in */
	GUID_LEN = 16,
	FASC_N_LEN = 25,
	CC_LEN = 15, /* of the capability container, as far as it says where the file is */
	CC_FILE_CONTROL = 0x04,
	CC_FILE_CONTROL_LEN = 6,
	CC_FREE = 0x00,
	PIECE_MAX = 255,
};

enum pb_status pb_piv_select(struct pb_reader *reader, struct pb_answer *ret_answer, struct pb_err *err)
{
	return pb_exchange_select(reader, pb_view(PIV_AID, AID_UNVERSIONED), ret_answer, err);
}

enum pb_status pb_piv_ask_object(struct pb_reader *reader, uint32_t tag, uint8_t room[static PB_PIV_OBJECT_MAX],
				 struct pb_response *ret_response, struct pb_err *err)
{
	const uint8_t wanted[] = { TAG_TAG_LIST, PB_PIV_TAG_LEN, (uint8_t)(tag >> 16), (uint8_t)(tag >> 8), (uint8_t)tag };
	const struct pb_apdu get_data = { CLA_ISO, INS_GET_DATA, P1_PIV_OBJECT, P2_PIV_OBJECT, PB_VIEW(wanted),
					  APDU_RESPONSE_MAX };

	return pb_exchange_long(reader, "GET DATA", &get_data, room, PB_PIV_OBJECT_MAX, ret_response, err);
}

enum pb_status pb_piv_get_object(struct pb_reader *reader, uint32_t tag, uint8_t room[static PB_PIV_OBJECT_MAX],
				 struct pb_view *ret_object, struct pb_err *err)
{
	struct pb_response response;
	enum pb_status s = pb_piv_ask_object(reader, tag, room, &response, err);

	if (s != PB_OK)
		return s;
	if (response.sw != SW_OK && response.sw != SW_FILE_NOT_FOUND)
		return pb_sw_fail(err, "GET DATA", response.sw);
	*ret_object = response.sw == SW_OK ? response.data : (struct pb_view){ 0 };
	return PB_OK;
}

enum pb_status pb_piv_get_metadata(struct pb_reader *reader, enum piv_reference key, struct pb_answer *answer,
				   struct pb_view *ret_metadata, struct pb_err *err)
{
	const struct pb_apdu command = { CLA_ISO, INS_PIV_GET_METADATA, 0, (uint8_t)key, { 0 }, APDU_RESPONSE_MAX };
	enum pb_status s = pb_exchange(reader, "GET METADATA", &command, answer, err);

	if (s == PB_OK)
		*ret_metadata = answer->response.sw == SW_OK ? answer->response.data : (struct pb_view){ 0 };
	return s;
}

enum pb_status pb_piv_ask_management(struct pb_reader *reader, struct pb_piv_management *ret_management, struct pb_err *err)
{
	struct pb_piv_management management = { PB_PIV_NOT_SAID, 0 };
	struct pb_answer answer;
	struct pb_view metadata, value;
	enum pb_status s = pb_piv_get_metadata(reader, PIV_KEY_MANAGEMENT, &answer, &metadata, err);

	if (s != PB_OK)
		return s;
	if (pb_tlv_find(metadata, PIV_METADATA_DEFAULT, &value) && value.n == 1)
		management.whose = value.p[0] ? PB_PIV_FACTORYS : PB_PIV_REPLACED;
	if (pb_tlv_find(metadata, PIV_METADATA_ALGORITHM, &value) && value.n == 1)
		management.algorithm = value.p[0];
	*ret_management = management;
	return PB_OK;
}

enum pb_status pb_piv_ask_key(struct pb_reader *reader, bool *ret_there, uint8_t ret_point[static PB_P256_POINT],
			      struct pb_err *err)
{
	struct pb_answer answer;
	struct pb_view metadata, key, point;
	enum pb_status s = pb_piv_get_metadata(reader, PIV_KEY_CARD, &answer, &metadata, err);

	if (s != PB_OK)
		return s;
	*ret_there = pb_tlv_find(metadata, PIV_METADATA_PUBLIC_KEY, &key) && pb_tlv_find(key, TAG_EC_POINT, &point) &&
		     point.n == PB_P256_POINT;
	if (*ret_there)
		memcpy(ret_point, point.p, PB_P256_POINT);
	return PB_OK;
}

/* 7C{82 00, 81 digest} -> 7C{82 signature} */
enum pb_status pb_piv_sign(struct pb_reader *reader, const uint8_t digest[static PB_SHA256_LEN],
			   uint8_t ret_sig[static PB_P256_SIG], struct pb_err *err)
{
	uint8_t bytes[PB_SHA256_LEN + 8], template[sizeof(bytes) + 4];
	struct pb_writer inner = pb_writer(bytes, sizeof(bytes)), outer = pb_writer(template, sizeof(template));
	struct pb_apdu command = { CLA_ISO, INS_GENERAL_AUTHENTICATE, PIV_P256, PIV_KEY_CARD, { 0 }, APDU_RESPONSE_MAX };
	struct pb_answer answer;
	struct pb_cursor in;
	struct pb_view body, der;
	enum pb_status s;

	pb_tlv_put(&inner, PIV_TAG_RESPONSE, (struct pb_view){ 0 });
	pb_tlv_put(&inner, PIV_TAG_CHALLENGE, pb_view(digest, PB_SHA256_LEN));
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
	if (!pb_tlv_take_tag(&in, PIV_TAG_RESPONSE, &der) || in.left || !pb_p256_sig_from_der(der, ret_sig))
		return pb_fail(err, PB_CARD_PROTOCOL, "GENERAL AUTHENTICATE: not a signature");
	return PB_OK;
}

/* ---- The CHUID */

static void make_guid(const struct pb_piv_chuid *chuid, uint8_t ret_guid[static GUID_LEN])
{
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256(chuid->credential, digest);
	memcpy(ret_guid, digest, GUID_LEN);
	memcpy(ret_guid, "PB1", 3);
	ret_guid[3] = chuid->from;
	ret_guid[4] = chuid->to;
	ret_guid[5] = chuid->finished;
	ret_guid[6] = (uint8_t)(0x80 | (ret_guid[6] & 0x0F));
	ret_guid[8] = (uint8_t)(0x80 | (ret_guid[8] & 0x3F));
}

void pb_piv_chuid_put(struct pb_writer *writer, const struct pb_piv_chuid *chuid)
{
	/* Agency 9999, which stands for a card outside of the federal government (SP 800-73-4 part 1, 3.1.2). */
	static const uint8_t fasc_n[FASC_N_LEN] = { 0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68,
						    0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB };
	uint8_t bytes[PB_PIV_CHUID_MAX], guid[GUID_LEN];
	struct pb_writer body = pb_writer(bytes, sizeof(bytes));
	struct pb_view whole;

	make_guid(chuid, guid);
	pb_tlv_put(&body, PIV_CHUID_FASC_N, PB_VIEW(fasc_n));
	pb_tlv_put(&body, PIV_CHUID_GUID, PB_VIEW(guid));
	pb_tlv_put(&body, PIV_CHUID_EXPIRY, PB_VIEW(chuid->expiry));
	pb_tlv_put(&body, PIV_CHUID_SIGNATURE, chuid->credential);
	pb_tlv_put(&body, PIV_CHUID_CHECK, (struct pb_view){ 0 });
	if (!pb_writer_view(&body, &whole))
		PB_BUG("a CHUID longer than its bounds");
	pb_tlv_put(writer, PIV_TAG_OBJECT, whole);
}

static bool is_ours(struct pb_view guid)
{
	return guid.n == GUID_LEN && pb_view_equal(pb_view(guid.p, 3), pb_view_text("PB1")) && guid.p[6] >> 4 == 8 && guid.p[8] >> 6 == 2;
}

bool pb_piv_chuid_read(struct pb_view object, struct pb_piv_chuid *ret_chuid)
{
	struct pb_piv_chuid chuid = { .from = 0 };
	struct pb_cursor in = pb_cursor(object), body;
	struct pb_view value, guid, expiry, other;

	if (!pb_tlv_take_tag(&in, PIV_TAG_OBJECT, &value) || in.left)
		return false;
	body = pb_cursor(value);
	if (!pb_tlv_take_tag(&body, PIV_CHUID_FASC_N, &other) || !pb_tlv_take_tag(&body, PIV_CHUID_GUID, &guid) ||
	    !pb_tlv_take_tag(&body, PIV_CHUID_EXPIRY, &expiry) || expiry.n != sizeof(chuid.expiry) ||
	    !pb_tlv_take_tag(&body, PIV_CHUID_SIGNATURE, &chuid.credential) ||
	    !pb_tlv_take_tag(&body, PIV_CHUID_CHECK, &other) || other.n || body.left)
		return false;
	memcpy(chuid.expiry, expiry.p, sizeof(chuid.expiry));
	if (!is_ours(guid) || chuid.credential.n > CREDENTIAL_MAX)
		return false;
	chuid.from = guid.p[3];
	chuid.to = guid.p[4];
	chuid.finished = guid.p[5];
	*ret_chuid = chuid;
	return true;
}

/* ---- The tag */

static enum pb_status select_file(struct pb_reader *reader, const uint8_t fid[static 2], struct pb_err *err)
{
	const struct pb_apdu select = { CLA_ISO, INS_SELECT, P1_SELECT_BY_FID, P2_SELECT_NO_FCI, pb_view(fid, 2), 0 };
	struct pb_answer answer;

	return pb_exchange_ok(reader, "SELECT file", &select, &answer, err);
}

enum pb_status pb_piv_tag_read(struct pb_reader *reader, size_t offset, size_t n, uint8_t *ret_bytes, struct pb_err *err)
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

static size_t read_length(const uint8_t *bytes)
{
	return (size_t)bytes[0] << 8 | bytes[1];
}

static size_t piece_of(const uint8_t *bytes)
{
	size_t n = read_length(bytes);

	return n < PIECE_MAX ? n : PIECE_MAX;
}

/* Its own file identifier, and the longest pieces it gives and takes. */
static bool read_container(const uint8_t cc[static CC_LEN], uint8_t ret_fid[static 2], struct pb_piv_tag *ret_tag)
{
	struct pb_piv_tag tag = { piece_of(cc + 3), piece_of(cc + 5), read_length(cc + 11) };

	if (cc[7] != CC_FILE_CONTROL || cc[8] != CC_FILE_CONTROL_LEN || cc[13] != CC_FREE || tag.read_max < 2)
		return false;
	memcpy(ret_fid, cc + 9, 2);
	*ret_tag = tag;
	return true;
}

enum pb_status pb_piv_tag_select(struct pb_reader *reader, struct pb_piv_tag *ret_tag, struct pb_err *err)
{
	static const uint8_t cc_fid[] = { FID_NDEF_CC >> 8, FID_NDEF_CC & 0xFF };
	struct pb_answer answer;
	uint8_t cc[CC_LEN], fid[2];
	enum pb_status s = pb_exchange_select(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);

	if (s == PB_OK && answer.response.sw != SW_OK)
		s = pb_sw_fail(err, "SELECT NDEF", answer.response.sw);
	if (s == PB_OK)
		s = select_file(reader, cc_fid, err);
	if (s == PB_OK)
		s = pb_piv_tag_read(reader, 0, sizeof(cc), cc, err);
	if (s == PB_OK && !read_container(cc, fid, ret_tag))
		s = pb_fail(err, PB_CARD_PROTOCOL, "READ BINARY: not a capability container");
	return s == PB_OK ? select_file(reader, fid, err) : s;
}
