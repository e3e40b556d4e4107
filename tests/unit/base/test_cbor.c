/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/cbor.h: the published examples, every way of not being deterministic, and the writer re-read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cbor.h"

static bool accepts(const char *hex)
{
	uint8_t bytes[256];
	size_t n;
	struct pb_view item;

	assert_true(pb_hex_decode(hex, bytes, sizeof(bytes), &n));
	struct pb_cbor in = pb_cbor(pb_view(bytes, n));

	return pb_cbor_skip(&in, &item) && pb_cbor_end(&in) && item.n == n;
}

static void the_examples_of_rfc_8949_inside_the_subset_and_no_others(void **state)
{
	char path[512], line[512], verdict[32], hex[300];
	int accepted = 0, refused = 0;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/tests/vectors/cbor/rfc8949_appendix_a.txt", getenv("PROFBILET_SOURCE"));
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%31s %299s", verdict, hex), 2);
		bool expected = strcmp(verdict, "accept") == 0;

		if (accepts(hex) != expected)
			fail_msg("%s", line);
		*(expected ? &accepted : &refused) += 1;
	}
	(void)fclose(file);
	assert_int_equal(accepted, 42);
	assert_int_equal(refused, 40);
}

static void what_is_not_deterministic_is_refused(void **state)
{
	static const char *const bad[] = {
		/* longer heads than needed */
		"1800", "1817", "190001", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "580100", "7801ff", "9800",
		"b800", "d81282", "d80601", "b90001", "5900ff",
		/* reserved and indefinite heads, a break alone */
		"1c", "1d", "1e", "1f", "3f", "5f", "7f", "9f", "bf", "df", "ff", "fc", "fd", "fe",
		/* cut short */
		"", "18", "19ff", "1affffff", "1bffffffffffffff", "41", "62ff", "81", "8201", "a1", "a101", "d2", "c0",
		/* counts and lengths that nothing stands behind */
		"9a7fffffff", "9bffffffffffffffff", "ba7fffffff", "bbffffffffffffffff", "5a7fffffff", "5bffffffffffffffff",
		"7bffffffffffffffff",
		/* duplicate keys; keys out of bytewise order */
		"a201000100", "a202000100", "a220000100", "a261610061610000", "a2616100616100", "a26161000100", "a21864000100",
		/* ill-formed UTF-8: lone and missing continuations, overlong, surrogates, above U+10FFFF */
		"6180", "61c3", "62c328", "62c080", "62c1bf", "63e08080", "63eda080", "63edbfbf", "64f0808080", "64f4908080",
		"64f5808080", "63e6b04f", "61ff", "62e6b0",
		/* bytes left over */
		"0000", "8000", "f6f6", "a000",
		/* one beyond the depth */
		"81818181818181818100", "d2d2d2d2d2d2d2d2d200", "a100a100a100a100a100a100a100a100a10000",
		/* integers in disguise */
		"c24101", "c34101", "c24900ffffffffffffffff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (accepts(bad[i]))
			fail_msg("accepted: %s", bad[i]);
}

static void the_edges_of_what_is_allowed_are_accepted(void **state)
{
	static const char *const good[] = {
		"818181818181818100", "d2d2d2d2d2d2d2d200", "a100a100a100a100a100a100a100a10000", "63ed9fbf", "63ee8080",
		"64f48fbfbf", "62c280", "63e0a080", "64f0908080", "1818", "18ff", "190100", "1a00010000", "1b0000000100000000",
		/* bytewise, not length-first: 100 (1864) comes before -1 (20) */
		"a21864002000", "a30100190100002000", "a261610062616100", "a3200021003a0001000000",
	};
	char array[2 * 67 + 1] = "9840", too_many[2 * 68 + 1] = "9841";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!accepts(good[i]))
			fail_msg("refused: %s", good[i]);
	for (int i = 0; i < PB_CBOR_ITEMS; i++) {
		strcat(array, "00");
		strcat(too_many, "00");
	}
	strcat(too_many, "00");
	assert_true(accepts(array));
	assert_false(accepts(too_many));
}

static void what_was_written_reads_back(void **state)
{
	static const int64_t numbers[] = { 0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, INT64_MAX,
					   -1, -24, -25, -256, -257, -65536, -65537, -4294967296, -4294967297, INT64_MIN };
	enum { COUNT = sizeof(numbers) / sizeof(numbers[0]) };
	uint8_t room[512];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_view written, bytes;
	char text[16];
	bool flag = false;
	int64_t value = 0;

	(void)state;
	pb_cbor_put_tag(&out, 18);
	pb_cbor_put_array(&out, COUNT + 3);
	for (size_t i = 0; i < COUNT; i++)
		pb_cbor_put_int(&out, numbers[i]);
	pb_cbor_put_bytes(&out, PB_VIEW("\x01\x02"));
	pb_cbor_put_text(&out, "Чита");
	pb_cbor_put_bool(&out, true);
	assert_true(pb_writer_view(&out, &written));

	struct pb_cbor in = pb_cbor(written);

	assert_true(pb_cbor_tag(&in, 18) && pb_cbor_array_of(&in, COUNT + 3));
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(pb_cbor_int(&in, &value));
		assert_true(value == numbers[i]);
	}
	assert_true(pb_cbor_bytes(&in, 3, 3, &bytes) && pb_cbor_text_copy(&in, 1, text, 9) && pb_cbor_bool(&in, &flag));
	assert_true(pb_cbor_end(&in) && flag);
	assert_string_equal(text, "Чита");

	struct pb_cbor again = pb_cbor(written);

	assert_true(pb_cbor_skip(&again, &bytes) && pb_cbor_end(&again));
}

static void a_short_array_is_never_overrun(void **state)
{
	uint8_t room[40];
	struct pb_view view;

	(void)state;
	for (size_t cap = 0; cap <= 14; cap++) {
		memset(room, 0x55, sizeof(room));
		struct pb_writer out = pb_writer(room, cap);

		pb_cbor_put_map(&out, 1);
		pb_cbor_put_int(&out, -65537);
		pb_cbor_put_text(&out, "abcdef");
		pb_cbor_put_uint(&out, 1);
		assert_int_equal(pb_writer_view(&out, &view), cap >= 14);
		for (size_t i = cap; i < sizeof(room); i++)
			assert_int_equal(room[i], 0x55);
	}
}

static void a_failed_reader_stays_failed(void **state)
{
	const uint8_t bytes[] = { 0x01, 0x02 };
	struct pb_cbor in = pb_cbor(PB_VIEW(bytes));
	struct pb_view view = { NULL, 7 };
	uint64_t value = 99;
	size_t count = 99;

	(void)state;
	assert_false(pb_cbor_bytes(&in, 0, 9, &view));
	assert_false(pb_cbor_uint(&in, 9, &value));
	assert_false(pb_cbor_array(&in, 9, &count));
	assert_false(pb_cbor_skip(&in, &view));
	assert_false(pb_cbor_end(&in));
	assert_true(value == 99 && count == 99 && view.n == 7);
}

static bool reads_text(const char *item, size_t n, size_t cap)
{
	struct pb_cbor in = pb_cbor(pb_view(item, n));
	char text[8];

	return pb_cbor_text_copy(&in, 0, text, cap) && pb_cbor_end(&in);
}

static void bounds_and_types_are_kept(void **state)
{
	struct pb_cbor in;
	uint64_t value;
	int64_t number;
	bool flag;

	(void)state;
	assert_true(reads_text("\x63" "abc", 4, 4));
	assert_false(reads_text("\x63" "abc", 4, 3));
	assert_false(reads_text("\x63" "a\0c", 4, 8));
	assert_false(reads_text("\x43" "abc", 4, 8));
	assert_false(reads_text("\x60", 1, 0));
	in = pb_cbor(PB_VIEW("\x18\x64"));
	assert_false(pb_cbor_uint(&in, 99, &value));
	in = pb_cbor(pb_view("\x1b\x80\0\0\0\0\0\0\0", 9));
	assert_false(pb_cbor_int(&in, &number));
	in = pb_cbor(pb_view("\x3b\x80\0\0\0\0\0\0\0", 9));
	assert_false(pb_cbor_int(&in, &number));
	in = pb_cbor(pb_view("\xf6", 1));
	assert_false(pb_cbor_bool(&in, &flag));
	in = pb_cbor(pb_view("\xd2\x80", 2));
	assert_false(pb_cbor_tag(&in, 61));
	in = pb_cbor(pb_view("\x82\x01\x02", 3));
	assert_false(pb_cbor_array_of(&in, 3));
}

static bool reads_map(const char *item, size_t n, int64_t *sum)
{
	struct pb_cbor in = pb_cbor(pb_view(item, n));
	struct pb_cbor_map map = { 0 };
	uint64_t value;
	int64_t key;

	*sum = 0;
	if (!pb_cbor_map(&in, 4, &map))
		return false;
	while (pb_cbor_next_key(&in, &map, &key))
		if (pb_cbor_uint(&in, 9, &value))
			*sum += key;
	return pb_cbor_end(&in);
}

static void a_map_is_read_in_its_one_order(void **state)
{
	int64_t sum;

	(void)state;
	assert_true(reads_map("\xa3\x01\x00\x18\x64\x00\x20\x00", 8, &sum));
	assert_int_equal(sum, 100);
	assert_true(reads_map("\xa0", 1, &sum));
	assert_false(reads_map("\xa2\x01\x00\x01\x00", 5, &sum));     /* twice the same */
	assert_false(reads_map("\xa2\x20\x00\x18\x64\x00", 6, &sum)); /* length-first order */
	assert_false(reads_map("\xa1\x61\x61\x00", 4, &sum));	      /* a key of text */
	assert_false(reads_map("\xa2\x01\x00", 3, &sum));
	assert_false(reads_map("\xa5\0\0\1\0\2\0\3\0\4\0", 11, &sum));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_rfc_8949_inside_the_subset_and_no_others),
		cmocka_unit_test(what_is_not_deterministic_is_refused),
		cmocka_unit_test(the_edges_of_what_is_allowed_are_accepted),
		cmocka_unit_test(what_was_written_reads_back),
		cmocka_unit_test(a_short_array_is_never_overrun),
		cmocka_unit_test(a_failed_reader_stays_failed),
		cmocka_unit_test(bounds_and_types_are_kept),
		cmocka_unit_test(a_map_is_read_in_its_one_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
