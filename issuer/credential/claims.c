/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Claims out and in.  Reading is a loop over the keys of a map, one row of a switch per claim; which
 * claims must and may be there is two bit masks per kind.
 */
#include "issuer/credential/claims.h"

#include <string.h>

#include "base/calendar.h"
#include "base/cbor.h"
#include "base/text.h"

/* RFC 8392 4, RFC 8747 3.1, and one of the private range (RFC 8392 9.1) */
enum claim { ISS = 1, SUB = 2, EXP = 4, NBF = 5, IAT = 6, CTI = 7, CNF = 8, CARD = -65537 };
enum card_key { KIND = 0, NAME = 1, ORG_CODE = 2, ORG_NAME = 3, SINCE = 4, SEQUENCE = 5, STATUS = 8, ANCHOR = 10 };
/* RFC 9052 7, RFC 9053 7.1.1 */
enum cose_key { COSE_KEY = 1, KTY = 1, KTY_EC2 = 2, CRV = -1, CRV_P256 = 1, KEY_X = -2, KEY_Y = -3 };

enum { SERIAL_LEN = 5, COORDINATE_LEN = 32, CLAIMS_MAX = 16, TEXT_MAX = 320 };
#define TIME_MAX ((UINT64_C(1) << 40) - 1) /* uint .size 5 */

#define BIT(key) (1u << (key))
enum {
	CARD_BIT = 1u, /* of claim -65537; no claim has the key 0 */
	CHIP_CLAIMS = BIT(SUB) | BIT(EXP) | BIT(CTI) | CARD_BIT,
	FACE_CLAIMS = CHIP_CLAIMS | BIT(ISS) | BIT(NBF),
	FACE_OPTIONAL = BIT(IAT) | BIT(CNF),
	CARD_KEYS = BIT(KIND) | BIT(NAME) | BIT(ORG_CODE) | BIT(STATUS),
};

/* ---- out */

static void put_text(struct pb_writer *writer, unsigned key, struct pb_view text)
{
	pb_cbor_put_uint(writer, key);
	pb_cbor_put_text_view(writer, text);
}

static void put_uint(struct pb_writer *writer, unsigned key, uint64_t value)
{
	pb_cbor_put_uint(writer, key);
	pb_cbor_put_uint(writer, value);
}

static void put_serial(struct pb_writer *writer, uint64_t serial)
{
	uint8_t bytes[sizeof(serial)];
	struct pb_writer big_endian = pb_writer(bytes, sizeof(bytes));

	pb_cbor_put_uint(writer, CTI);
	/* Too large a serial is written whole, for the reading back to refuse it. */
	pb_put_be(&big_endian, serial, serial > PB_SERIAL_MAX ? sizeof(serial) : SERIAL_LEN);
	pb_cbor_put_bytes(writer, pb_view(bytes, big_endian.n));
}

static void put_status(struct pb_writer *writer, const struct pb_card_claims *claims)
{
	pb_cbor_put_array(writer, 2);
	pb_cbor_put_uint(writer, claims->status_list);
	pb_cbor_put_uint(writer, claims->status_index);
}

void pb_claims_put_chip(struct pb_writer *writer, const struct pb_card_claims *claims)
{
	pb_cbor_put_map(writer, 4);
	put_text(writer, SUB, claims->member_number);
	put_uint(writer, EXP, (uint64_t)claims->expires);
	put_serial(writer, claims->serial);
	pb_cbor_put_int(writer, CARD);
	put_status(writer, claims);
}

static bool is_virtual(const struct pb_face_claims *claims)
{
	return claims->phone_x.n > 0 || claims->phone_y.n > 0;
}

static void put_phone_key(struct pb_writer *writer, const struct pb_face_claims *claims)
{
	pb_cbor_put_uint(writer, CNF);
	pb_cbor_put_map(writer, 1);
	pb_cbor_put_uint(writer, COSE_KEY);
	pb_cbor_put_map(writer, 4);
	put_uint(writer, KTY, KTY_EC2);
	pb_cbor_put_int(writer, CRV);
	pb_cbor_put_uint(writer, CRV_P256);
	pb_cbor_put_int(writer, KEY_X);
	pb_cbor_put_bytes(writer, claims->phone_x);
	pb_cbor_put_int(writer, KEY_Y);
	pb_cbor_put_bytes(writer, claims->phone_y);
}

static void put_card(struct pb_writer *writer, const struct pb_face_claims *claims)
{
	bool has_name = claims->organisation_name.n > 0, has_sequence = claims->sequence > 0, has_anchor = claims->anchor_size > 0;

	pb_cbor_put_int(writer, CARD);
	pb_cbor_put_map(writer, 4u + has_name + claims->has_member_since + has_sequence + has_anchor);
	put_uint(writer, KIND, is_virtual(claims) ? PB_CREDENTIAL_VIRTUAL : PB_CREDENTIAL_FACE);
	put_text(writer, NAME, claims->name);
	put_text(writer, ORG_CODE, claims->organisation_code);
	if (has_name)
		put_text(writer, ORG_NAME, claims->organisation_name);
	if (claims->has_member_since) {
		pb_cbor_put_uint(writer, SINCE);
		pb_cbor_put_int(writer, claims->member_since);
	}
	if (has_sequence)
		put_uint(writer, SEQUENCE, claims->sequence);
	pb_cbor_put_uint(writer, STATUS);
	put_status(writer, &claims->card);
	if (has_anchor) {
		pb_cbor_put_uint(writer, ANCHOR);
		pb_cbor_put_array(writer, 2);
		pb_cbor_put_uint(writer, claims->anchor_size);
		pb_cbor_put_bytes(writer, PB_VIEW(claims->anchor_root));
	}
}

void pb_claims_put_face(struct pb_writer *writer, const struct pb_face_claims *claims)
{
	bool has_issued_at = claims->issued_at != 0;

	pb_cbor_put_map(writer, 6u + has_issued_at + is_virtual(claims));
	put_text(writer, ISS, claims->issuer);
	put_text(writer, SUB, claims->card.member_number);
	put_uint(writer, EXP, (uint64_t)claims->card.expires);
	put_uint(writer, NBF, (uint64_t)claims->not_before);
	if (has_issued_at)
		put_uint(writer, IAT, (uint64_t)claims->issued_at);
	put_serial(writer, claims->card.serial);
	if (is_virtual(claims))
		put_phone_key(writer, claims);
	put_card(writer, claims);
}

/* ---- in */

static enum pb_credential_fault unless(bool good, enum pb_credential_fault fault)
{
	return good ? PB_FAULT_NONE : fault;
}

/* One line of text as a card shows it: valid, in NFC, nothing invisible that a terminal would obey. */
static bool is_line(struct pb_view text)
{
	char copy[TEXT_MAX + 1], normal[TEXT_MAX + 1];

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < 0x20)
			return false;
	if (text.n > TEXT_MAX || !pb_text_valid(text))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return pb_text_nfc(copy, normal, sizeof(normal)) && strcmp(copy, normal) == 0;
}

static bool take_text(struct pb_cbor *in, size_t min, size_t max, struct pb_view *ret_text)
{
	struct pb_view text;

	if (!pb_cbor_text(in, min, max, &text) || !is_line(text))
		return false;
	*ret_text = text;
	return true;
}

static bool take_positive(struct pb_cbor *in, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;

	if (!pb_cbor_uint(in, max, &value) || value == 0)
		return false;
	*ret_value = value;
	return true;
}

static bool take_time(struct pb_cbor *in, int64_t *ret_time)
{
	uint64_t value;

	if (!take_positive(in, TIME_MAX, &value))
		return false;
	*ret_time = (int64_t)value;
	return true;
}

static bool take_u32(struct pb_cbor *in, uint64_t min, uint32_t *ret_value)
{
	uint64_t value;

	if (!pb_cbor_uint(in, UINT32_MAX, &value) || value < min)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

static bool take_serial(struct pb_cbor *in, uint64_t *ret_serial)
{
	struct pb_view bytes;
	struct pb_cursor cursor;
	uint64_t serial;

	if (!pb_cbor_bytes(in, SERIAL_LEN, SERIAL_LEN, &bytes))
		return false;
	cursor = pb_cursor(bytes);
	if (!pb_take_be(&cursor, SERIAL_LEN, &serial) || serial < 1 || serial > PB_SERIAL_MAX)
		return false;
	*ret_serial = serial;
	return true;
}

static bool take_status(struct pb_cbor *in, struct pb_card_claims *claims)
{
	return pb_cbor_array_of(in, 2) && take_u32(in, 0, &claims->status_list) && take_u32(in, 0, &claims->status_index);
}

static bool take_key(struct pb_cbor *in, struct pb_cbor_map *map, int64_t want)
{
	int64_t key;

	return pb_cbor_next_key(in, map, &key) && key == want;
}

static bool take_number(struct pb_cbor *in, uint64_t want)
{
	uint64_t value;

	return pb_cbor_uint(in, want, &value) && value == want;
}

static bool take_coordinate(struct pb_cbor *in, struct pb_view *ret_coordinate)
{
	return pb_cbor_bytes(in, COORDINATE_LEN, COORDINATE_LEN, ret_coordinate);
}

static bool take_phone_key(struct pb_cbor *in, struct pb_face_claims *claims)
{
	struct pb_cbor_map cnf, key;

	return pb_cbor_map(in, 1, &cnf) && take_key(in, &cnf, COSE_KEY) && pb_cbor_map(in, 4, &key) &&
	       take_key(in, &key, KTY) && take_number(in, KTY_EC2) && take_key(in, &key, CRV) && take_number(in, CRV_P256) &&
	       take_key(in, &key, KEY_X) && take_coordinate(in, &claims->phone_x) && take_key(in, &key, KEY_Y) &&
	       take_coordinate(in, &claims->phone_y);
}

static bool take_since(struct pb_cbor *in, struct pb_face_claims *claims)
{
	int64_t days;

	if (!pb_cbor_int(in, &days) || days < pb_date_to_days((struct pb_date){ 1900, 1, 1 }) ||
	    days > pb_date_to_days((struct pb_date){ 2199, 12, 31 }))
		return false;
	claims->has_member_since = true;
	claims->member_since = (int32_t)days;
	return true;
}

static bool take_anchor(struct pb_cbor *in, struct pb_face_claims *claims)
{
	struct pb_view root;

	if (!pb_cbor_array_of(in, 2) || !take_positive(in, INT64_MAX, &claims->anchor_size) ||
	    !pb_cbor_bytes(in, PB_ANCHOR_ROOT_LEN, PB_ANCHOR_ROOT_LEN, &root))
		return false;
	memcpy(claims->anchor_root, root.p, root.n);
	return true;
}

static bool take_kind(struct pb_cbor *in, enum pb_credential_kind *ret_kind)
{
	uint64_t kind;

	if (!pb_cbor_uint(in, PB_CREDENTIAL_VIRTUAL, &kind) || kind == PB_CREDENTIAL_CHIP)
		return false;
	*ret_kind = (enum pb_credential_kind)kind;
	return true;
}

static enum pb_credential_fault take_card_value(struct pb_cbor *in, int64_t key, struct pb_credential *credential)
{
	struct pb_face_claims *claims = &credential->claims;
	struct pb_view ignored;

	switch (key) {
	case KIND:
		return unless(take_kind(in, &credential->kind), PB_FAULT_BAD_KIND);
	case NAME:
		return unless(take_text(in, 1, 240, &claims->name), PB_FAULT_BAD_NAME);
	case ORG_CODE:
		return unless(take_text(in, 1, 24, &claims->organisation_code), PB_FAULT_BAD_ORGANISATION_CODE);
	case ORG_NAME:
		return unless(take_text(in, 1, 320, &claims->organisation_name), PB_FAULT_BAD_ORGANISATION_NAME);
	case SINCE:
		return unless(take_since(in, claims), PB_FAULT_BAD_MEMBER_SINCE);
	case SEQUENCE:
		return unless(take_u32(in, 1, &claims->sequence), PB_FAULT_BAD_SEQUENCE);
	case STATUS:
		return unless(take_status(in, &claims->card), PB_FAULT_BAD_STATUS);
	case ANCHOR:
		return unless(take_anchor(in, claims), PB_FAULT_BAD_ANCHOR);
	default:
		credential->unknown_keys++;
		return unless(key > 0 && pb_cbor_skip(in, &ignored), PB_FAULT_BAD_CARD_KEY);
	}
}

static enum pb_credential_fault take_card(struct pb_cbor *in, struct pb_credential *credential)
{
	enum pb_credential_fault fault = PB_FAULT_NONE;
	struct pb_cbor_map map;
	unsigned seen = 0;
	int64_t key;

	if (!pb_cbor_map(in, PB_CBOR_ITEMS, &map))
		return PB_FAULT_NOT_CLAIMS;
	while (fault == PB_FAULT_NONE && pb_cbor_next_key(in, &map, &key)) {
		if (key >= KIND && key <= ANCHOR)
			seen |= BIT(key);
		fault = take_card_value(in, key, credential);
	}
	if (fault != PB_FAULT_NONE)
		return fault;
	if (in->failed)
		return PB_FAULT_BAD_CARD_KEY;
	return unless((CARD_KEYS & ~seen) == 0, PB_FAULT_MISSING_CLAIM);
}

/* A chip has the status alone where the others have a whole card: that tells them apart. */
static enum pb_credential_fault take_status_or_card(struct pb_cbor *in, struct pb_credential *credential)
{
	struct pb_cbor probe = *in;
	size_t count;

	if (!pb_cbor_array(&probe, PB_CBOR_ITEMS, &count))
		return take_card(in, credential);
	credential->kind = PB_CREDENTIAL_CHIP;
	return unless(take_status(in, &credential->claims.card), PB_FAULT_BAD_STATUS);
}

static enum pb_credential_fault take_claim(struct pb_cbor *in, int64_t key, struct pb_credential *credential)
{
	struct pb_face_claims *claims = &credential->claims;

	switch (key) {
	case ISS:
		return unless(take_text(in, 2, 16, &claims->issuer), PB_FAULT_BAD_ISSUER);
	case SUB:
		return unless(take_text(in, 1, 24, &claims->card.member_number), PB_FAULT_BAD_MEMBER_NUMBER);
	case EXP:
		return unless(take_time(in, &claims->card.expires), PB_FAULT_BAD_EXPIRES);
	case NBF:
		return unless(take_time(in, &claims->not_before), PB_FAULT_BAD_NOT_BEFORE);
	case IAT:
		return unless(take_time(in, &claims->issued_at), PB_FAULT_BAD_ISSUED_AT);
	case CTI:
		return unless(take_serial(in, &claims->card.serial), PB_FAULT_BAD_SERIAL);
	case CNF:
		return unless(take_phone_key(in, claims), PB_FAULT_BAD_PHONE_KEY);
	case CARD:
		return take_status_or_card(in, credential);
	default:
		return PB_FAULT_UNKNOWN_CLAIM;
	}
}

/* What only the whole can tell. */
static enum pb_credential_fault check_whole(const struct pb_credential *credential, unsigned seen)
{
	bool chip = credential->kind == PB_CREDENTIAL_CHIP;
	unsigned required = chip ? CHIP_CLAIMS : FACE_CLAIMS, optional = chip ? 0 : FACE_OPTIONAL;

	if (required & ~seen)
		return PB_FAULT_MISSING_CLAIM;
	if (seen & ~(required | optional))
		return PB_FAULT_UNKNOWN_CLAIM;
	if (!chip && is_virtual(&credential->claims) != (credential->kind == PB_CREDENTIAL_VIRTUAL))
		return PB_FAULT_KIND_MISMATCH;
	return unless(chip || credential->claims.not_before < credential->claims.card.expires, PB_FAULT_NEVER_VALID);
}

enum pb_credential_fault pb_claims_decode(struct pb_view payload, struct pb_credential *credential)
{
	enum pb_credential_fault fault = PB_FAULT_NONE;
	struct pb_cbor in = pb_cbor(payload);
	struct pb_cbor_map map;
	unsigned seen = 0;
	int64_t key;

	if (!pb_cbor_map(&in, CLAIMS_MAX, &map))
		return PB_FAULT_NOT_CLAIMS;
	while (fault == PB_FAULT_NONE && pb_cbor_next_key(&in, &map, &key)) {
		fault = take_claim(&in, key, credential);
		seen |= key == CARD ? CARD_BIT : BIT(key & 31);
	}
	if (fault != PB_FAULT_NONE)
		return fault;
	if (in.failed)
		return PB_FAULT_UNKNOWN_CLAIM;
	return check_whole(credential, seen);
}
