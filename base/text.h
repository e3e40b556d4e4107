/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unicode text, UTF-8 inside the program, always NFC.  The only home of libunistring.
 * Outside bytes become text here or are refused; nothing later has to ask whether they are valid.
 */
#ifndef PROFBILET_BASE_TEXT_H
#define PROFBILET_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Strict UTF-8: no overlong forms, no surrogates, no NUL, no control characters but TAB and LF. */
bool pb_text_valid(struct pb_view bytes);
/* Bytes that may be anything, as text: what is no letter of it becomes "?"; cut after a whole letter where it is too long. */
void pb_text_mend(const char *bytes, char *ret_text, size_t cap);
/* Next code point of valid UTF-8; 0 at the end. */
uint32_t pb_text_next(const char **text);
size_t pb_text_length(const char *text); /* code points */

/* All four write at most cap bytes with the NUL and return false when the result would not fit. */
bool pb_text_nfc(const char *text, char *ret_text, size_t cap);
bool pb_text_upper(const char *text, char *ret_text, size_t cap);
/* «сЕМЁНОВА-ДОРЖИЕВА» -> «Семёнова-Доржиева»: each part after a hyphen, space or apostrophe anew */
bool pb_text_title(const char *text, char *ret_text, size_t cap);
/* For searching and comparing people: lower case, ё as е, runs of spaces as one. */
bool pb_text_fold(const char *text, char *ret_text, size_t cap);

#endif
