/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip MIFARE DESFire: the rules of its pages for applications, files, transactions and sessions, under the host of
 * keys/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "ev2_bench.h"

enum { BYTES = 300, CREDENTIAL = 1, NDEF = 2 };

static const uint8_t uid[] = { 0x04, 0x2A, 0x41, 0xCA, 0xE4, 0x53, 0x80 };

static struct bench open_card(const char *path)
{
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .path = path, .uid = PB_VIEW(uid) };

	return bench_open(&options);
}

/* AID 312050, key 0 creates, listing is free; AES, ISO file identifiers, three keys; DF 5042 named "CARD" */
static void make_application(struct bench *bench)
{
	bench_good(bench, "905A00000300000000");
	bench_good(bench, "90CA00000B3120500BA342504341524400");
	bench_good(bench, "905A00000331205000");
}

/* File 1, a backup file of 64 bytes: read free, written with key 1 in full mode; file 2, a standard one of 96, plain. */
static struct bench open_with_files(const char *path)
{
	struct bench bench = open_card(path);

	make_application(&bench);
	bench_open_session(&bench, 0, 0);
	bench_secured_hex(&bench, 0xCB, PB_EV2_MAC, "", "0101EF0310E1400000");
	bench_expect(&bench, 0x9100);
	bench_secured_hex(&bench, 0xCD, PB_EV2_MAC, "", "0202EF0000E0600000");
	bench_expect(&bench, 0x9100);
	return bench;
}

static void write_credential(struct bench *bench, uint8_t fill)
{
	uint8_t header[7], data[64];

	memset(data, fill, sizeof(data));
	bench_file_header(header, CREDENTIAL, 0, sizeof(data));
	bench_secured(bench, 0x8D, PB_EV2_FULL, PB_VIEW(header), PB_VIEW(data));
}

/* The first byte of file 1, as anybody reads it. */
static uint8_t shown(struct bench *bench)
{
	bench_good(bench, "905A00000331205000");
	bench_good(bench, "90AD0000070100000040000000");
	assert_int_equal(bench->n, 64);
	return bench->answer[0];
}

static void a_blank_is_as_delivered(void **state)
{
	struct bench bench = open_card(NULL);

	(void)state;
	bench_hex(&bench, "9060000000");
	bench_expect(&bench, 0x91AF);
	assert_memory_equal(bench.answer, "\x04\x01\x01\x12\x00\x16\x05", 7);
	bench_hex(&bench, "90AF000000");
	assert_memory_equal(bench.answer, "\x04\x01\x01\x02\x01\x16\x05", 7);
	bench_good(&bench, "90AF000000");
	assert_memory_equal(bench.answer, uid, sizeof(uid));
	bench_good(&bench, "906E000000");
	assert_memory_equal(bench.answer, "\x00\x0A\x00", 3);
	bench_good(&bench, "9045000000");
	assert_memory_equal(bench.answer, "\x0F\x01", 2);
	bench_good(&bench, "90640000010000");
	assert_int_equal(bench.answer[0], 0);
	bench_good(&bench, "906A000000");
	assert_int_equal(bench.n, 0);
	bench_hex(&bench, "9071000002000000"); /* its key is none of AES */
	bench_expect(&bench, 0x91AE);
	bench_hex(&bench, "00A4040007D276000085010100");
	bench_expect(&bench, 0x6A82);
	bench_free(&bench);
}

static void an_ev3_says_so(void **state)
{
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid), .desfire_ev3 = true };
	struct bench bench = bench_open(&options);

	(void)state;
	bench_hex(&bench, "9060000000");
	assert_memory_equal(bench.answer, "\x04\x01\x01\x33\x00\x16\x05", 7);
	bench_free(&bench);
}

/* ---- applications and files */

static void applications_are_made_once_and_listed(void **state)
{
	struct bench bench = open_card(NULL);

	(void)state;
	make_application(&bench);
	bench_good(&bench, "905A00000300000000");
	bench_good(&bench, "906A000000");
	assert_int_equal(bench.n, 3);
	assert_memory_equal(bench.answer, "\x31\x20\x50", 3);
	bench_hex(&bench, "90CA0000053120500F0100"); /* the same AID */
	bench_expect(&bench, 0x91DE);
	bench_hex(&bench, "90CA00000B3220500BA342504341525400"); /* the same file identifier */
	bench_expect(&bench, 0x91DE);
	bench_hex(&bench, "90CA00000B3220500BA343504341524400"); /* the same name */
	bench_expect(&bench, 0x91DE);
	bench_hex(&bench, "90CA0000053220500B4100"); /* keys of three-key DES */
	bench_expect(&bench, 0x919E);
	bench_hex(&bench, "90CA0000043220500B00");
	bench_expect(&bench, 0x917E);
	bench_hex(&bench, "905A00000332205000");
	bench_expect(&bench, 0x91A0);
	bench_hex(&bench, "90DA00000331205000"); /* needs the PICC's key */
	bench_expect(&bench, 0x91AE);
	bench_hex(&bench, "00A40400044341524400");
	bench_expect(&bench, 0x9000);
	bench_good(&bench, "9045000000");
	assert_memory_equal(bench.answer, "\x0B\x83", 2);
	bench_free(&bench);
}

static void files_are_made_by_whom_settings_let_and_tell_their_own(void **state)
{
	struct bench bench = open_card(NULL);

	(void)state;
	make_application(&bench);
	bench_hex(&bench, "90CD0000090202EF0000E060000000");
	bench_expect(&bench, 0x91AE);
	bench_free(&bench);
	bench = open_with_files(NULL);
	bench_secured_hex(&bench, 0xCB, PB_EV2_MAC, "", "0103EF0310E1400000");
	bench_expect(&bench, 0x91DE);
	bench_open_session(&bench, 0, 0);
	bench_secured_hex(&bench, 0xCB, PB_EV2_MAC, "", "0303EF0310E1000800"); /* twice 2048 bytes */
	bench_expect(&bench, 0x910E);
	bench_good(&bench, "906F000000");
	assert_int_equal(bench.n, 2);
	assert_memory_equal(bench.answer, "\x01\x02", 2);
	bench_good(&bench, "90F50000010100");
	assert_memory_equal(bench.answer, "\x01\x03\x10\xE1\x40\x00\x00", 7);
	bench_hex(&bench, "90F50000010700");
	bench_expect(&bench, 0x91F0);
	bench_good(&bench, "905A00000300000000");
	bench_good(&bench, "906E000000");
	assert_int_equal(bench.answer[0] | bench.answer[1] << 8, DESFIRE_MEMORY - 2 * 64 - 96);
	bench_free(&bench);
}

static void only_its_key_writes_a_file_and_everyone_reads_it(void **state)
{
	struct bench bench = open_with_files(NULL);

	(void)state;
	bench_hex(&bench, "905A00000331205000");
	bench_hex(&bench, "908D000008010000000100005500");
	bench_expect(&bench, 0x91AE);
	bench_open_session(&bench, 2, 0);
	bench_hex(&bench, "908D000008010000000100005500");
	bench_expect(&bench, 0x91AE);
	bench_open_session(&bench, 1, 0);
	write_credential(&bench, 0xC1);
	bench_expect(&bench, 0x9100);
	bench_secured_hex(&bench, 0xC7, PB_EV2_MAC, "", "");
	bench_expect(&bench, 0x9100);
	bench_secured_hex(&bench, 0xAD, PB_EV2_FULL, "01000000400000", "");
	assert_int_equal(bench.n, 64);
	assert_int_equal(bench.answer[63], 0xC1);
	assert_int_equal(shown(&bench), 0xC1);
	bench_hex(&bench, "90AD0000070101000040000000");
	bench_expect(&bench, 0x91BE);
	bench_free(&bench);
}

/* ---- transactions and tears */

static void what_is_not_committed_is_not_there(void **state)
{
	struct bench bench = open_with_files(NULL);

	(void)state;
	for (int how = 0; how < 5; how++) {
		bench_good(&bench, "905A00000331205000");
		bench_open_session(&bench, 1, 0);
		write_credential(&bench, 0xC1);
		bench_secured_hex(&bench, 0xAD, PB_EV2_FULL, "01000000400000", "");
		assert_int_equal(bench.answer[0], 0);
		switch (how) {
		case 0: /* said so */
			bench_secured_hex(&bench, 0xA7, PB_EV2_MAC, "", "");
			bench_expect(&bench, 0x9100);
			bench_secured_hex(&bench, 0xC7, PB_EV2_MAC, "", "");
			bench_expect(&bench, 0x910C);
			break;
		case 1: /* selected something else, or the same again */
			bench_good(&bench, "905A00000331205000");
			break;
		case 2: /* the power went */
			bench_power(&bench);
			break;
		case 3: /* an error */
			bench_hex(&bench, "9011000000");
			bench_expect(&bench, 0x911C);
			bench_open_session(&bench, 1, 0);
			bench_secured_hex(&bench, 0xC7, PB_EV2_MAC, "", "");
			bench_expect(&bench, 0x910C);
			break;
		case 4: /* another session */
			bench_open_session(&bench, 1, 0);
			bench_secured_hex(&bench, 0xC7, PB_EV2_MAC, "", "");
			bench_expect(&bench, 0x910C);
			break;
		}
		assert_int_equal(shown(&bench), 0);
	}
	bench_free(&bench);
}

static void a_torn_commit_leaves_the_old_file_or_the_new(void **state)
{
	static const struct {
		const char *fault;
		uint8_t leaves;
	} cases[] = { { "vanish-before@1", 0 }, { "torn-old@1", 0 }, { "torn-new@1", 0xC1 }, { "vanish-after@1", 0xC1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench bench = open_with_files(NULL);

		bench_good(&bench, "905A00000331205000");
		bench_open_session(&bench, 1, 0);
		write_credential(&bench, 0xC1);
		bench_tear(&bench, cases[i].fault);
		bench_secured_hex(&bench, 0xC7, PB_EV2_MAC, "", "");
		assert_int_equal(bench.outcome, SOFTCARD_GONE);
		bench_power(&bench);
		assert_int_equal(shown(&bench), cases[i].leaves);
		assert_int_equal(bench.answer[63], cases[i].leaves);
		bench_free(&bench);
	}
}

static void a_torn_standard_file_may_keep_its_beginning(void **state)
{
	struct bench bench = open_with_files(NULL);
	uint8_t header[7], data[96];

	(void)state;
	memset(data, 0x5A, sizeof(data));
	bench_file_header(header, NDEF, 0, sizeof(data));
	bench_tear(&bench, "torn-new@1");
	bench_secured(&bench, 0x8D, PB_EV2_PLAIN, PB_VIEW(header), PB_VIEW(data));
	assert_int_equal(bench.outcome, SOFTCARD_GONE);
	bench_power(&bench);
	bench_good(&bench, "905A00000331205000");
	bench_good(&bench, "90AD0000070200000060000000");
	assert_int_equal(bench.answer[31], 0x5A);
	assert_int_equal(bench.answer[32], 0);
	bench_free(&bench);
}

/* ---- sessions, frames, the other way in */

static void what_is_not_from_the_session_ends_it(void **state)
{
	const struct pb_ev2_command command = { 0x51, pb_view(NULL, 0), pb_view(NULL, 0), PB_EV2_FULL };
	struct bench bench = open_with_files(NULL);
	uint8_t field[BYTES];

	(void)state;
	bench_secured_hex(&bench, 0x51, PB_EV2_FULL, "", "");
	assert_memory_equal(bench.answer, uid, sizeof(uid));
	for (int what = 0; what < 3; what++) {
		struct pb_writer writer = pb_writer(field, sizeof(field));

		bench_open_session(&bench, 0, 0);
		assert_int_equal(pb_ev2_wrap(&bench.session, &command, &writer, NULL), PB_OK);
		field[0] ^= what == 1;
		if (what == 2)
			bench_native(&bench, 0x51, pb_view(field, writer.n));
		bench_native(&bench, 0x51, pb_view(field, what == 0 ? 0 : writer.n));
		bench_expect(&bench, 0x911E);
		bench_hex(&bench, "9051000000");
		bench_expect(&bench, 0x91AE);
	}
	bench_hex(&bench, "9060000000");
	bench_hex(&bench, "90640000010000");
	bench_expect(&bench, 0x91CA);
	bench_free(&bench);
}

static void a_session_goes_on_under_another_key(void **state)
{
	const struct pb_secret zero = bench_key(0);
	struct bench bench = open_with_files(NULL);

	(void)state;
	bench_secured_hex(&bench, 0x64, PB_EV2_MAC, "01", "");
	bench_authenticate(&bench, 1, &zero, false);
	bench_expect(&bench, 0x9100);
	assert_int_equal(bench.session.counter, 3);
	write_credential(&bench, 0xC1);
	bench_expect(&bench, 0x9100);
	bench_free(&bench);
}

static void long_writes_and_reads_go_in_frames(void **state)
{
	struct bench bench = open_with_files(NULL);
	uint8_t field[7 + 90];

	(void)state;
	bench_file_header(field, NDEF, 0, 90);
	for (uint8_t i = 0; i < 90; i++)
		field[7 + i] = i;
	bench_native(&bench, 0x3D, pb_view(field, 59));
	bench_expect(&bench, 0x91AF);
	bench_native(&bench, 0xAF, pb_view(field + 59, sizeof(field) - 59));
	bench_expect(&bench, 0x9100);
	bench_good(&bench, "905A00000331205000");
	bench_hex(&bench, "90BD000007020000005A000000");
	bench_expect(&bench, 0x91AF);
	assert_int_equal(bench.n, 59);
	assert_int_equal(bench.answer[58], 58);
	bench_good(&bench, "90AF000000");
	assert_int_equal(bench.n, 90 - 59);
	assert_int_equal(bench.answer[0], 59);
	bench_native(&bench, 0x3D, pb_view(field, 59));
	bench_expect(&bench, 0x91AF);
	bench_native(&bench, 0xAF, pb_view(field, 59)); /* more than was said */
	bench_expect(&bench, 0x917E);
	bench_free(&bench);
}

static void a_protected_write_goes_in_frames_too(void **state)
{
	static const uint8_t header[] = { CREDENTIAL, 0, 0, 0, 50, 0, 0 };
	uint8_t data[50], field[BYTES];
	struct bench bench = open_with_files(NULL);
	const struct pb_ev2_command command = { 0x3D, PB_VIEW(header), PB_VIEW(data), PB_EV2_FULL };
	struct pb_writer writer = pb_writer(field, sizeof(field));

	(void)state;
	memset(data, 0xC1, sizeof(data));
	bench_open_session(&bench, 1, 0);
	assert_int_equal(pb_ev2_wrap(&bench.session, &command, &writer, NULL), PB_OK);
	bench_native(&bench, 0x3D, pb_view(field, 59));
	bench_expect(&bench, 0x91AF);
	bench_native(&bench, 0xAF, pb_view(field + 59, writer.n - 59));
	bench_expect(&bench, 0x9100);
	assert_int_equal(bench.n, 8);
	bench_free(&bench);
}

static void a_telephone_reads_by_iso_commands(void **state)
{
	struct bench bench = open_with_files(NULL);

	(void)state;
	bench_hex(&bench, "908D00000802000000010000AB00");
	bench_expect(&bench, 0x9100);
	bench_hex(&bench, "00A40400044341524400");
	bench_expect(&bench, 0x9000);
	bench_hex(&bench, "00B0000001");
	bench_expect(&bench, 0x6985);
	bench_hex(&bench, "00A4000C02EF02");
	bench_expect(&bench, 0x9000);
	bench_hex(&bench, "00B0000000");
	bench_expect(&bench, 0x9000);
	assert_int_equal(bench.n, 96);
	assert_int_equal(bench.answer[0], 0xAB);
	bench_hex(&bench, "00B0006001");
	bench_expect(&bench, 0x6B00);
	bench_hex(&bench, "00D6000001CC");
	bench_expect(&bench, 0x6982);
	bench_hex(&bench, "00A4000C02EF03");
	bench_expect(&bench, 0x6A82);
	bench_hex(&bench, "00A4000C023F00");
	bench_expect(&bench, 0x9000);
	bench_good(&bench, "906A000000");
	assert_int_equal(bench.n, 3);
	bench_free(&bench);
}

static void what_was_written_outlives_the_process(void **state)
{
	char path[] = "/tmp/desfire-XXXXXX";
	const int fd = mkstemp(path);
	struct bench bench;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	bench = open_with_files(path);
	bench_good(&bench, "905A00000331205000");
	bench_open_session(&bench, 1, 0);
	write_credential(&bench, 0xC1);
	bench_secured_hex(&bench, 0xC7, PB_EV2_MAC, "", "");
	write_credential(&bench, 0xC2);
	bench_free(&bench);
	bench = open_card(path);
	assert_int_equal(shown(&bench), 0xC1);
	bench_free(&bench);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_is_as_delivered),
		cmocka_unit_test(an_ev3_says_so),
		cmocka_unit_test(applications_are_made_once_and_listed),
		cmocka_unit_test(files_are_made_by_whom_settings_let_and_tell_their_own),
		cmocka_unit_test(only_its_key_writes_a_file_and_everyone_reads_it),
		cmocka_unit_test(what_is_not_committed_is_not_there),
		cmocka_unit_test(a_torn_commit_leaves_the_old_file_or_the_new),
		cmocka_unit_test(a_torn_standard_file_may_keep_its_beginning),
		cmocka_unit_test(what_is_not_from_the_session_ends_it),
		cmocka_unit_test(a_session_goes_on_under_another_key),
		cmocka_unit_test(long_writes_and_reads_go_in_frames),
		cmocka_unit_test(a_protected_write_goes_in_frames_too),
		cmocka_unit_test(a_telephone_reads_by_iso_commands),
		cmocka_unit_test(what_was_written_outlives_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
