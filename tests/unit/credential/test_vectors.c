/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The published vectors of PB1 (card-applet-spec/vectors/), held against the decoder and against the table
 * they were made from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "issuer/credential/url.h"
#include "tests/lib/vectors.h"

static const char accept_file[] = "../../card-applet-spec/vectors/accept.json";
static const char refuse_file[] = "../../card-applet-spec/vectors/refuse.json";

struct published {
	uint8_t token[CASE_TOKEN_MAX], aad[PB_AAD_MAX];
	size_t token_n, aad_n;
};

static struct published read_published(const struct vectors *vectors, size_t i)
{
	struct published published;

	published.token_n = vector_bytes(vectors, i, "inputs.token", published.token, sizeof(published.token));
	published.aad_n = vector_bytes(vectors, i, "inputs.aad", published.aad, sizeof(published.aad));
	return published;
}

static struct pb_view token_of(const struct published *published)
{
	return pb_view(published->token, published->token_n);
}

static bool holds(const struct pb_credential *credential, const struct published *published)
{
	uint8_t point[PB_P256_POINT];
	struct pb_p256_public *key;

	case_point(case_issuer_scalar, point);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &key, NULL), PB_OK);
	bool held = pb_credential_verify(credential, pb_view(published->aad, published->aad_n), key);

	pb_p256_public_destroy(key);
	return held;
}

static enum pb_status draft_again(const struct pb_credential *credential, struct pb_credential_draft *ret_draft)
{
	return credential->kind == PB_CREDENTIAL_CHIP ?
		       pb_chip_draft(&credential->claims.card, credential->kid, ret_draft, NULL) :
		       pb_face_draft(&credential->claims, credential->kid, ret_draft, NULL);
}

/* What was decoded and encoded anew is the same signed bytes and, with the signature, the same token. */
static void assert_same_again(const struct pb_credential *credential, const struct published *published,
			      const struct built_case *built)
{
	struct pb_credential_draft draft;
	struct pb_sig_structure structure;
	struct pb_credential_token token;

	assert_int_equal(draft_again(credential, &draft), PB_OK);
	pb_credential_sig_structure(&draft, pb_view(published->aad, published->aad_n), &structure);
	assert_true(pb_view_equal(pb_sig_structure_view(&structure), pb_view(built->signed_bytes, built->signed_n)));
	pb_credential_seal(&draft, credential->sign1.signature.p, &token);
	assert_true(pb_view_equal(pb_credential_token_view(&token), token_of(published)));
}

static void every_accept_vector_decodes_verifies_and_encodes_to_itself(void **state)
{
	struct vectors *vectors = vectors_load(accept_file);
	uint8_t signed_bytes[CASE_TOKEN_MAX];
	struct pb_credential credential;
	struct built_case built;

	(void)state;
	assert_int_equal(vectors_count(vectors), accept_case_count);
	for (size_t i = 0; i < accept_case_count; i++) {
		const struct accept_case *accept = &accept_cases[i];
		struct published published = read_published(vectors, i);

		assert_string_equal(vector_text(vectors, i, "id"), accept->id);
		build_accept_case(accept, &built);
		assert_int_equal(pb_credential_decode(token_of(&published), &credential), PB_FAULT_NONE);
		assert_int_equal(credential.kind, accept->kind);
		assert_true(holds(&credential, &published));
		size_t n = vector_bytes(vectors, i, "outputs.signed", signed_bytes, sizeof(signed_bytes));

		assert_true(pb_view_equal(pb_view(signed_bytes, n), pb_view(built.signed_bytes, built.signed_n)));
		if (accept->edits[0].find)
			assert_int_equal(credential.unknown_keys, 3);
		else
			assert_same_again(&credential, &published, &built);
	}
	vectors_free(vectors);
}

static void the_claims_of_the_accept_vectors_are_those_stated(void **state)
{
	struct vectors *vectors = vectors_load(accept_file);
	struct pb_credential credential;

	(void)state;
	for (size_t i = 0; i < accept_case_count; i++) {
		const struct pb_face_claims *stated = &accept_cases[i].claims, *found = &credential.claims;
		struct published published = read_published(vectors, i);

		assert_int_equal(pb_credential_decode(token_of(&published), &credential), PB_FAULT_NONE);
		assert_true(pb_view_equal(found->card.member_number, stated->card.member_number));
		assert_true(found->card.expires == stated->card.expires && found->card.serial == stated->card.serial);
		assert_true(found->card.status_list == stated->card.status_list);
		assert_true(found->card.status_index == stated->card.status_index);
		assert_true(pb_view_equal(found->issuer, stated->issuer) && pb_view_equal(found->name, stated->name));
		assert_true(found->not_before == stated->not_before && found->issued_at == stated->issued_at);
		assert_true(pb_view_equal(found->phone_x, stated->phone_x) && pb_view_equal(found->phone_y, stated->phone_y));
		assert_true(pb_view_equal(found->organisation_code, stated->organisation_code));
		assert_true(pb_view_equal(found->organisation_name, stated->organisation_name));
		assert_true(found->has_member_since == stated->has_member_since && found->member_since == stated->member_since);
		assert_true(found->sequence == stated->sequence && found->anchor_size == stated->anchor_size);
		assert_memory_equal(found->anchor_root, stated->anchor_root, sizeof(found->anchor_root));
	}
	vectors_free(vectors);
}

static void the_addresses_of_the_accept_vectors_lead_back_to_the_tokens(void **state)
{
	struct vectors *vectors = vectors_load(accept_file);
	struct pb_credential_token token;
	struct pb_credential_url url;
	size_t addresses = 0;

	(void)state;
	for (size_t i = 0; i < accept_case_count; i++) {
		struct published published = read_published(vectors, i);

		if (!vector_has(vectors, i, "outputs.url"))
			continue;
		addresses++;
		assert_int_equal(pb_credential_url("profbilet.example", token_of(&published), &url, NULL), PB_OK);
		assert_string_equal(url.text, vector_text(vectors, i, "outputs.url"));
		assert_int_equal(pb_credential_url_decode(pb_view_text(url.text), "profbilet.example", &token), PB_FAULT_NONE);
		assert_true(pb_view_equal(pb_credential_token_view(&token), token_of(&published)));
	}
	assert_int_equal(addresses, 10);
	vectors_free(vectors);
}

static void every_refuse_vector_is_refused_for_its_fault(void **state)
{
	struct vectors *vectors = vectors_load(refuse_file);
	struct pb_credential credential;

	(void)state;
	assert_int_equal(vectors_count(vectors), refuse_case_count);
	for (size_t i = 0; i < refuse_case_count; i++) {
		struct published published = read_published(vectors, i);
		const char *wanted = vector_text(vectors, i, "outputs.fault");
		enum pb_credential_fault fault = pb_credential_decode(token_of(&published), &credential);
		const char *found = pb_credential_fault_name(fault);

		if (fault == PB_FAULT_NONE && !holds(&credential, &published))
			found = "bad_signature";
		if (strcmp(found, wanted) != 0)
			fail_msg("%s: %s instead of %s", refuse_cases[i].id, found, wanted);
	}
	vectors_free(vectors);
}

/* Wherever the published token differs from the one made now, it is in the 64 bytes of the signature. */
static bool same_but_for_the_signature(struct pb_view a, struct pb_view b)
{
	size_t first = a.n, last = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i]) {
			first = first < i ? first : i;
			last = i;
		}
	return first >= last || last - first < PB_P256_SIG;
}

static void the_refuse_vectors_are_those_of_the_table(void **state)
{
	struct vectors *vectors = vectors_load(refuse_file);
	struct built_case built;

	(void)state;
	for (size_t i = 0; i < refuse_case_count; i++) {
		struct published published = read_published(vectors, i);
		const struct refuse_case *refuse = &refuse_cases[i];

		assert_string_equal(vector_text(vectors, i, "id"), refuse->id);
		assert_string_equal(vector_text(vectors, i, "outputs.of"), refuse->of);
		assert_string_equal(vector_text(vectors, i, "outputs.fault"),
				    refuse->fault ? pb_credential_fault_name(refuse->fault) : "bad_signature");
		build_refuse_case(refuse, &built);
		assert_true(same_but_for_the_signature(token_of(&published), pb_view(built.token, built.n)));
		assert_true(pb_view_equal(pb_view(published.aad, published.aad_n), pb_aad_view(&built.aad)));
	}
	vectors_free(vectors);
}

static void every_fault_of_the_decoder_has_a_refuse_vector(void **state)
{
	(void)state;
	for (int fault = PB_FAULT_NONE; fault < PB_FAULT_URL_FOREIGN; fault++) {
		bool met = false;

		for (size_t i = 0; i < refuse_case_count; i++)
			met |= (int)refuse_cases[i].fault == fault;
		if (!met)
			fail_msg("no vector for %s", pb_credential_fault_name((enum pb_credential_fault)fault));
		for (int other = 0; other < fault; other++)
			assert_string_not_equal(pb_credential_fault_name((enum pb_credential_fault)fault),
						pb_credential_fault_name((enum pb_credential_fault)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_accept_vector_decodes_verifies_and_encodes_to_itself),
		cmocka_unit_test(the_claims_of_the_accept_vectors_are_those_stated),
		cmocka_unit_test(the_addresses_of_the_accept_vectors_lead_back_to_the_tokens),
		cmocka_unit_test(every_refuse_vector_is_refused_for_its_fault),
		cmocka_unit_test(the_refuse_vectors_are_those_of_the_table),
		cmocka_unit_test(every_fault_of_the_decoder_has_a_refuse_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
