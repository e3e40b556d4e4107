/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language of the interface: Russian unless asked otherwise (--language, PROFBILET_LANGUAGE, then
 * [office] language).  msgids are English; po/ holds the rest.
 */
#ifndef PROFBILET_ISSUER_CLI_LANGUAGE_H
#define PROFBILET_ISSUER_CLI_LANGUAGE_H

#include <libintl.h>
#include <stdbool.h>

#define _(text) gettext(text)
#define N_(text) text

/* "ru" or "en"; false for another word. */
bool pb_language_set(const char *language);

#endif
