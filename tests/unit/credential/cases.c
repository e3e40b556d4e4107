/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of cases, and how a token is built from a row.  Impossible rows stop the program: the table is
 * ours.
 */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/crypto/p256.h"

const char case_issuer_scalar[] = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
const char case_chip_scalar[] = "E6CB5BDD80AA45AE9C95E8C15476679FFEC953C16851E711E743939589C64FC1";

#define TEXT(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }
#define TEN "ABCDEFGHIJ"
#define FORTY TEN TEN TEN TEN
#define CHIP(number, expiry, number_of_card, list, index) \
	{ .card = { .member_number = TEXT(number), .expires = (expiry), .serial = (number_of_card), .status_list = (list), \
		    .status_index = (index) } }
/* «valid to 31.12.2031» in Chita, nine hours ahead of Greenwich */
#define EXPIRES 1956495600
#define BEGINS 1798729200
#define FACE \
	.card = { .member_number = TEXT("7501400000012344"), .expires = EXPIRES, .serial = 7501000012, .status_list = 3, \
		  .status_index = 40000 }, \
	.issuer = TEXT("RU-75-OBR"), .not_before = BEGINS, .name = TEXT("Дашиева Номин Баировна"), \
	.organisation_code = TEXT("75-014")
static const uint8_t phone[64] = "public key of a phone, abscissa.public key of a phone, ordinate.";
#define PHONE .phone_x = { phone, 32 }, .phone_y = { phone + 32, 32 }
#define ANCHOR .anchor_size = 70000, .anchor_root = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }

const struct accept_case accept_cases[] = {
	{ .id = "chip", .kind = PB_CREDENTIAL_CHIP, .claims = CHIP("7501400000012344", EXPIRES, 7501000012, 3, 40000) },
	{ .id = "chip_largest_of_an_office", .kind = PB_CREDENTIAL_CHIP,
	  .claims = CHIP("9999999999999999", 4294967295, 9999999999, 255, 65535) },
	{ .id = "chip_smallest", .kind = PB_CREDENTIAL_CHIP, .claims = CHIP("1", 1, 1, 0, 0) },
	{ .id = "chip_longest_number", .kind = PB_CREDENTIAL_CHIP, .claims = CHIP("123456789012345678", 65535, 1, 23, 255) },
	{ .id = "chip_signature_in_the_upper_half", .kind = PB_CREDENTIAL_CHIP, .high_s = true,
	  .claims = CHIP("7501400000012344", EXPIRES, 7501000012, 3, 40000) },
	{ .id = "chip_known_by_its_uid", .kind = PB_CREDENTIAL_CHIP, .family = "desfire", .binding = "04A1B2C3D4E5F6",
	  .claims = CHIP("7501400000012344", EXPIRES, 7501000012, 3, 40000) },
	{ .id = "face", .kind = PB_CREDENTIAL_FACE, .claims = { FACE } },
	{ .id = "face_smallest", .kind = PB_CREDENTIAL_FACE,
	  .claims = { .card = { .member_number = TEXT("1"), .expires = 2, .serial = 1 }, .issuer = TEXT("RU"), .not_before = 1,
		      .name = TEXT("Я"), .organisation_code = TEXT("1") } },
	{ .id = "face_largest", .kind = PB_CREDENTIAL_FACE,
	  .claims = { .card = { .member_number = TEXT(TEN TEN "1234"), .expires = 1099511627775, .serial = 9999999999,
				.status_list = UINT32_MAX, .status_index = UINT32_MAX },
		      .issuer = TEXT(TEN "123456"), .not_before = 1099511627774, .issued_at = 1099511627775,
		      .name = TEXT(FORTY FORTY FORTY FORTY FORTY FORTY), .organisation_code = TEXT(TEN TEN "1234"),
		      .organisation_name = TEXT(FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY), .has_member_since = true,
		      .member_since = 84005, .sequence = UINT32_MAX, .anchor_size = INT64_MAX } },
	{ .id = "face_with_everything", .kind = PB_CREDENTIAL_FACE,
	  .claims = { FACE, .issued_at = BEGINS - 60, .organisation_name = TEXT("МБОУ СОШ № 14 г. Чита"), .has_member_since = true,
		      .member_since = 19099, .sequence = 2, ANCHOR } },
	{ .id = "face_member_since_1900", .kind = PB_CREDENTIAL_FACE,
	  .claims = { FACE, .has_member_since = true, .member_since = -25567 } },
	{ .id = "face_member_since_day_zero", .kind = PB_CREDENTIAL_FACE, .claims = { FACE, .has_member_since = true } },
	{ .id = "face_with_keys_of_the_future", .kind = PB_CREDENTIAL_FACE, .claims = { FACE },
	  .edits = { { PAYLOAD, "3a00010000a4", "3a00010000a7" }, { PAYLOAD, "", "0b63616263" "1863a101f5" "1903e882f643010203" } } },
	{ .id = "face_signature_in_the_upper_half", .kind = PB_CREDENTIAL_FACE, .high_s = true, .claims = { FACE } },
	{ .id = "virtual", .kind = PB_CREDENTIAL_VIRTUAL, .claims = { FACE, PHONE } },
	{ .id = "virtual_with_everything", .kind = PB_CREDENTIAL_VIRTUAL,
	  .claims = { FACE, PHONE, .issued_at = BEGINS, .organisation_name = TEXT("МБОУ СОШ № 14 г. Чита"),
		      .has_member_since = true, .member_since = 19099, .sequence = 1, ANCHOR } },
};
const size_t accept_case_count = sizeof(accept_cases) / sizeof(accept_cases[0]);


/* What the edits find in "chip" and "face": 7501400000012344, valid to 31.12.2031, card 7501000012, 3/40000. */
#define NUMBER "37353031343030303030303132333434"
#define SUB "0270" NUMBER
#define EXP "041a749dc0f0"
#define NBF "051a6b366df0"
#define CTI "074501bf182d4c"
#define CARD "3a00010000"
#define STATUS "8203199c40"
#define ISS "016952552d37352d4f4252"
#define ORG "026637352d303134"
#define ZERO64 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define A5 "4141414141"
#define A25 A5 A5 A5 A5 A5
#define A100 A25 A25 A25 A25
#define ONE(part, find, put) .edits = { { part, find, put } }
#define TWO(part, find, put, part2, find2, put2) .edits = { { part, find, put }, { part2, find2, put2 } }

const struct refuse_case refuse_cases[] = {
	/* the envelope */
	{ "empty", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(WHOLE_TOKEN, "*", "") },
	{ "cut_short", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(WHOLE_TOKEN, "5840", "5841") },
	{ "a_byte_too_many", "chip", PB_FAULT_TRAILING_BYTES, ONE(WHOLE_TOKEN, "", "00") },
	{ "no_tag", "chip", PB_FAULT_WRONG_TAG, ONE(WHOLE_TOKEN, "d284", "84") },
	{ "cwt_tag_around", "chip", PB_FAULT_WRONG_TAG, ONE(WHOLE_TOKEN, "d284", "d83dd284") },
	{ "tag_of_a_mac", "chip", PB_FAULT_WRONG_TAG, ONE(WHOLE_TOKEN, "d284", "d184") },
	{ "tag_of_many_signers", "chip", PB_FAULT_WRONG_TAG, ONE(WHOLE_TOKEN, "d284", "d86284") },
	{ "tag_with_a_long_head", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(WHOLE_TOKEN, "d284", "d81284") },
	{ "array_of_indefinite_length", "chip", PB_FAULT_NOT_DETERMINISTIC,
	  TWO(WHOLE_TOKEN, "d284", "d29f", WHOLE_TOKEN, "", "ff") },
	{ "five_parts", "chip", PB_FAULT_NOT_SIGN1, TWO(WHOLE_TOKEN, "d284", "d285", WHOLE_TOKEN, "", "f6") },
	{ "protected_header_not_wrapped", "chip", PB_FAULT_NOT_SIGN1, ONE(WHOLE_TOKEN, "d2844da2", "d284a2") },
	{ "unprotected_header_is_null", "chip", PB_FAULT_NOT_SIGN1, ONE(WHOLE_TOKEN, "a0582aa4", "f6582aa4") },
	{ "unprotected_kid", "chip", PB_FAULT_UNPROTECTED_HEADER, ONE(WHOLE_TOKEN, "a0582aa4", "a1044101582aa4") },
	{ "detached_payload", "chip", PB_FAULT_NOT_SIGN1,
	  ONE(WHOLE_TOKEN, "582aa4" SUB EXP CTI CARD STATUS, "f6") },
	{ "payload_with_a_long_head", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(WHOLE_TOKEN, "582aa4", "59002aa4") },
	{ "signature_of_65_bytes", "chip", PB_FAULT_BAD_SIGNATURE_LENGTH,
	  TWO(WHOLE_TOKEN, "5840", "5841", WHOLE_TOKEN, "", "00") },
	{ "signature_of_70_bytes_like_der", "chip", PB_FAULT_BAD_SIGNATURE_LENGTH,
	  TWO(WHOLE_TOKEN, "5840", "5846", WHOLE_TOKEN, "", "000000000000") },
	{ "no_signature", "chip", PB_FAULT_TRAILING_BYTES, ONE(WHOLE_TOKEN, "5840", "40") },
	{ "chip_of_129_bytes", "chip", PB_FAULT_TOO_LONG, ONE(PAYLOAD, STATUS, "82031a00010000") },
	{ "face_of_more_than_1024_bytes", "face_largest", PB_FAULT_TOO_LONG,
	  TWO(PAYLOAD, "3a00010000a8", "3a00010000a9", PAYLOAD, "", "0b590140" ZERO64 ZERO64 ZERO64 ZERO64 ZERO64) },

	/* the protected header */
	{ "alg_esp256", "chip", PB_FAULT_UNKNOWN_ALG, ONE(PROTECTED, "0126", "0128") },
	{ "alg_eddsa", "chip", PB_FAULT_UNKNOWN_ALG, ONE(PROTECTED, "0126", "0127") },
	{ "alg_in_words", "chip", PB_FAULT_UNKNOWN_ALG, ONE(PROTECTED, "0126", "01654553323536") },
	{ "alg_with_a_long_head", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PROTECTED, "0126", "013806") },
	{ "alg_twice", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PROTECTED, "a20126", "a301260126") },
	{ "alg_missing", "chip", PB_FAULT_MISSING_HEADER, ONE(PROTECTED, "a20126", "a1") },
	{ "kid_before_alg", "chip", PB_FAULT_NOT_DETERMINISTIC, TWO(PROTECTED, "0126", "", PROTECTED, "", "0126") },
	{ "kid_missing", "chip", PB_FAULT_MISSING_HEADER, ONE(PROTECTED, "*", "a10126") },
	{ "kid_of_9_bytes", "chip", PB_FAULT_BAD_KID, TWO(PROTECTED, "0448", "0449", PROTECTED, "", "00") },
	{ "kid_is_text", "chip", PB_FAULT_BAD_KID, ONE(PROTECTED, "*", "a20126046841424344" "45464748") },
	{ "crit", "chip", PB_FAULT_UNKNOWN_HEADER, ONE(PROTECTED, "a20126", "a30126028104") },
	{ "certificate_in_the_token", "chip", PB_FAULT_UNKNOWN_HEADER,
	  TWO(PROTECTED, "a20126", "a30126", PROTECTED, "", "18214130") },
	{ "header_named_in_words", "chip", PB_FAULT_UNKNOWN_HEADER,
	  TWO(PROTECTED, "a20126", "a30126", PROTECTED, "", "616100") },
	{ "protected_header_empty", "chip", PB_FAULT_MISSING_HEADER, ONE(PROTECTED, "*", "") },
	{ "protected_header_with_a_byte_too_many", "chip", PB_FAULT_TRAILING_BYTES, ONE(PROTECTED, "", "00") },

	/* the claims of a chip */
	{ "payload_empty", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PAYLOAD, "*", "") },
	{ "payload_is_an_array", "chip", PB_FAULT_NOT_CLAIMS, ONE(PAYLOAD, "*", "80") },
	{ "cwt_tag_inside", "chip", PB_FAULT_NOT_CLAIMS, ONE(PAYLOAD, "a402", "d83da402") },
	{ "payload_with_a_byte_too_many", "chip", PB_FAULT_TRAILING_BYTES, ONE(PAYLOAD, "", "00") },
	{ "claims_of_indefinite_length", "chip", PB_FAULT_NOT_DETERMINISTIC, TWO(PAYLOAD, "a402", "bf02", PAYLOAD, "", "ff") },
	{ "claim_twice", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PAYLOAD, "a4" SUB, "a5" SUB SUB) },
	{ "claims_out_of_order", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PAYLOAD, SUB EXP, EXP SUB) },
	{ "chip_with_an_issuer", "chip", PB_FAULT_UNKNOWN_CLAIM, ONE(PAYLOAD, "a4", "a5" ISS) },
	{ "chip_with_a_beginning", "chip", PB_FAULT_UNKNOWN_CLAIM, TWO(PAYLOAD, "a402", "a502", PAYLOAD, CTI, NBF CTI) },
	{ "audience", "chip", PB_FAULT_UNKNOWN_CLAIM, TWO(PAYLOAD, "a402", "a502", PAYLOAD, EXP, "036178" EXP) },
	{ "claim_named_in_words", "chip", PB_FAULT_UNKNOWN_CLAIM, TWO(PAYLOAD, "a402", "a502", PAYLOAD, "", "646e616d656141") },
	{ "no_member_number", "chip", PB_FAULT_MISSING_CLAIM, ONE(PAYLOAD, "a4" SUB, "a3") },
	{ "no_expiry", "chip", PB_FAULT_MISSING_CLAIM, TWO(PAYLOAD, "a402", "a302", PAYLOAD, EXP, "") },
	{ "no_serial", "chip", PB_FAULT_MISSING_CLAIM, TWO(PAYLOAD, "a402", "a302", PAYLOAD, CTI, "") },
	{ "no_status", "chip", PB_FAULT_MISSING_CLAIM, TWO(PAYLOAD, "a402", "a302", PAYLOAD, CARD STATUS, "") },
	{ "member_number_empty", "chip", PB_FAULT_BAD_MEMBER_NUMBER, ONE(PAYLOAD, SUB, "0260") },
	{ "member_number_of_25_bytes", "chip", PB_FAULT_BAD_MEMBER_NUMBER, ONE(PAYLOAD, SUB, "027819" A25) },
	{ "member_number_is_bytes", "chip", PB_FAULT_BAD_MEMBER_NUMBER, ONE(PAYLOAD, SUB, "0250" NUMBER) },
	{ "member_number_is_a_number", "chip", PB_FAULT_BAD_MEMBER_NUMBER, ONE(PAYLOAD, SUB, "021b001aa66f96d25558") },
	{ "member_number_with_a_line_break", "chip", PB_FAULT_BAD_MEMBER_NUMBER, ONE(PAYLOAD, SUB, "0263310a32") },
	{ "member_number_not_utf8", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PAYLOAD, SUB, "0262c080") },
	{ "expiry_zero", "chip", PB_FAULT_BAD_EXPIRES, ONE(PAYLOAD, EXP, "0400") },
	{ "expiry_before_1970", "chip", PB_FAULT_BAD_EXPIRES, ONE(PAYLOAD, EXP, "0420") },
	{ "expiry_of_six_bytes", "chip", PB_FAULT_BAD_EXPIRES, ONE(PAYLOAD, EXP, "041b0000010000000000") },
	{ "expiry_is_a_float", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PAYLOAD, EXP, "04fb41dd27703c000000") },
	{ "expiry_with_a_long_head", "chip", PB_FAULT_NOT_DETERMINISTIC, ONE(PAYLOAD, EXP, "041b00000000749dc0f0") },
	{ "serial_of_4_bytes", "chip", PB_FAULT_BAD_SERIAL, ONE(PAYLOAD, CTI, "0744bf182d4c") },
	{ "serial_of_8_bytes", "chip", PB_FAULT_BAD_SERIAL, ONE(PAYLOAD, CTI, "074800000001bf182d4c") },
	{ "serial_zero", "chip", PB_FAULT_BAD_SERIAL, ONE(PAYLOAD, CTI, "07450000000000") },
	{ "serial_of_11_digits", "chip", PB_FAULT_BAD_SERIAL, ONE(PAYLOAD, CTI, "074502540be400") },
	{ "serial_is_a_number", "chip", PB_FAULT_BAD_SERIAL, ONE(PAYLOAD, CTI, "071b00000001bf182d4c") },
	{ "status_without_index", "chip", PB_FAULT_BAD_STATUS, ONE(PAYLOAD, STATUS, "8103") },
	{ "status_of_three", "chip", PB_FAULT_BAD_STATUS, ONE(PAYLOAD, STATUS, "8303199c4000") },
	{ "status_index_negative", "chip", PB_FAULT_BAD_STATUS, ONE(PAYLOAD, STATUS, "820320") },
	{ "status_index_of_five_bytes", "chip", PB_FAULT_BAD_STATUS, ONE(PAYLOAD, STATUS, "82031b0000000100000000") },

	/* the claims of a face and of a phone */
	{ "issuer_of_1_byte", "face", PB_FAULT_BAD_ISSUER, ONE(PAYLOAD, ISS, "016152") },
	{ "issuer_of_17_bytes", "face", PB_FAULT_BAD_ISSUER, ONE(PAYLOAD, ISS, "0171" A5 A5 A5 "4141") },
	{ "face_without_issuer", "face", PB_FAULT_MISSING_CLAIM, ONE(PAYLOAD, "a6" ISS, "a5") },
	{ "face_without_a_beginning", "face", PB_FAULT_MISSING_CLAIM, TWO(PAYLOAD, "a601", "a501", PAYLOAD, NBF, "") },
	{ "beginning_is_text", "face", PB_FAULT_BAD_NOT_BEFORE, ONE(PAYLOAD, NBF, "056131") },
	{ "begins_when_it_expires", "face", PB_FAULT_NEVER_VALID, ONE(PAYLOAD, NBF, "051a749dc0f0") },
	{ "begins_after_it_expires", "face", PB_FAULT_NEVER_VALID, ONE(PAYLOAD, NBF, "051a749dc0f1") },
	{ "issued_at_zero", "face", PB_FAULT_BAD_ISSUED_AT, TWO(PAYLOAD, "a601", "a701", PAYLOAD, NBF, NBF "0600") },
	{ "card_is_text", "face_smallest", PB_FAULT_NOT_CLAIMS,
	  ONE(PAYLOAD, CARD "a400000162d0af02613108820000", CARD "60") },
	{ "face_with_the_status_of_a_chip", "face_smallest", PB_FAULT_UNKNOWN_CLAIM,
	  ONE(PAYLOAD, CARD "a400000162d0af02613108820000", CARD "820000") },
	{ "kind_of_a_chip", "face", PB_FAULT_BAD_KIND, ONE(PAYLOAD, CARD "a40000", CARD "a40001") },
	{ "kind_3", "face", PB_FAULT_BAD_KIND, ONE(PAYLOAD, CARD "a40000", CARD "a40003") },
	{ "virtual_without_a_phone_key", "face", PB_FAULT_KIND_MISMATCH, ONE(PAYLOAD, CARD "a40000", CARD "a40002") },
	{ "face_with_a_phone_key", "virtual", PB_FAULT_KIND_MISMATCH, ONE(PAYLOAD, CARD "a40002", CARD "a40000") },
	{ "no_kind", "face", PB_FAULT_MISSING_CLAIM, ONE(PAYLOAD, CARD "a40000", CARD "a3") },
	{ "no_organisation", "face", PB_FAULT_MISSING_CLAIM, TWO(PAYLOAD, CARD "a4", CARD "a3", PAYLOAD, ORG, "") },
	{ "no_status_of_a_face", "face", PB_FAULT_MISSING_CLAIM,
	  TWO(PAYLOAD, CARD "a4", CARD "a3", PAYLOAD, "08" STATUS, "") },
	{ "name_empty", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "0160") },
	{ "name_of_241_bytes", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "0178f1" A100 A100 A25 A5 A5 A5 "41") },
	{ "name_not_normalised", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "0164d0b8cc86") },
	{ "name_with_a_line_break", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "0163410a42") },
	{ "name_with_an_escape", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "016441" "1b5b4d") },
	{ "name_with_a_control_beyond_ascii", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "0162c285") },
	{ "name_is_bytes", "face_smallest", PB_FAULT_BAD_NAME, ONE(PAYLOAD, "0162d0af", "0142d0af") },
	{ "organisation_code_of_25_bytes", "face", PB_FAULT_BAD_ORGANISATION_CODE, ONE(PAYLOAD, ORG, "027819" A25) },
	{ "organisation_name_empty", "face", PB_FAULT_BAD_ORGANISATION_NAME,
	  TWO(PAYLOAD, CARD "a4", CARD "a5", PAYLOAD, ORG, ORG "0360") },
	{ "organisation_name_of_321_bytes", "face", PB_FAULT_BAD_ORGANISATION_NAME,
	  TWO(PAYLOAD, CARD "a4", CARD "a5", PAYLOAD, ORG, ORG "03790141" A100 A100 A100 A5 A5 A5 A5 "41") },
	{ "member_since_2200", "face_member_since_1900", PB_FAULT_BAD_MEMBER_SINCE, ONE(PAYLOAD, "043963de", "041a00014826") },
	{ "member_since_1899", "face_member_since_1900", PB_FAULT_BAD_MEMBER_SINCE, ONE(PAYLOAD, "043963de", "043963df") },
	{ "sequence_zero", "face_with_everything", PB_FAULT_BAD_SEQUENCE, ONE(PAYLOAD, "050208" STATUS, "050008" STATUS) },
	{ "anchor_of_an_empty_ledger", "face_with_everything", PB_FAULT_BAD_ANCHOR, ONE(PAYLOAD, "0a821a00011170", "0a8200") },
	{ "anchor_root_of_15_bytes", "face_with_everything", PB_FAULT_BAD_ANCHOR,
	  ONE(PAYLOAD, "50" "0102030405060708090a0b0c0d0e0f10", "4f" "0102030405060708090a0b0c0d0e0f") },
	{ "card_key_negative", "face", PB_FAULT_BAD_CARD_KEY, TWO(PAYLOAD, CARD "a4", CARD "a5", PAYLOAD, "", "2000") },
	{ "card_key_in_words", "face", PB_FAULT_BAD_CARD_KEY, TWO(PAYLOAD, CARD "a4", CARD "a5", PAYLOAD, "", "616100") },
	{ "unknown_card_key_with_a_float", "face", PB_FAULT_NOT_DETERMINISTIC,
	  TWO(PAYLOAD, CARD "a4", CARD "a5", PAYLOAD, "", "0bf93c00") },
	{ "unknown_card_key_nested_too_deep", "face", PB_FAULT_NOT_DETERMINISTIC,
	  TWO(PAYLOAD, CARD "a4", CARD "a5", PAYLOAD, "", "0b8181818181818100") },
	{ "phone_key_of_another_kind", "virtual", PB_FAULT_BAD_PHONE_KEY, ONE(PAYLOAD, "a401022001", "a401012001") },
	{ "phone_key_on_p384", "virtual", PB_FAULT_BAD_PHONE_KEY, ONE(PAYLOAD, "a401022001", "a401022002") },
	{ "phone_key_of_31_bytes", "virtual", PB_FAULT_BAD_PHONE_KEY, ONE(PAYLOAD, "2001215820" "70", "200121581f") },
	{ "phone_key_compressed", "virtual", PB_FAULT_BAD_PHONE_KEY,
	  ONE(PAYLOAD, "2258207075626c6963206b6579206f6620612070686f6e652c206f7264696e6174652e", "22f5") },
	{ "phone_key_by_reference", "virtual", PB_FAULT_BAD_PHONE_KEY, ONE(PAYLOAD, "08a101a4", "08a103a4") },

	/* in good order, but not what the office signed, or not for this chip */
	{ "moved_to_another_chip", "chip", PB_FAULT_NONE, .other_chip = true },
	{ "chip_read_as_a_face", "chip", PB_FAULT_NONE, .no_aad = true },
	{ "expiry_prolonged", "chip", PB_FAULT_NONE, ONE(WHOLE_TOKEN, EXP, "041a767ef470") },
	{ "another_serial", "face", PB_FAULT_NONE, ONE(WHOLE_TOKEN, CTI, "074501bf182d4d") },
	{ "another_index", "chip", PB_FAULT_NONE, ONE(WHOLE_TOKEN, STATUS, "8203199c41") },
	{ "another_phone_key", "virtual", PB_FAULT_NONE, ONE(WHOLE_TOKEN, "2158207075", "2158207076") },
};
const size_t refuse_case_count = sizeof(refuse_cases) / sizeof(refuse_cases[0]);

/* ---- building */

static _Noreturn void impossible(const char *what, const char *id)
{
	(void)fprintf(stderr, "impossible case %s: %s\n", id, what);
	abort();
}

struct part {
	uint8_t bytes[CASE_TOKEN_MAX];
	size_t n;
};

static struct part from_hex(const char *hex)
{
	struct part part = { .n = 0 };

	if (!pb_hex_decode(hex, part.bytes, sizeof(part.bytes), &part.n))
		impossible("not hex", hex);
	return part;
}

static void apply(const struct case_edit *edit, struct part *part, const char *id)
{
	struct part find = { .n = 0 }, put = from_hex(edit->put);
	size_t at = part->n;

	if (strcmp(edit->find, "*") == 0) {
		*part = put;
		return;
	}
	if (edit->find[0] != '\0') {
		find = from_hex(edit->find);
		const uint8_t *found = memmem(part->bytes, part->n, find.bytes, find.n);

		if (!found)
			impossible("its edit finds nothing", id);
		at = (size_t)(found - part->bytes);
	}
	if (part->n - find.n + put.n > sizeof(part->bytes))
		impossible("longer than the room for it", id);
	memmove(part->bytes + at + put.n, part->bytes + at + find.n, part->n - at - find.n);
	memcpy(part->bytes + at, put.bytes, put.n);
	part->n = part->n - find.n + put.n;
}

static void apply_all(const struct case_edit *edits, enum case_part which, struct part *part, const char *id)
{
	for (int i = 0; i < CASE_EDITS && edits[i].find; i++)
		if (edits[i].part == which)
			apply(&edits[i], part, id);
}

struct pb_p256_private *case_key(const char *scalar)
{
	struct part bytes = from_hex(scalar);
	struct pb_p256_private *key;

	if (pb_p256_private_create(pb_view(bytes.bytes, bytes.n), &key, NULL) != PB_OK)
		impossible("not a key", scalar);
	return key;
}

void case_point(const char *scalar, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_p256_private *key = case_key(scalar);

	pb_p256_private_point(key, ret_point);
	pb_p256_private_destroy(key);
}

const struct accept_case *case_by_id(const char *id)
{
	for (size_t i = 0; i < accept_case_count; i++)
		if (strcmp(accept_cases[i].id, id) == 0)
			return &accept_cases[i];
	impossible("no such accept case", id);
}

static struct pb_aad aad_of(const struct accept_case *accept)
{
	uint8_t point[PB_P256_POINT];
	struct pb_aad aad = { .n = 0 };

	if (accept->family) {
		struct part binding = from_hex(accept->binding);

		if (pb_chip_aad(accept->family, pb_view(binding.bytes, binding.n), &aad, NULL) != PB_OK)
			impossible("no binding", accept->id);
	} else if (accept->kind == PB_CREDENTIAL_CHIP) {
		case_point(case_chip_scalar, point);
		pb_chip_aad_of_point(point, &aad);
	}
	return aad;
}

/* s becomes n - s: as good a signature, and one that this project never makes. */
static void into_upper_half(uint8_t sig[static PB_P256_SIG])
{
	struct part order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
	int borrow = 0;

	for (int i = 31; i >= 0; i--) {
		int digit = order.bytes[i] - sig[32 + i] - borrow;

		borrow = digit < 0;
		sig[32 + i] = (uint8_t)(digit + 256 * borrow);
	}
}

static void draft_of(const struct accept_case *accept, struct part *ret_protected, struct part *ret_payload)
{
	uint8_t point[PB_P256_POINT], kid[PB_KID_LEN];
	struct pb_credential_draft draft;
	struct pb_err err = { 0 };

	case_point(case_issuer_scalar, point);
	pb_p256_kid(point, kid);
	enum pb_status status = accept->kind == PB_CREDENTIAL_CHIP ? pb_chip_draft(&accept->claims.card, kid, &draft, &err) :
								     pb_face_draft(&accept->claims, kid, &draft, &err);

	if (status != PB_OK)
		impossible(err.msg, accept->id);
	ret_protected->n = draft.protected_n;
	memcpy(ret_protected->bytes, draft.protected_header, draft.protected_n);
	ret_payload->n = draft.payload_n;
	memcpy(ret_payload->bytes, draft.payload, draft.payload_n);
}

static struct pb_view view_of(const struct part *part)
{
	return pb_view(part->bytes, part->n);
}

static void build(const struct accept_case *accept, const struct case_edit *edits, const char *id, struct built_case *ret_built)
{
	struct part header, payload, token = { .n = 0 };
	struct pb_p256_private *key = case_key(case_issuer_scalar);
	struct pb_writer writer = pb_writer(ret_built->signed_bytes, sizeof(ret_built->signed_bytes));
	uint8_t sig[PB_P256_SIG];

	draft_of(accept, &header, &payload);
	apply_all(accept->edits, PAYLOAD, &payload, id);
	apply_all(edits, PROTECTED, &header, id);
	apply_all(edits, PAYLOAD, &payload, id);
	ret_built->aad = aad_of(accept);
	pb_cose_put_sig_structure(&writer, view_of(&header), pb_aad_view(&ret_built->aad), view_of(&payload));
	ret_built->signed_n = writer.n;
	pb_p256_sign(key, pb_view(writer.p, writer.n), sig);
	pb_p256_private_destroy(key);
	if (accept->high_s)
		into_upper_half(sig);
	writer = pb_writer(token.bytes, sizeof(token.bytes));
	pb_cose_put_sign1(&writer, view_of(&header), view_of(&payload), PB_VIEW(sig));
	token.n = writer.n;
	apply_all(edits, WHOLE_TOKEN, &token, id);
	ret_built->n = token.n;
	memcpy(ret_built->token, token.bytes, token.n);
}

void build_accept_case(const struct accept_case *accept, struct built_case *ret_built)
{
	static const struct case_edit none[CASE_EDITS];

	build(accept, none, accept->id, ret_built);
}

void build_refuse_case(const struct refuse_case *refuse, struct built_case *ret_built)
{
	uint8_t point[PB_P256_POINT];

	build(case_by_id(refuse->of), refuse->edits, refuse->id, ret_built);
	if (refuse->no_aad)
		ret_built->aad.n = 0;
	if (refuse->other_chip) {
		case_point(case_issuer_scalar, point);
		pb_chip_aad_of_point(point, &ret_built->aad);
	}
}
