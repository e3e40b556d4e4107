/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The published COSE_Sign1 messages (RFC 8392 A.3, the COSE working group's examples, the status list
 * draft) against the envelope code that PB1 credentials go through; and what PB1, which is stricter, says
 * to each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/credential/credential.h"
#include "tests/lib/vectors.h"

enum { ROOM = 512 };

struct message {
	uint8_t token[ROOM], aad[ROOM], point[PB_P256_POINT];
	size_t token_n, aad_n;
};

static struct message read_message(const struct vectors *vectors, size_t i)
{
	struct message message;

	message.token_n = vector_bytes(vectors, i, "inputs.token", message.token, ROOM);
	message.aad_n = vector_bytes(vectors, i, "inputs.aad", message.aad, ROOM);
	assert_int_equal(vector_bytes(vectors, i, "inputs.point", message.point, PB_P256_POINT), PB_P256_POINT);
	return message;
}

static bool is_valid(const struct message *message)
{
	struct pb_cose_sign1 sign1;
	struct pb_p256_public *key;

	if (pb_cose_sign1_decode(pb_view(message->token, message->token_n), &sign1) != PB_COSE_FINE)
		return false;
	assert_int_equal(pb_p256_public_create(PB_VIEW(message->point), &key, NULL), PB_OK);
	bool valid = pb_cose_sign1_verify(&sign1, pb_view(message->aad, message->aad_n), key);

	pb_p256_public_destroy(key);
	return valid;
}

static void published_messages_hold_or_fail_as_published(void **state)
{
	struct vectors *vectors = vectors_load("cose/sign1.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct message message = read_message(vectors, i);

		if (is_valid(&message) != vector_is(vectors, i, "outputs.valid", "yes"))
			fail_msg("%s", vector_text(vectors, i, "id"));
	}
	assert_int_equal(vectors_count(vectors), 13);
	vectors_free(vectors);
}

static void the_signed_bytes_are_the_published_ones(void **state)
{
	struct vectors *vectors = vectors_load("cose/sign1.json");
	uint8_t published[ROOM], ours[ROOM];
	struct pb_cose_sign1 sign1;
	int compared = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct message message = read_message(vectors, i);
		struct pb_writer writer = pb_writer(ours, sizeof(ours));

		/* of a spoilt message the published bytes are those before it was spoilt */
		if (!vector_is(vectors, i, "outputs.valid", "yes") || !vector_has(vectors, i, "outputs.signed"))
			continue;
		assert_int_equal(pb_cose_sign1_decode(pb_view(message.token, message.token_n), &sign1), PB_COSE_FINE);
		pb_cose_put_sig_structure(&writer, sign1.protected_header, pb_view(message.aad, message.aad_n), sign1.payload);
		size_t n = vector_bytes(vectors, i, "outputs.signed", published, sizeof(published));

		assert_true(pb_view_equal(pb_view(published, n), pb_view(ours, writer.n)));
		compared++;
	}
	assert_int_equal(compared, 5);
	vectors_free(vectors);
}

/* Valid COSE and yet no credential: kid outside the signature, no tag, no kid at all. */
static void pb1_refuses_them_all_and_says_why(void **state)
{
	struct vectors *vectors = vectors_load("cose/sign1.json");
	struct pb_credential credential;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct message message = read_message(vectors, i);
		enum pb_credential_fault fault = pb_credential_decode(pb_view(message.token, message.token_n), &credential);

		if (!vector_is(vectors, i, "outputs.pb1", pb_credential_fault_name(fault)))
			fail_msg("%s: %s", vector_text(vectors, i, "id"), pb_credential_fault_name(fault));
	}
	vectors_free(vectors);
}

static void a_changed_bit_anywhere_breaks_a_published_message(void **state)
{
	struct vectors *vectors = vectors_load("cose/sign1.json");
	struct message message = read_message(vectors, 0);

	(void)state;
	assert_true(is_valid(&message));
	for (size_t bit = 0; bit < 8 * message.token_n; bit++) {
		message.token[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (is_valid(&message))
			fail_msg("bit %zu", bit);
		message.token[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	vectors_free(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_messages_hold_or_fail_as_published),
		cmocka_unit_test(the_signed_bytes_are_the_published_ones),
		cmocka_unit_test(pb1_refuses_them_all_and_says_why),
		cmocka_unit_test(a_changed_bit_anywhere_breaks_a_published_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
