/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Published SCP03 sessions, replayed against the card's half: given the recorded challenges it must give
 * the recorded answers and understand every recorded command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "softcard/scp03_card.h"
#include "tests/lib/vectors.h"

enum { SEQUENCE_AT = 13, ANSWER_MAX = 300 };

struct session {
	const struct vectors *vectors;
	size_t index;
	uint8_t enc[32], mac[32];
	size_t key_n, s;
	struct scp03_card channel;
};

static struct command parse(const uint8_t *bytes, size_t n)
{
	struct command command;

	assert_true(command_parse(pb_view(bytes, n), &command));
	return command;
}

/* INITIALIZE UPDATE with the recorded card challenge; the cryptogram must be the recorded one. */
static void begin(struct session *session, const uint8_t *host_challenge, const char *response_path)
{
	uint8_t response[64], cryptogram[SCP03_S_MAX];
	const size_t n = vector_bytes(session->vectors, session->index, response_path, response, sizeof(response));

	assert_true(n >= SEQUENCE_AT + 2 * session->s);
	scp03_card_begin(&session->channel, pb_view(session->enc, session->key_n), pb_view(session->mac, session->key_n),
			 session->s, host_challenge, response + SEQUENCE_AT, cryptogram);
	assert_memory_equal(cryptogram, response + SEQUENCE_AT + session->s, session->s);
}

static void authenticate(struct session *session, const char *path)
{
	uint8_t bytes[64];
	const size_t n = vector_bytes(session->vectors, session->index, path, bytes, sizeof(bytes));
	const struct command command = parse(bytes, n);

	assert_true(scp03_card_authenticate(&session->channel, &command));
}

/* The recorded wrapped command must unwrap to the recorded plain one. */
static void unwrap(struct session *session, const char *wrapped_path, const char *plain_path)
{
	uint8_t wrapped[ANSWER_MAX], plain[ANSWER_MAX], data[APDU_DATA_MAX];
	size_t wrapped_n = vector_bytes(session->vectors, session->index, wrapped_path, wrapped, sizeof(wrapped));
	size_t plain_n = vector_bytes(session->vectors, session->index, plain_path, plain, sizeof(plain));
	const struct command sent = parse(wrapped, wrapped_n), meant = parse(plain, plain_n);
	struct command got;

	assert_int_equal(scp03_card_unwrap(&session->channel, &sent, data, &got), SCP03_UNWRAPPED);
	assert_int_equal(got.cla, CLA_GP);
	assert_int_equal(got.ins, meant.ins);
	assert_int_equal(got.p1, meant.p1);
	assert_int_equal(got.p2, meant.p2);
	assert_true(pb_view_equal(got.data, meant.data));
}

/* The recorded plain answer must be wrapped to the recorded one. */
static void wrap(struct session *session, const uint8_t *plain, size_t plain_n, const uint8_t *wrapped, size_t wrapped_n)
{
	uint8_t bytes[ANSWER_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_put(&out, plain, plain_n);
	scp03_card_wrap(&session->channel, SW_OK, &out);
	assert_int_equal(out.n, wrapped_n);
	assert_memory_equal(bytes, wrapped, wrapped_n);
}

static struct session open_vector(const struct vectors *vectors, size_t index, size_t s)
{
	struct session session = { .vectors = vectors, .index = index, .s = s };

	session.key_n = vector_bytes(vectors, index, "inputs.key_enc", session.enc, sizeof(session.enc));
	assert_int_equal(vector_bytes(vectors, index, "inputs.key_mac", session.mac, sizeof(session.mac)), session.key_n);
	return session;
}

static void the_sessions_of_pysim_pass(void **unused)
{
	static const char *const names[] = { "get_eid_cmd", "case_1_apdu", "case_2_apdu", "case_3_apdu", "case_4_apdu" };
	struct vectors *vectors = vectors_load("scp03/pysim.json");
	unsigned sessions = 0;

	(void)unused;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct session session;
		uint8_t host[8], plain[64], wrapped[64];
		char wrapped_path[64], plain_path[64];

		if (!vector_is(vectors, i, "op", "scp03_session"))
			continue;
		session = open_vector(vectors, i, 8);
		vector_bytes(vectors, i, "inputs.host_challenge", host, sizeof(host));
		begin(&session, host, "outputs.init_upd_rsp");
		authenticate(&session, "outputs.ext_auth_cmd");
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			snprintf(wrapped_path, sizeof(wrapped_path), "outputs.%s", names[k]);
			snprintf(plain_path, sizeof(plain_path), "inputs.plain_apdus_in_order.%s", names[k]);
			unwrap(&session, wrapped_path, plain_path);
			if (k == 0)
				wrap(&session, plain,
				     vector_bytes(vectors, i, "outputs.get_eid_rsp_plain", plain, sizeof(plain)), wrapped,
				     vector_bytes(vectors, i, "outputs.get_eid_rsp", wrapped, sizeof(wrapped)));
		}
		sessions++;
	}
	assert_int_equal(sessions, 9);
	vectors_free(vectors);
}

static void the_sessions_of_openscp_pass(void **unused)
{
	static const char *const names[] = { "LIST_PACKAGES", "LIST_APPLETS", "LIST_ISSUER_DOMAIN" };
	struct vectors *vectors = vectors_load("scp03/openscp.json");
	unsigned answers = 0;

	(void)unused;
	assert_int_equal(vectors_count(vectors), 6);
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct session session = open_vector(vectors, i, (size_t)vector_number(vectors, i, "inputs.mac_len"));
		uint8_t host[16], plain[ANSWER_MAX], wrapped[ANSWER_MAX];
		size_t plain_n, wrapped_n;
		char a[96], b[96];

		vector_bytes(vectors, i, "inputs.host_challenge", host, sizeof(host));
		begin(&session, host, "outputs.INITIALIZE_UPDATE_RAPDU");
		authenticate(&session, "outputs.EXTERNAL_AUTHENTICATE_CAPDU_EXPECTED");
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			snprintf(a, sizeof(a), "outputs.%s_CAPDU_EXPECTED", names[k]);
			snprintf(b, sizeof(b), "inputs.plain_commands.%zu", k);
			unwrap(&session, a, b);
			snprintf(a, sizeof(a), "outputs.plain_responses.%s_RSP_PLAIN_DATA", names[k]);
			snprintf(b, sizeof(b), "outputs.%s_RAPDU", names[k]);
			plain_n = vector_bytes(vectors, i, a, plain, sizeof(plain));
			wrapped_n = vector_bytes(vectors, i, b, wrapped, sizeof(wrapped)) - 2;
			/* Five of these cards pad their last, short answer with a block more than 6.2.7 says. */
			if (wrapped_n != (plain_n / 16 + 1) * 16 + session.s)
				continue;
			wrap(&session, plain, plain_n, wrapped, wrapped_n);
			answers++;
		}
	}
	assert_int_equal(answers, 13);
	vectors_free(vectors);
}

static void the_long_commands_of_kaoh_pass(struct session *session)
{
	uint8_t command[64], plain[ANSWER_MAX], wrapped[ANSWER_MAX];
	const size_t count = vector_length(session->vectors, session->index, "outputs.wrapped_commands");

	vector_bytes(session->vectors, session->index, "inputs.init_upd_cmd", command, sizeof(command));
	begin(session, command + 5, "inputs.init_upd_rsp");
	authenticate(session, "outputs.ext_auth_cmd");
	for (size_t k = 0; k < count; k++) {
		char a[64], b[64];
		size_t n;

		snprintf(a, sizeof(a), "outputs.wrapped_commands.%zu", k);
		snprintf(b, sizeof(b), "inputs.plain_commands.%zu", k);
		unwrap(session, a, b);
		/* Its card echoes what it understood. */
		n = vector_bytes(session->vectors, session->index, b, plain, sizeof(plain));
		snprintf(a, sizeof(a), "outputs.wrapped_responses.%zu", k);
		wrap(session, plain + 5, n - 5, wrapped,
		     vector_bytes(session->vectors, session->index, a, wrapped, sizeof(wrapped)) - 2);
	}
}

static void the_sessions_of_kaoh_pass(void **unused)
{
	struct vectors *vectors = vectors_load("scp03/kaoh.json");
	unsigned sessions = 0;

	(void)unused;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct session session;
		uint8_t host[8];

		if (!vector_is(vectors, i, "op", "scp03_session"))
			continue;
		session = open_vector(vectors, i, 8);
		sessions++;
		if (vector_has(vectors, i, "inputs.init_upd_cmd")) {
			the_long_commands_of_kaoh_pass(&session);
			continue;
		}
		vector_bytes(vectors, i, "inputs.host_challenge", host, sizeof(host));
		begin(&session, host, "outputs.init_upd_rsp");
		authenticate(&session, "outputs.ext_auth_cmd");
		if (vector_is(vectors, i, "id", "kaoh-delete_application"))
			unwrap(&session, "outputs.delete_cmd", "inputs.plain_delete");
	}
	assert_int_equal(sessions, 3);
	vectors_free(vectors);
}

static void the_sessions_recorded_with_four_hosts_pass(void **unused)
{
	struct vectors *vectors = vectors_load("scp03/jcardengine.json");

	(void)unused;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct session session = { .vectors = vectors, .index = i, .s = 8, .key_n = 16 };
		uint8_t host[8];
		char a[64], b[64];

		vector_bytes(vectors, i, "inputs.keys", session.enc, sizeof(session.enc));
		memcpy(session.mac, session.enc, 16);
		vector_bytes(vectors, i, "inputs.host_challenge", host, sizeof(host));
		begin(&session, host, "outputs.init_upd_rsp");
		authenticate(&session, "outputs.ext_auth_cmd");
		for (size_t k = 0; k < vector_length(vectors, i, "outputs.wrapped"); k++) {
			snprintf(a, sizeof(a), "outputs.wrapped.%zu.wrapped", k);
			snprintf(b, sizeof(b), "outputs.wrapped.%zu.plain", k);
			unwrap(&session, a, b);
		}
	}
	assert_int_equal(vectors_count(vectors), 4);
	vectors_free(vectors);
}

static void a_counted_challenge_is_the_published_one(void **unused)
{
	struct vectors *vectors = vectors_load("scp03/kaoh.json");
	unsigned found = 0;

	(void)unused;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		uint8_t key[16], sequence[3], aid[16], wanted[8], challenge[8];
		size_t aid_n;

		if (!vector_has(vectors, i, "inputs.sequence_counter"))
			continue;
		vector_bytes(vectors, i, "inputs.key_enc", key, sizeof(key));
		vector_bytes(vectors, i, "inputs.sequence_counter", sequence, sizeof(sequence));
		aid_n = vector_bytes(vectors, i, "inputs.aid", aid, sizeof(aid));
		vector_bytes(vectors, i, "outputs.card_challenge", wanted, sizeof(wanted));
		scp03_card_challenge(PB_VIEW(key), sequence, pb_view(aid, aid_n), 8, challenge);
		assert_memory_equal(challenge, wanted, 8);
		found++;
	}
	assert_int_equal(found, 2);
	vectors_free(vectors);
}

/* One bit of a command turned over: the channel is gone, and stays gone for the true command. */
static void a_changed_command_closes_the_channel(void **unused)
{
	struct vectors *vectors = vectors_load("scp03/kaoh.json");
	struct session session = open_vector(vectors, 0, 8);
	uint8_t host[8], bytes[64], data[APDU_DATA_MAX];
	size_t n = vector_bytes(vectors, 0, "outputs.delete_cmd", bytes, sizeof(bytes));
	struct command command, got;

	(void)unused;
	vector_bytes(vectors, 0, "inputs.host_challenge", host, sizeof(host));
	for (size_t bit = 8; bit < n * 8; bit++) {
		if (bit / 8 == 4)
			continue; /* Lc: no command at all */
		begin(&session, host, "outputs.init_upd_rsp");
		authenticate(&session, "outputs.ext_auth_cmd");
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		command = parse(bytes, n);
		assert_int_equal(scp03_card_unwrap(&session.channel, &command, data, &got), SCP03_WRONG);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		command = parse(bytes, n);
		assert_int_equal(scp03_card_unwrap(&session.channel, &command, data, &got), SCP03_NOT_WRAPPED);
	}
	vectors_free(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sessions_of_pysim_pass),
		cmocka_unit_test(the_sessions_of_openscp_pass),
		cmocka_unit_test(the_sessions_of_kaoh_pass),
		cmocka_unit_test(the_sessions_recorded_with_four_hosts_pass),
		cmocka_unit_test(a_counted_challenge_is_the_published_one),
		cmocka_unit_test(a_changed_command_closes_the_channel),
	};

	return cmocka_run_group_tests_name("softcard scp03", tests, NULL, NULL);
}
