/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layout file (print/layout/card.layout) as values: palette, fonts, shapes and the elements of both
 * faces in drawing order.  The file explains its own keys.
 *
 * Bounded everywhere, so that a foreign file costs an error with a line number and never memory.
 * Not for: setting or drawing what it says (typeset.h, draw.h).
 */
#ifndef PROFBILET_PRINT_LAYOUT_H
#define PROFBILET_PRINT_LAYOUT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

enum {
	PB_LAYOUT_NAME = 32,
	PB_LAYOUT_TEXT = 384,
	PB_LAYOUT_COLOURS = 16,
	PB_LAYOUT_FONTS = 6,
	PB_LAYOUT_PATHS = 8,
	PB_LAYOUT_STEPS = 64,
	PB_LAYOUT_ELEMENTS = 64,
	PB_LAYOUT_TEXTS = 3,
	PB_LAYOUT_TRIES = 4,
	PB_LAYOUT_SIZES = 10,
	PB_LAYOUT_LINES = 3,
	PB_LAYOUT_FILE_MAX = 64 * 1024,
};

struct pb_colour {
	char name[PB_LAYOUT_NAME];
	double cmyk[4]; /* 0 to 1 */
};

struct pb_layout_font {
	char name[PB_LAYOUT_NAME];
	char file[PB_LAYOUT_NAME]; /* a plain file name */
};

struct pb_step {
	char op; /* M, L, C, Z */
	double p[6];
};

struct pb_path {
	char name[PB_LAYOUT_NAME];
	double mirror; /* also drawn with x -> mirror - x; 0: not */
	size_t n;
	struct pb_step steps[PB_LAYOUT_STEPS];
};

struct pb_box {
	double x, y, w, h;
};

enum pb_element_kind { PB_ELEMENT_TEXT, PB_ELEMENT_BOX, PB_ELEMENT_PATH, PB_ELEMENT_PHOTO, PB_ELEMENT_QR };
enum pb_when { PB_ALWAYS, PB_WHEN_TEST, PB_WHEN_PHOTO, PB_WHEN_NO_PHOTO, PB_WHEN_RETURN, PB_WHEN_COPYABLE };
enum pb_align { PB_LEFT, PB_CENTRE, PB_RIGHT };
enum pb_side { PB_FRONT, PB_BACK };

/* One way to set a text: sizes in order, on so many lines. */
struct pb_try {
	int font;
	size_t sizes;
	double pt[PB_LAYOUT_SIZES];
	int lines;
	double leading; /* mm, or em when in_em */
	bool in_em;
	double y; /* in place of the element's, 0: keeps it */
};

/* Colours, fonts, paths and elements are named by index, -1: none. */
struct pb_element {
	char name[PB_LAYOUT_NAME];
	int line; /* of the file, where it begins */
	enum pb_side side;
	enum pb_element_kind kind;
	enum pb_when when;
	struct pb_box box;
	int fill, stroke;
	double line_width, dash[2];
	bool round_ends;
	int path;
	double scale;
	size_t texts;
	char text[PB_LAYOUT_TEXTS][PB_LAYOUT_TEXT];
	size_t tries;
	struct pb_try try[PB_LAYOUT_TRIES];
	enum pb_align align;
	bool upper, grow_up;
	double rotate, drop, outline;
	struct pb_box clip; /* w 0: none */
	int left_of, pushed_by;
	double gap;
};

struct pb_layout {
	double width, height, bleed; /* mm */
	size_t colours, fonts, paths, elements;
	struct pb_colour colour[PB_LAYOUT_COLOURS];
	struct pb_layout_font font[PB_LAYOUT_FONTS];
	struct pb_path path[PB_LAYOUT_PATHS];
	struct pb_element element[PB_LAYOUT_ELEMENTS];
};

/* PB_CONFIG_INVALID with the line.  *ret_layout is about 100 KB: not for the stack. */
PB_MUST_USE enum pb_status pb_layout_parse(struct pb_view file, struct pb_layout *ret_layout, struct pb_err *err);
/* Index of an element, -1 when there is none. */
int pb_layout_element(const struct pb_layout *layout, enum pb_side side, const char *name);

#endif
