/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/ev2_keys.h and keys/ev2_channel.h against every example of NXP's AN12196 and AN12343, a session recorded
 * from a chip and the vectors of proxmark3; then what a hostile card may try.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys/crypto/aes.h"
#include "keys/ev2_channel.h"
#include "tests/lib/vectors.h"

enum { CAPDU_HEAD = 5, BYTES = 300 };

static struct vectors *vectors;

static int load(void **state)
{
	(void)state;
	vectors = vectors_load("ev2/ev2.json");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	vectors_free(vectors);
	return 0;
}

static size_t find(const char *id)
{
	for (size_t i = 0; i < vectors_count(vectors); i++)
		if (vector_is(vectors, i, "id", id))
			return i;
	fail_msg("no vector %s", id);
	return 0;
}

static void load_secret(size_t i, const char *path, struct pb_secret *ret_secret)
{
	uint8_t bytes[PB_SECRET_MAX];

	pb_secret_set(ret_secret, bytes, vector_bytes(vectors, i, path, bytes, sizeof(bytes)));
}

static void assert_bytes(size_t i, const char *path, const void *bytes, size_t n)
{
	uint8_t expected[BYTES];

	assert_int_equal(vector_bytes(vectors, i, path, expected, sizeof(expected)), n);
	assert_memory_equal(expected, bytes, n);
}

static void assert_bytes_if_there(size_t i, const char *path, const struct pb_secret *secret)
{
	if (vector_has(vectors, i, path))
		assert_bytes(i, path, secret->bytes, secret->n);
}

/* ---- authentication */

static void respond(size_t i, struct pb_secret *ret_key, struct pb_ev2_handshake *ret_handshake)
{
	uint8_t rnd_a[PB_EV2_RANDOM], challenge[PB_EV2_CHALLENGE], response[PB_EV2_RESPONSE];

	load_secret(i, "inputs.key", ret_key);
	vector_bytes(vectors, i, "inputs.rndA", rnd_a, sizeof(rnd_a));
	vector_bytes(vectors, i, "inputs.rapdu1_data", challenge, sizeof(challenge));
	pb_ev2_respond(ret_key, rnd_a, challenge, ret_handshake, response);
	assert_bytes(i, "outputs.capdu2_data", response, sizeof(response));
}

static void first_authentications_come_out_byte_for_byte(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret key = { 0 };
		struct pb_ev2_handshake handshake = { 0 };
		struct pb_ev2_session session = { .counter = 7 };
		uint8_t answer[PB_EV2_ANSWER_FIRST];

		if (!vector_is(vectors, i, "op", "AuthenticateEV2First"))
			continue;
		respond(i, &key, &handshake);
		assert_bytes_if_there(i, "outputs.rndB", &handshake.rnd_b);
		vector_bytes(vectors, i, "inputs.rapdu2_data", answer, sizeof(answer));
		assert_true(pb_ev2_open_first(&key, &handshake, answer, &session));
		assert_bytes(i, "outputs.ti", session.ti, sizeof(session.ti));
		assert_bytes_if_there(i, "outputs.k_ses_auth_enc", &session.enc);
		assert_bytes_if_there(i, "outputs.k_ses_auth_mac", &session.mac);
		assert_int_equal(session.counter, 0);
		tried++;
	}
	assert_int_equal(tried, 4);
}

static void an_authentication_within_a_session_keeps_its_name_and_number(void **state)
{
	const size_t i = find("an12196-table23-ev2-nonfirst");
	struct pb_secret key = { 0 };
	struct pb_ev2_handshake handshake = { 0 };
	struct pb_ev2_session session = { .ti = { 1, 2, 3, 4 }, .counter = 7 };
	uint8_t answer[PB_EV2_ANSWER_NEXT];

	(void)state;
	respond(i, &key, &handshake);
	vector_bytes(vectors, i, "outputs.rapdu2_data", answer, sizeof(answer));
	assert_true(pb_ev2_open_next(&key, &handshake, answer, &session));
	assert_memory_equal(session.ti, "\1\2\3\4", PB_EV2_TI);
	assert_int_equal(session.counter, 7);
	assert_int_equal(session.mac.n, PB_EV2_KEY);
	answer[0] ^= 1;
	assert_false(pb_ev2_open_next(&key, &handshake, answer, &session));
}

static void a_card_without_the_key_opens_no_session(void **state)
{
	const size_t i = find("an12196-6.6-auth-key0");
	struct pb_secret key = { 0 };
	struct pb_ev2_handshake handshake = { 0 };
	struct pb_ev2_session session = { 0 };
	uint8_t answer[PB_EV2_ANSWER_FIRST];

	(void)state;
	respond(i, &key, &handshake);
	vector_bytes(vectors, i, "inputs.rapdu2_data", answer, sizeof(answer));
	for (size_t bit = 0; bit < 20 * 8; bit++) { /* TI and RndA; the capabilities are nobody's business */
		bool opened;

		answer[bit / 8] ^= (uint8_t)(1 << bit % 8);
		opened = pb_ev2_open_first(&key, &handshake, answer, &session);
		answer[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(opened);
		assert_int_equal(session.mac.n, 0);
	}
}

static void session_keys_are_those_of_proxmark3(void **state)
{
	const size_t i = find("proxmark-ev2-session-keys-nonzero");
	struct pb_secret key = { 0 };
	struct pb_ev2_handshake handshake = { 0 };
	struct pb_ev2_session session = { 0 };

	(void)state;
	load_secret(i, "inputs.key", &key);
	load_secret(i, "inputs.rndA", &handshake.rnd_a);
	load_secret(i, "inputs.rndB", &handshake.rnd_b);
	pb_ev2_derive(&key, &handshake, &session);
	assert_bytes(i, "outputs.k_ses_auth_enc", session.enc.bytes, session.enc.n);
	assert_bytes(i, "outputs.k_ses_auth_mac", session.mac.bytes, session.mac.n);
}

/* ---- secure messaging */

static void session_of(size_t i, struct pb_ev2_session *ret_session)
{
	*ret_session = (struct pb_ev2_session){ .counter = (uint16_t)vector_number(vectors, i, "inputs.cmd_ctr") };
	if (vector_has(vectors, i, "inputs.k_ses_auth_enc"))
		load_secret(i, "inputs.k_ses_auth_enc", &ret_session->enc);
	if (vector_has(vectors, i, "inputs.k_ses_auth_mac"))
		load_secret(i, "inputs.k_ses_auth_mac", &ret_session->mac);
	vector_bytes(vectors, i, "inputs.ti", ret_session->ti, sizeof(ret_session->ti));
}

struct command {
	struct pb_ev2_command command;
	uint8_t header[16], data[BYTES];
};

static void command_of(size_t i, enum pb_ev2_mode mode, struct command *ret)
{
	const char *data = vector_has(vectors, i, "inputs.data") ? "inputs.data" : "inputs.data_plain";
	size_t header_n = 0, data_n = 0;

	if (vector_has(vectors, i, "inputs.cmd_header"))
		header_n = vector_bytes(vectors, i, "inputs.cmd_header", ret->header, sizeof(ret->header));
	if (vector_has(vectors, i, data))
		data_n = vector_bytes(vectors, i, data, ret->data, sizeof(ret->data));
	ret->command = (struct pb_ev2_command){
		.ins = (uint8_t)strtoul(vector_text(vectors, i, "inputs.cmd"), NULL, 16),
		.header = pb_view(ret->header, header_n),
		.data = pb_view(ret->data, data_n),
		.mode = mode,
	};
}

/* Published are the whole command, its data field, or its MAC alone. */
static void assert_command(size_t i, struct pb_view field)
{
	uint8_t capdu[BYTES];

	if (vector_has(vectors, i, "outputs.capdu")) {
		assert_int_equal(vector_bytes(vectors, i, "outputs.capdu", capdu, sizeof(capdu)), CAPDU_HEAD + field.n + 1);
		assert_int_equal(capdu[CAPDU_HEAD - 1], field.n);
		assert_memory_equal(capdu + CAPDU_HEAD, field.p, field.n);
	} else if (vector_has(vectors, i, "outputs.capdu_data")) {
		assert_bytes(i, "outputs.capdu_data", field.p, field.n);
	} else {
		assert_bytes(i, "outputs.cmd_mac", field.p + field.n - PB_EV2_MAC_LEN, PB_EV2_MAC_LEN);
	}
}

/* The answer with its MAC, without 91xx, as far as it is published; returns its length, 0 for none. */
static size_t answer_of(size_t i, uint8_t ret_answer[static BYTES])
{
	static const char *const macs[] = { "outputs.rsp_mac(ctr=1)", "outputs.rsp_mac(ctr=2)" };
	size_t n = 0;

	if (vector_has(vectors, i, "inputs.rapdu_data"))
		return vector_bytes(vectors, i, "inputs.rapdu_data", ret_answer, BYTES);
	if (vector_has(vectors, i, "inputs.rapdu"))
		return vector_bytes(vectors, i, "inputs.rapdu", ret_answer, BYTES) - 2;
	if (vector_has(vectors, i, "outputs.rapdu") && strlen(vector_text(vectors, i, "outputs.rapdu")) > 16 &&
	    strchr(vector_text(vectors, i, "outputs.rapdu"), '(') == NULL)
		return vector_bytes(vectors, i, "outputs.rapdu", ret_answer, BYTES) - 2;
	if (vector_has(vectors, i, "outputs.rsp_data"))
		n = vector_bytes(vectors, i, "outputs.rsp_data", ret_answer, BYTES);
	for (size_t m = 0; m < 2; m++)
		if (vector_has(vectors, i, macs[m]))
			return n + vector_bytes(vectors, i, macs[m], ret_answer + n, BYTES - n);
	return 0;
}

static size_t check_messages(const char *op, enum pb_ev2_mode mode)
{
	size_t answers = 0;

	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_ev2_session session;
		struct command command;
		uint8_t field[BYTES], answer[BYTES], data[PB_EV2_ANSWER_MAX];
		struct pb_writer writer = pb_writer(field, sizeof(field));
		const uint16_t before = (uint16_t)(vector_is(vectors, i, "op", op) ? vector_number(vectors, i, "inputs.cmd_ctr") : 0);
		size_t n, data_n;

		if (!vector_is(vectors, i, "op", op))
			continue;
		session_of(i, &session);
		command_of(i, mode, &command);
		assert_int_equal(pb_ev2_wrap(&session, &command.command, &writer, NULL), PB_OK);
		assert_command(i, pb_view(field, writer.n));
		n = answer_of(i, answer);
		if (n == 0)
			continue;
		assert_int_equal(pb_ev2_unwrap(&session, mode, PB_EV2_OK, pb_view(answer, n), data, &data_n, NULL), PB_OK);
		assert_int_equal(session.counter, before + 1);
		if (vector_has(vectors, i, "outputs.plain"))
			assert_bytes(i, "outputs.plain", data, data_n);
		answers++;
	}
	return answers;
}

static void commands_with_a_mac_come_out_byte_for_byte(void **state)
{
	(void)state;
	assert_int_equal(check_messages("commmode_mac", PB_EV2_MAC), 3);
}

static void enciphered_commands_come_out_byte_for_byte(void **state)
{
	(void)state;
	assert_int_equal(check_messages("commmode_full_cmd", PB_EV2_FULL), 5);
}

static void enciphered_answers_are_read(void **state)
{
	(void)state;
	assert_int_equal(check_messages("commmode_full_rsp", PB_EV2_FULL), 2);
}

/* What the channel makes of a block of zeroes under proxmark's start vector must undo to it. */
static void start_vectors_are_those_of_proxmark3(void **state)
{
	static const char *const ids[] = { "proxmark-ev2-iv-1", "proxmark-ev2-iv-2" };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		const size_t i = find(ids[k]);
		const uint8_t zeroes[PB_AES_BLOCK - 1] = { 0 }, mac_key[PB_EV2_KEY] = { 0 };
		uint8_t field[BYTES], iv[PB_AES_BLOCK], plain[PB_AES_BLOCK];
		struct pb_writer writer = pb_writer(field, sizeof(field));
		const struct pb_ev2_command command = { .data = PB_VIEW(zeroes), .mode = PB_EV2_FULL };
		struct pb_ev2_session session;

		session_of(i, &session);
		pb_secret_set(&session.mac, mac_key, sizeof(mac_key));
		assert_int_equal(pb_ev2_wrap(&session, &command, &writer, NULL), PB_OK);
		vector_bytes(vectors, i, "outputs.iv", iv, sizeof(iv));
		pb_aes_cbc_decrypt(pb_secret_view(&session.enc), iv, field, sizeof(plain), plain);
		assert_memory_equal(plain, zeroes, sizeof(zeroes));
		assert_int_equal(plain[PB_AES_BLOCK - 1], 0x80);
	}
}

/* ---- ChangeKey */

static void a_key_is_changed_as_an12196_does_it(void **state)
{
	static const uint8_t zero[PB_EV2_KEY];
	static const char *const ids[] = { "an12196-table25-changekey-case1", "an12196-table26-changekey-case2" };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		const size_t i = find(ids[k]);
		struct pb_secret current = { 0 }, next = { 0 };
		uint8_t number, field[BYTES], plain[32];
		struct pb_writer writer = pb_writer(field, sizeof(field));
		struct pb_ev2_key_change change = { .session_number = 0, .current = &current, .next = &next };
		struct pb_ev2_session session;

		session_of(i, &session);
		vector_bytes(vectors, i, "inputs.cmd_header", &number, 1);
		vector_bytes(vectors, i, "inputs.data_plain", plain, sizeof(plain));
		pb_secret_set(&current, zero, sizeof(zero));
		pb_secret_set(&next, plain, PB_EV2_KEY);
		change.number = number;
		change.version = plain[PB_EV2_KEY];
		assert_int_equal(pb_ev2_wrap_change_key(&session, &change, &writer, NULL), PB_OK);
		assert_int_equal(writer.n, PB_EV2_CHANGE_KEY_MAX);
		assert_command(i, pb_view(field, writer.n));
	}
}

/* In the examples the old key is zero, so they do not show that it is taken off. */
static void another_key_travels_as_its_difference(void **state)
{
	static const uint8_t zero[PB_EV2_KEY];
	uint8_t old_bytes[PB_EV2_KEY], new_bytes[PB_EV2_KEY], fields[2][PB_EV2_CHANGE_KEY_MAX];
	struct pb_ev2_session session = { 0 };

	(void)state;
	pb_secret_set(&session.enc, zero, sizeof(zero));
	pb_secret_set(&session.mac, zero, sizeof(zero));
	memset(old_bytes, 0x5A, sizeof(old_bytes));
	memset(new_bytes, 0x33, sizeof(new_bytes));
	for (int k = 0; k < 2; k++) {
		struct pb_secret current = { 0 }, next = { 0 };
		struct pb_ev2_key_change change = { 1, 0, &current, &next, 1 };
		struct pb_writer writer = pb_writer(fields[k], sizeof(fields[k]));

		pb_secret_set(&current, k ? zero : old_bytes, PB_EV2_KEY);
		pb_secret_set(&next, new_bytes, PB_EV2_KEY);
		assert_int_equal(pb_ev2_wrap_change_key(&session, &change, &writer, NULL), PB_OK);
	}
	for (int k = 0; k < 2; k++) {
		const struct pb_ev2_command iv_probe = { .data = PB_VIEW(zero), .mode = PB_EV2_FULL };
		uint8_t probe[BYTES], plain[32], iv[PB_AES_BLOCK];
		struct pb_writer writer = pb_writer(probe, sizeof(probe));

		/* E(iv) comes out of a block of zeroes: undo it to have the vector */
		assert_int_equal(pb_ev2_wrap(&session, &iv_probe, &writer, NULL), PB_OK);
		pb_aes_cbc_decrypt(PB_VIEW(zero), zero, probe, PB_AES_BLOCK, iv);
		pb_aes_cbc_decrypt(PB_VIEW(zero), iv, fields[k] + 1, sizeof(plain), plain);
		for (size_t b = 0; b < PB_EV2_KEY; b++)
			assert_int_equal(plain[b], k ? 0x33 : 0x33 ^ 0x5A);
	}
}

static void the_checksum_is_nxps(void **state)
{
	const size_t i = find("crc32nk");
	uint8_t data[BYTES], crc[4];

	(void)state;
	pb_ev2_crc32(pb_view(data, vector_bytes(vectors, i, "inputs.data", data, sizeof(data))), crc);
	assert_bytes(i, "outputs.crc", crc, sizeof(crc));
}

/* ---- a hostile card */

static void a_changed_answer_ends_the_session(void **state)
{
	const size_t i = find("an12343-table26-full-read");
	uint8_t answer[BYTES], data[PB_EV2_ANSWER_MAX];
	const size_t n = answer_of(i, answer);
	struct pb_ev2_session session;
	size_t data_n;

	(void)state;
	for (size_t bit = 0; bit < n * 8; bit++) {
		session_of(i, &session);
		answer[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(pb_ev2_unwrap(&session, PB_EV2_FULL, PB_EV2_OK, pb_view(answer, n), data, &data_n, NULL),
				 PB_CARD_PROTOCOL);
		answer[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(pb_ev2_unwrap(&session, PB_EV2_FULL, PB_EV2_OK, pb_view(answer, n), data, &data_n, NULL),
				 PB_CARD_PROTOCOL); /* too late */
		assert_int_equal(session.enc.n, 0);
	}
	for (size_t short_n = 0; short_n < n; short_n++) {
		session_of(i, &session);
		assert_int_equal(pb_ev2_unwrap(&session, PB_EV2_FULL, PB_EV2_OK, pb_view(answer, short_n), data, &data_n, NULL),
				 PB_CARD_PROTOCOL);
	}
}

static void an_answer_is_not_taken_twice(void **state)
{
	const size_t i = find("an12343-table24-mac-read");
	uint8_t answer[BYTES], data[PB_EV2_ANSWER_MAX];
	const size_t n = answer_of(i, answer);
	struct pb_ev2_session session;
	size_t data_n;

	(void)state;
	session_of(i, &session);
	assert_int_equal(pb_ev2_unwrap(&session, PB_EV2_MAC, PB_EV2_OK, pb_view(answer, n), data, &data_n, NULL), PB_OK);
	assert_int_equal(pb_ev2_unwrap(&session, PB_EV2_MAC, PB_EV2_OK, pb_view(answer, n), data, &data_n, NULL),
			 PB_CARD_PROTOCOL);
}

static void an_error_of_the_card_ends_the_session(void **state)
{
	const size_t i = find("an12343-table24-mac-read");
	uint8_t field[BYTES], data[PB_EV2_ANSWER_MAX];
	struct pb_writer writer = pb_writer(field, sizeof(field));
	struct pb_ev2_session session;
	struct command command;
	size_t data_n = 1;

	(void)state;
	session_of(i, &session);
	command_of(i, PB_EV2_MAC, &command);
	assert_int_equal(pb_ev2_unwrap(&session, PB_EV2_MAC, 0x9D, pb_view(NULL, 0), data, &data_n, NULL), PB_OK);
	assert_int_equal(data_n, 0);
	assert_int_equal(pb_ev2_wrap(&session, &command.command, &writer, NULL), PB_NOT_ALLOWED);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const uint8_t bytes[PB_EV2_DATA_MAX + 1], header[7];
	uint8_t field[BYTES];
	struct pb_writer writer = pb_writer(field, sizeof(field));
	struct pb_ev2_command command = { .header = PB_VIEW(header), .data = PB_VIEW(bytes), .mode = PB_EV2_FULL };
	struct pb_ev2_session session = { 0 };

	(void)state;
	pb_secret_set(&session.enc, bytes, PB_EV2_KEY);
	pb_secret_set(&session.mac, bytes, PB_EV2_KEY);
	assert_int_equal(pb_ev2_wrap(&session, &command, &writer, NULL), PB_INPUT_INVALID);
	command.data.n = PB_EV2_DATA_MAX;
	assert_int_equal(pb_ev2_wrap(&session, &command, &writer, NULL), PB_OK);
	assert_int_equal(writer.n, 255);
	session.counter = 0xFFFF;
	assert_int_equal(pb_ev2_wrap(&session, &command, &writer, NULL), PB_NOT_ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_authentications_come_out_byte_for_byte),
		cmocka_unit_test(an_authentication_within_a_session_keeps_its_name_and_number),
		cmocka_unit_test(a_card_without_the_key_opens_no_session),
		cmocka_unit_test(session_keys_are_those_of_proxmark3),
		cmocka_unit_test(commands_with_a_mac_come_out_byte_for_byte),
		cmocka_unit_test(enciphered_commands_come_out_byte_for_byte),
		cmocka_unit_test(enciphered_answers_are_read),
		cmocka_unit_test(start_vectors_are_those_of_proxmark3),
		cmocka_unit_test(a_key_is_changed_as_an12196_does_it),
		cmocka_unit_test(another_key_travels_as_its_difference),
		cmocka_unit_test(the_checksum_is_nxps),
		cmocka_unit_test(a_changed_answer_ends_the_session),
		cmocka_unit_test(an_answer_is_not_taken_twice),
		cmocka_unit_test(an_error_of_the_card_ends_the_session),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
