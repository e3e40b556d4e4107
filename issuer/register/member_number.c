/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making, reading and showing member numbers.  A number is kept as its digits, never as an integer, so that
 * zeros at its beginning stay.
 */
#include "issuer/register/member_number.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { SEQUENCE_MIN = 4 };

static int digits_of(const struct pb_number_rule *rule)
{
	return rule->digits > 0 ? rule->digits : PB_MEMBER_NUMBER_DIGITS;
}

/* Digits between the prefix and the check digit. */
static int sequence_digits(const struct pb_number_rule *rule)
{
	return digits_of(rule) - (int)strlen(rule->prefix) - 1;
}

enum pb_status pb_number_rule_check(const struct pb_number_rule *rule, struct pb_err *err)
{
	int digits = digits_of(rule);

	if (digits < PB_MEMBER_NUMBER_MIN || digits > PB_MEMBER_NUMBER_MAX)
		return pb_fail(err, PB_CONFIG_INVALID, "a member number has %d to %d digits, not %d", PB_MEMBER_NUMBER_MIN,
			       PB_MEMBER_NUMBER_MAX, digits);
	if (rule->prefix[strspn(rule->prefix, "0123456789")] != '\0')
		return pb_fail(err, PB_CONFIG_INVALID, "the prefix of member numbers is not digits only");
	if (sequence_digits(rule) < SEQUENCE_MIN)
		return pb_fail(err, PB_CONFIG_INVALID, "the prefix of member numbers leaves fewer than %d digits",
			       SEQUENCE_MIN);
	return PB_OK;
}

char pb_luhn_digit(const char *digits)
{
	size_t n = strlen(digits);
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int value = digits[n - 1 - i] - '0';

		/* Counted from the right, where the check digit will stand, every second digit is doubled. */
		if (i % 2 == 0)
			value = 2 * value > 9 ? 2 * value - 9 : 2 * value;
		sum += value;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

static bool separator(uint32_t c)
{
	return c == ' ' || c == '-' || c == 0xA0 || c == 0x202F || c == 0x2010 || c == 0x2011;
}

/* The digits alone; false on anything else and when there are more than cap - 1. */
static bool gather_digits(const char *text, char *ret_digits, size_t cap)
{
	size_t n = 0;
	uint32_t c;

	while ((c = pb_text_next(&text)) != 0) {
		if (separator(c) && n > 0)
			continue;
		if (c < '0' || c > '9' || n + 1 >= cap)
			return false;
		ret_digits[n++] = (char)c;
	}
	ret_digits[n] = '\0';
	return true;
}

enum pb_status pb_member_number_parse(const char *text, const struct pb_number_rule *rule,
				      char ret_number[static PB_MEMBER_NUMBER_CAP], struct pb_err *err)
{
	char number[PB_MEMBER_NUMBER_CAP], check;
	size_t n = (size_t)digits_of(rule);

	if (!gather_digits(text, number, sizeof(number)) || strlen(number) != n)
		return pb_fail(err, PB_INPUT_INVALID, "a member number has %zu digits", n);
	check = number[n - 1];
	number[n - 1] = '\0';
	if (check != pb_luhn_digit(number))
		return pb_fail(err, PB_CHECK_DIGIT, "%s%c", number, check);
	number[n - 1] = check;
	memcpy(ret_number, number, n + 1);
	return PB_OK;
}

enum pb_status pb_member_number_make(const struct pb_number_rule *rule, int64_t sequence,
				     char ret_number[static PB_MEMBER_NUMBER_CAP], struct pb_err *err)
{
	char number[2 * PB_MEMBER_NUMBER_CAP];
	int width = sequence_digits(rule);
	int n = snprintf(number, sizeof(number), "%s%0*lld", rule->prefix, width, (long long)sequence);

	if (sequence < 0 || n != digits_of(rule) - 1)
		return pb_fail(err, PB_NOT_ALLOWED, "the office's range of member numbers is used up");
	number[n] = pb_luhn_digit(number);
	number[n + 1] = '\0';
	memcpy(ret_number, number, (size_t)n + 2);
	return PB_OK;
}

int64_t pb_member_number_sequence(const char *number, const struct pb_number_rule *rule)
{
	size_t prefix = strlen(rule->prefix);
	int64_t sequence = 0;

	if (strlen(number) != (size_t)digits_of(rule) || strncmp(number, rule->prefix, prefix) != 0)
		return -1;
	for (size_t i = prefix; i + 1 < (size_t)digits_of(rule); i++)
		sequence = 10 * sequence + (number[i] - '0');
	return sequence;
}

void pb_member_number_show(const char *number, char ret_text[static PB_MEMBER_NUMBER_SHOWN_CAP])
{
	struct pb_writer out = pb_writer(ret_text, PB_MEMBER_NUMBER_SHOWN_CAP);
	size_t n = strnlen(number, PB_MEMBER_NUMBER_MAX);

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && i % 4 == 0)
			pb_put(&out, "\u00A0", 2);
		pb_put_u8(&out, (uint8_t)number[i]);
	}
	pb_put_u8(&out, '\0');
}
