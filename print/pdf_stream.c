/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Streams of a document, compressed here and not by libharu: it makes a compressor of 268 KB for each and sets it
 * to its slow default, which was half the time of a document of one card.  libdeflate does QR codes better in a third
 * of the time, and fonts, of which a document has few, in a tenth of it for 4 % more bytes.  What libharu is given
 * it writes as it is; it only must be told to name the filter.
 */
#include <stdlib.h>
#include <string.h>

#include "print/pdf_internal.h"

char *pb_pdf_room(struct pb_pdf *pdf, struct pb_pdf_text *text, size_t n)
{
	enum { FIRST = 1024 };
	size_t cap = text->cap ? text->cap : FIRST;
	char *p;

	if (n <= text->cap - text->n)
		return text->p + text->n;
	while (cap - text->n < n)
		cap *= 2;
	p = realloc(text->p, cap);
	if (!p) {
		pb_pdf_spoil(pdf, "out of memory");
		return NULL;
	}
	text->p = p;
	text->cap = cap;
	return p + text->n;
}

void pb_pdf_put(struct pb_pdf *pdf, struct pb_pdf_text *text, const char *bytes, size_t n)
{
	char *room = pb_pdf_room(pdf, text, n);

	if (!room)
		return;
	memcpy(room, bytes, n);
	text->n += n;
}

static HPDF_STATUS name_filter(HPDF_Dict dict, HPDF_Stream stream)
{
	(void)dict;
	return HPDF_Stream_WriteStr(stream, "/Filter /FlateDecode\n");
}

/* The thorough one is made when a drawing is worth its 400 KB, which those with a QR code are. */
static struct pb_deflater *deflater_for(struct pb_pdf *pdf, enum pb_pdf_kind kind, size_t n)
{
	enum { LONG = 4096 };
	bool thorough = kind == PB_PDF_DRAWING && n >= LONG;
	struct pb_deflater **deflater = thorough ? &pdf->thorough : &pdf->quick;

	if (!*deflater)
		*deflater = pb_deflater_create(thorough ? PB_DEFLATE_THOROUGH : PB_DEFLATE_QUICK);
	if (!*deflater)
		pb_pdf_spoil(pdf, "out of memory");
	return *deflater;
}

void pb_pdf_stop_streams(struct pb_pdf *pdf)
{
	pb_deflater_destroy(pdf->quick);
	pb_deflater_destroy(pdf->thorough);
	free(pdf->compressed.p);
}

void pb_pdf_fill_stream(struct pb_pdf *pdf, HPDF_Dict dict, enum pb_pdf_kind kind, struct pb_view bytes)
{
	struct pb_deflater *deflater = deflater_for(pdf, kind, bytes.n);
	size_t most;
	char *room;

	if (!deflater)
		return;
	most = pb_deflate_bound(deflater, bytes.n);
	pdf->compressed.n = 0;
	room = pb_pdf_room(pdf, &pdf->compressed, most);
	if (!room)
		return;
	pdf->compressed.n = pb_deflate(deflater, bytes, room, most);
	if (pdf->compressed.n == 0)
		pb_pdf_spoil(pdf, "a stream cannot be compressed");
	dict->filter = HPDF_STREAM_FILTER_NONE;
	dict->write_fn = name_filter;
	pb_pdf_expect(pdf, HPDF_Stream_Write(dict->stream, (const HPDF_BYTE *)pdf->compressed.p,
					     (HPDF_UINT)pdf->compressed.n) == HPDF_OK);
}
