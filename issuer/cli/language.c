/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gettext, told which language by us and not by the machine: a bare Debian has only C.UTF-8, and an
 * office wants Russian all the same.
 */
#include "issuer/cli/language.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/paths.h"

bool pb_language_set(const char *language)
{
	if (strcmp(language, "ru") != 0 && strcmp(language, "en") != 0)
		return false;
	/* LANGUAGE counts only in a locale that is not "C"; numbers and dates stay as in C. */
	setenv("LANGUAGE", language, 1);
	if (!setlocale(LC_CTYPE, "C.UTF-8") || !setlocale(LC_MESSAGES, "C.UTF-8"))
		return true;
	bindtextdomain("profbilet", pb_paths()->locale);
	bind_textdomain_codeset("profbilet", "UTF-8");
	textdomain("profbilet");
	return true;
}
