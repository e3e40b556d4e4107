/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calendar dates as offices write them, and their place on the UTC time line.  A date has no zone; a
 * zone is given as seconds east of UTC when a date becomes an instant (a card "valid to 31.12.2031"
 * ends at midnight of the office, not of Greenwich).
 */
#ifndef PROFBILET_BASE_CALENDAR_H
#define PROFBILET_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* Proleptic Gregorian, 1 January 1900 to 31 December 2199.  year == 0 means "no date". */
struct pb_date {
	int year, month, day;
};

bool pb_date_valid(struct pb_date date);
/* "21.09.1956" or "1956-09-21", the whole text; false for anything else. */
bool pb_date_parse(const char *text, struct pb_date *ret_date);
/* "21.09.1956" */
void pb_date_format_ru(struct pb_date date, char ret_text[static 11]);
/* "1956-09-21" */
void pb_date_format_iso(struct pb_date date, char ret_text[static 11]);
/* Days from 1970-01-01, negative before. */
int32_t pb_date_to_days(struct pb_date date);
struct pb_date pb_date_from_days(int32_t days);
struct pb_date pb_date_of_instant(int64_t unix_seconds, int32_t zone_seconds_east);
/* The first instant of the day in that zone, UTC seconds. */
int64_t pb_date_start(struct pb_date date, int32_t zone_seconds_east);
int pb_date_compare(struct pb_date a, struct pb_date b);

#endif
