/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both products draw the same two sides; they differ in where the origin lies.  On a sheet the backs
 * stand in mirrored columns, so that paper turned over its long edge brings each behind its front.
 */
#include "print/document.h"

#include <math.h>
#include <stdlib.h>

#include "print/draw.h"

enum { COLUMNS = 2, ROWS = 5, SHEET = COLUMNS * ROWS };

#define A4_WIDTH 210.0
#define A4_HEIGHT 297.0
#define SHEET_GAP 3.0	/* between two cards: half of it is bleed of each */
#define MARK_GAP 2.0	/* from the outermost card to a crop mark */
#define MARK_LENGTH 4.0
#define MM_PER_DOT (25.4 / PB_QR_DPI)

struct pb_document {
	const struct pb_design *design;
	enum pb_render_product product;
	struct pb_pdf *pdf;
	struct pb_artwork artwork;
	struct pb_composition composition; /* of the card being added */
	struct pb_canvas *sheet[2];	   /* sides of the sheet being filled */
	size_t cards;
};

enum pb_status pb_document_create(const struct pb_design *design, enum pb_render_product product, int64_t unix_time,
				  struct pb_document **ret_document, struct pb_err *err)
{
	struct pb_document *document = calloc(1, sizeof(*document));
	enum pb_status s;

	if (!document)
		return pb_fail(err, PB_NO_MEMORY, "document");
	document->design = design;
	document->product = product;
	s = pb_pdf_create("Profbilet: card faces", unix_time, design->font, design->layout.fonts, &document->pdf, err);
	if (s == PB_OK)
		*ret_document = document;
	else
		free(document);
	return s;
}

void pb_document_destroy(struct pb_document *document)
{
	if (!document)
		return;
	pb_pdf_destroy(document->pdf);
	free(document);
}

/* ---- sheets */

/* On whole printer dots, so that the modules of a QR code stay whole. */
static double on_dot(double mm)
{
	return round(mm / MM_PER_DOT) * MM_PER_DOT;
}

static double column_x(const struct pb_layout *layout, size_t column)
{
	double all = COLUMNS * layout->width + (COLUMNS - 1) * SHEET_GAP;

	return on_dot((A4_WIDTH - all) / 2 + (double)column * (layout->width + SHEET_GAP));
}

static double row_y(const struct pb_layout *layout, size_t row)
{
	double all = ROWS * layout->height + (ROWS - 1) * SHEET_GAP;

	return on_dot((A4_HEIGHT - all) / 2 + (double)row * (layout->height + SHEET_GAP));
}

static void mark(struct pb_canvas *canvas, double x, double y, double dx, double dy)
{
	pb_canvas_step(canvas, "m", (const double[]){ x, y }, 2);
	pb_canvas_step(canvas, "l", (const double[]){ x + dx, y + dy }, 2);
	pb_canvas_stroke(canvas);
}

/* At each edge of each card, outside the block of cards: one cut of the guillotine per mark. */
static void draw_marks(const struct pb_layout *layout, struct pb_canvas *canvas)
{
	static const double black[4] = { 0, 0, 0, 1 }, solid[2] = { 0, 0 };
	double left = column_x(layout, 0) - MARK_GAP, top = row_y(layout, 0) - MARK_GAP;
	double right = column_x(layout, COLUMNS - 1) + layout->width + MARK_GAP;
	double bottom = row_y(layout, ROWS - 1) + layout->height + MARK_GAP;

	pb_canvas_stroke_colour(canvas, black);
	pb_canvas_line_style(canvas, 0.1, false, solid);
	for (size_t edge = 0; edge < 2 * COLUMNS; edge++) {
		double x = column_x(layout, edge / 2) + (edge % 2 ? layout->width : 0);

		mark(canvas, x, top, 0, -MARK_LENGTH);
		mark(canvas, x, bottom, 0, MARK_LENGTH);
	}
	for (size_t edge = 0; edge < 2 * ROWS; edge++) {
		double y = row_y(layout, edge / 2) + (edge % 2 ? layout->height : 0);

		mark(canvas, left, y, -MARK_LENGTH, 0);
		mark(canvas, right, y, MARK_LENGTH, 0);
	}
}

static void begin_sheet(struct pb_document *document)
{
	for (size_t side = 0; side < 2; side++) {
		document->sheet[side] = pb_pdf_page(document->pdf, A4_WIDTH, A4_HEIGHT, 0);
		if (document->sheet[side])
			draw_marks(&document->design->layout, document->sheet[side]);
	}
}

static void draw_on_sheet(struct pb_document *document, enum pb_side side, struct pb_image *photo)
{
	const struct pb_layout *layout = &document->design->layout;
	size_t place = document->cards % SHEET, column = place % COLUMNS;
	double bleed = fmin(layout->bleed, SHEET_GAP / 2);
	struct pb_canvas *canvas;

	if (place == 0 && side == PB_FRONT)
		begin_sheet(document);
	canvas = document->sheet[side];
	if (!canvas)
		return;
	pb_canvas_save(canvas);
	pb_canvas_place(canvas, column_x(layout, side == PB_FRONT ? column : COLUMNS - 1 - column),
			row_y(layout, place / COLUMNS), 1);
	pb_canvas_clip(canvas, -bleed, -bleed, layout->width + 2 * bleed, layout->height + 2 * bleed);
	pb_draw_side(document->design, &document->composition, side, photo, document->pdf, &document->artwork, canvas);
	pb_canvas_restore(canvas);
}

/* ---- cards */

static void draw_on_page(struct pb_document *document, enum pb_side side, struct pb_image *photo)
{
	const struct pb_layout *layout = &document->design->layout;
	struct pb_canvas *page = pb_pdf_page(document->pdf, layout->width, layout->height, 0);

	if (page)
		pb_draw_side(document->design, &document->composition, side, photo, document->pdf, &document->artwork, page);
}

enum pb_status pb_document_add(struct pb_document *document, const struct pb_face *face, struct pb_view photo,
			       struct pb_err *err)
{
	struct pb_image *image = NULL;
	enum pb_status s;

	if (document->cards == PB_RENDER_CARDS)
		return pb_fail(err, PB_NOT_ALLOWED, "a document holds %d cards", PB_RENDER_CARDS);
	s = pb_compose(document->design, face, photo.n > 0, &document->composition, err);
	if (s != PB_OK)
		return s;
	if (photo.n > 0)
		image = pb_pdf_jpeg(document->pdf, photo);
	for (enum pb_side side = PB_FRONT; side <= PB_BACK; side++) {
		if (document->product == PB_RENDER_SHEETS)
			draw_on_sheet(document, side, image);
		else
			draw_on_page(document, side, image);
	}
	document->cards++;
	return pb_pdf_status(document->pdf, err);
}

enum pb_status pb_document_finish(struct pb_document *document, uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err)
{
	if (document->cards == 0)
		return pb_fail(err, PB_NOT_ALLOWED, "a document needs a card");
	return pb_pdf_finish(document->pdf, ret_pdf, ret_n, err);
}
