/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Day counts by the civil-calendar algorithm over 400-year eras.
 */
#include "base/calendar.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_YEAR = 1900, LAST_YEAR = 2199, SECONDS_PER_DAY = 86400 };

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool pb_date_valid(struct pb_date date)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (date.year < FIRST_YEAR || date.year > LAST_YEAR || date.month < 1 || date.month > 12 || date.day < 1)
		return false;
	return date.day <= days[date.month - 1] + (date.month == 2 && leap(date.year));
}

static bool digits(const char **text, int count, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if ((*text)[i] < '0' || (*text)[i] > '9')
			return false;
		value = 10 * value + ((*text)[i] - '0');
	}
	*text += count;
	*ret_value = value;
	return true;
}

static bool separator(const char **text, char c)
{
	return *(*text)++ == c;
}

static bool parse_ru(const char *t, struct pb_date *date)
{
	return digits(&t, 2, &date->day) && separator(&t, '.') && digits(&t, 2, &date->month) &&
	       separator(&t, '.') && digits(&t, 4, &date->year) && *t == '\0';
}

static bool parse_iso(const char *t, struct pb_date *date)
{
	return digits(&t, 4, &date->year) && separator(&t, '-') && digits(&t, 2, &date->month) &&
	       separator(&t, '-') && digits(&t, 2, &date->day) && *t == '\0';
}

bool pb_date_parse(const char *text, struct pb_date *ret_date)
{
	struct pb_date date = { 0 };

	if (strlen(text) != 10 || (!parse_ru(text, &date) && !parse_iso(text, &date)) || !pb_date_valid(date))
		return false;
	*ret_date = date;
	return true;
}

static unsigned limited(int value, unsigned modulus)
{
	return (unsigned)value % modulus;
}

void pb_date_format_ru(struct pb_date date, char ret_text[static 11])
{
	snprintf(ret_text, 11, "%02u.%02u.%04u", limited(date.day, 100), limited(date.month, 100), limited(date.year, 10000));
}

void pb_date_format_iso(struct pb_date date, char ret_text[static 11])
{
	snprintf(ret_text, 11, "%04u-%02u-%02u", limited(date.year, 10000), limited(date.month, 100), limited(date.day, 100));
}

int32_t pb_date_to_days(struct pb_date date)
{
	int year = date.month <= 2 ? date.year - 1 : date.year;
	int era = year / 400, year_of_era = year - era * 400;
	int month_from_march = (date.month + 9) % 12;
	int day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

struct pb_date pb_date_from_days(int32_t days)
{
	int32_t shifted = days + 719468;
	int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int32_t day_of_era = shifted - era * 146097;
	int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int32_t month_from_march = (5 * day_of_year + 2) / 153;
	struct pb_date date = {
		.day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
		.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9,
		.year = year_of_era + era * 400,
	};

	if (date.month <= 2)
		date.year++;
	return date;
}

struct pb_date pb_date_of_instant(int64_t unix_seconds, int32_t zone_seconds_east)
{
	int64_t local = unix_seconds + zone_seconds_east;
	int64_t days = local / SECONDS_PER_DAY - (local % SECONDS_PER_DAY < 0);

	return pb_date_from_days((int32_t)days);
}

int64_t pb_date_start(struct pb_date date, int32_t zone_seconds_east)
{
	return (int64_t)pb_date_to_days(date) * SECONDS_PER_DAY - zone_seconds_east;
}

int pb_date_compare(struct pb_date a, struct pb_date b)
{
	int32_t x = pb_date_to_days(a), y = pb_date_to_days(b);

	return (x > y) - (x < y);
}
