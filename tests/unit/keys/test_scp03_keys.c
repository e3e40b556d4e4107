/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/diversify.h and keys/scp03_keys.h against every published value and recorded session.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/diversify.h"
#include "keys/scp03_keys.h"
#include "tests/lib/vectors.h"

static void load_secret(const struct vectors *vectors, size_t i, const char *path, struct pb_secret *ret_secret)
{
	uint8_t bytes[PB_SECRET_MAX];

	pb_secret_set(ret_secret, bytes, vector_bytes(vectors, i, path, bytes, sizeof(bytes)));
}

static void an10922_gives_the_published_keys(void **state)
{
	struct vectors *vectors = vectors_load("an10922/an10922.json");
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret master = { 0 }, key = { 0 }, published = { 0 };
		uint8_t input[31];

		if (!vector_is(vectors, i, "op", "an10922_aes128"))
			continue;
		load_secret(vectors, i, "inputs.master_key", &master);
		load_secret(vectors, i, "outputs.derived_key", &published);
		pb_an10922_aes128(&master,
				  pb_view(input, vector_bytes(vectors, i, "inputs.div_input_without_0x01", input, sizeof(input))),
				  &key);
		assert_int_equal(key.n, 16);
		assert_memory_equal(key.bytes, published.bytes, 16);
		tried++;
	}
	assert_int_equal(tried, 7);
	vectors_free(vectors);
}

/* A plain CMAC of a short input: the mistake of libfreefare's issue 91. */
static void an10922_never_gives_the_wrong_variant(void **state)
{
	struct vectors *vectors = vectors_load("an10922/an10922.json");
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret master = { 0 }, key = { 0 }, wrong = { 0 };
		uint8_t message[32];
		size_t n;

		if (!vector_is(vectors, i, "kind", "negative"))
			continue;
		load_secret(vectors, i, "inputs.master_key", &master);
		load_secret(vectors, i, "outputs.derived_key", &wrong);
		n = vector_bytes(vectors, i, "inputs.msg", message, sizeof(message));
		assert_int_equal(message[0], 0x01);
		pb_an10922_aes128(&master, pb_view(message + 1, n - 1), &key);
		assert_memory_not_equal(key.bytes, wrong.bytes, 16);
		tried++;
	}
	assert_int_equal(tried, 1);
	vectors_free(vectors);
}

static void the_keys_of_a_card_are_its_own(void **state)
{
	static const uint8_t uid_7[] = { 4, 1, 2, 3, 4, 5, 6 }, uid_4[] = { 4, 1, 2, 3 };
	static const uint8_t input[] = { 4, 1, 2, 3, 4, 5, 6, 0xA0, 0, 0, 1, 0x51, 0, 0, 0, 'P', 'B', 2 };
	struct pb_secret master = { 0 }, spelt_out = { 0 };
	struct pb_card_keys keys = { 0 }, other = { 0 };

	(void)state;
	pb_secret_set(&master, "0123456789abcdef", 16);
	pb_diversify_card_keys(&master, PB_VIEW(uid_7), &keys);
	pb_an10922_aes128(&master, PB_VIEW(input), &spelt_out);
	assert_memory_equal(keys.mac.bytes, spelt_out.bytes, 16);
	assert_memory_not_equal(keys.enc.bytes, keys.mac.bytes, 16);
	assert_memory_not_equal(keys.mac.bytes, keys.dek.bytes, 16);
	pb_diversify_card_keys(&master, PB_VIEW(uid_4), &other);
	assert_memory_not_equal(keys.enc.bytes, other.enc.bytes, 16);
	pb_card_keys_wipe(&keys);
	assert_int_equal(keys.enc.n, 0);
}

static void key_check_values_are_the_published_ones(void **state)
{
	struct vectors *vectors = vectors_load("scp03/pysim.json");
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret key = { 0 };
		uint8_t kcv[3], published[3];

		if (!vector_has(vectors, i, "outputs.kcv"))
			continue;
		load_secret(vectors, i, "inputs.key", &key);
		pb_key_check_value(&key, kcv);
		assert_int_equal(vector_bytes(vectors, i, "outputs.kcv", published, 3), 3);
		assert_memory_equal(kcv, published, 3);
		tried++;
	}
	assert_int_equal(tried, 3);
	vectors_free(vectors);
}

/* How each source names the same things. */
struct names {
	const char *file, *enc, *mac, *host, *response, *host_command, *ext_auth;
	size_t status_word; /* bytes of it that the record keeps after the response */
	size_t sessions;
};

static const struct names sources[] = {
	{ "scp03/pysim.json", "inputs.key_enc", "inputs.key_mac", "inputs.host_challenge", "outputs.init_upd_rsp", NULL,
	  "outputs.ext_auth_cmd", 0, 9 },
	{ "scp03/openscp.json", "inputs.key_enc", "inputs.key_mac", "inputs.host_challenge",
	  "outputs.INITIALIZE_UPDATE_RAPDU", NULL, "outputs.EXTERNAL_AUTHENTICATE_CAPDU_EXPECTED", 2, 6 },
	{ "scp03/kaoh.json", "inputs.key_enc", "inputs.key_mac", "inputs.host_challenge", "outputs.init_upd_rsp",
	  "inputs.init_upd_cmd", "outputs.ext_auth_cmd", 0, 3 },
	{ "scp03/jcardengine.json", "inputs.keys", "inputs.keys", "inputs.host_challenge", "outputs.init_upd_rsp", NULL,
	  "outputs.ext_auth_cmd", 0, 4 },
};

enum { APDU_HEAD = 5 };

static struct pb_view load_host_challenge(const struct vectors *vectors, size_t i, const struct names *names,
					  uint8_t room[static 64])
{
	if (vector_has(vectors, i, names->host))
		return pb_view(room, vector_bytes(vectors, i, names->host, room, 64));
	(void)vector_bytes(vectors, i, names->host_command, room, 64);
	return pb_view(room + APDU_HEAD, room[APDU_HEAD - 1]);
}

static size_t load_response(const struct vectors *vectors, size_t i, const struct names *names, uint8_t room[static 64])
{
	const char *path = vector_has(vectors, i, names->response) ? names->response : "inputs.init_upd_rsp";
	size_t n = vector_bytes(vectors, i, path, room, 64);

	return n - names->status_word;
}

static void assert_published(const struct vectors *vectors, size_t i, const char *path, const struct pb_secret *key)
{
	struct pb_secret published = { 0 };

	if (!vector_has(vectors, i, path))
		return;
	load_secret(vectors, i, path, &published);
	assert_int_equal(key->n, published.n);
	assert_memory_equal(key->bytes, published.bytes, key->n);
}

static void try_session(const struct vectors *vectors, size_t i, const struct names *names)
{
	struct pb_secret enc = { 0 }, mac = { 0 };
	struct pb_scp03_session_keys session = { 0 };
	struct pb_initialize_update answer;
	uint8_t host_room[64], response[64], ext_auth[64], cryptogram[16];
	struct pb_view host = load_host_challenge(vectors, i, names, host_room);

	load_secret(vectors, i, names->enc, &enc);
	load_secret(vectors, i, names->mac, &mac);
	assert_true(pb_initialize_update_parse(pb_view(response, load_response(vectors, i, names, response)), &answer));
	assert_int_equal(answer.scp, 3);
	assert_int_equal(answer.challenge.n, host.n);
	pb_scp03_session_derive(&enc, &mac, host, answer.challenge, &session);
	pb_scp03_cryptogram(&session, PB_SCP03_CARD_CRYPTOGRAM, host, answer.challenge, cryptogram);
	assert_memory_equal(cryptogram, answer.cryptogram.p, host.n);
	pb_scp03_cryptogram(&session, PB_SCP03_HOST_CRYPTOGRAM, host, answer.challenge, cryptogram);
	(void)vector_bytes(vectors, i, names->ext_auth, ext_auth, sizeof(ext_auth));
	assert_memory_equal(cryptogram, ext_auth + APDU_HEAD, host.n);
	assert_published(vectors, i, "outputs.derived.s_enc", &session.enc);
	assert_published(vectors, i, "outputs.derived.s_mac", &session.mac);
	assert_published(vectors, i, "outputs.derived.s_rmac", &session.rmac);
	assert_published(vectors, i, "outputs.s_enc", &session.enc);
	assert_published(vectors, i, "outputs.s_mac", &session.mac);
	assert_published(vectors, i, "outputs.s_rmac", &session.rmac);
}

static void every_published_session_opens(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(sources) / sizeof(sources[0]); s++) {
		struct vectors *vectors = vectors_load(sources[s].file);
		size_t tried = 0;

		for (size_t i = 0; i < vectors_count(vectors); i++) {
			if (!vector_is(vectors, i, "op", "scp03_session"))
				continue;
			try_session(vectors, i, &sources[s]);
			tried++;
		}
		assert_int_equal(tried, sources[s].sessions);
		vectors_free(vectors);
	}
}

static void a_pseudo_random_challenge_can_be_foretold(void **state)
{
	struct vectors *vectors = vectors_load("scp03/kaoh.json");
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret enc = { 0 };
		uint8_t sequence[3], aid[16], challenge[8], published[8];
		size_t n;

		if (!vector_has(vectors, i, "inputs.sequence_counter"))
			continue;
		load_secret(vectors, i, "inputs.key_enc", &enc);
		assert_int_equal(vector_bytes(vectors, i, "inputs.sequence_counter", sequence, 3), 3);
		n = vector_bytes(vectors, i, "inputs.aid", aid, sizeof(aid));
		pb_scp03_card_challenge(&enc, sequence, pb_view(aid, n), challenge, sizeof(challenge));
		assert_int_equal(vector_bytes(vectors, i, "outputs.card_challenge", published, 8), 8);
		assert_memory_equal(challenge, published, 8);
		tried++;
	}
	assert_int_equal(tried, 2);
	vectors_free(vectors);
}

static void an_answer_of_the_wrong_length_is_refused(void **state)
{
	static const struct {
		uint8_t i;
		size_t n;
	} whole[] = { { 0x60, 29 }, { 0x70, 32 }, { 0x61, 45 }, { 0x71, 48 } };
	uint8_t response[64] = { 0 };
	struct pb_initialize_update answer;

	(void)state;
	for (size_t c = 0; c < 4; c++) {
		response[12] = whole[c].i;
		for (size_t n = 0; n <= sizeof(response); n++)
			assert_int_equal(pb_initialize_update_parse(pb_view(response, n), &answer), n == whole[c].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an10922_gives_the_published_keys),
		cmocka_unit_test(an10922_never_gives_the_wrong_variant),
		cmocka_unit_test(the_keys_of_a_card_are_its_own),
		cmocka_unit_test(key_check_values_are_the_published_ones),
		cmocka_unit_test(every_published_session_opens),
		cmocka_unit_test(a_pseudo_random_challenge_can_be_foretold),
		cmocka_unit_test(an_answer_of_the_wrong_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
