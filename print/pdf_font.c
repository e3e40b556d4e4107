/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The font dictionaries of a document, put together from libharu's objects because its own Unicode fonts
 * are malformed (font.h): Type 0 with Identity-H, so that a code is a glyph number, and only what was
 * shown is described and embedded (ISO 32000-1, 9.7 and 9.10.3).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print/pdf_internal.h"

/* Names the subset by what is in it: six capitals, equal for equal sets. */
static void subset_tag(const struct pb_charset *set, char ret_tag[static PB_FONT_TAG + 1])
{
	uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a, of words */

	for (size_t i = 0; i < PB_FONT_CHARACTERS / 64; i++) {
		hash = (hash ^ set->words[i]) * 0x100000001b3U;
		hash ^= hash >> 32; /* a word's upper bits would never reach the lower ones */
	}
	for (size_t i = 0; i < PB_FONT_TAG; i++, hash /= 26)
		ret_tag[i] = (char)('A' + hash % 26);
	ret_tag[PB_FONT_TAG] = '\0';
}

static HPDF_Dict add_stream(struct pb_pdf *pdf, HPDF_Dict owner, const char *key, struct pb_view bytes)
{
	HPDF_Dict stream = HPDF_DictStream_New(pdf->doc->mmgr, pdf->doc->xref);

	pb_pdf_expect(pdf, stream && HPDF_Dict_Add(owner, key, stream) == HPDF_OK);
	if (stream)
		pb_pdf_fill_stream(pdf, stream, PB_PDF_FONT, bytes);
	return stream;
}

static HPDF_Dict add_dict(struct pb_pdf *pdf, void *owner, const char *key, bool indirect)
{
	HPDF_Dict dict = HPDF_Dict_New(pdf->doc->mmgr);

	pb_pdf_expect(pdf, dict && (!indirect || HPDF_Xref_Add(pdf->doc->xref, dict) == HPDF_OK));
	pb_pdf_expect(pdf, dict && HPDF_Dict_Add(owner, key, dict) == HPDF_OK);
	return dict;
}

static void add_descriptor(struct pb_pdf *pdf, HPDF_Dict descendant, size_t index, const char *name)
{
	HPDF_Dict descriptor = add_dict(pdf, descendant, "FontDescriptor", true), file;
	struct pb_font_metrics m;
	HPDF_STATUS ret = HPDF_OK;
	uint8_t *bytes = NULL;
	size_t n = 0;

	pb_font_metrics(pdf->font[index], &m);
	if (pb_font_subset(pdf->font[index], &pdf->shown[index], &bytes, &n, NULL) != PB_OK) {
		pb_pdf_spoil(pdf, "a font cannot be reduced to what is used");
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
	pb_pdf_add_box(pdf, descriptor, "FontBBox", m.bbox[0], m.bbox[1], m.bbox[2], m.bbox[3]);
	file = add_stream(pdf, descriptor, "FontFile2", pb_view(bytes, n));
	ret |= file ? HPDF_Dict_AddNumber(file, "Length1", (HPDF_INT32)n) : HPDF_OK;
	pb_pdf_expect(pdf, ret == HPDF_OK);
	free(bytes);
}

static void add_widths(struct pb_pdf *pdf, HPDF_Dict descendant, size_t index)
{
	HPDF_Array widths = HPDF_Array_New(pdf->doc->mmgr);
	HPDF_STATUS ret = HPDF_OK;

	pb_pdf_expect(pdf, widths && HPDF_Dict_Add(descendant, "W", widths) == HPDF_OK);
	for (uint32_t character = 0; widths && (character = pb_charset_next(&pdf->shown[index], character + 1)) != 0;) {
		uint16_t glyph = pb_font_glyph(pdf->font[index], character);

		ret |= HPDF_Array_AddNumber(widths, glyph); /* first, last, width */
		ret |= HPDF_Array_AddNumber(widths, glyph);
		ret |= HPDF_Array_AddNumber(widths, pb_font_advance(pdf->font[index], glyph));
	}
	pb_pdf_expect(pdf, ret == HPDF_OK);
}

/* Where two characters share a glyph (space and no-break space), the first one names it. */
static size_t glyph_names(const struct pb_pdf *pdf, size_t index, uint16_t *glyphs, uint16_t *characters, size_t cap)
{
	size_t n = 0;

	for (uint32_t character = 0; n < cap && (character = pb_charset_next(&pdf->shown[index], character + 1)) != 0;) {
		uint16_t glyph = pb_font_glyph(pdf->font[index], character);
		size_t i = 0;

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
	struct pb_pdf_text map = { 0 };
	char line[32];

	pb_pdf_put(pdf, &map, head, sizeof(head) - 1);
	for (size_t i = 0; i < n; i++) {
		int length = 0;

		if (i % BLOCK == 0)
			length = snprintf(line, sizeof(line), "%zu beginbfchar\n", n - i < BLOCK ? n - i : BLOCK);
		pb_pdf_put(pdf, &map, line, (size_t)length);
		length = snprintf(line, sizeof(line), "<%04X> <%04X>\n", glyphs[i], characters[i]);
		pb_pdf_put(pdf, &map, line, (size_t)length);
		if (i % BLOCK == BLOCK - 1 || i == n - 1)
			pb_pdf_put(pdf, &map, "endbfchar\n", strlen("endbfchar\n"));
	}
	pb_pdf_put(pdf, &map, tail, sizeof(tail) - 1);
	add_stream(pdf, font, "ToUnicode", pb_view(map.p, map.n));
	free(map.p);
}

static void add_descendant(struct pb_pdf *pdf, HPDF_Dict font, size_t index, const char *name)
{
	HPDF_MMgr memory = pdf->doc->mmgr;
	HPDF_Array descendants = HPDF_Array_New(memory);
	HPDF_Dict descendant = HPDF_Dict_New(memory), system;
	HPDF_STATUS ret = HPDF_OK;

	pb_pdf_expect(pdf, descendants && descendant && HPDF_Xref_Add(pdf->doc->xref, descendant) == HPDF_OK);
	pb_pdf_expect(pdf, descendants && HPDF_Dict_Add(font, "DescendantFonts", descendants) == HPDF_OK);
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
	pb_pdf_expect(pdf, ret == HPDF_OK);
	add_widths(pdf, descendant, index);
	add_descriptor(pdf, descendant, index, name);
}

void pb_pdf_complete_font(struct pb_pdf *pdf, size_t index)
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
	pb_pdf_expect(pdf, ret == HPDF_OK);
	add_to_unicode(pdf, font, index);
	add_descendant(pdf, font, index, name);
}
