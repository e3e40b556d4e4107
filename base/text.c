/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text by libunistring: the whole-string conversions allocate and are copied out under the caller's cap,
 * so that nothing is ever cut in the middle of a letter.
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static bool control(ucs4_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0);
}

bool pb_text_valid(struct pb_view bytes)
{
	size_t at = 0;

	while (at < bytes.n) {
		ucs4_t c;
		int used = u8_mbtoucr(&c, bytes.p + at, bytes.n - at);

		if (used <= 0 || control(c))
			return false;
		at += (size_t)used;
	}
	return true;
}

void pb_text_mend(const char *bytes, char *ret_text, size_t cap)
{
	enum { LETTER_MAX = 4 };
	struct pb_view left = pb_view_text(bytes);
	size_t n = 0;

	while (left.n > 0 && n + LETTER_MAX < cap) {
		size_t letter = 1;

		while (letter < LETTER_MAX && letter < left.n && !pb_text_valid(pb_view(left.p, letter)))
			letter++;
		if (pb_text_valid(pb_view(left.p, letter))) {
			memcpy(ret_text + n, left.p, letter);
			n += letter;
		} else {
			letter = 1;
			ret_text[n++] = '?';
		}
		left = pb_view(left.p + letter, left.n - letter);
	}
	ret_text[n] = '\0';
}

uint32_t pb_text_next(const char **text)
{
	ucs4_t c;
	const uint8_t *next = u8_next(&c, (const uint8_t *)*text);

	if (!next)
		return 0;
	*text = (const char *)next;
	return c;
}

size_t pb_text_length(const char *text)
{
	return u8_mbsnlen((const uint8_t *)text, strlen(text));
}

/* Takes `made`, of n bytes without a NUL, and frees it; NULL is a conversion that failed. */
static bool hand_over(uint8_t *made, size_t n, char *ret_text, size_t cap)
{
	bool fits = made && n < cap;

	if (fits) {
		if (n > 0)
			memcpy(ret_text, made, n);
		ret_text[n] = '\0';
	}
	free(made);
	return fits;
}

/* The two inputs libunistring answers differently from function to function, settled in one way: empty
 * text gives empty text, and bytes that are not UTF-8 are refused (uninorm would put U+FFFD in their place). */
static bool settled(const char *text, char *ret_text, size_t cap, bool *ret_ok)
{
	if (u8_check((const uint8_t *)text, strlen(text)) != NULL) {
		*ret_ok = false;
		return true;
	}
	if (*text != '\0')
		return false;
	*ret_ok = cap > 0;
	if (cap > 0)
		*ret_text = '\0';
	return true;
}

bool pb_text_nfc(const char *text, char *ret_text, size_t cap)
{
	size_t n = 0;
	uint8_t *made;
	bool ok;

	if (settled(text, ret_text, cap, &ok))
		return ok;
	made = u8_normalize(UNINORM_NFC, (const uint8_t *)text, strlen(text), NULL, &n);
	return hand_over(made, n, ret_text, cap);
}

bool pb_text_upper(const char *text, char *ret_text, size_t cap)
{
	size_t n = 0;
	uint8_t *made;
	bool ok;

	if (settled(text, ret_text, cap, &ok))
		return ok;
	made = u8_toupper((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &n);
	return hand_over(made, n, ret_text, cap);
}

static bool starts_a_part(ucs4_t before)
{
	return before == 0 || before == '-' || before == 0x2010 || before == 0x2011 || before == '\'' ||
	       before == 0x2019 || before == '.' || before == '(' || before == 0xAB || before == '\t' ||
	       before == '\n' || uc_is_general_category(before, UC_SPACE_SEPARATOR);
}

/* Appends one code point; false when the text with its NUL would pass cap. */
static bool append(char *text, size_t cap, size_t *n, ucs4_t c)
{
	uint8_t bytes[6];
	int used = u8_uctomb(bytes, c, sizeof(bytes));

	if (used <= 0 || (size_t)used >= cap - *n)
		return false;
	memcpy(text + *n, bytes, (size_t)used);
	*n += (size_t)used;
	return true;
}

bool pb_text_title(const char *text, char *ret_text, size_t cap)
{
	/* A changed letter takes at most one byte more than before in UTF-8, and never more than four. */
	size_t room = 4 * strlen(text) + 1, n = 0;
	char *made = malloc(room);
	ucs4_t before = 0, c;
	bool ok = made && u8_check((const uint8_t *)text, strlen(text)) == NULL;

	while (ok && (c = pb_text_next(&text)) != 0) {
		ok = append(made, room, &n, starts_a_part(before) ? uc_totitle(c) : uc_tolower(c));
		before = c;
	}
	if (ok) {
		made[n] = '\0';
		ok = pb_text_nfc(made, ret_text, cap);
	}
	free(made);
	return ok;
}

/* In place, since folding only shortens: «ё» to «е», runs of spaces to one, none at the ends. */
static size_t fold_spaces_and_yo(char *text, size_t n)
{
	const char *from = text;
	size_t kept = 0;
	bool space = false;
	ucs4_t c;

	text[n] = '\0';
	while ((c = pb_text_next(&from)) != 0) {
		if (c == '\t' || c == '\n' || uc_is_general_category(c, UC_SPACE_SEPARATOR)) {
			space = true;
			continue;
		}
		if (space && kept > 0)
			text[kept++] = ' ';
		space = false;
		kept += (size_t)u8_uctomb((uint8_t *)text + kept, c == 0x451 ? 0x435 : c, 4);
	}
	text[kept] = '\0';
	return kept;
}

/* The small letter of what Russian names are written with, 0 for anything else. */
static ucs4_t plain_fold(ucs4_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
	if (c >= 0x410 && c <= 0x42F)
		return c + 0x20;
	if (c == 0x401 || c == 0x451)
		return 0x435;
	return (c >= 0x430 && c <= 0x44F) || c == 0xA0 || c == 0xAB || c == 0xBB || c == 0x2116 ? c : 0;
}

/* Most texts an office has hold nothing that the library must be asked about, and it costs twenty times as
 * much.  False when this one does, or does not fit; ret_text is then untouched. */
static bool fold_plain(const char *text, char *ret_text, size_t cap)
{
	uint8_t made[512];
	size_t n = 0;
	ucs4_t c;

	while ((c = pb_text_next(&text)) != 0) {
		c = plain_fold(c);
		if (c == 0 || n + 4 >= sizeof(made))
			return false;
		n += (size_t)u8_uctomb(made + n, c, 4);
	}
	n = fold_spaces_and_yo((char *)made, n);
	if (n >= cap)
		return false;
	memcpy(ret_text, made, n + 1);
	return true;
}

bool pb_text_fold(const char *text, char *ret_text, size_t cap)
{
	size_t n = 0;
	uint8_t *folded, *longer;
	bool ok;

	if (settled(text, ret_text, cap, &ok))
		return ok;
	if (fold_plain(text, ret_text, cap))
		return true;
	folded = u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &n);
	longer = folded ? realloc(folded, n + 1) : NULL;
	if (!longer) {
		free(folded);
		return false;
	}
	n = fold_spaces_and_yo((char *)longer, n);
	return hand_over(longer, n, ret_text, cap);
}
