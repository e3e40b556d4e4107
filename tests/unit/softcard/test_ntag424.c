/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip NTAG 424 DNA: the rules of its data sheet, under the host of keys/, which was written from other pages
 * of it.
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
#include "keys/sdm.h"

enum { BYTES = 300 };

static const uint8_t uid[] = { 0x04, 0xDE, 0x5F, 0x1E, 0xAC, 0xC0, 0x40 };

static struct bench open_card(const char *path)
{
	const struct softcard_options options = { .kind = SOFTCARD_NTAG424, .path = path, .uid = PB_VIEW(uid) };

	return bench_open(&options);
}

static void select_application(struct bench *bench)
{
	bench_hex(bench, "00A4040007D276000085010100");
	assert_int_equal(bench->sw, 0x9000);
}

static void open_with(struct bench *bench, uint8_t number, uint8_t fill)
{
	select_application(bench);
	bench_open_session(bench, number, fill);
}

static void write_plain(struct bench *bench, uint8_t file, uint8_t offset, struct pb_view data)
{
	uint8_t field[BYTES];

	bench_file_header(field, file, offset, (uint8_t)data.n);
	memcpy(field + 7, data.p, data.n);
	bench_native(bench, 0x8D, pb_view(field, 7 + data.n));
}

static void a_blank_is_as_the_data_sheet_says(void **state)
{
	struct bench bench = open_card(NULL);

	(void)state;
	bench_hex(&bench, "9060000000");
	assert_int_equal(bench.sw, 0x91AF);
	assert_memory_equal(bench.answer, "\x04\x04\x02\x30\x00\x11\x05", 7);
	bench_hex(&bench, "90AF000000");
	bench_hex(&bench, "90AF000000");
	assert_int_equal(bench.sw, 0x9100);
	assert_memory_equal(bench.answer, uid, sizeof(uid));
	bench_hex(&bench, "90F50000010200"); /* the PICC level has no files, and no keys of the application */
	assert_int_equal(bench.sw, 0x919D);
	bench_hex(&bench, "9071000002000000");
	assert_int_equal(bench.sw, 0x9140);
	select_application(&bench);
	bench_hex(&bench, "90F50000010200");
	assert_int_equal(bench.n, 7);
	assert_memory_equal(bench.answer, "\x00\x00\xE0\xEE\x00\x01\x00", 7);
	bench_hex(&bench, "90F50000010300");
	assert_memory_equal(bench.answer, "\x00\x03\x30\x23\x80\x00\x00", 7);
	bench_hex(&bench, "90640000010400");
	assert_int_equal(bench.sw, 0x9100);
	assert_int_equal(bench.answer[0], 0);
	bench_hex(&bench, "00A4000002E103");
	bench_hex(&bench, "00B000000F");
	assert_int_equal(bench.sw, 0x9000);
	assert_memory_equal(bench.answer, "\x00\x17\x20\x01\x00\x00\xFF\x04\x06\xE1\x04\x01\x00\x00\x00", 15);
	bench_hex(&bench, "90AD0000070300000000000000");
	assert_int_equal(bench.sw, 0x91AE); /* needs key 2 or 3 */
	bench_free(&bench);
}

static void a_session_tells_the_uid_and_goes_on_under_another_key(void **state)
{
	const struct pb_secret zero = bench_key(0);
	struct bench bench = open_card(NULL);

	(void)state;
	bench_hex(&bench, "9051000000");
	assert_int_equal(bench.sw, 0x91AE);
	open_with(&bench, 3, 0);
	bench_secured(&bench, 0x51, PB_EV2_FULL, pb_view(NULL, 0), pb_view(NULL, 0));
	assert_int_equal(bench.n, sizeof(uid));
	assert_memory_equal(bench.answer, uid, sizeof(uid));
	bench_authenticate(&bench, 1, &zero, false);
	assert_int_equal(bench.sw, 0x9100);
	assert_int_equal(bench.session.counter, 1);
	bench_secured(&bench, 0x64, PB_EV2_MAC, pb_view("\4", 1), pb_view(NULL, 0));
	assert_int_equal(bench.sw, 0x9100);
	bench_free(&bench);
}

static void failed_authentications_are_counted_and_forgiven(void **state)
{
	const struct pb_secret zero = bench_key(0), wrong = bench_key(9);
	struct bench bench = open_card(NULL);
	const struct ntag424_key *key = &softcard_ntag424(bench.card)->keys[0];

	(void)state;
	select_application(&bench);
	for (unsigned i = 1; i <= 12; i++) {
		bench_authenticate(&bench, 0, &wrong, true);
		assert_int_equal(bench.sw, 0x91AE);
		assert_int_equal(key->failures, i);
	}
	bench_authenticate(&bench, 0, &zero, true);
	assert_int_equal(key->failures, 2);
	bench_authenticate(&bench, 0, &zero, true);
	assert_int_equal(key->failures, 0);
	for (unsigned i = 0; i < NTAG424_FAILURES_MAX; i++)
		bench_authenticate(&bench, 1, &wrong, true);
	bench_authenticate(&bench, 1, &zero, true);
	assert_int_equal(bench.sw, 0x919D);
	open_with(&bench, 0, 0);
	bench_change_key(&bench, 1, 0, 7, 1); /* the master key makes it useful again */
	assert_int_equal(bench.sw, 0x9100);
	open_with(&bench, 1, 7);
	bench_free(&bench);
}

static void keys_change_and_the_masters_ends_the_session(void **state)
{
	struct bench bench = open_card(NULL);
	const struct ntag424_image *image = softcard_ntag424(bench.card);

	(void)state;
	open_with(&bench, 0, 0);
	for (uint8_t i = 4; i >= 1; i--) {
		bench_change_key(&bench, i, 0, (uint8_t)(0x10 + i), 0x40);
		assert_int_equal(bench.sw, 0x9100);
		assert_int_equal(image->keys[i].version, 0x40);
		assert_int_equal(image->keys[i].bytes[15], 0x10 + i);
	}
	bench_change_key(&bench, 3, 0x77, 0x20, 0x41); /* another old key than the card has */
	assert_int_equal(bench.sw, 0x911E);
	assert_int_equal(image->keys[3].version, 0x40);
	open_with(&bench, 0, 0);
	bench_change_key(&bench, 0, 0, 0x30, 0x40);
	assert_int_equal(bench.sw, 0x9100);
	assert_int_equal(bench.n, 0);
	bench_hex(&bench, "9051000000");
	assert_int_equal(bench.sw, 0x91AE);
	open_with(&bench, 0, 0x30);
	open_with(&bench, 4, 0x14);
	bench_change_key(&bench, 1, 0x11, 0, 0); /* only with the master key */
	assert_int_equal(bench.sw, 0x91AE);
	bench_free(&bench);
}

static void the_proprietary_file_opens_to_its_keys_only(void **state)
{
	uint8_t header[7], credential[64];
	struct bench bench = open_card(NULL);

	(void)state;
	memset(credential, 0xC1, sizeof(credential));
	bench_file_header(header, 3, 64, sizeof(credential));
	open_with(&bench, 0, 0); /* a valid session, and no right */
	write_plain(&bench, 3, 64, PB_VIEW(credential));
	assert_int_equal(bench.sw, 0x91AE);
	open_with(&bench, 3, 0);
	bench_secured(&bench, 0x8D, PB_EV2_FULL, PB_VIEW(header), PB_VIEW(credential));
	assert_int_equal(bench.sw, 0x9100);
	bench_secured(&bench, 0xAD, PB_EV2_FULL, PB_VIEW(header), pb_view(NULL, 0));
	assert_int_equal(bench.n, sizeof(credential));
	assert_memory_equal(bench.answer, credential, sizeof(credential));
	bench_file_header(header, 3, 65, sizeof(credential));
	bench_secured(&bench, 0x8D, PB_EV2_FULL, PB_VIEW(header), PB_VIEW(credential));
	assert_int_equal(bench.sw, 0x91BE);
	bench_free(&bench);
}

/* A plain command in the place of one that needs a MAC, a repeated one, one with a bit changed. */
static void what_is_not_from_the_session_ends_it(void **state)
{
	const struct pb_ev2_command command = { 0x51, pb_view(NULL, 0), pb_view(NULL, 0), PB_EV2_FULL };
	uint8_t field[BYTES];
	struct bench bench = open_card(NULL);

	(void)state;
	for (int what = 0; what < 3; what++) {
		struct pb_writer writer = pb_writer(field, sizeof(field));

		open_with(&bench, 0, 0);
		assert_int_equal(pb_ev2_wrap(&bench.session, &command, &writer, NULL), PB_OK);
		field[0] ^= what == 1;
		if (what == 2)
			bench_native(&bench, 0x51, pb_view(field, writer.n));
		bench_native(&bench, 0x51, pb_view(field, what == 0 ? 0 : writer.n));
		assert_int_equal(bench.sw, 0x911E);
		bench_hex(&bench, "9051000000");
		assert_int_equal(bench.sw, 0x91AE);
	}
	bench_free(&bench);
}

static void a_started_conversation_is_aborted_by_another_command(void **state)
{
	struct bench bench = open_card(NULL);

	(void)state;
	bench_hex(&bench, "9060000000");
	bench_hex(&bench, "90640000010000");
	assert_int_equal(bench.sw, 0x91CA);
	bench_hex(&bench, "90AF000000");
	assert_int_equal(bench.sw, 0x911C);
	bench_free(&bench);
}

/* AN12196 table 18: the very settings of the example */
static void turn_sdm_on(struct bench *bench)
{
	static const uint8_t settings[] = { 0x40, 0x00, 0xE0, 0xC1, 0xF1, 0x21, 0x20, 0, 0, 0x43, 0, 0, 0x43, 0, 0 };

	open_with(bench, 0, 0);
	bench_secured(bench, 0x5F, PB_EV2_FULL, pb_view("\2", 1), PB_VIEW(settings));
	assert_int_equal(bench->sw, 0x9100);
	select_application(bench);
}

static void read_tap(struct bench *bench, struct pb_sdm_tap *ret_tap)
{
	char digits[33] = { 0 };
	size_t n;

	bench_hex(bench, "00A4000002E104");
	bench_hex(bench, "00B0000080");
	assert_int_equal(bench->sw, 0x9000);
	memcpy(digits, bench->answer + 0x20, 32);
	assert_true(pb_hex_decode(digits, ret_tap->picc, 16, &n));
	memset(digits, 0, sizeof(digits));
	memcpy(digits, bench->answer + 0x43, 16);
	assert_true(pb_hex_decode(digits, ret_tap->mac, 8, &n));
}

static void every_tap_is_fresh_to_whoever_has_the_keys(void **state)
{
	const struct pb_secret zero = bench_key(0);
	struct bench bench = open_card(NULL);
	uint32_t last = 0;

	(void)state;
	turn_sdm_on(&bench);
	for (uint32_t i = 1; i <= 3; i++) {
		struct pb_sdm_tap tap;
		struct pb_sdm_chip chip;

		read_tap(&bench, &tap);
		assert_true(pb_sdm_open(&zero, &tap, &chip));
		assert_memory_equal(chip.uid, uid, sizeof(uid));
		assert_int_equal(chip.counter, i);
		assert_int_equal(pb_sdm_check(&zero, &tap, &chip, &last), PB_SDM_FRESH);
		last = chip.counter;
		assert_int_equal(pb_sdm_check(&zero, &tap, &chip, &last), PB_SDM_REPLAYED);
		bench_hex(&bench, "00B0002020"); /* of the same row of reads: the same tap */
		assert_int_equal(softcard_ntag424(bench.card)->read_counter, i);
	}
	open_with(&bench, 0, 0); /* in a session nothing is counted and nothing mirrored */
	bench_hex(&bench, "90AD0000070200000080000000");
	assert_int_equal(bench.sw, 0x9100);
	assert_int_equal(bench.answer[0x20], 0);
	assert_int_equal(softcard_ntag424(bench.card)->read_counter, 3);
	bench_free(&bench);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	static const char *const wrong[] = {
		"4000E0C1F12120000043000043",	    /* short */
		"4000E0C1F12120000043000043000000", /* long */
		"4000E0C1F121F10000430000430000",   /* the UID would stand behind the end of the file */
		"4000E0C1F121200000430000300000",   /* input behind the MAC, and both over the UID */
		"4000E001F121200000430000430000",   /* shows nothing */
		"4000E0C0F121200000430000430000",   /* not ASCII */
		"4000E0C1F127200000430000430000",   /* no such key */
		"0400E0",
		"0005E0",
	};
	struct bench bench = open_card(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t bytes[32];
		size_t n;

		assert_true(pb_hex_decode(wrong[i], bytes, sizeof(bytes), &n));
		open_with(&bench, 0, 0);
		bench_secured(&bench, 0x5F, PB_EV2_FULL, pb_view("\2", 1), pb_view(bytes, n));
		assert_int_equal(bench.sw, 0x919E);
		assert_int_equal(softcard_ntag424(bench.card)->settings[1].n, 3);
	}
	bench_free(&bench);
}

static void a_frame_is_written_whole_or_not(void **state)
{
	static const char *const faults[] = { "vanish-before@1", "torn-old@1", "torn-new@1", "vanish-after@1" };
	uint8_t data[96];

	(void)state;
	memset(data, 0x5A, sizeof(data));
	for (size_t i = 0; i < 4; i++) {
		struct bench bench = open_card(NULL);
		const struct ntag424_image *image = softcard_ntag424(bench.card);

		select_application(&bench);
		bench_tear(&bench, faults[i]);
		write_plain(&bench, 2, 0, PB_VIEW(data));
		assert_int_equal(bench.outcome, SOFTCARD_GONE);
		bench_power(&bench);
		assert_int_equal(image->ndef[0], i < 2 ? 0 : 0x5A);
		assert_int_equal(image->ndef[95], i < 2 ? 0 : 0x5A);
		bench_free(&bench);
	}
}

/* 10.8.2: the warning of the data sheet, which a host has to heed */
static void a_chain_of_frames_may_be_left_in_the_middle(void **state)
{
	uint8_t data[200];
	struct bench bench = open_card(NULL);
	const struct ntag424_image *image = softcard_ntag424(bench.card);

	(void)state;
	memset(data, 0x5A, sizeof(data));
	select_application(&bench);
	bench_tear(&bench, "torn-new@1");
	write_plain(&bench, 2, 0, PB_VIEW(data));
	bench_power(&bench);
	assert_int_equal(image->ndef[112], 0x5A);
	assert_int_equal(image->ndef[113], 0);
	bench_free(&bench);
}

static void a_torn_key_change_shows_in_the_version(void **state)
{
	static const char *const faults[] = { "torn-old@1", "torn-new@1" };

	(void)state;
	for (uint8_t i = 0; i < 2; i++) {
		struct bench bench = open_card(NULL);

		open_with(&bench, 0, 0);
		bench_tear(&bench, faults[i]);
		bench_change_key(&bench, 0, 0, 0x30, 0x40);
		bench_power(&bench);
		select_application(&bench);
		bench_hex(&bench, "90640000010000");
		assert_int_equal(bench.answer[0], i ? 0x40 : 0);
		open_with(&bench, 0, i ? 0x30 : 0);
		bench_free(&bench);
	}
}

static void what_was_written_outlives_the_process(void **state)
{
	char path[] = "/tmp/ntag424-XXXXXX";
	struct bench bench;
	struct pb_sdm_tap tap;
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	bench = open_card(path);
	turn_sdm_on(&bench);
	read_tap(&bench, &tap);
	open_with(&bench, 0, 0);
	bench_change_key(&bench, 0, 0, 0x30, 0x40);
	bench_free(&bench);
	bench = open_card(path);
	assert_int_equal(softcard_ntag424(bench.card)->read_counter, 1);
	open_with(&bench, 0, 0x30);
	bench_hex(&bench, "00A4040007D276000085010100");
	bench_hex(&bench, "90F50000010200");
	assert_int_equal(bench.n, 19);
	assert_memory_equal(bench.answer, "\x00\x40\x00\xE0\x00\x01\x00\xC1\xF1\x21\x20\x00\x00\x43\x00\x00\x43\x00\x00", 19);
	bench_free(&bench);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_is_as_the_data_sheet_says),
		cmocka_unit_test(a_session_tells_the_uid_and_goes_on_under_another_key),
		cmocka_unit_test(failed_authentications_are_counted_and_forgiven),
		cmocka_unit_test(keys_change_and_the_masters_ends_the_session),
		cmocka_unit_test(the_proprietary_file_opens_to_its_keys_only),
		cmocka_unit_test(what_is_not_from_the_session_ends_it),
		cmocka_unit_test(a_started_conversation_is_aborted_by_another_command),
		cmocka_unit_test(every_tap_is_fresh_to_whoever_has_the_keys),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test(a_frame_is_written_whole_or_not),
		cmocka_unit_test(a_chain_of_frames_may_be_left_in_the_middle),
		cmocka_unit_test(a_torn_key_change_shows_in_the_version),
		cmocka_unit_test(what_was_written_outlives_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
