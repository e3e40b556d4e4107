/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What pdf.c and pdf_font.c share: the document, and how a failure is remembered.
 *
 * Internal to those two files.
 */
#ifndef PROFBILET_PRINT_PDF_INTERNAL_H
#define PROFBILET_PRINT_PDF_INTERNAL_H

#include <hpdf.h>

#include "print/pdf.h"

struct pb_pdf {
	HPDF_Doc doc;
	HPDF_STATUS first_error, first_detail;
	const char *own_error; /* of this file, static text */
	struct pb_font *const *font;
	size_t fonts;
	HPDF_Dict font_object[PB_PDF_FONTS]; /* NULL until shown */
	struct pb_charset shown[PB_PDF_FONTS];
	struct pb_canvas *canvases;
};

/* Remembers what libharu says unless `ok`. */
void pb_pdf_expect(struct pb_pdf *pdf, bool ok);
/* Remembers a failure that is ours; static text. */
void pb_pdf_spoil(struct pb_pdf *pdf, const char *what);
void pb_pdf_add_box(struct pb_pdf *pdf, HPDF_Dict dict, const char *name, double left, double bottom, double right,
		    double top);
/* Fills the font object that pages already refer to. */
void pb_pdf_complete_font(struct pb_pdf *pdf, size_t index);

#endif
