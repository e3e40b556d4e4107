/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws one side of a composed card on a canvas whose origin is the card's top left corner.  What is the
 * same on every card of a document is drawn once and shared.
 *
 * Internal to print/.
 */
#ifndef PROFBILET_PRINT_DRAW_H
#define PROFBILET_PRINT_DRAW_H

#include "print/composition.h"
#include "print/pdf.h"

/* The shared drawings of one document: by first element and whether the card is marked TEST. */
struct pb_artwork {
	struct pb_canvas *form[2][PB_LAYOUT_ELEMENTS];
};

void pb_draw_side(const struct pb_design *design, const struct pb_composition *composition, enum pb_side side,
		  struct pb_image *photo, struct pb_pdf *pdf, struct pb_artwork *artwork, struct pb_canvas *canvas);

/* In the fill colour, from about x y: on the printer's dots, so that every module is whole. */
void pb_draw_qr(struct pb_canvas *canvas, const struct pb_qr *qr, double x, double y);

#endif
