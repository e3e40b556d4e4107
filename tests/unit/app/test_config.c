/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of a configuration that have a form of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "issuer/app/config.h"

/* The status of a file with this line in its section. */
static enum pb_status load(const char *section, const char *line, struct pb_config *ret_config)
{
	char path[] = "/tmp/profbilet-config.XXXXXX";
	struct pb_err err = { 0 };
	enum pb_status s;
	FILE *file;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "[%s]\n%s\n", section, line) > 0);
	assert_int_equal(fclose(file), 0);
	s = pb_config_load(path, ret_config, &err);
	assert_int_equal(unlink(path), 0);
	if (s != PB_OK)
		assert_non_null(strstr(err.msg, "line 2"));
	return s;
}

static void a_zone_is_a_sign_hours_and_minutes(void **state)
{
	static const struct {
		const char *text;
		int32_t seconds;
	} zones[] = {
		{ "+09:00", 9 * 3600 },  { "+00:00", 0 },		      { "-00:00", 0 },
		{ "-03:30", -12600 },	 { "+05:45", 5 * 3600 + 45 * 60 }, { "+14:59", 14 * 3600 + 59 * 60 },
		{ "-12:00", -12 * 3600 },
	};
	struct pb_config config;
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		(void)snprintf(line, sizeof(line), "zone = %s", zones[i].text);
		assert_int_equal(load("office", line, &config), PB_OK);
		assert_int_equal(config.zone, zones[i].seconds);
	}
}

static void what_is_no_zone_is_refused_with_its_line(void **state)
{
	static const char *const wrong[] = { "",	"9",	  "09:00",  "+9:00",  "+09:0",	"+09:000", "+09.00",
					     "+15:00", "+09:60", "*09:00", "+0a:00", "+09:0a", "+-9:00",  "MSK", "+09:00 x" };
	struct pb_config config;
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(line, sizeof(line), "zone = %s", wrong[i]);
		if (load("office", line, &config) != PB_CONFIG_INVALID)
			fail_msg("%s", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_is_a_sign_hours_and_minutes),
		cmocka_unit_test(what_is_no_zone_is_refused_with_its_line),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
