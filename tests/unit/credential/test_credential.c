/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/credential/credential.h: the straight line of issuing, the size of a chip's record, its binding,
 * and what is never signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "card-applet-spec/applet.h"
#include "cases.h"

static struct pb_card_claims claims_of_an_office(void)
{
	return (struct pb_card_claims){ .member_number = pb_view_text("7501400000012344"), .expires = 1956495600,
					.serial = 7501000012, .status_list = 255, .status_index = 65535 };
}

static struct pb_face_claims face_of_an_office(void)
{
	return (struct pb_face_claims){ .card = claims_of_an_office(), .issuer = pb_view_text("RU-75-OBR"),
					.not_before = 1798729200, .name = pb_view_text("Дашиева Номин Баировна"),
					.organisation_code = pb_view_text("75-014") };
}

static void issue_chip(const struct pb_card_claims *claims, const struct pb_aad *aad, struct pb_credential_token *ret_token)
{
	struct pb_p256_private *key = case_key(case_issuer_scalar);
	uint8_t point[PB_P256_POINT], kid[PB_KID_LEN], sig[PB_P256_SIG];
	struct pb_credential_draft draft;
	struct pb_sig_structure structure;

	pb_p256_private_point(key, point);
	pb_p256_kid(point, kid);
	assert_int_equal(pb_chip_draft(claims, kid, &draft, NULL), PB_OK);
	pb_credential_sig_structure(&draft, pb_aad_view(aad), &structure);
	pb_p256_sign(key, pb_sig_structure_view(&structure), sig);
	pb_credential_seal(&draft, sig, ret_token);
	pb_p256_private_destroy(key);
}

static bool verifies(const struct pb_credential_token *token, const struct pb_aad *aad, const char *scalar)
{
	uint8_t point[PB_P256_POINT];
	struct pb_credential credential;
	struct pb_p256_public *key;

	case_point(scalar, point);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &key, NULL), PB_OK);
	assert_int_equal(pb_credential_decode(pb_credential_token_view(token), &credential), PB_FAULT_NONE);
	bool verified = pb_credential_verify(&credential, pb_aad_view(aad), key);

	pb_p256_public_destroy(key);
	return verified;
}

static void a_record_belongs_to_one_chip_and_one_issuer(void **state)
{
	uint8_t point[PB_P256_POINT], other_point[PB_P256_POINT];
	struct pb_card_claims claims = claims_of_an_office();
	struct pb_aad aad, other, nothing = { .n = 0 };
	struct pb_credential_token token;

	(void)state;
	case_point(case_chip_scalar, point);
	case_point(case_issuer_scalar, other_point);
	pb_chip_aad_of_point(point, &aad);
	pb_chip_aad_of_point(other_point, &other);
	issue_chip(&claims, &aad, &token);
	assert_true(verifies(&token, &aad, case_issuer_scalar));
	assert_false(verifies(&token, &other, case_issuer_scalar));
	assert_false(verifies(&token, &nothing, case_issuer_scalar));
	assert_false(verifies(&token, &aad, case_chip_scalar));
}

static void the_largest_record_of_an_office_fills_the_chip(void **state)
{
	struct pb_card_claims claims = claims_of_an_office();
	uint8_t point[PB_P256_POINT];
	struct pb_credential_token token;
	struct pb_aad aad;

	(void)state;
	claims.serial = PB_SERIAL_MAX;
	case_point(case_chip_scalar, point);
	pb_chip_aad_of_point(point, &aad);
	issue_chip(&claims, &aad, &token);
	assert_int_equal(token.n, CREDENTIAL_MAX);
}

static enum pb_status try_chip(struct pb_card_claims claims, struct pb_err *err)
{
	static const uint8_t kid[PB_KID_LEN];
	struct pb_credential_draft draft;

	pb_err_clear(err);
	return pb_chip_draft(&claims, kid, &draft, err);
}

static void what_would_not_fit_a_chip_is_never_signed(void **state)
{
	struct pb_card_claims claims = claims_of_an_office();
	struct pb_err err;

	(void)state;
	assert_int_equal(try_chip(claims, &err), PB_OK);
	claims.status_list = 256;
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	assert_string_equal(err.msg, "the credential would have 129 bytes, at most 128 fit");
	claims = claims_of_an_office();
	claims.status_index = 65536;
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	claims = claims_of_an_office();
	claims.member_number = pb_view_text("75014000000123440");
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	assert_string_equal(err.msg, "the credential would have 129 bytes, at most 128 fit");
	claims.member_number = pb_view_text("750140000001234401234567890123456789");
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
}

static void what_a_verifier_would_refuse_is_never_signed(void **state)
{
	static const char *const bad_numbers[] = { "", "1\n2", "\xC3\x28", "и\xCC\x86" };
	struct pb_card_claims claims;
	struct pb_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_numbers) / sizeof(bad_numbers[0]); i++) {
		claims = claims_of_an_office();
		claims.member_number = pb_view_text(bad_numbers[i]);
		assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	}
	claims = claims_of_an_office();
	claims.serial = PB_SERIAL_MAX + 1;
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "bad_serial"));
	claims.serial = 0;
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	claims.serial = UINT64_MAX;
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	claims = claims_of_an_office();
	claims.expires = -1;
	assert_int_equal(try_chip(claims, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "bad_expires"));
}

static enum pb_status try_face(const struct pb_face_claims *claims)
{
	static const uint8_t kid[PB_KID_LEN];
	struct pb_credential_draft draft = { .payload_n = 4711 };
	enum pb_status status = pb_face_draft(claims, kid, &draft, NULL);

	assert_true(status == PB_OK || draft.payload_n == 4711);
	return status;
}

static void a_face_that_makes_no_sense_is_never_signed(void **state)
{
	static uint8_t large[5000];
	struct pb_face_claims claims = face_of_an_office();

	(void)state;
	assert_int_equal(try_face(&claims), PB_OK);
	claims.not_before = claims.card.expires;
	assert_int_equal(try_face(&claims), PB_INPUT_INVALID);
	claims = face_of_an_office();
	claims.phone_x = pb_view(large, 32);
	assert_int_equal(try_face(&claims), PB_INPUT_INVALID);
	claims.phone_y = pb_view(large, 33);
	assert_int_equal(try_face(&claims), PB_INPUT_INVALID);
	claims.phone_y = pb_view(large, 32);
	assert_int_equal(try_face(&claims), PB_OK);
	claims.name = pb_view(large, sizeof(large));
	assert_int_equal(try_face(&claims), PB_INPUT_INVALID);
	claims = face_of_an_office();
	claims.name = pb_view(NULL, 0);
	assert_int_equal(try_face(&claims), PB_INPUT_INVALID);
	claims = face_of_an_office();
	claims.has_member_since = true;
	claims.member_since = INT32_MIN;
	assert_int_equal(try_face(&claims), PB_INPUT_INVALID);
}

static void a_binding_has_bounds(void **state)
{
	static const uint8_t binding[33];
	/* ["profbilet-chip-v1", "ntag424", h'00000000000000'] */
	static const char expected[] = "837170726f6662696c65742d636869702d7631676e7461673432344700000000000000";
	struct pb_aad aad = { .n = 99 };
	char hex[2 * PB_AAD_MAX + 1];

	(void)state;
	assert_int_equal(pb_chip_aad("", pb_view(binding, 7), &aad, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_chip_aad("a family of chips", pb_view(binding, 7), &aad, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_chip_aad("ndef", pb_view(binding, 3), &aad, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_chip_aad("ndef", pb_view(binding, 33), &aad, NULL), PB_INPUT_INVALID);
	assert_int_equal(aad.n, 99);
	assert_int_equal(pb_chip_aad("ntag424", pb_view(binding, 7), &aad, NULL), PB_OK);
	pb_hex_encode(pb_aad_view(&aad), hex);
	assert_string_equal(hex, expected);
}

static void decoding_changes_nothing_when_it_refuses(void **state)
{
	struct pb_credential credential, before;

	(void)state;
	memset(&before, 0x5A, sizeof(before));
	memcpy(&credential, &before, sizeof(before));
	assert_int_equal(pb_credential_decode(pb_view(NULL, 0), &credential), PB_FAULT_NOT_DETERMINISTIC);
	assert_memory_equal(&credential, &before, sizeof(before));
}

static void what_is_about_to_be_signed_reads_as_what_was_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < accept_case_count; i++) {
		struct pb_credential before, after;
		struct built_case built;

		build_accept_case(&accept_cases[i], &built);
		assert_int_equal(pb_credential_decode(pb_view(built.token, built.n), &after), PB_FAULT_NONE);
		assert_int_equal(pb_credential_decode_unsigned(pb_view(built.signed_bytes, built.signed_n), &before), PB_FAULT_NONE);
		assert_int_equal(before.kind, after.kind);
		assert_int_equal(before.claims.card.serial, after.claims.card.serial);
		assert_memory_equal(before.kid, after.kid, sizeof(after.kid));
		/* One byte less, one byte more. */
		assert_int_not_equal(pb_credential_decode_unsigned(pb_view(built.signed_bytes, built.signed_n - 1), &before),
				     PB_FAULT_NONE);
		built.signed_bytes[built.signed_n] = 0;
		assert_int_not_equal(pb_credential_decode_unsigned(pb_view(built.signed_bytes, built.signed_n + 1), &before),
				     PB_FAULT_NONE);
	}
}

static enum pb_credential_fault unsigned_with_aad(const struct pb_credential_draft *draft, struct pb_view aad)
{
	struct pb_sig_structure structure;
	struct pb_credential credential;

	pb_credential_sig_structure(draft, aad, &structure);
	return pb_credential_decode_unsigned(pb_sig_structure_view(&structure), &credential);
}

static void a_chip_is_bound_and_a_face_is_not(void **state)
{
	static const uint8_t kid[PB_KID_LEN];
	struct pb_card_claims claims = claims_of_an_office();
	struct pb_face_claims face_claims = face_of_an_office();
	uint8_t point[PB_P256_POINT];
	struct pb_credential_draft chip, face;
	struct pb_aad aad;

	(void)state;
	case_point(case_chip_scalar, point);
	pb_chip_aad_of_point(point, &aad);
	assert_int_equal(pb_chip_draft(&claims, kid, &chip, NULL), PB_OK);
	assert_int_equal(pb_face_draft(&face_claims, kid, &face, NULL), PB_OK);
	assert_int_equal(unsigned_with_aad(&chip, pb_aad_view(&aad)), PB_FAULT_NONE);
	assert_int_equal(unsigned_with_aad(&chip, pb_view(NULL, 0)), PB_FAULT_NOT_SIGN1);
	aad.bytes[3] ^= 1; /* a letter of the words in front */
	assert_int_equal(unsigned_with_aad(&chip, pb_aad_view(&aad)), PB_FAULT_NOT_SIGN1);
	assert_int_equal(unsigned_with_aad(&face, pb_view(NULL, 0)), PB_FAULT_NONE);
	assert_int_equal(unsigned_with_aad(&face, pb_aad_view(&aad)), PB_FAULT_NOT_SIGN1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_belongs_to_one_chip_and_one_issuer),
		cmocka_unit_test(the_largest_record_of_an_office_fills_the_chip),
		cmocka_unit_test(what_would_not_fit_a_chip_is_never_signed),
		cmocka_unit_test(what_a_verifier_would_refuse_is_never_signed),
		cmocka_unit_test(a_face_that_makes_no_sense_is_never_signed),
		cmocka_unit_test(a_binding_has_bounds),
		cmocka_unit_test(what_is_about_to_be_signed_reads_as_what_was_signed),
		cmocka_unit_test(a_chip_is_bound_and_a_face_is_not),
		cmocka_unit_test(decoding_changes_nothing_when_it_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
