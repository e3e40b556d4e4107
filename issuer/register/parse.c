/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dates, phones, addresses and names as lists write them: accepted in every form that can be meant in one
 * way only.
 */
#include <string.h>

#include "base/text.h"
#include "issuer/register/import_internal.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 1 to `most` digits. */
static size_t take_number(const char **text, size_t most, int *ret_value)
{
	size_t n = 0;
	int value = 0;

	while (n < most && is_digit(**text)) {
		value = 10 * value + *(*text)++ - '0';
		n++;
	}
	*ret_value = value;
	return n;
}

/* What may follow a date: the year's «г.» and the midnight that spreadsheets add. */
static bool is_tail(const char *text)
{
	static const char *const tails[] = { "", "г", "г.", " г", " г.", " 0:00", " 0:00:00", " 00:00", " 00:00:00", "T00:00:00" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (strcmp(tails[i], text) == 0)
			return true;
	return false;
}

/* ISO: year first.  Otherwise day first, with a year of four digits: two could be either century. */
bool parse_list_date(const char *text, struct pb_date *ret_date)
{
	int part[3];
	size_t n[3];
	char separator;
	struct pb_date date;

	n[0] = take_number(&text, 4, &part[0]);
	separator = *text;
	if (strchr("./-", separator) == NULL || *text++ == '\0')
		return false;
	n[1] = take_number(&text, 2, &part[1]);
	if (n[1] == 0 || *text++ != separator)
		return false;
	n[2] = take_number(&text, 4, &part[2]);
	if (n[0] == 4 && separator == '-' && n[2] == 2)
		date = (struct pb_date){ part[0], part[1], part[2] };
	else if (n[2] == 4 && (n[0] == 1 || n[0] == 2))
		date = (struct pb_date){ part[2], part[1], part[0] };
	else
		return false;
	if (!is_tail(text) || !pb_date_valid(date))
		return false;
	*ret_date = date;
	return true;
}

bool parse_sex(const char *text, enum pb_sex *ret_sex)
{
	static const struct {
		const char *word;
		enum pb_sex sex;
	} words[] = {
		{ "м", PB_SEX_MALE },	    { "муж", PB_SEX_MALE },	{ "муж.", PB_SEX_MALE },
		{ "мужской", PB_SEX_MALE }, { "m", PB_SEX_MALE },	{ "male", PB_SEX_MALE },
		{ "ж", PB_SEX_FEMALE },	    { "жен", PB_SEX_FEMALE },	{ "жен.", PB_SEX_FEMALE },
		{ "женский", PB_SEX_FEMALE }, { "f", PB_SEX_FEMALE },	{ "female", PB_SEX_FEMALE },
	};
	char folded[PB_EXCERPT_CAP];

	if (!pb_text_fold(text, folded, sizeof(folded)))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, folded) == 0) {
			*ret_sex = words[i].sex;
			return true;
		}
	}
	return false;
}

/* The digits alone; false on a character that no phone number holds, or too many digits. */
static bool phone_digits(const char *text, char ret_digits[static PB_PHONE_CAP])
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (strchr(" -().", *text))
			continue;
		if (!is_digit(*text) || n == 15)
			return false;
		ret_digits[n++] = *text;
	}
	ret_digits[n] = '\0';
	return true;
}

bool parse_phone(const char *text, char ret_phone[static PB_PHONE_CAP], bool *ret_repaired)
{
	char digits[PB_PHONE_CAP];
	bool plus = *text == '+';
	size_t n;

	if (!phone_digits(text + plus, digits))
		return false;
	n = strlen(digits);
	if (plus && (n < 8 || digits[0] == '0' || digits[0] == '8' || (digits[0] == '7' && n != 11)))
		return false;
	if (!plus && !(n == 11 && (digits[0] == '7' || digits[0] == '8')) &&
	    !(n == 10 && strchr("3489", digits[0])))
		return false;
	/* Within Russia: 8 in place of +7, or only the ten digits. */
	ret_phone[0] = '+';
	if (plus) {
		memcpy(ret_phone + 1, digits, n + 1);
	} else {
		ret_phone[1] = '7';
		memcpy(ret_phone + 2, digits + n - 10, 11);
	}
	*ret_repaired = !plus;
	return true;
}

static bool is_label(const char *text, size_t n)
{
	if (n == 0 || n > 63 || text[0] == '-' || text[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= 'A' && text[i] <= 'Z') &&
		    text[i] != '-')
			return false;
	return true;
}

static bool is_domain(const char *text)
{
	size_t labels = 0;

	for (const char *dot;; text = dot + 1) {
		dot = strchr(text, '.');
		if (!is_label(text, dot ? (size_t)(dot - text) : strlen(text)))
			return false;
		labels++;
		if (!dot)
			return labels >= 2;
	}
}

/* The dot-atom form of RFC 5322, which is what mail services give out. */
bool valid_email(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";
	const char *at = strchr(text, '@');
	size_t local = strspn(text, allowed);

	if (!at || local == 0 || local > 64 || text + local != at || strlen(text) >= PB_EMAIL_CAP)
		return false;
	if (text[0] == '.' || at[-1] == '.' || memmem(text, local, "..", 2))
		return false;
	return is_domain(at + 1);
}

bool valid_name(const char *text)
{
	size_t letters = 0;
	uint32_t c;

	while ((c = pb_text_next(&text)) != 0) {
		if ((c < 0x80 && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) || (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7))
			letters++;
		else if (c >= 0x80 ? c != 0x2019 && c != 0x2010 : strchr(" -'.()", (int)c) == NULL)
			return false;
	}
	return letters > 0;
}

bool valid_photo_name(const char *text)
{
	return text[0] != '\0' && text[0] != '.' && strlen(text) < 256 && strpbrk(text, "/\\:") == NULL &&
	       strstr(text, "..") == NULL;
}
