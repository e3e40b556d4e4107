/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NXP's published EV2 sessions (AN12343, tables 23 to 26) on a whole DESFire: every byte it answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ev2_bench.h"
#include "softcard/card.h"
#include "tests/lib/vectors.h"

enum { BYTES = 300 };

static const uint8_t uid[] = { 0x04, 0x2A, 0x41, 0xCA, 0xE4, 0x53, 0x80 };

static struct bench open_card(void)
{
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid) };

	return bench_open(&options);
}

static void set_session(struct bench *bench, const struct vectors *vectors, size_t i)
{
	struct desfire_session *session = &bench->card->desfire;

	session->opened = DESFIRE_BY_AES;
	session->key = 0;
	session->channel = (struct ev2_card){ .open = true,
					      .counter = (uint16_t)vector_number(vectors, i, "inputs.cmd_ctr") };
	vector_bytes(vectors, i, "inputs.ti", session->channel.ti, EV2_TI);
	vector_bytes(vectors, i, "inputs.k_ses_auth_mac", session->channel.mac, EV2_BLOCK);
	if (vector_has(vectors, i, "inputs.k_ses_auth_enc"))
		vector_bytes(vectors, i, "inputs.k_ses_auth_enc", session->channel.enc, EV2_BLOCK);
}

static size_t find(const struct vectors *vectors, const char *id)
{
	for (size_t i = 0; i < vectors_count(vectors); i++)
		if (vector_is(vectors, i, "id", id))
			return i;
	fail();
	return 0;
}

/* File 0 of 48 bytes, its first 25 written by one command and all read by the next. */
static struct bench open_example(const char *settings)
{
	struct bench bench = open_card();

	bench_good(&bench, "90CA0000053120500B8100");
	bench_good(&bench, "905A00000331205000");
	bench_open_session(&bench, 0, 0);
	bench_secured_hex(&bench, 0xCD, PB_EV2_MAC, "", settings);
	bench_expect(&bench, 0x9100);
	return bench;
}

static void assert_answer(const struct bench *bench, size_t at, const struct vectors *vectors, size_t i, const char *path)
{
	uint8_t expected[BYTES];
	const size_t n = vector_bytes(vectors, i, path, expected, sizeof(expected));

	assert_int_equal(bench->n, at + n);
	assert_memory_equal(bench->answer + at, expected, n);
}

static void the_published_mac_session_runs_byte_for_byte(void **state)
{
	struct vectors *vectors = vectors_load("ev2/ev2.json");
	const size_t write = find(vectors, "an12343-table23-mac-write"), read = find(vectors, "an12343-table24-mac-read");
	struct bench bench = open_example("00010000300000");
	uint8_t field[BYTES];
	size_t n;

	(void)state;
	set_session(&bench, vectors, write);
	n = vector_bytes(vectors, write, "inputs.cmd_header", field, BYTES);
	n += vector_bytes(vectors, write, "inputs.data", field + n, BYTES - n);
	n += vector_bytes(vectors, write, "outputs.cmd_mac", field + n, BYTES - n);
	bench_native(&bench, 0x8D, pb_view(field, n));
	bench_expect(&bench, 0x9100);
	assert_answer(&bench, 0, vectors, write, "outputs.rsp_mac(ctr=1)");
	n = vector_bytes(vectors, read, "inputs.cmd_header", field, BYTES);
	n += vector_bytes(vectors, read, "outputs.cmd_mac", field + n, BYTES - n);
	bench_native(&bench, 0xAD, pb_view(field, n));
	bench_expect(&bench, 0x9100);
	assert_answer(&bench, 48, vectors, read, "outputs.rsp_mac(ctr=2)");
	bench.n = 48;
	assert_answer(&bench, 0, vectors, read, "outputs.rsp_data");
	bench_free(&bench);
	vectors_free(vectors);
}

static void the_published_full_session_runs_byte_for_byte(void **state)
{
	struct vectors *vectors = vectors_load("ev2/ev2.json");
	const size_t write = find(vectors, "an12343-table25-full-write"), read = find(vectors, "an12343-table26-full-read");
	struct bench bench = open_example("00030000300000");
	uint8_t field[BYTES];
	size_t n;

	(void)state;
	set_session(&bench, vectors, write);
	n = vector_bytes(vectors, write, "outputs.capdu_data", field, BYTES);
	bench_native(&bench, 0x8D, pb_view(field, n));
	bench_expect(&bench, 0x9100);
	assert_answer(&bench, 0, vectors, write, "outputs.rsp_mac(ctr=1)");
	n = vector_bytes(vectors, read, "inputs.cmd_header", field, BYTES);
	n += vector_bytes(vectors, read, "outputs.cmd_mac", field + n, BYTES - n);
	bench_native(&bench, 0xAD, pb_view(field, n));
	bench_expect(&bench, 0x9100);
	assert_answer(&bench, 0, vectors, read, "inputs.rapdu_data");
	bench_free(&bench);
	vectors_free(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_mac_session_runs_byte_for_byte),
		cmocka_unit_test(the_published_full_session_runs_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
