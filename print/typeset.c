/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines are filled greedily and broken at spaces and after hyphens.  With few lines, each attempt is
 * cheap, so attempts are simply made in order.
 */
#include "print/typeset.h"

#include <string.h>

#include "base/text.h"

#define MM_PER_PT (25.4 / 72)

/* Where a line that begins at `start` may end: the end of the text, a space, or after a hyphen.  Returns
 * false when not even the first piece fits. */
static bool fill_line(const struct pb_font *font, const char *text, size_t start, double room_em,
		      struct pb_set_line *ret_line, size_t *ret_next)
{
	double width = 0;
	bool found = false;
	const char *at = text + start, *from = at;

	for (;;) {
		size_t end = (size_t)(at - text);
		uint32_t c = *at ? pb_text_next(&at) : 0;
		bool hyphen = c == '-' || c == 0x2010;

		if (hyphen)
			end = (size_t)(at - text);
		if (c != 0 && c != ' ' && !hyphen)
			continue;
		width += pb_font_width(font, from, (size_t)(text + end - from));
		if (width > room_em)
			return found;
		from = text + end;
		*ret_line = (struct pb_set_line){ start, end - start, width };
		*ret_next = (size_t)(at - text);
		found = true;
		if (c == 0)
			return true;
	}
}

static bool fill(const struct pb_font *font, double size, double room, int lines, struct pb_set_text *set)
{
	size_t at = 0, length = strlen(set->text);

	for (set->lines = 0; at < length; set->lines++) {
		struct pb_set_line *line = &set->line[set->lines];

		if (set->lines == (size_t)lines || !fill_line(font, set->text, at, room / size, line, &at))
			return false;
		line->width *= size;
	}
	return true;
}

static bool drawable(const struct pb_font *font, const char *text)
{
	while (*text)
		if (!pb_font_glyph(font, pb_text_next(&text)))
			return false;
	return true;
}

uint32_t pb_typeset_unknown(const struct pb_element *element, struct pb_font *const *fonts, const char *text)
{
	while (*text) {
		uint32_t c = pb_text_next(&text);
		bool known = false;

		for (size_t i = 0; i < element->tries && !known; i++)
			known = pb_font_glyph(fonts[element->try[i].font], c) != 0;
		if (!known)
			return c;
	}
	return 0;
}

static bool attempt(const struct pb_element *element, const struct pb_try *try, double pt, const struct pb_font *font,
		    struct pb_set_text *set)
{
	double size = pt * MM_PER_PT;

	if (!fill(font, size, element->box.w, try->lines, set))
		return false;
	set->font = try->font;
	set->pt = pt;
	set->leading = try->in_em ? try->leading * size : try->leading;
	set->y = try->y > 0 ? try->y : element->box.y;
	if (element->grow_up && set->lines > 1)
		set->y -= (double)(set->lines - 1) * set->leading;
	return true;
}

bool pb_typeset(const struct pb_element *element, struct pb_font *const *fonts, const char *text,
		struct pb_set_text *ret_set)
{
	struct pb_set_text set = { .lines = 0 };
	bool fits = element->upper ? pb_text_upper(text, set.text, sizeof(set.text)) : strlen(text) < sizeof(set.text);

	if (!fits)
		return false;
	if (!element->upper)
		memcpy(set.text, text, strlen(text) + 1);
	for (size_t i = 0; i < element->tries; i++) {
		const struct pb_try *try = &element->try[i];
		const struct pb_font *font = fonts[try->font];

		for (size_t k = 0; drawable(font, set.text) && k < try->sizes; k++)
			if (attempt(element, try, try->pt[k], font, &set)) {
				*ret_set = set;
				return true;
			}
	}
	return false;
}
