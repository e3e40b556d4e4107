/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libharu makes the file: objects, cross-reference, compression, images.  Drawing operators are written
 * to its streams here, so that pages and forms share one set of them, in millimetres and in few bytes;
 * fonts are put together here because libharu's own Unicode fonts are malformed (font.h).
 *
 * libharu keeps its first error and fails every later call; its handler is only told.  It is never left
 * by a jump: its half-made state could not be freed.
 */
#include "print/pdf.h"

#include <hpdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"

#define PT_PER_MM (72.0 / 25.4)

struct pb_canvas {
	struct pb_pdf *pdf;
	struct pb_canvas *next;
	HPDF_Dict object;    /* the page, or the form's stream */
	HPDF_Stream stream;
	HPDF_Dict resources, fonts, xobjects;
	unsigned used_fonts; /* bit per font named in `fonts` */
};

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

static void remember_error(HPDF_STATUS error, HPDF_STATUS detail, void *context)
{
	struct pb_pdf *pdf = context;

	if (pdf->first_error == HPDF_OK) {
		pdf->first_error = error;
		pdf->first_detail = detail;
	}
}

static void check(struct pb_pdf *pdf, bool ok)
{
	if (!ok)
		remember_error(pdf->doc->error.error_no ? pdf->doc->error.error_no : HPDF_FAILD_TO_ALLOC_MEM,
			       pdf->doc->error.detail_no, pdf);
}

static void own_error(struct pb_pdf *pdf, const char *what)
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

	check(pdf, HPDF_SetInfoAttr(pdf->doc, HPDF_INFO_TITLE, title) == HPDF_OK);
	check(pdf, HPDF_SetInfoAttr(pdf->doc, HPDF_INFO_CREATOR, "Profbilet") == HPDF_OK);
	check(pdf, HPDF_SetInfoDateAttr(pdf->doc, HPDF_INFO_CREATION_DATE, when) == HPDF_OK);
	check(pdf, HPDF_SetInfoDateAttr(pdf->doc, HPDF_INFO_MOD_DATE, when) == HPDF_OK);
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
	check(pdf, HPDF_SetCompressionMode(pdf->doc, HPDF_COMP_ALL) == HPDF_OK);
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
		free(canvas);
	}
	HPDF_Free(pdf->doc);
	free(pdf);
}

/* ---- writing operators */

static void put(struct pb_canvas *canvas, const char *text)
{
	check(canvas->pdf, canvas->stream && HPDF_Stream_WriteStr(canvas->stream, text) == HPDF_OK);
}

/* Fixed point without the locale's comma; the trailing zeros are dropped. */
static size_t format_number(char *out, double value, int decimals)
{
	static const int64_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	int64_t scaled = llround(fabs(value) * (double)power[decimals]);
	int64_t part = scaled % power[decimals];
	size_t n = 0;

	if (value < 0 && scaled != 0)
		out[n++] = '-';
	n += (size_t)snprintf(out + n, 24, "%lld", (long long)(scaled / power[decimals]));
	if (part == 0)
		return n;
	out[n++] = '.';
	for (int64_t unit = power[decimals] / 10; part != 0; unit /= 10) {
		out[n++] = (char)('0' + part / unit);
		part %= unit;
	}
	return n;
}

static void put_numbers(struct pb_canvas *canvas, const double *numbers, size_t count, int decimals, const char *op)
{
	char line[256];
	size_t n = 0;

	for (size_t i = 0; i < count && i < 6; i++) {
		if (!(fabs(numbers[i]) < 1e5)) { /* also what is not a number */
			own_error(canvas->pdf, "a coordinate is out of bounds");
			return;
		}
		n += format_number(line + n, numbers[i], decimals);
		line[n++] = ' ';
	}
	snprintf(line + n, sizeof(line) - n, "%s\n", op);
	put(canvas, line);
}

static void put_matrix(struct pb_canvas *canvas, double a, double b, double c, double d, double e, double f, const char *op)
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
		check(canvas->pdf, *place && HPDF_Dict_Add(canvas->resources, kind, *place) == HPDF_OK);
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
		check(pdf, pdf->font_object[font] && HPDF_Xref_Add(pdf->doc->xref, pdf->font_object[font]) == HPDF_OK);
	}
	if (!(canvas->used_fonts >> font & 1))
		check(pdf, fonts && HPDF_Dict_Add(fonts, name, pdf->font_object[font]) == HPDF_OK);
	canvas->used_fonts |= 1U << font;
}

void pb_canvas_text(struct pb_canvas *canvas, const struct pb_text_place *place, const char *text, size_t n)
{
	struct pb_pdf *pdf = canvas->pdf;
	const char *end = text + n;
	double angle = place->rotate * M_PI / 180, c = cos(angle), s = sin(angle);
	char op[16];

	if (place->font >= pdf->fonts || n == 0)
		return;
	use_font(canvas, place->font);
	put(canvas, place->outline ? "BT 1 Tr\n" : "BT\n");
	snprintf(op, sizeof(op), "/F%zu ", place->font);
	put(canvas, op);
	put_numbers(canvas, &place->size, 1, 4, "Tf");
	/* the page's y points down, the letters' up */
	put_matrix(canvas, c, -s, -s, -c, place->x, place->y, "Tm");
	put(canvas, "<");
	while (text < end) {
		uint32_t character = pb_text_next(&text);
		uint16_t glyph = pb_font_glyph(pdf->font[place->font], character);

		if (!glyph)
			own_error(pdf, "a character has no glyph");
		pb_charset_add(&pdf->shown[place->font], character);
		snprintf(op, sizeof(op), "%04X", glyph);
		put(canvas, op);
	}
	put(canvas, "> Tj ET\n");
}

static void show_xobject(struct pb_canvas *canvas, HPDF_Dict object)
{
	HPDF_Dict xobjects = resource(canvas, &canvas->xobjects, "XObject");
	const char *name = xobjects ? HPDF_Dict_GetKeyByObj(xobjects, object) : NULL;
	char fresh[16], op[32];

	if (!name && xobjects) {
		snprintf(fresh, sizeof(fresh), "X%u", xobjects->list->count);
		check(canvas->pdf, HPDF_Dict_Add(xobjects, fresh, object) == HPDF_OK);
		name = fresh;
	}
	snprintf(op, sizeof(op), "/%s Do\n", name ? name : "");
	put(canvas, op);
}

struct pb_image *pb_pdf_jpeg(struct pb_pdf *pdf, struct pb_view jpeg)
{
	HPDF_Image image = HPDF_LoadJpegImageFromMem(pdf->doc, jpeg.p, (HPDF_UINT)jpeg.n);

	check(pdf, image != NULL);
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
		own_error(pdf, "out of memory");
		return NULL;
	}
	canvas->pdf = pdf;
	canvas->next = pdf->canvases;
	pdf->canvases = canvas;
	return canvas;
}

static void add_box(struct pb_pdf *pdf, HPDF_Dict dict, const char *name, double left, double bottom, double right, double top)
{
	HPDF_Box box = { (HPDF_REAL)left, (HPDF_REAL)bottom, (HPDF_REAL)right, (HPDF_REAL)top };
	HPDF_Array array = HPDF_Box_Array_New(pdf->doc->mmgr, box);

	check(pdf, array && HPDF_Dict_Add(dict, name, array) == HPDF_OK);
}

struct pb_canvas *pb_pdf_page(struct pb_pdf *pdf, double width, double height, double inset)
{
	struct pb_canvas *canvas = new_canvas(pdf);
	double w = width * PT_PER_MM, h = height * PT_PER_MM, in = inset * PT_PER_MM;

	if (!canvas)
		return NULL;
	canvas->object = HPDF_AddPage(pdf->doc);
	check(pdf, canvas->object != NULL);
	if (!canvas->object)
		return canvas;
	canvas->stream = ((HPDF_PageAttr)canvas->object->attr)->stream;
	canvas->resources = HPDF_Dict_GetItem(canvas->object, "Resources", HPDF_OCLASS_DICT);
	check(pdf, canvas->resources != NULL);
	add_box(pdf, canvas->object, "MediaBox", 0, 0, w, h);
	if (inset > 0) {
		add_box(pdf, canvas->object, "BleedBox", 0, 0, w, h);
		add_box(pdf, canvas->object, "TrimBox", in, in, w - in, h - in);
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
	check(pdf, form && canvas->resources);
	if (!form || !canvas->resources)
		return canvas;
	form->header.obj_class |= HPDF_OSUBCLASS_XOBJECT;
	form->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
	check(pdf, HPDF_Dict_AddName(form, "Type", "XObject") == HPDF_OK);
	check(pdf, HPDF_Dict_AddName(form, "Subtype", "Form") == HPDF_OK);
	check(pdf, HPDF_Dict_Add(form, "Resources", canvas->resources) == HPDF_OK);
	add_box(pdf, form, "BBox", -bleed, -bleed, width + bleed, height + bleed);
	canvas->object = form;
	canvas->stream = form->stream;
	return canvas;
}

/* ---- fonts: Type 0, Identity-H, so that a code is a glyph number; only what was shown is described */

/* Names the subset by what is in it: six capitals, equal for equal sets. */
static void subset_tag(const struct pb_charset *set, char ret_tag[static PB_FONT_TAG + 1])
{
	uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

	for (size_t i = 0; i < sizeof(set->bits); i++)
		hash = (hash ^ set->bits[i]) * 0x100000001b3U;
	for (size_t i = 0; i < PB_FONT_TAG; i++, hash /= 26)
		ret_tag[i] = (char)('A' + hash % 26);
	ret_tag[PB_FONT_TAG] = '\0';
}

static HPDF_Dict add_stream(struct pb_pdf *pdf, HPDF_Dict owner, const char *key, const void *bytes, size_t n)
{
	HPDF_Dict stream = HPDF_DictStream_New(pdf->doc->mmgr, pdf->doc->xref);

	check(pdf, stream && HPDF_Stream_Write(stream->stream, bytes, (HPDF_UINT)n) == HPDF_OK);
	check(pdf, stream && HPDF_Dict_Add(owner, key, stream) == HPDF_OK);
	if (stream)
		stream->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
	return stream;
}

static HPDF_Dict add_dict(struct pb_pdf *pdf, void *owner, const char *key, bool indirect)
{
	HPDF_Dict dict = HPDF_Dict_New(pdf->doc->mmgr);

	check(pdf, dict && (!indirect || HPDF_Xref_Add(pdf->doc->xref, dict) == HPDF_OK));
	check(pdf, dict && HPDF_Dict_Add(owner, key, dict) == HPDF_OK);
	return dict;
}

static void add_descriptor(struct pb_pdf *pdf, HPDF_Dict descendant, size_t index, const char *name, const char *tag)
{
	HPDF_Dict descriptor = add_dict(pdf, descendant, "FontDescriptor", true), file;
	struct pb_font_metrics m;
	HPDF_STATUS ret = HPDF_OK;
	uint8_t *bytes = NULL;
	size_t n = 0;

	pb_font_metrics(pdf->font[index], &m);
	if (pb_font_subset(pdf->font[index], &pdf->shown[index], tag, &bytes, &n, NULL) != PB_OK) {
		own_error(pdf, "a font cannot be reduced to what is used");
		return;
	}
	ret |= HPDF_Dict_AddName(descriptor, "Type", "FontDescriptor");
	ret |= HPDF_Dict_AddName(descriptor, "FontName", name);
	ret |= HPDF_Dict_AddNumber(descriptor, "Flags", m.flags);
	ret |= HPDF_Dict_AddNumber(descriptor, "Ascent", m.ascent);
	ret |= HPDF_Dict_AddNumber(descriptor, "Descent", m.descent);
	ret |= HPDF_Dict_AddNumber(descriptor, "CapHeight", m.cap_height);
	ret |= HPDF_Dict_AddNumber(descriptor, "ItalicAngle", m.italic_angle);
	ret |= HPDF_Dict_AddNumber(descriptor, "StemV", m.stem_v);
	add_box(pdf, descriptor, "FontBBox", m.bbox[0], m.bbox[1], m.bbox[2], m.bbox[3]);
	file = add_stream(pdf, descriptor, "FontFile2", bytes, n);
	ret |= file ? HPDF_Dict_AddNumber(file, "Length1", (HPDF_INT32)n) : HPDF_OK;
	check(pdf, ret == HPDF_OK);
	free(bytes);
}

static void add_widths(struct pb_pdf *pdf, HPDF_Dict descendant, size_t index)
{
	HPDF_Array widths = HPDF_Array_New(pdf->doc->mmgr);
	HPDF_STATUS ret = HPDF_OK;

	check(pdf, widths && HPDF_Dict_Add(descendant, "W", widths) == HPDF_OK);
	for (uint32_t character = 0; widths && character < PB_FONT_CHARACTERS; character++) {
		uint16_t glyph;

		if (!pb_charset_has(&pdf->shown[index], character))
			continue;
		glyph = pb_font_glyph(pdf->font[index], character);
		ret |= HPDF_Array_AddNumber(widths, glyph); /* first, last, width */
		ret |= HPDF_Array_AddNumber(widths, glyph);
		ret |= HPDF_Array_AddNumber(widths, pb_font_advance(pdf->font[index], glyph));
	}
	check(pdf, ret == HPDF_OK);
}

/* Where two characters share a glyph (space and no-break space), the first one names it. */
static size_t glyph_names(const struct pb_pdf *pdf, size_t index, uint16_t *glyphs, uint16_t *characters, size_t cap)
{
	size_t n = 0;

	for (uint32_t character = 1; character < PB_FONT_CHARACTERS && n < cap; character++) {
		uint16_t glyph;
		size_t i = 0;

		if (!pb_charset_has(&pdf->shown[index], character))
			continue;
		glyph = pb_font_glyph(pdf->font[index], character);
		while (i < n && glyphs[i] != glyph)
			i++;
		if (i < n)
			continue;
		glyphs[n] = glyph;
		characters[n++] = (uint16_t)character;
	}
	return n;
}

static void add_to_unicode(struct pb_pdf *pdf, HPDF_Dict font, size_t index)
{
	enum { GLYPHS = 1024, BLOCK = 100 }; /* a block of bfchar holds at most 100 */
	static const char head[] = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
				   "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
				   "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
				   "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n";
	static const char tail[] = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
	uint16_t glyphs[GLYPHS], characters[GLYPHS];
	size_t n = glyph_names(pdf, index, glyphs, characters, GLYPHS);
	HPDF_Dict map = add_stream(pdf, font, "ToUnicode", head, sizeof(head) - 1);
	HPDF_STATUS ret = HPDF_OK;
	char line[32];

	for (size_t i = 0; map && i < n; i++) {
		if (i % BLOCK == 0) {
			snprintf(line, sizeof(line), "%zu beginbfchar\n", n - i < BLOCK ? n - i : BLOCK);
			ret |= HPDF_Stream_WriteStr(map->stream, line);
		}
		snprintf(line, sizeof(line), "<%04X> <%04X>\n", glyphs[i], characters[i]);
		ret |= HPDF_Stream_WriteStr(map->stream, line);
		if (i % BLOCK == BLOCK - 1 || i == n - 1)
			ret |= HPDF_Stream_WriteStr(map->stream, "endbfchar\n");
	}
	ret |= map ? HPDF_Stream_WriteStr(map->stream, tail) : HPDF_OK;
	check(pdf, ret == HPDF_OK);
}

static void add_descendant(struct pb_pdf *pdf, HPDF_Dict font, size_t index, const char *name, const char *tag)
{
	HPDF_MMgr memory = pdf->doc->mmgr;
	HPDF_Array descendants = HPDF_Array_New(memory);
	HPDF_Dict descendant = HPDF_Dict_New(memory), system;
	HPDF_STATUS ret = HPDF_OK;

	check(pdf, descendants && descendant && HPDF_Xref_Add(pdf->doc->xref, descendant) == HPDF_OK);
	check(pdf, descendants && HPDF_Dict_Add(font, "DescendantFonts", descendants) == HPDF_OK);
	if (!descendants || !descendant || pb_pdf_status(pdf, NULL) != PB_OK)
		return;
	ret |= HPDF_Array_Add(descendants, descendant);
	ret |= HPDF_Dict_AddName(descendant, "Type", "Font");
	ret |= HPDF_Dict_AddName(descendant, "Subtype", "CIDFontType2");
	ret |= HPDF_Dict_AddName(descendant, "BaseFont", name);
	ret |= HPDF_Dict_AddName(descendant, "CIDToGIDMap", "Identity");
	system = add_dict(pdf, descendant, "CIDSystemInfo", false);
	ret |= HPDF_Dict_Add(system, "Registry", HPDF_String_New(memory, "Adobe", NULL));
	ret |= HPDF_Dict_Add(system, "Ordering", HPDF_String_New(memory, "Identity", NULL));
	ret |= HPDF_Dict_AddNumber(system, "Supplement", 0);
	check(pdf, ret == HPDF_OK);
	add_widths(pdf, descendant, index);
	add_descriptor(pdf, descendant, index, name, tag);
}

static void complete_font(struct pb_pdf *pdf, size_t index)
{
	HPDF_Dict font = pdf->font_object[index];
	struct pb_font_metrics m;
	char tag[PB_FONT_TAG + 1], name[96];
	HPDF_STATUS ret = HPDF_OK;

	pb_font_metrics(pdf->font[index], &m);
	subset_tag(&pdf->shown[index], tag);
	snprintf(name, sizeof(name), "%s+%s", tag, m.name);
	ret |= HPDF_Dict_AddName(font, "Type", "Font");
	ret |= HPDF_Dict_AddName(font, "Subtype", "Type0");
	ret |= HPDF_Dict_AddName(font, "BaseFont", name);
	ret |= HPDF_Dict_AddName(font, "Encoding", "Identity-H");
	check(pdf, ret == HPDF_OK);
	add_to_unicode(pdf, font, index);
	add_descendant(pdf, font, index, name, tag);
}

/* ---- the end */

static enum pb_status take_file(struct pb_pdf *pdf, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	HPDF_UINT32 n = HPDF_GetStreamSize(pdf->doc), got = n;
	uint8_t *bytes = malloc(n ? n : 1);

	if (!bytes)
		return pb_fail(err, PB_NO_MEMORY, "document of %u bytes", n);
	if (HPDF_ReadFromStream(pdf->doc, bytes, &got) != HPDF_OK || got != n) {
		free(bytes);
		return pb_fail(err, PB_RENDER_FAILED, "document of %u bytes cannot be read", n);
	}
	*ret_bytes = bytes;
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_pdf_finish(struct pb_pdf *pdf, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	enum pb_status s;

	for (size_t i = 0; i < pdf->fonts; i++)
		if (pdf->font_object[i])
			complete_font(pdf, i);
	s = pb_pdf_status(pdf, err);
	if (s != PB_OK)
		return s;
	check(pdf, HPDF_SaveToStream(pdf->doc) == HPDF_OK);
	s = pb_pdf_status(pdf, err);
	return s == PB_OK ? take_file(pdf, ret_bytes, ret_n, err) : s;
}
