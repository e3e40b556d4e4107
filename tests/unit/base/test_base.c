/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/: bounds of cursors and writers, the growing of an error, the calendar.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/err.h"
#include "base/secret.h"

static void cursor_never_leaves_its_bytes(void **state)
{
	const uint8_t bytes[] = { 1, 2, 3 };
	struct pb_cursor cursor = pb_cursor(PB_VIEW(bytes));
	struct pb_view taken;
	uint64_t value;

	(void)state;
	assert_true(pb_take_be(&cursor, 2, &value));
	assert_int_equal(value, 0x0102);
	assert_false(pb_take(&cursor, 2, &taken));
	assert_int_equal(cursor.left, 1);
	assert_false(pb_take(&cursor, SIZE_MAX, &taken));
	assert_true(pb_take(&cursor, 1, &taken));
	assert_int_equal(taken.p[0], 3);
}

static void writer_drops_whole_what_does_not_fit(void **state)
{
	uint8_t room[4];
	struct pb_writer writer = pb_writer(room, sizeof(room));
	struct pb_view view;

	(void)state;
	pb_put_be(&writer, 0x010203, 3);
	assert_true(pb_writer_view(&writer, &view));
	pb_put_be(&writer, 0, 2);
	pb_put_u8(&writer, 9);
	assert_int_equal(writer.n, 3);
	assert_false(pb_writer_view(&writer, &view));
}

static void hex_refuses_what_is_not_hex(void **state)
{
	uint8_t bytes[2];
	size_t n;

	(void)state;
	assert_true(pb_hex_decode("Ab01", bytes, sizeof(bytes), &n));
	assert_int_equal(bytes[0], 0xAB);
	assert_false(pb_hex_decode("abc", bytes, sizeof(bytes), &n));
	assert_false(pb_hex_decode("zz", bytes, sizeof(bytes), &n));
	assert_false(pb_hex_decode("010203", bytes, sizeof(bytes), &n));
}

static void an_error_grows_leftwards_and_never_overflows(void **state)
{
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(pb_fail_sw(&err, PB_CARD_REFUSED, 0x6A84, "STORE DATA: SW 6A84"), PB_CARD_REFUSED);
	assert_int_equal(pb_wrap(&err, err.status, "card %d", 12), PB_CARD_REFUSED);
	assert_string_equal(err.msg, "card 12: STORE DATA: SW 6A84");
	assert_int_equal(err.sw, 0x6A84);
	for (int i = 0; i < 200; i++)
		(void)pb_wrap(&err, err.status, "a longer and longer story");
	assert_true(strlen(err.msg) < sizeof(err.msg));
	assert_int_equal(pb_fail_errno(&err, PB_LEDGER_IO, ENOSPC, "commit"), PB_DISK_FULL);
	assert_int_equal(pb_fail(NULL, PB_USAGE, "nobody listens"), PB_USAGE);
}

static void every_status_has_its_sentences(void **state)
{
	(void)state;
	for (int s = 0; s < PB_STATUS_COUNT; s++) {
		const struct pb_status_row *row = pb_status_row((enum pb_status)s);

		assert_true(strlen(row->happened) > 4);
		assert_true(s == PB_OK || strlen(row->advice) > 4);
		assert_true(s == PB_OK ? row->exit_code == 0 : row->exit_code > 1);
		for (int t = 0; t < s; t++)
			assert_int_not_equal(pb_status_row((enum pb_status)t)->exit_code, row->exit_code);
	}
}

static void dates_are_real_days(void **state)
{
	struct pb_date date;
	char text[11];

	(void)state;
	assert_true(pb_date_parse("29.02.2024", &date));
	assert_false(pb_date_parse("31.02.1990", &date));
	assert_false(pb_date_parse("1.02.1990", &date));
	assert_true(pb_date_parse("2022-04-17", &date));
	pb_date_format_ru(date, text);
	assert_string_equal(text, "17.04.2022");
	for (int32_t day = -25000; day < 80000; day++)
		assert_int_equal(pb_date_to_days(pb_date_from_days(day)), day);
	/* Chita is nine hours ahead: its 2032 begins on 31 December in Greenwich. */
	assert_true(pb_date_parse("01.01.2032", &date));
	assert_int_equal(pb_date_start(date, 9 * 3600), 1956495600);
	assert_int_equal(pb_date_compare(pb_date_of_instant(1956495600, 9 * 3600), date), 0);
}

static void comparing_in_constant_time_still_compares(void **state)
{
	(void)state;
	assert_true(pb_ct_equal("abcd", "abcd", 4));
	assert_false(pb_ct_equal("abcd", "abce", 4));
	assert_false(pb_ct_equal("bbcd", "abcd", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_never_leaves_its_bytes),
		cmocka_unit_test(writer_drops_whole_what_does_not_fit),
		cmocka_unit_test(hex_refuses_what_is_not_hex),
		cmocka_unit_test(an_error_grows_leftwards_and_never_overflows),
		cmocka_unit_test(every_status_has_its_sentences),
		cmocka_unit_test(dates_are_real_days),
		cmocka_unit_test(comparing_in_constant_time_still_compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
