/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libharu makes the file: objects, cross-reference, images.  Drawing operators are collected here until the
 * document is finished, so that pages and forms share one set of them, in millimetres and in few bytes.
 *
 * libharu keeps its first error and fails every later call; its handler is only told.  It is never left
 * by a jump: its half-made state could not be freed.
 */
#include "print/pdf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "print/pdf_internal.h"

#define PT_PER_MM (72.0 / 25.4)

struct pb_canvas {
	struct pb_pdf *pdf;
	struct pb_canvas *next;
	HPDF_Dict object;    /* the page, or the form */
	HPDF_Dict stream;    /* the page's contents, or the form again */
	struct pb_pdf_text operators;
	HPDF_Dict resources, fonts, xobjects;
	unsigned used_fonts; /* bit per font named in `fonts` */
};

static void remember_error(HPDF_STATUS error, HPDF_STATUS detail, void *context)
{
	struct pb_pdf *pdf = context;

	if (pdf->first_error == HPDF_OK) {
		pdf->first_error = error;
		pdf->first_detail = detail;
	}
}

void pb_pdf_expect(struct pb_pdf *pdf, bool ok)
{
	if (!ok)
		remember_error(pdf->doc->error.error_no ? pdf->doc->error.error_no : HPDF_FAILD_TO_ALLOC_MEM,
			       pdf->doc->error.detail_no, pdf);
}

void pb_pdf_spoil(struct pb_pdf *pdf, const char *what)
{
	if (!pdf->own_error)
		pdf->own_error = what;
}

enum pb_status pb_pdf_status(const struct pb_pdf *pdf, struct pb_err *err)
{
	if (pdf->own_error)
		return pb_fail(err, PB_RENDER_FAILED, "%s", pdf->own_error);
	if (pdf->first_error != HPDF_OK)
		return pb_fail(err, PB_RENDER_FAILED, "libharu error 0x%04lx, detail %lu", pdf->first_error,
			       pdf->first_detail);
	return PB_OK;
}

/* ---- the document */

static void set_info(struct pb_pdf *pdf, const char *title, int64_t unix_time)
{
	struct pb_date date = pb_date_of_instant(unix_time, 0);
	int64_t seconds = unix_time - pb_date_start(date, 0);
	HPDF_Date when = { .year = date.year, .month = date.month, .day = date.day, .hour = (int)(seconds / 3600),
			   .minutes = (int)(seconds / 60 % 60), .seconds = (int)(seconds % 60), .ind = 'Z' };

	pb_pdf_expect(pdf, HPDF_SetInfoAttr(pdf->doc, HPDF_INFO_TITLE, title) == HPDF_OK);
	pb_pdf_expect(pdf, HPDF_SetInfoAttr(pdf->doc, HPDF_INFO_CREATOR, "Profbilet") == HPDF_OK);
	pb_pdf_expect(pdf, HPDF_SetInfoDateAttr(pdf->doc, HPDF_INFO_CREATION_DATE, when) == HPDF_OK);
	pb_pdf_expect(pdf, HPDF_SetInfoDateAttr(pdf->doc, HPDF_INFO_MOD_DATE, when) == HPDF_OK);
}

enum pb_status pb_pdf_create(const char *title, int64_t unix_time, struct pb_font *const *fonts, size_t font_count,
			     struct pb_pdf **ret_pdf, struct pb_err *err)
{
	struct pb_pdf *pdf = calloc(1, sizeof(*pdf));
	enum pb_status s;

	if (!pdf || font_count > PB_PDF_FONTS) {
		free(pdf);
		return pb_fail(err, PB_NO_MEMORY, "document");
	}
	pdf->font = fonts;
	pdf->fonts = font_count;
	pdf->doc = HPDF_New(remember_error, pdf);
	if (!pdf->doc) {
		free(pdf);
		return pb_fail(err, PB_NO_MEMORY, "document");
	}
	pdf->doc->pdf_version = HPDF_VER_14;
	set_info(pdf, title, unix_time);
	s = pb_pdf_status(pdf, err);
	if (s == PB_OK)
		*ret_pdf = pdf;
	else
		pb_pdf_destroy(pdf);
	return s;
}

void pb_pdf_destroy(struct pb_pdf *pdf)
{
	if (!pdf)
		return;
	for (struct pb_canvas *next, *canvas = pdf->canvases; canvas; canvas = next) {
		next = canvas->next;
		free(canvas->operators.p);
		free(canvas);
	}
	pb_pdf_stop_streams(pdf);
	HPDF_Free(pdf->doc);
	free(pdf);
}

/* ---- writing operators */

static void put(struct pb_canvas *canvas, const char *text)
{
	pb_pdf_put(canvas->pdf, &canvas->operators, text, strlen(text));
}

/* Returns where the digits end. */
static char *format_integer(char *out, uint32_t value)
{
	char digits[10];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	memcpy(out, digits + n, sizeof(digits) - n);
	return out + sizeof(digits) - n;
}

/* Fixed point without the locale's comma; the trailing zeros are dropped.  |value| < 1e5, decimals <= 6. */
static char *format_number(char *out, double value, int decimals)
{
	static const uint32_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	uint64_t scaled = (uint64_t)(fabs(value) * power[decimals] + 0.5);
	uint32_t part = (uint32_t)(scaled % power[decimals]);

	if (value < 0 && scaled != 0)
		*out++ = '-';
	out = format_integer(out, (uint32_t)(scaled / power[decimals]));
	if (part == 0)
		return out;
	*out++ = '.';
	for (uint32_t unit = power[decimals] / 10; part != 0; unit /= 10) {
		*out++ = (char)('0' + part / unit);
		part %= unit;
	}
	return out;
}

static void put_numbers(struct pb_canvas *canvas, const double *numbers, size_t count, int decimals, const char *op)
{
	enum { NUMBERS = 6, NUMBER_LEN = 20, OP_LEN = 16 };
	char *start = pb_pdf_room(canvas->pdf, &canvas->operators, NUMBERS * NUMBER_LEN + OP_LEN), *out = start;
	size_t n = strlen(op);

	for (size_t i = 0; start && i < count && i < NUMBERS; i++) {
		if (!(fabs(numbers[i]) < 1e5)) { /* also what is not a number */
			pb_pdf_spoil(canvas->pdf, "a coordinate is out of bounds");
			return;
		}
		out = format_number(out, numbers[i], decimals);
		*out++ = ' ';
	}
	if (!start || n >= OP_LEN)
		return;
	memcpy(out, op, n);
	out[n] = '\n';
	canvas->operators.n += (size_t)(out + n + 1 - start);
}

static void put_matrix(struct pb_canvas *canvas, double a, double b, double c, double d, double e, double f,
		       const char *op)
{
	put_numbers(canvas, (const double[]){ a, b, c, d, e, f }, 6, 6, op);
}

void pb_canvas_save(struct pb_canvas *canvas)
{
	put(canvas, "q\n");
}

void pb_canvas_restore(struct pb_canvas *canvas)
{
	put(canvas, "Q\n");
}

void pb_canvas_place(struct pb_canvas *canvas, double x, double y, double scale)
{
	put_matrix(canvas, scale, 0, 0, scale, x, y, "cm");
}

void pb_canvas_fill_colour(struct pb_canvas *canvas, const double cmyk[static 4])
{
	put_numbers(canvas, cmyk, 4, 3, "k");
}

void pb_canvas_stroke_colour(struct pb_canvas *canvas, const double cmyk[static 4])
{
	put_numbers(canvas, cmyk, 4, 3, "K");
}

void pb_canvas_line_style(struct pb_canvas *canvas, double width, bool round, const double dash[static 2])
{
	put_numbers(canvas, &width, 1, 3, "w");
	if (round)
		put(canvas, "1 J\n");
	if (dash[0] > 0) {
		put(canvas, "[");
		put_numbers(canvas, dash, 2, 3, "] 0 d");
	}
}

void pb_canvas_step(struct pb_canvas *canvas, const char *op, const double *numbers, size_t count)
{
	put_numbers(canvas, numbers, count, 4, op);
}

void pb_canvas_fill(struct pb_canvas *canvas)
{
	put(canvas, "f\n");
}

void pb_canvas_stroke(struct pb_canvas *canvas)
{
	put(canvas, "S\n");
}

void pb_canvas_fill_stroke(struct pb_canvas *canvas)
{
	put(canvas, "B\n");
}

void pb_canvas_clip(struct pb_canvas *canvas, double x, double y, double w, double h)
{
	put_numbers(canvas, (const double[]){ x, y, w, h }, 4, 4, "re W n");
}

/* ---- resources */

static HPDF_Dict resource(struct pb_canvas *canvas, HPDF_Dict *place, const char *kind)
{
	if (!*place && canvas->resources) {
		*place = HPDF_Dict_New(canvas->pdf->doc->mmgr);
		pb_pdf_expect(canvas->pdf, *place && HPDF_Dict_Add(canvas->resources, kind, *place) == HPDF_OK);
	}
	return *place;
}

static void use_font(struct pb_canvas *canvas, size_t font)
{
	struct pb_pdf *pdf = canvas->pdf;
	HPDF_Dict fonts = resource(canvas, &canvas->fonts, "Font");
	char name[] = { 'F', (char)('0' + font), '\0' };

	if (!pdf->font_object[font]) {
		pdf->font_object[font] = HPDF_Dict_New(pdf->doc->mmgr);
		pb_pdf_expect(pdf, pdf->font_object[font] && HPDF_Xref_Add(pdf->doc->xref, pdf->font_object[font]) == HPDF_OK);
	}
	if (!(canvas->used_fonts >> font & 1))
		pb_pdf_expect(pdf, fonts && HPDF_Dict_Add(fonts, name, pdf->font_object[font]) == HPDF_OK);
	canvas->used_fonts |= 1U << font;
}

static void put_glyphs(struct pb_canvas *canvas, size_t font, const char *text, size_t n)
{
	enum { GLYPH_LEN = 4 };
	static const char hex[] = "0123456789ABCDEF";
	const char *end = text + n;
	char *start = pb_pdf_room(canvas->pdf, &canvas->operators, GLYPH_LEN * n + 3), *out = start;

	if (!start)
		return;
	*out++ = '<';
	while (text < end) {
		uint32_t character = pb_text_next(&text);
		uint16_t glyph = pb_font_glyph(canvas->pdf->font[font], character);

		if (!glyph)
			pb_pdf_spoil(canvas->pdf, "a character has no glyph");
		pb_charset_add(&canvas->pdf->shown[font], character);
		for (int shift = 12; shift >= 0; shift -= 4)
			*out++ = hex[glyph >> shift & 15];
	}
	*out++ = '>';
	*out++ = ' ';
	canvas->operators.n += (size_t)(out - start);
}

void pb_canvas_text(struct pb_canvas *canvas, const struct pb_text_place *place, const char *text, size_t n)
{
	double angle = place->rotate * M_PI / 180, c = cos(angle), s = sin(angle);
	char op[16];

	if (place->font >= canvas->pdf->fonts || n == 0)
		return;
	use_font(canvas, place->font);
	put(canvas, place->outline ? "BT 1 Tr\n" : "BT\n");
	snprintf(op, sizeof(op), "/F%zu ", place->font);
	put(canvas, op);
	put_numbers(canvas, &place->size, 1, 4, "Tf");
	/* the page's y points down, the letters' up */
	put_matrix(canvas, c, -s, -s, -c, place->x, place->y, "Tm");
	put_glyphs(canvas, place->font, text, n);
	put(canvas, "Tj ET\n");
}

static void show_xobject(struct pb_canvas *canvas, HPDF_Dict object)
{
	HPDF_Dict xobjects = resource(canvas, &canvas->xobjects, "XObject");
	const char *name = xobjects ? HPDF_Dict_GetKeyByObj(xobjects, object) : NULL;
	char fresh[16], op[32];

	if (!name && xobjects) {
		snprintf(fresh, sizeof(fresh), "X%u", xobjects->list->count);
		pb_pdf_expect(canvas->pdf, HPDF_Dict_Add(xobjects, fresh, object) == HPDF_OK);
		name = fresh;
	}
	snprintf(op, sizeof(op), "/%s Do\n", name ? name : "");
	put(canvas, op);
}

struct pb_image *pb_pdf_jpeg(struct pb_pdf *pdf, struct pb_view jpeg)
{
	HPDF_Image image = HPDF_LoadJpegImageFromMem(pdf->doc, jpeg.p, (HPDF_UINT)jpeg.n);

	pb_pdf_expect(pdf, image != NULL);
	return (struct pb_image *)image;
}

void pb_canvas_image(struct pb_canvas *canvas, struct pb_image *image, double x, double y, double w, double h)
{
	if (!image)
		return;
	pb_canvas_save(canvas);
	put_matrix(canvas, w, 0, 0, -h, x, y + h, "cm");
	show_xobject(canvas, (HPDF_Dict)image);
	pb_canvas_restore(canvas);
}

void pb_canvas_form(struct pb_canvas *canvas, struct pb_canvas *form, double x, double y)
{
	if (!form || !form->object)
		return;
	if (x != 0 || y != 0) {
		pb_canvas_save(canvas);
		pb_canvas_place(canvas, x, y, 1);
	}
	show_xobject(canvas, form->object);
	if (x != 0 || y != 0)
		pb_canvas_restore(canvas);
}

/* ---- pages and forms */

static struct pb_canvas *new_canvas(struct pb_pdf *pdf)
{
	struct pb_canvas *canvas = calloc(1, sizeof(*canvas));

	if (!canvas) {
		pb_pdf_spoil(pdf, "out of memory");
		return NULL;
	}
	canvas->pdf = pdf;
	canvas->next = pdf->canvases;
	pdf->canvases = canvas;
	return canvas;
}

void pb_pdf_add_box(struct pb_pdf *pdf, HPDF_Dict dict, const char *name, double left, double bottom, double right,
		    double top)
{
	HPDF_Box box = { (HPDF_REAL)left, (HPDF_REAL)bottom, (HPDF_REAL)right, (HPDF_REAL)top };
	HPDF_Array array = HPDF_Box_Array_New(pdf->doc->mmgr, box);

	pb_pdf_expect(pdf, array && HPDF_Dict_Add(dict, name, array) == HPDF_OK);
}

struct pb_canvas *pb_pdf_page(struct pb_pdf *pdf, double width, double height, double inset)
{
	struct pb_canvas *canvas = new_canvas(pdf);
	double w = width * PT_PER_MM, h = height * PT_PER_MM, in = inset * PT_PER_MM;

	if (!canvas)
		return NULL;
	canvas->object = HPDF_AddPage(pdf->doc);
	pb_pdf_expect(pdf, canvas->object != NULL);
	if (!canvas->object)
		return canvas;
	canvas->stream = ((HPDF_PageAttr)canvas->object->attr)->contents;
	canvas->resources = HPDF_Dict_GetItem(canvas->object, "Resources", HPDF_OCLASS_DICT);
	pb_pdf_expect(pdf, canvas->resources != NULL);
	pb_pdf_add_box(pdf, canvas->object, "MediaBox", 0, 0, w, h);
	if (inset > 0) {
		pb_pdf_add_box(pdf, canvas->object, "BleedBox", 0, 0, w, h);
		pb_pdf_add_box(pdf, canvas->object, "TrimBox", in, in, w - in, h - in);
	}
	put_matrix(canvas, PT_PER_MM, 0, 0, -PT_PER_MM, in, h - in, "cm");
	return canvas;
}

struct pb_canvas *pb_pdf_form(struct pb_pdf *pdf, double width, double height, double bleed)
{
	struct pb_canvas *canvas = new_canvas(pdf);
	HPDF_Dict form;

	if (!canvas)
		return NULL;
	form = HPDF_DictStream_New(pdf->doc->mmgr, pdf->doc->xref);
	canvas->resources = HPDF_Dict_New(pdf->doc->mmgr);
	pb_pdf_expect(pdf, form && canvas->resources);
	if (!form || !canvas->resources)
		return canvas;
	form->header.obj_class |= HPDF_OSUBCLASS_XOBJECT;
	pb_pdf_expect(pdf, HPDF_Dict_AddName(form, "Type", "XObject") == HPDF_OK);
	pb_pdf_expect(pdf, HPDF_Dict_AddName(form, "Subtype", "Form") == HPDF_OK);
	pb_pdf_expect(pdf, HPDF_Dict_Add(form, "Resources", canvas->resources) == HPDF_OK);
	pb_pdf_add_box(pdf, form, "BBox", -bleed, -bleed, width + bleed, height + bleed);
	canvas->object = form;
	canvas->stream = form;
	return canvas;
}

/* ---- the end */

/* From libharu's own pieces: its reading copies byte by byte. */
static enum pb_status take_file(struct pb_pdf *pdf, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	HPDF_Stream stream = pdf->doc->stream;
	size_t n = HPDF_GetStreamSize(pdf->doc), at = 0;
	uint8_t *bytes = malloc(n ? n : 1);

	if (!bytes)
		return pb_fail(err, PB_NO_MEMORY, "document of %zu bytes", n);
	for (HPDF_UINT i = 0; i < HPDF_MemStream_GetBufCount(stream); i++) {
		HPDF_UINT length = 0;
		const HPDF_BYTE *piece = HPDF_MemStream_GetBufPtr(stream, i, &length);

		if (!piece || length > n - at)
			break;
		memcpy(bytes + at, piece, length);
		at += length;
	}
	if (at != n) {
		free(bytes);
		return pb_fail(err, PB_RENDER_FAILED, "document of %zu bytes cannot be read", n);
	}
	*ret_bytes = bytes;
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_pdf_finish(struct pb_pdf *pdf, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	enum pb_status s;

	for (struct pb_canvas *canvas = pdf->canvases; canvas; canvas = canvas->next)
		if (canvas->stream)
			pb_pdf_fill_stream(pdf, canvas->stream, PB_PDF_DRAWING,
					   pb_view(canvas->operators.p, canvas->operators.n));
	for (size_t i = 0; i < pdf->fonts; i++)
		if (pdf->font_object[i])
			pb_pdf_complete_font(pdf, i);
	s = pb_pdf_status(pdf, err);
	if (s != PB_OK)
		return s;
	pb_pdf_expect(pdf, HPDF_SaveToStream(pdf->doc) == HPDF_OK);
	s = pb_pdf_status(pdf, err);
	return s == PB_OK ? take_file(pdf, ret_bytes, ret_n, err) : s;
}
