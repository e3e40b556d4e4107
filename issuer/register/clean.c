/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The safe repairs of text: each changes only what can be meant in one way.  All work in place and never
 * make a text longer than it was, except for joining letters, which is bounded.
 */
#include <string.h>

#include "base/text.h"
#include "issuer/register/import_internal.h"

static size_t write_letter(char *out, uint32_t c)
{
	/* Only of what was read from valid UTF-8 below U+10000, or from the tables here. */
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	PB_BUG("a letter outside the tables");
}

static bool is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Zero-width characters and soft hyphens come along when text is copied from the web. */
static bool is_invisible(uint32_t c)
{
	return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

bool clean_spaces(char *text)
{
	const char *in = text, *from = text;
	char *out = text;
	bool space = false, changed = false;
	uint32_t c;

	for (; (c = pb_text_next(&in)) != 0; from = in) {
		if (is_space(c) || is_invisible(c)) {
			/* One plain space inside is as it should be. */
			changed |= c != ' ' || space || out == text;
			space |= is_space(c);
			continue;
		}
		if (space && out > text)
			*out++ = ' ';
		space = false;
		memmove(out, from, (size_t)(in - from));
		out += in - from;
	}
	*out = '\0';
	return changed || space;
}

bool clean_composition(char *text)
{
	char composed[PB_CELL_MAX + 1];
	const char *in = text;
	bool plain = true;
	uint32_t c;

	/* Russian and English text has nothing to join: do not ask the library about every cell. */
	while (plain && (c = pb_text_next(&in)) != 0)
		plain = c < 0x300 || (c >= 0x400 && c < 0x483) || (c >= 0x2010 && c <= 0x2044) || c == 0x2116;
	if (plain || !pb_text_nfc(text, composed, sizeof(composed)) || strcmp(composed, text) == 0)
		return false;
	memcpy(text, composed, strlen(composed) + 1);
	return true;
}

/* ---- letters of two alphabets that look the same */

static const struct {
	uint16_t latin, russian;
} lookalikes[] = {
	{ 'A', 0x410 }, { 'B', 0x412 }, { 'C', 0x421 }, { 'E', 0x415 },	 { 'H', 0x41D },  { 'K', 0x41A },
	{ 'M', 0x41C }, { 'O', 0x41E }, { 'P', 0x420 }, { 'T', 0x422 },	 { 'X', 0x425 },  { 'Y', 0x423 },
	{ 'a', 0x430 }, { 'c', 0x441 }, { 'e', 0x435 }, { 'k', 0x43A },	 { 'o', 0x43E },  { 'p', 0x440 },
	{ 'x', 0x445 }, { 'y', 0x443 }, { 0xCB, 0x401 }, { 0xEB, 0x451 },
};

static uint32_t russian_for(uint32_t c)
{
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]); i++)
		if (lookalikes[i].latin == c)
			return lookalikes[i].russian;
	return 0;
}

static bool is_latin(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0x250 && c != 0xD7 && c != 0xF7);
}

static bool is_cyrillic(uint32_t c)
{
	return c >= 0x400 && c < 0x530;
}

struct word {
	size_t latin, cyrillic;
	bool all_alike; /* every Latin letter in it has a Russian twin */
	bool dotted;	/* a full stop follows */
};

/* Counts letters from `*text` up to the end of the word, and moves there. */
static struct word measure(const char **text)
{
	struct word word = { .all_alike = true };
	const char *next = *text;
	uint32_t c;

	while ((c = pb_text_next(&next)) != 0 && (is_latin(c) || is_cyrillic(c))) {
		word.latin += is_latin(c);
		word.cyrillic += is_cyrillic(c);
		word.all_alike &= !is_latin(c) || russian_for(c) != 0;
		*text = next;
	}
	word.dotted = c == '.';
	return word;
}

static bool has_cyrillic(const char *text)
{
	uint32_t c;

	while ((c = pb_text_next(&text)) != 0)
		if (is_cyrillic(c))
			return true;
	return false;
}

/* A mixed word, and a lone initial («C.А. Коровина» with a Latin C) beside Russian words. */
static bool to_replace(struct word word)
{
	return word.all_alike && word.latin > 0 && (word.cyrillic > 0 || (word.latin == 1 && word.dotted));
}

/* Writes the word [from, end) with Russian letters into out; a twin takes two bytes at most. */
static char *rewrite(const char *from, const char *end, char *out)
{
	uint32_t c, twin;

	while (from < end) {
		c = pb_text_next(&from);
		twin = russian_for(c);
		out += write_letter(out, twin != 0 ? twin : c);
	}
	return out;
}

bool clean_lookalikes(char *text, bool *ret_mixed)
{
	char made[2 * PB_CELL_MAX + 1], *out = made;
	const char *in = text;
	bool changed = false;

	*ret_mixed = false;
	if (!has_cyrillic(text))
		return false;
	while (*in != '\0') {
		const char *from = in;
		struct word word = measure(&in);

		if (word.latin > 0 && word.cyrillic > 0 && !word.all_alike) {
			*ret_mixed = true;
			return false;
		}
		if (to_replace(word)) {
			out = rewrite(from, in, out);
			changed = true;
			continue;
		}
		if (in == from)
			(void)pb_text_next(&in);
		memcpy(out, from, (size_t)(in - from));
		out += in - from;
	}
	*out = '\0';
	if (!changed || (size_t)(out - made) > PB_CELL_MAX)
		return false;
	memcpy(text, made, (size_t)(out - made) + 1);
	return true;
}

/* ---- letter case */

static bool is_upper(uint32_t c)
{
	/* Beyond the Russian letters capitals and small ones alternate (Ү ү, Ө ө, Һ һ). */
	return (c >= 'A' && c <= 'Z') || (c >= 0x400 && c <= 0x42F) || (c >= 0x460 && c < 0x530 && c % 2 == 0);
}

static bool is_lower(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0x430 && c <= 0x45F) || (c >= 0x460 && c < 0x530 && c % 2 == 1);
}

bool clean_letter_case(char *text)
{
	char title[PB_CELL_MAX + 1];
	size_t upper = 0, lower = 0;
	const char *in = text;
	uint32_t c;

	while ((c = pb_text_next(&in)) != 0) {
		upper += is_upper(c);
		lower += is_lower(c);
	}
	/* Only what is written in one case throughout: «МакДональд» and «оглы» are left as they are. */
	if ((upper > 0 && lower > 0) || upper + lower < 2)
		return false;
	if (!pb_text_title(text, title, sizeof(title)) || strcmp(title, text) == 0)
		return false;
	memcpy(text, title, strlen(title) + 1);
	return true;
}
