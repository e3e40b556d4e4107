/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/member_number: Luhn against published numbers, every single-digit mistake, and the forms
 * that people type.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/register/member_number.h"

static const struct pb_number_rule rule = { .prefix = "96439075" };

static void luhn_agrees_with_published_numbers(void **state)
{
	/* ISO/IEC 7812-1 annex B's example, and the test numbers that card networks publish. */
	static const char *const numbers[] = { "79927398713", "4111111111111111", "5555555555554444", "378282246310005",
					       "6011111111111117" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char digits[20];
		size_t n = strlen(numbers[i]) - 1;

		memcpy(digits, numbers[i], n);
		digits[n] = '\0';
		assert_int_equal(pb_luhn_digit(digits), numbers[i][n]);
	}
}

static void every_single_wrong_digit_is_noticed(void **state)
{
	char number[PB_MEMBER_NUMBER_CAP], again[PB_MEMBER_NUMBER_CAP];

	(void)state;
	assert_int_equal(pb_member_number_make(&rule, 1234567, number, NULL), PB_OK);
	assert_int_equal(pb_member_number_parse(number, &rule, again, NULL), PB_OK);
	assert_string_equal(again, number);
	for (int at = 0; at < 16; at++) {
		char right = number[at];

		for (char wrong = '0'; wrong <= '9'; wrong++) {
			number[at] = wrong;
			assert_int_equal(pb_member_number_parse(number, &rule, again, NULL),
					 wrong == right ? PB_OK : PB_CHECK_DIGIT);
		}
		number[at] = right;
	}
}

static void numbers_are_typed_with_spaces_and_hyphens(void **state)
{
	static const char *const forms[] = { "9643907500000013", "9643 9075 0000 0013", "9643-9075-0000-0013",
					     "9643\u00A09075\u00A00000\u00A00013", "9643 9075 0000 0013 " };
	static const char *const refused[] = { "",	 "964390750000001", "96439075000000130", "964390750000O013",
					       " 9643 9075 0000 0013", "+643907500000013", "٩643907500000013" };
	char number[PB_MEMBER_NUMBER_CAP] = "kept";

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(pb_member_number_parse(refused[i], &rule, number, NULL), PB_INPUT_INVALID);
	assert_string_equal(number, "kept");
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(pb_member_number_parse(forms[i], &rule, number, NULL), PB_OK);
		assert_string_equal(number, "9643907500000013");
	}
}

static void a_range_ends_where_its_digits_end(void **state)
{
	const struct pb_number_rule small = { .prefix = "123", .digits = 8 };
	char number[PB_MEMBER_NUMBER_CAP];

	(void)state;
	assert_int_equal(pb_member_number_make(&small, 9999, number, NULL), PB_OK);
	assert_int_equal(strlen(number), 8);
	assert_int_equal(pb_member_number_sequence(number, &small), 9999);
	assert_int_equal(pb_member_number_sequence(number, &rule), -1);
	assert_int_equal(pb_member_number_make(&small, 10000, number, NULL), PB_NOT_ALLOWED);
	assert_int_equal(pb_member_number_make(&small, -1, number, NULL), PB_NOT_ALLOWED);
}

static void a_rule_must_leave_room(void **state)
{
	const struct pb_number_rule rules[] = {
		{ .prefix = "123456789012" }, { .prefix = "12a" }, { .digits = 7 }, { .digits = 19 }, { .prefix = "12345", .digits = 8 },
	};
	const struct pb_number_rule good[] = { { .prefix = "" }, { .prefix = "12345678901", .digits = 16 } };

	(void)state;
	assert_int_equal(pb_number_rule_check(&good[0], NULL), PB_OK);
	assert_int_equal(pb_number_rule_check(&good[1], NULL), PB_OK);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		assert_int_equal(pb_number_rule_check(&rules[i], NULL), PB_CONFIG_INVALID);
}

static void numbers_are_shown_in_groups_of_four(void **state)
{
	char text[PB_MEMBER_NUMBER_SHOWN_CAP];

	(void)state;
	pb_member_number_show("9643907500000013", text);
	assert_string_equal(text, "9643\u00A09075\u00A00000\u00A00013");
	pb_member_number_show("123456789012345678", text);
	assert_string_equal(text, "1234\u00A05678\u00A09012\u00A03456\u00A078");
	pb_member_number_show("", text);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(luhn_agrees_with_published_numbers),
		cmocka_unit_test(every_single_wrong_digit_is_noticed),
		cmocka_unit_test(numbers_are_typed_with_spaces_and_hyphens),
		cmocka_unit_test(a_range_ends_where_its_digits_end),
		cmocka_unit_test(a_rule_must_leave_room),
		cmocka_unit_test(numbers_are_shown_in_groups_of_four),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
