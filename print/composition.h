/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One card's faces with every text set and the QR code made: all that can be refused has been refused,
 * and drawing (draw.h) only draws.
 *
 * Internal to print/.
 */
#ifndef PROFBILET_PRINT_COMPOSITION_H
#define PROFBILET_PRINT_COMPOSITION_H

#include "print/face.h"
#include "print/qr.h"
#include "print/typeset.h"

struct pb_design {
	struct pb_layout layout;
	struct pb_font *font[PB_LAYOUT_FONTS];
	int surname, given_name, qr; /* elements the program has to know */
};

struct pb_composition {
	bool test, has_photo, has_return, has_qr, copyable;
	struct pb_set_text text[PB_LAYOUT_ELEMENTS]; /* by element; lines == 0 where there is no text */
	struct pb_qr qr;
};

/* *ret_composition is about 80 KB: not for the stack. */
PB_MUST_USE enum pb_status pb_compose(const struct pb_design *design, const struct pb_face *face, bool has_photo,
				      struct pb_composition *ret_composition, struct pb_err *err);
/* Whether the element is drawn on this card at all. */
bool pb_composition_shows(const struct pb_composition *composition, const struct pb_element *element);

#endif
