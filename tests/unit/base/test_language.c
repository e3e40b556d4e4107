/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The operator's sentences in Russian, from the catalogue of this build, in the one locale that every
 * Debian has.
 */
#include "base/err.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int speak_russian(void **state)
{
	char folder[PATH_MAX];

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s/po", getenv("PROFBILET_BUILD"));
	return setenv("LANGUAGE", "ru", 1) != 0 || !setlocale(LC_ALL, "C.UTF-8") || !bindtextdomain("profbilet", folder) ||
	       !textdomain("profbilet");
}

static void a_sentence_is_russian_in_c_utf_8(void **state)
{
	const char *sentence = gettext(pb_status_row(PB_CARD_REMOVED)->happened);

	(void)state;
	assert_string_equal(sentence, "Карту убрали слишком рано.");
}

static void every_status_has_a_russian_sentence(void **state)
{
	(void)state;
	for (int status = 0; status < PB_STATUS_COUNT; status++) {
		const struct pb_status_row *row = pb_status_row((enum pb_status)status);

		/* gettext gives the msgid itself back when there is no translation */
		if (gettext(row->happened) == row->happened)
			fail_msg("%s: \"%s\"", row->name, row->happened);
		if (row->advice[0] && gettext(row->advice) == row->advice)
			fail_msg("%s: \"%s\"", row->name, row->advice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_is_russian_in_c_utf_8),
		cmocka_unit_test(every_status_has_a_russian_sentence),
	};

	return cmocka_run_group_tests_name("language", tests, speak_russian, NULL);
}
