/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What pdf.c, pdf_font.c and pdf_stream.c share: the document, its streams, and how a failure is remembered.
 *
 * Internal to those files.
 */
#ifndef PROFBILET_PRINT_PDF_INTERNAL_H
#define PROFBILET_PRINT_PDF_INTERNAL_H

#include <hpdf.h>

#include "base/deflate.h"
#include "print/pdf.h"

/* Bytes that grow. */
struct pb_pdf_text {
	char *p;
	size_t n, cap;
};

/* What a stream holds, which decides how hard it is compressed. */
enum pb_pdf_kind { PB_PDF_DRAWING, PB_PDF_FONT };

struct pb_pdf {
	HPDF_Doc doc;
	HPDF_STATUS first_error, first_detail;
	const char *own_error; /* of this file, static text */
	struct pb_font *const *font;
	size_t fonts;
	HPDF_Dict font_object[PB_PDF_FONTS]; /* NULL until shown */
	struct pb_charset shown[PB_PDF_FONTS];
	struct pb_canvas *canvases;
	struct pb_deflater *quick, *thorough; /* NULL until needed */
	struct pb_pdf_text compressed; /* the stream last made */
};

/* Remembers what libharu says unless `ok`. */
void pb_pdf_expect(struct pb_pdf *pdf, bool ok);
/* Remembers a failure that is ours; static text. */
void pb_pdf_spoil(struct pb_pdf *pdf, const char *what);
void pb_pdf_add_box(struct pb_pdf *pdf, HPDF_Dict dict, const char *name, double left, double bottom, double right,
		    double top);
/* Room for `n` bytes behind the text, for the caller to fill and to count; NULL spoils the document. */
char *pb_pdf_room(struct pb_pdf *pdf, struct pb_pdf_text *text, size_t n);
void pb_pdf_put(struct pb_pdf *pdf, struct pb_pdf_text *text, const char *bytes, size_t n);
void pb_pdf_stop_streams(struct pb_pdf *pdf);
/* Gives a stream that is still empty its bytes. */
void pb_pdf_fill_stream(struct pb_pdf *pdf, HPDF_Dict dict, enum pb_pdf_kind kind, struct pb_view bytes);
/* Fills the font object that pages already refer to. */
void pb_pdf_complete_font(struct pb_pdf *pdf, size_t index);

#endif
