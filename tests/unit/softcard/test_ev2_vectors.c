/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NXP's published examples of EV2 (AN12196 of the NTAG 424 DNA, AN12343 of the DESFire) from the chip's side: what it
 * answers, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "softcard/ev2_card.h"
#include "tests/lib/vectors.h"

enum { CAPDU_HEAD = 5, BYTES = 300 };

static struct vectors *vectors;

static size_t bytes_at(size_t i, const char *path, uint8_t *ret_bytes, size_t cap)
{
	return vector_bytes(vectors, i, path, ret_bytes, cap);
}

static void assert_bytes(size_t i, const char *path, const void *bytes, size_t n)
{
	uint8_t expected[BYTES];

	assert_int_equal(bytes_at(i, path, expected, sizeof(expected)), n);
	assert_memory_equal(expected, bytes, n);
}

static void published_authentications_are_answered_byte_for_byte(void **state)
{
	size_t tried = 0;

	(void)state;
	vectors = vectors_load("ev2/ev2.json");
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct ev2_card channel = { 0 };
		uint8_t key[16], rnd_b[16], ti[4], response[32], answer[32];

		if (!vector_is(vectors, i, "op", "AuthenticateEV2First") || !vector_has(vectors, i, "outputs.rndB"))
			continue;
		bytes_at(i, "inputs.key", key, sizeof(key));
		bytes_at(i, "outputs.rndB", rnd_b, sizeof(rnd_b));
		bytes_at(i, "outputs.ti", ti, sizeof(ti));
		ev2_card_challenge(key, rnd_b, answer);
		assert_bytes(i, "inputs.rapdu1_data", answer, 16);
		bytes_at(i, "outputs.capdu2_data", response, sizeof(response));
		assert_true(ev2_card_answer(&channel, key, rnd_b, response, ti, answer));
		assert_bytes(i, "inputs.rapdu2_data", answer, 32);
		assert_bytes(i, "outputs.k_ses_auth_enc", channel.enc, 16);
		assert_bytes(i, "outputs.k_ses_auth_mac", channel.mac, 16);
		tried++;
	}
	assert_int_equal(tried, 3);
	vectors_free(vectors);
}

static void channel_of(size_t i, struct ev2_card *ret_channel)
{
	*ret_channel = (struct ev2_card){ .open = true,
					  .counter = (uint16_t)vector_number(vectors, i, "inputs.cmd_ctr") };
	bytes_at(i, "inputs.k_ses_auth_enc", ret_channel->enc, sizeof(ret_channel->enc));
	bytes_at(i, "inputs.k_ses_auth_mac", ret_channel->mac, sizeof(ret_channel->mac));
	bytes_at(i, "inputs.ti", ret_channel->ti, sizeof(ret_channel->ti));
}

static void published_commands_are_deciphered(void **state)
{
	size_t tried = 0;

	(void)state;
	vectors = vectors_load("ev2/ev2.json");
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		const char *data = vector_has(vectors, i, "inputs.data") ? "inputs.data" : "inputs.data_plain";
		const char *rapdu = vector_has(vectors, i, "outputs.rapdu") ? vector_text(vectors, i, "outputs.rapdu") : "";
		uint8_t capdu[BYTES], header[16], plain[EV2_FIELD_MAX], mac[EV2_MAC], answer[BYTES];
		struct pb_writer out = pb_writer(mac, sizeof(mac));
		struct ev2_card channel;
		struct pb_view field;
		size_t header_n, n;

		if (!vector_is(vectors, i, "op", "commmode_full_cmd") || !vector_has(vectors, i, "outputs.capdu"))
			continue;
		channel_of(i, &channel);
		n = bytes_at(i, "outputs.capdu", capdu, sizeof(capdu));
		field = pb_view(capdu + CAPDU_HEAD, n - CAPDU_HEAD - 1);
		assert_true(ev2_card_check(&channel, capdu[1], &field));
		header_n = bytes_at(i, "inputs.cmd_header", header, sizeof(header));
		assert_true(ev2_card_decipher(&channel, pb_view(field.p + header_n, field.n - header_n), plain, &n));
		assert_bytes(i, data, plain, n);
		tried++;
		if (strlen(rapdu) != 2 * (EV2_MAC + 2))
			continue;
		channel.counter++;
		ev2_card_put_mac(&channel, &out);
		bytes_at(i, "outputs.rapdu", answer, sizeof(answer));
		assert_memory_equal(answer, mac, sizeof(mac));
	}
	assert_int_equal(tried, 5);
	vectors_free(vectors);
}

static void published_answers_are_enciphered_byte_for_byte(void **state)
{
	static const char *const answers[] = { "inputs.rapdu", "inputs.rapdu_data" };
	size_t tried = 0;

	(void)state;
	vectors = vectors_load("ev2/ev2.json");
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		uint8_t bytes[BYTES], expected[BYTES];
		struct pb_writer out = pb_writer(bytes, sizeof(bytes));
		struct ev2_card channel;

		if (!vector_is(vectors, i, "op", "commmode_full_rsp"))
			continue;
		channel_of(i, &channel);
		channel.counter++;
		out.n = bytes_at(i, "outputs.plain", bytes, sizeof(bytes));
		ev2_card_encipher(&channel, &out);
		ev2_card_put_mac(&channel, &out);
		bytes_at(i, answers[vector_has(vectors, i, answers[1])], expected, sizeof(expected));
		assert_memory_equal(bytes, expected, out.n);
		tried++;
	}
	assert_int_equal(tried, 2);
	vectors_free(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_authentications_are_answered_byte_for_byte),
		cmocka_unit_test(published_commands_are_deciphered),
		cmocka_unit_test(published_answers_are_enciphered_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
