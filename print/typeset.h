/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting one text of the layout: the first font, size and number of lines of its element in which it
 * fits.  Nothing is ever cut off.
 */
#ifndef PROFBILET_PRINT_TYPESET_H
#define PROFBILET_PRINT_TYPESET_H

#include "print/font.h"
#include "print/layout.h"

enum { PB_SET_TEXT = 704 };

struct pb_set_line {
	size_t start, n; /* within text */
	double width;	 /* mm */
};

struct pb_set_text {
	char text[PB_SET_TEXT];
	size_t lines; /* 0: nothing is written */
	struct pb_set_line line[PB_LAYOUT_LINES];
	int font;
	double pt, leading; /* leading in mm */
	double y;	    /* baseline of the first line */
};

/* False when it fits in no way.  `text` is as it will be shown, capitals apart. */
bool pb_typeset(const struct pb_element *element, struct pb_font *const *fonts, const char *text,
		struct pb_set_text *ret_set);

/* The first character that none of the element's fonts can draw; 0 when there is none. */
uint32_t pb_typeset_unknown(const struct pb_element *element, struct pb_font *const *fonts, const char *text);

#endif
