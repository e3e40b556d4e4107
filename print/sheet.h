/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the papers of an office are drawn with: A4 pages, three fonts, lines to sign on, headings and paragraphs.
 * The first text that cannot be drawn as it is (a letter the font lacks, no room) is remembered, and the end refuses:
 * nothing is ever cut off.  Lengths are millimetres from the top left corner.
 *
 * Internal to print/.
 */
#ifndef PROFBILET_PRINT_SHEET_H
#define PROFBILET_PRINT_SHEET_H

#include "print/paper.h"
#include "print/pdf.h"

enum { SHEET_REGULAR, SHEET_BOLD, SHEET_MONO, SHEET_FONTS };

#define SHEET_A4_WIDTH	210.0
#define SHEET_A4_HEIGHT 297.0
#define SHEET_LEFT	20.0
#define SHEET_WIDTH	(SHEET_A4_WIDTH - 40.0)
#define SHEET_SMALL	3.2
#define SHEET_NORMAL	4.2

extern const double sheet_black[4], sheet_grey[4], sheet_petrol[4];
extern const double sheet_solid[2]; /* no dashes */

struct pb_paper {
	struct pb_font *font[SHEET_FONTS];
};

struct sheet {
	const struct pb_paper *paper;
	struct pb_pdf *pdf;
	struct pb_canvas *canvas; /* the page being drawn */
	const char *unfit;
};

PB_MUST_USE enum pb_status sheet_begin(const struct pb_paper *paper, const char *title, int64_t unix_time,
				       struct sheet *ret_sheet, struct pb_err *err);
/* The next page. */
void sheet_turn(struct sheet *sheet);
/* The whole file, in memory the caller frees.  Ends the document in every case. */
PB_MUST_USE enum pb_status sheet_end(struct sheet *sheet, uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err);

/* At x y, at most `room` wide: smaller, to three fifths, when it must be. */
void sheet_put(struct sheet *sheet, int font, double size, double x, double y, double room, const char *text);
/* Broken at spaces into as many lines as it takes, a word that is too wide wherever it must be; returns the y of the
 * line after the last. */
double sheet_paragraph(struct sheet *sheet, int font, double size, double x, double y, double room, const char *text);
/* With a line under it; returns the y of what follows. */
double sheet_heading(struct sheet *sheet, double y, const char *text);
/* A small label, and under it what it labels. */
void sheet_labelled(struct sheet *sheet, double x, double y, double room, const char *label, const char *value);
/* A line to write on, and under it in small what belongs there. */
void sheet_blank(struct sheet *sheet, double x, double y, double width, const char *what);

void sheet_rule(const struct sheet *sheet, double x, double y, double width, double height);
void sheet_box(const struct sheet *sheet, double x, double y, double width, double height);
void sheet_pen(const struct sheet *sheet, const double colour[static 4], double width, const double dash[static 2]);
void sheet_ink(const struct sheet *sheet, const double colour[static 4]);

#endif
