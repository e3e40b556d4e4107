/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PDF document by libharu: pages and shared drawings ("forms") measured in millimetres from the top
 * left corner, CMYK colours, subset fonts, JPEG images.  The same calls give the same bytes.
 *
 * Failures are remembered, not returned: draw a whole document, then ask pb_pdf_finish, which refuses one
 * in which anything went wrong.
 *
 * Not for: what is drawn where (draw.h).
 */
#ifndef PROFBILET_PRINT_PDF_H
#define PROFBILET_PRINT_PDF_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "print/font.h"

enum { PB_PDF_FONTS = 8, PB_PDF_FORMS = 32 };

struct pb_pdf;
struct pb_canvas; /* a page or a form; borrowed from the document */
struct pb_image;  /* the same */

/* `fonts` are borrowed until the document is finished or destroyed; texts name them by index. */
PB_MUST_USE enum pb_status pb_pdf_create(const char *title, int64_t unix_time, struct pb_font *const *fonts,
					 size_t font_count, struct pb_pdf **ret_pdf, struct pb_err *err);
void pb_pdf_destroy(struct pb_pdf *pdf);
/* The first thing that went wrong, PB_OK if nothing. */
enum pb_status pb_pdf_status(const struct pb_pdf *pdf, struct pb_err *err);

/* A page of that size in mm; the trim box is `inset` mm within it. */
struct pb_canvas *pb_pdf_page(struct pb_pdf *pdf, double width, double height, double inset);
/* A drawing to be put on many pages; `bleed` mm around its size are drawn too. */
struct pb_canvas *pb_pdf_form(struct pb_pdf *pdf, double width, double height, double bleed);
struct pb_image *pb_pdf_jpeg(struct pb_pdf *pdf, struct pb_view jpeg);
/* The whole file, in memory the caller frees. */
PB_MUST_USE enum pb_status pb_pdf_finish(struct pb_pdf *pdf, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err);

/* ---- drawing; `cmyk` are four values 0 to 1, lengths mm */

void pb_canvas_save(struct pb_canvas *canvas);
void pb_canvas_restore(struct pb_canvas *canvas);
/* What follows is drawn x right and y down, `scale` times as large. */
void pb_canvas_place(struct pb_canvas *canvas, double x, double y, double scale);
void pb_canvas_fill_colour(struct pb_canvas *canvas, const double cmyk[static 4]);
void pb_canvas_stroke_colour(struct pb_canvas *canvas, const double cmyk[static 4]);
void pb_canvas_line_style(struct pb_canvas *canvas, double width, bool round, const double dash[static 2]);
/* One step of a path: `op` m, l, c (2, 2, 6 numbers), h (none) or re (4: x y w h). */
void pb_canvas_step(struct pb_canvas *canvas, const char *op, const double *numbers, size_t count);
void pb_canvas_fill(struct pb_canvas *canvas);
void pb_canvas_stroke(struct pb_canvas *canvas);
void pb_canvas_fill_stroke(struct pb_canvas *canvas);
void pb_canvas_clip(struct pb_canvas *canvas, double x, double y, double w, double h);

struct pb_text_place {
	size_t font;
	double size;   /* mm */
	double x, y;   /* baseline */
	double rotate; /* degrees anticlockwise about x y */
	bool outline;  /* stroked, not filled */
};

void pb_canvas_text(struct pb_canvas *canvas, const struct pb_text_place *place, const char *text, size_t n);
void pb_canvas_image(struct pb_canvas *canvas, struct pb_image *image, double x, double y, double w, double h);
void pb_canvas_form(struct pb_canvas *canvas, struct pb_canvas *form, double x, double y);

#endif
