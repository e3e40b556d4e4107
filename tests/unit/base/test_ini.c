/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/ini: what is read, and that every mistake is refused with its line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/ini.h"

static void entries_come_with_section_and_line(void **state)
{
	struct pb_ini ini = pb_ini(pb_view_text("\xEF\xBB\xBF# comment\nfree = 1\r\n\n[office]\n; more\n"
						"\tname =  Профком № 1  \nempty=\na.b-c_d = x = y # z"));
	struct pb_ini_entry entry;
	bool more;

	(void)state;
	assert_int_equal(pb_ini_next(&ini, &entry, &more, NULL), PB_OK);
	assert_true(more);
	assert_string_equal(entry.section, "");
	assert_string_equal(entry.key, "free");
	assert_string_equal(entry.value, "1");
	assert_int_equal(entry.line, 2);
	assert_int_equal(pb_ini_next(&ini, &entry, &more, NULL), PB_OK);
	assert_string_equal(entry.section, "office");
	assert_string_equal(entry.value, "Профком № 1");
	assert_int_equal(entry.line, 6);
	assert_int_equal(pb_ini_next(&ini, &entry, &more, NULL), PB_OK);
	assert_string_equal(entry.value, "");
	assert_int_equal(pb_ini_next(&ini, &entry, &more, NULL), PB_OK);
	assert_string_equal(entry.key, "a.b-c_d");
	assert_string_equal(entry.value, "x = y # z");
	assert_int_equal(pb_ini_next(&ini, &entry, &more, NULL), PB_OK);
	assert_false(more);
}

static void an_empty_file_has_no_entries(void **state)
{
	struct pb_ini ini = pb_ini(pb_view(NULL, 0));
	struct pb_ini_entry entry;
	bool more = true;

	(void)state;
	assert_int_equal(pb_ini_next(&ini, &entry, &more, NULL), PB_OK);
	assert_false(more);
}

/* Reads to the end or the first refusal. */
static enum pb_status outcome(struct pb_view text, struct pb_err *err)
{
	struct pb_ini ini = pb_ini(text);
	struct pb_ini_entry entry;
	enum pb_status s;
	bool more = true;

	do
		s = pb_ini_next(&ini, &entry, &more, err);
	while (s == PB_OK && more);
	return s;
}

static void every_mistake_is_refused_with_its_line(void **state)
{
	static const char *const mistakes[] = {
		"\nwords",	  "\n= value",	      "\nk\xC3\xA9y = 1",     "\n[office",
		"\n[]",		  "\n[of fice]",      "\n[",		      "\nkey = \xFF",
		"\nkey = \x1B[0m", "\nkey = a\rb",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct pb_err err = { 0 };

		assert_int_equal(outcome(pb_view_text(mistakes[i]), &err), PB_CONFIG_INVALID);
		assert_memory_equal(err.msg, "line 2: ", 8);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	char text[600];
	char *file = calloc(1, 70000);

	(void)state;
	assert_non_null(file);
	memset(text, 'a', sizeof(text));
	memcpy(text, "k=", 2);
	assert_int_equal(outcome(pb_view(text, 600), NULL), PB_CONFIG_INVALID);
	assert_int_equal(outcome(pb_view(text, 2 + 384), NULL), PB_CONFIG_INVALID);
	assert_int_equal(outcome(pb_view(text, 2 + 383), NULL), PB_OK);
	memset(text, 'k', 64);
	memcpy(text + 64, "=1", 2);
	assert_int_equal(outcome(pb_view(text, 66), NULL), PB_CONFIG_INVALID);
	assert_int_equal(outcome(pb_view(text + 1, 65), NULL), PB_OK);
	memset(file, '\n', 70000);
	assert_int_equal(outcome(pb_view(file, 70000), NULL), PB_CONFIG_INVALID);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_with_section_and_line),
		cmocka_unit_test(an_empty_file_has_no_entries),
		cmocka_unit_test(every_mistake_is_refused_with_its_line),
		cmocka_unit_test(what_is_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
