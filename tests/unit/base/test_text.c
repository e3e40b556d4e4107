/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/text: what is text, and the four ways it is rewritten.  The byte sequences that are not UTF-8
 * follow Unicode 15, table 3-7 and the examples of section 3.9.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static bool valid(const char *bytes, size_t n)
{
	return pb_text_valid(pb_view(bytes, n));
}

static void only_strict_utf8_is_text(void **state)
{
	static const char *const not_utf8[] = {
		"\xC0\xAF", "\xE0\x9F\x80", "\xF0\x8F\xBF\xBF", /* overlong */
		"\xED\xA0\x80", "\xED\xBF\xBF",			/* surrogates */
		"\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",	/* past U+10FFFF */
		"\x80", "\xC2", "\xE1\x80", "\xF1\x80\x80",	/* stray and cut */
		"\xC2\x41", "\xFF\xFE",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(not_utf8) / sizeof(not_utf8[0]); i++)
		assert_false(valid(not_utf8[i], strlen(not_utf8[i])));
	assert_true(valid("Ёж № 57 «ок»\t\n", strlen("Ёж № 57 «ок»\t\n")));
	assert_true(valid("\xF4\x8F\xBF\xBF", 4));
	assert_true(valid("", 0));
}

static void control_characters_are_not_text(void **state)
{
	(void)state;
	assert_false(valid("a\0b", 3));
	assert_false(valid("a\x1B[31m", 6));
	assert_false(valid("a\r", 2));
	assert_false(valid("\x7F", 1));
	assert_false(valid("\xC2\x85", 2));
}

static void code_points_are_counted_not_bytes(void **state)
{
	const char *text = "Ёж";

	(void)state;
	assert_int_equal(pb_text_length(text), 2);
	assert_int_equal(pb_text_next(&text), 0x401);
	assert_int_equal(pb_text_next(&text), 0x436);
	assert_int_equal(pb_text_next(&text), 0);
	assert_int_equal(pb_text_next(&text), 0);
}

static void each_conversion_gives_what_it_says(void **state)
{
	char text[128];

	(void)state;
	assert_true(pb_text_nfc("и\xCC\x86од", text, sizeof(text)));
	assert_string_equal(text, "йод");
	assert_true(pb_text_upper("Семёнов straße", text, sizeof(text)));
	assert_string_equal(text, "СЕМЁНОВ STRASSE");
	assert_true(pb_text_title("сЕМЁНОВА-ДОРЖИЕВА", text, sizeof(text)));
	assert_string_equal(text, "Семёнова-Доржиева");
	assert_true(pb_text_title("д’АРТАНЬЯН де ла ФЕР", text, sizeof(text)));
	assert_string_equal(text, "Д’Артаньян Де Ла Фер");
	assert_true(pb_text_fold(" СЕМЁНОВ\xC2\xA0  Пётр\t", text, sizeof(text)));
	assert_string_equal(text, "семенов петр");
	/* е and a combining diaeresis are ё as well */
	assert_true(pb_text_fold("е\xCC\x88лка", text, sizeof(text)));
	assert_string_equal(text, "елка");
}

/* Plain Russian text is folded without the library.  A letter that the library must see, put beside each
 * character, shows what it would have said. */
static void the_short_way_of_folding_says_what_the_long_one_says(void **state)
{
	(void)state;
	for (uint32_t c = 0x21; c < 0x2120; c++) {
		char alone[16] = "x", beside[16], folded[16], expected[16];
		size_t n = 1;

		if (c >= 0x7F && c < 0xA1)
			continue;
		if (c < 0x80) {
			alone[n++] = (char)c;
		} else if (c < 0x800) {
			alone[n++] = (char)(0xC0 | c >> 6);
			alone[n++] = (char)(0x80 | (c & 0x3F));
		} else {
			alone[n++] = (char)(0xE0 | c >> 12);
			alone[n++] = (char)(0x80 | (c >> 6 & 0x3F));
			alone[n++] = (char)(0x80 | (c & 0x3F));
		}
		memcpy(beside, alone, n);
		memcpy(beside + n, " \xE2\x82\xAC", 5);
		assert_true(pb_text_fold(alone, folded, sizeof(folded)));
		assert_true(pb_text_fold(beside, expected, sizeof(expected)));
		expected[strlen(expected) - 3] = '\0';
		if (expected[strlen(expected) - 1] == ' ')
			expected[strlen(expected) - 1] = '\0';
		assert_string_equal(folded, expected);
	}
}

static void an_empty_text_stays_empty(void **state)
{
	char text[1] = "x";

	(void)state;
	assert_true(pb_text_nfc("", text, sizeof(text)));
	assert_true(pb_text_upper("", text, sizeof(text)));
	assert_true(pb_text_title("", text, sizeof(text)));
	assert_true(pb_text_fold("", text, sizeof(text)));
	assert_string_equal(text, "");
	assert_false(pb_text_fold("", text, 0));
	assert_true(pb_text_fold("   ", text, sizeof(text)));
	assert_string_equal(text, "");
}

static void what_does_not_fit_is_refused_whole(void **state)
{
	char text[8] = "kept";

	(void)state;
	assert_false(pb_text_nfc("четыре", text, sizeof(text)));
	assert_false(pb_text_upper("четы", text, sizeof(text)));
	assert_false(pb_text_title("четы", text, sizeof(text)));
	assert_false(pb_text_fold("четы", text, sizeof(text)));
	assert_string_equal(text, "kept");
	assert_true(pb_text_upper("три", text, sizeof(text)));
	assert_string_equal(text, "ТРИ");
}

static void invalid_text_is_refused_not_guessed(void **state)
{
	char text[8] = "kept";

	(void)state;
	assert_false(pb_text_nfc("\xED\xA0\x80", text, sizeof(text)));
	assert_false(pb_text_upper("\xC0\xAF", text, sizeof(text)));
	assert_false(pb_text_title("\xC2", text, sizeof(text)));
	assert_false(pb_text_fold("\xFF", text, sizeof(text)));
	assert_string_equal(text, "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_strict_utf8_is_text),
		cmocka_unit_test(control_characters_are_not_text),
		cmocka_unit_test(code_points_are_counted_not_bytes),
		cmocka_unit_test(each_conversion_gives_what_it_says),
		cmocka_unit_test(the_short_way_of_folding_says_what_the_long_one_says),
		cmocka_unit_test(an_empty_text_stays_empty),
		cmocka_unit_test(what_does_not_fit_is_refused_whole),
		cmocka_unit_test(invalid_text_is_refused_not_guessed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
