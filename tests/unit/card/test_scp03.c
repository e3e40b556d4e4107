/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/perso/scp03 against every published session in tests/vectors/scp03: the host's commands byte
 * for byte, and the cards' answers back to what they said.  Then what a hostile card may try.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/perso/scp03.h"
#include "tests/lib/vectors.h"

struct session {
	const struct vectors *vectors;
	size_t index;
	struct pb_scp03 *channel;
	struct pb_scp03_session_keys keys;
	uint8_t host_cryptogram[PB_SCP03_S16];
	size_t challenge_n;
};

static size_t bytes_at(const struct session *session, const char *path, uint8_t *ret_bytes, size_t cap)
{
	return vector_bytes(session->vectors, session->index, path, ret_bytes, cap);
}

static void secret_at(const struct session *session, const char *path, const char *or_path, struct pb_secret *ret_key)
{
	uint8_t bytes[32];
	bool has = vector_has(session->vectors, session->index, path);

	pb_secret_set(ret_key, bytes, bytes_at(session, has ? path : or_path, bytes, sizeof(bytes)));
}

/* From the static keys and both challenges to an open channel whose EXTERNAL AUTHENTICATE is checked. */
static void open_session(struct session *session, const char *response_path, struct pb_view host_challenge,
			 unsigned level, const char *authenticate_path)
{
	uint8_t response[64], command[PB_COMMAND_MAX], expected[PB_COMMAND_MAX];
	struct pb_writer writer = pb_writer(command, sizeof(command));
	size_t n = bytes_at(session, response_path, response, sizeof(response));
	struct pb_secret key_enc, key_mac;
	struct pb_initialize_update update;

	if (n > 32 && response[n - 2] == 0x90) /* some recordings have the status word */
		n -= 2;
	assert_true(pb_initialize_update_parse(pb_view(response, n), &update));
	secret_at(session, "inputs.key_enc", "inputs.keys", &key_enc);
	secret_at(session, "inputs.key_mac", "inputs.keys", &key_mac);
	pb_scp03_session_derive(&key_enc, &key_mac, host_challenge, update.challenge, &session->keys);
	pb_scp03_cryptogram(&session->keys, PB_SCP03_HOST_CRYPTOGRAM, host_challenge, update.challenge,
			    session->host_cryptogram);
	session->challenge_n = update.challenge.n;
	session->channel = pb_scp03_create(pb_secret_view(&session->keys.enc), pb_secret_view(&session->keys.mac),
					   pb_secret_view(&session->keys.rmac), level, update.challenge.n);
	pb_scp03_authenticate(session->channel, pb_view(session->host_cryptogram, session->challenge_n), &writer);
	assert_int_equal(bytes_at(session, authenticate_path, expected, sizeof(expected)), writer.n);
	assert_memory_equal(command, expected, writer.n);
}

static void check_wrapped(struct session *session, const char *plain_path, const char *wrapped_path)
{
	uint8_t plain[PB_COMMAND_MAX], expected[PB_COMMAND_MAX], wrapped[PB_COMMAND_MAX];
	size_t n = bytes_at(session, plain_path, plain, sizeof(plain));
	struct pb_writer writer = pb_writer(wrapped, sizeof(wrapped));
	struct pb_apdu command;

	assert_true(pb_apdu_parse(pb_view(plain, n), &command));
	assert_int_equal(pb_scp03_wrap(session->channel, &command, &writer, NULL), PB_OK);
	assert_int_equal(bytes_at(session, wrapped_path, expected, sizeof(expected)), writer.n);
	assert_memory_equal(wrapped, expected, writer.n);
}

/* plain_path NULL: only that it is genuine.  has_sw: the recording ends with the status word. */
static void check_answer(struct session *session, const char *path, bool has_sw, const char *plain_path)
{
	uint8_t bytes[PB_RESPONSE_MAX], data[APDU_RESPONSE_MAX], expected[APDU_RESPONSE_MAX];
	size_t n = bytes_at(session, path, bytes, sizeof(bytes)), data_n;
	struct pb_response response = { pb_view(bytes, has_sw ? n - 2 : n), SW_OK };

	assert_int_equal(pb_scp03_unwrap(session->channel, &response, data, &data_n, NULL), PB_OK);
	if (!plain_path)
		return;
	assert_int_equal(bytes_at(session, plain_path, expected, sizeof(expected)), data_n);
	assert_memory_equal(data, expected, data_n);
}

static unsigned level_at(const struct session *session, const char *path)
{
	return (unsigned)strtoul(vector_text(session->vectors, session->index, path), NULL, 16);
}

static struct pb_view host_challenge_at(const struct session *session, uint8_t bytes[static PB_SCP03_S16])
{
	return pb_view(bytes, bytes_at(session, "inputs.host_challenge", bytes, PB_SCP03_S16));
}

/* pySim: nine sessions, levels 11, 03 and 33, all key lengths */
static void check_pysim(struct session *session)
{
	static const char *const names[] = { "get_eid_cmd", "case_1_apdu", "case_2_apdu", "case_3_apdu", "case_4_apdu" };
	uint8_t challenge[PB_SCP03_S16];

	open_session(session, "outputs.init_upd_rsp", host_challenge_at(session, challenge),
		     level_at(session, "inputs.security_level"), "outputs.ext_auth_cmd");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char plain[64], wrapped[64];

		snprintf(plain, sizeof(plain), "inputs.plain_apdus_in_order.%s", names[i]);
		snprintf(wrapped, sizeof(wrapped), "outputs.%s", names[i]);
		check_wrapped(session, plain, wrapped);
		if (i == 0)
			check_answer(session, "outputs.get_eid_rsp", false, "outputs.get_eid_rsp_plain");
	}
}

/* OpenSCP: S8 and S16, all key lengths, level 33, enciphered answers */
static void check_openscp(struct session *session)
{
	static const char *const names[] = { "LIST_PACKAGES", "LIST_APPLETS", "LIST_ISSUER_DOMAIN" };
	uint8_t challenge[PB_SCP03_S16];

	open_session(session, "outputs.INITIALIZE_UPDATE_RAPDU", host_challenge_at(session, challenge), SCP03_LEVEL,
		     "outputs.EXTERNAL_AUTHENTICATE_CAPDU_EXPECTED");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char plain[64], wrapped[64], answer[64], said[64];

		snprintf(plain, sizeof(plain), "inputs.plain_commands.%zu", i);
		snprintf(wrapped, sizeof(wrapped), "outputs.%s_CAPDU_EXPECTED", names[i]);
		snprintf(answer, sizeof(answer), "outputs.%s_RAPDU", names[i]);
		snprintf(said, sizeof(said), "outputs.plain_responses.%s_RSP_PLAIN_DATA", names[i]);
		check_wrapped(session, plain, wrapped);
		check_answer(session, answer, true, said);
	}
}

/* kaoh/globalplatform: level 03 with one DELETE, and level 33 with long commands and answers */
static void check_kaoh(struct session *session)
{
	uint8_t challenge[PB_SCP03_S16], command[PB_COMMAND_MAX];

	if (vector_has(session->vectors, session->index, "inputs.init_upd_cmd")) {
		bytes_at(session, "inputs.init_upd_cmd", command, sizeof(command));
		open_session(session, "inputs.init_upd_rsp", pb_view(command + 5, PB_SCP03_S8), SCP03_LEVEL,
			     "outputs.ext_auth_cmd");
		for (size_t i = 0; i < vector_length(session->vectors, session->index, "inputs.plain_commands"); i++) {
			char plain[64], wrapped[64], answer[64];

			snprintf(plain, sizeof(plain), "inputs.plain_commands.%zu", i);
			snprintf(wrapped, sizeof(wrapped), "outputs.wrapped_commands.%zu", i);
			snprintf(answer, sizeof(answer), "outputs.wrapped_responses.%zu", i);
			check_wrapped(session, plain, wrapped);
			check_answer(session, answer, true, NULL);
		}
		return;
	}
	open_session(session, "outputs.init_upd_rsp", host_challenge_at(session, challenge),
		     level_at(session, "inputs.security_level"), "outputs.ext_auth_cmd");
	if (vector_has(session->vectors, session->index, "inputs.plain_delete"))
		check_wrapped(session, "inputs.plain_delete", "outputs.delete_cmd");
}

/* Four other hosts, recorded against one card */
static void check_recorded(struct session *session)
{
	uint8_t challenge[PB_SCP03_S16];

	open_session(session, "outputs.init_upd_rsp", host_challenge_at(session, challenge),
		     level_at(session, "inputs.level"), "outputs.ext_auth_cmd");
	for (size_t i = 0; i < vector_length(session->vectors, session->index, "outputs.wrapped"); i++) {
		char plain[64], wrapped[64];

		snprintf(plain, sizeof(plain), "outputs.wrapped.%zu.plain", i);
		snprintf(wrapped, sizeof(wrapped), "outputs.wrapped.%zu.wrapped", i);
		check_wrapped(session, plain, wrapped);
	}
}

static void check_file(const char *file, void (*check)(struct session *), size_t expected)
{
	struct vectors *vectors = vectors_load(file);
	size_t checked = 0;

	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct session session = { .vectors = vectors, .index = i };

		if (!vector_is(vectors, i, "op", "scp03_session"))
			continue;
		check(&session);
		pb_scp03_destroy(session.channel);
		checked++;
	}
	assert_int_equal(checked, expected);
	vectors_free(vectors);
}

static void sessions_of_pysim_come_out_byte_for_byte(void **state)
{
	(void)state;
	check_file("scp03/pysim.json", check_pysim, 9);
}

static void sessions_of_openscp_come_out_byte_for_byte(void **state)
{
	(void)state;
	check_file("scp03/openscp.json", check_openscp, 6);
}

static void sessions_of_kaoh_come_out_byte_for_byte(void **state)
{
	(void)state;
	check_file("scp03/kaoh.json", check_kaoh, 3);
}

static void sessions_recorded_from_other_hosts_come_out_byte_for_byte(void **state)
{
	(void)state;
	check_file("scp03/jcardengine.json", check_recorded, 4);
}

/* ---- a hostile card: the first session of OpenSCP with its answer changed */

struct open {
	struct vectors *vectors;
	struct session session;
	uint8_t answer[PB_RESPONSE_MAX];
	size_t n;
};

static int open_first(void **state)
{
	static struct open open;
	uint8_t challenge[PB_SCP03_S16];

	open = (struct open){ .vectors = vectors_load("scp03/openscp.json") };
	open.session = (struct session){ .vectors = open.vectors };
	open_session(&open.session, "outputs.INITIALIZE_UPDATE_RAPDU", host_challenge_at(&open.session, challenge),
		     SCP03_LEVEL, "outputs.EXTERNAL_AUTHENTICATE_CAPDU_EXPECTED");
	check_wrapped(&open.session, "inputs.plain_commands.0", "outputs.LIST_PACKAGES_CAPDU_EXPECTED");
	open.n = bytes_at(&open.session, "outputs.LIST_PACKAGES_RAPDU", open.answer, sizeof(open.answer)) - 2;
	*state = &open;
	return 0;
}

static int close_first(void **state)
{
	struct open *open = *state;

	pb_scp03_destroy(open->session.channel);
	vectors_free(open->vectors);
	return 0;
}

static enum pb_status unwrap(struct open *open, size_t n, uint16_t sw)
{
	struct pb_response response = { pb_view(open->answer, n), sw };
	uint8_t data[APDU_RESPONSE_MAX];
	size_t data_n;

	return pb_scp03_unwrap(open->session.channel, &response, data, &data_n, NULL);
}

static void a_changed_answer_is_refused_and_the_channel_stays_closed(void **state)
{
	struct open *open = *state;
	struct pb_apdu command = { .cla = CLA_GP };
	uint8_t bytes[PB_COMMAND_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));

	open->answer[3] ^= 1;
	assert_int_equal(unwrap(open, open->n, SW_OK), PB_CARD_PROTOCOL);
	open->answer[3] ^= 1;
	assert_int_equal(unwrap(open, open->n, SW_OK), PB_CARD_PROTOCOL);
	assert_int_equal(pb_scp03_wrap(open->session.channel, &command, &writer, NULL), PB_CARD_PROTOCOL);
}

static void the_last_byte_of_a_mac_counts_as_the_first(void **state)
{
	struct open *open = *state;

	open->answer[open->n - 1] ^= 1;
	assert_int_equal(unwrap(open, open->n, SW_OK), PB_CARD_PROTOCOL);
}

static void another_status_word_breaks_the_mac(void **state)
{
	assert_int_equal(unwrap(*state, ((struct open *)*state)->n, 0x6282), PB_CARD_PROTOCOL);
}

static void an_answer_without_its_mac_is_refused(void **state)
{
	assert_int_equal(unwrap(*state, 0, SW_OK), PB_CARD_PROTOCOL);
}

static void data_beside_an_error_are_refused(void **state)
{
	assert_int_equal(unwrap(*state, 8, 0x6985), PB_CARD_PROTOCOL);
}

static void a_bare_error_is_passed_on(void **state)
{
	assert_int_equal(unwrap(*state, 0, 0x6985), PB_OK);
}

static void data_that_do_not_fit_are_refused_before_anything_is_counted(void **state)
{
	struct open *open = *state;
	uint8_t data[255] = { 0 }, bytes[PB_COMMAND_MAX];
	struct pb_apdu command = { .cla = CLA_GP, .data = { data, SCP03_PLAIN_MAX + 1 } };
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));

	assert_int_equal(pb_scp03_wrap(open->session.channel, &command, &writer, NULL), PB_INPUT_INVALID);
	assert_int_equal(unwrap(open, open->n, SW_OK), PB_OK);
	command.data.n = SCP03_PLAIN_MAX;
	assert_int_equal(pb_scp03_wrap(open->session.channel, &command, &writer, NULL), PB_OK);
	assert_int_equal(writer.n, 5 + 240 + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_of_pysim_come_out_byte_for_byte),
		cmocka_unit_test(sessions_of_openscp_come_out_byte_for_byte),
		cmocka_unit_test(sessions_of_kaoh_come_out_byte_for_byte),
		cmocka_unit_test(sessions_recorded_from_other_hosts_come_out_byte_for_byte),
		cmocka_unit_test_setup_teardown(a_changed_answer_is_refused_and_the_channel_stays_closed, open_first,
						close_first),
		cmocka_unit_test_setup_teardown(the_last_byte_of_a_mac_counts_as_the_first, open_first, close_first),
		cmocka_unit_test_setup_teardown(another_status_word_breaks_the_mac, open_first, close_first),
		cmocka_unit_test_setup_teardown(an_answer_without_its_mac_is_refused, open_first, close_first),
		cmocka_unit_test_setup_teardown(data_beside_an_error_are_refused, open_first, close_first),
		cmocka_unit_test_setup_teardown(a_bare_error_is_passed_on, open_first, close_first),
		cmocka_unit_test_setup_teardown(data_that_do_not_fit_are_refused_before_anything_is_counted, open_first,
						close_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
