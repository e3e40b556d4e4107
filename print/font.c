/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libharu's TrueType loader, driven through its object headers without a document.  The font stays
 * loaded for many documents.
 */
#include "print/font.h"

#include <errno.h>
#include <fcntl.h>
#include <hpdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/text.h"
#include "print/truetype.h"

enum { FONT_FILE_MAX = 4 * 1024 * 1024, STREAM_CHUNK = 65536 };

struct pb_font {
	char name[HPDF_LIMIT_MAX_NAME_LEN + 1]; /* PostScript name */
	HPDF_Error_Rec error;
	HPDF_MMgr memory;
	HPDF_FontDef def;
	uint8_t *file;
	size_t file_n;
};

void pb_charset_add(struct pb_charset *set, uint32_t character)
{
	if (character < PB_FONT_CHARACTERS)
		set->words[character / 64] |= UINT64_C(1) << character % 64;
}

uint32_t pb_charset_next(const struct pb_charset *set, uint32_t character)
{
	while (character < PB_FONT_CHARACTERS) {
		uint64_t left = set->words[character / 64] >> character % 64;

		if (left)
			return character + (uint32_t)__builtin_ctzll(left);
		character = (character / 64 + 1) * 64;
	}
	return 0;
}

static enum pb_status read_file(const char *path, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "font %s", path);
	s = pb_read_fd(fd, FONT_FILE_MAX, ret_bytes, ret_n, err);
	close(fd);
	return s == PB_OK ? s : pb_wrap(err, s, "font %s", path);
}

/* libharu takes the stream over, also when it refuses the font. */
static bool parse(struct pb_font *font)
{
	HPDF_Stream stream = HPDF_MemStream_New(font->memory, STREAM_CHUNK);

	if (!stream)
		return false;
	if (HPDF_Stream_Write(stream, font->file, (HPDF_UINT)font->file_n) != HPDF_OK) {
		HPDF_Stream_Free(stream);
		return false;
	}
	font->def = HPDF_TTFontDef_Load(font->memory, stream, HPDF_TRUE);
	return font->def != NULL;
}

enum pb_status pb_font_load(const char *path, struct pb_font **ret_font, struct pb_err *err)
{
	struct pb_font *font = calloc(1, sizeof(*font));
	enum pb_status s;

	if (!font)
		return pb_fail(err, PB_NO_MEMORY, "font");
	s = read_file(path, &font->file, &font->file_n, err);
	if (s == PB_OK) {
		HPDF_Error_Init(&font->error, NULL);
		font->memory = HPDF_MMgr_New(&font->error, 0, NULL, NULL);
		if (!font->memory || !parse(font))
			s = pb_fail(err, PB_FILE_UNREADABLE, "font %s: libharu error 0x%04lx", path, font->error.error_no);
	}
	if (s == PB_OK) {
		/* libharu appends a style, as in "PTSans-Bold,Bold" */
		snprintf(font->name, sizeof(font->name), "%.*s", (int)strcspn(font->def->base_font, ","),
			 font->def->base_font);
		*ret_font = font;
	} else {
		pb_font_free(font);
	}
	return s;
}

void pb_font_free(struct pb_font *font)
{
	if (!font)
		return;
	if (font->def)
		HPDF_FontDef_Free(font->def);
	if (font->memory)
		HPDF_MMgr_Free(font->memory);
	free(font->file);
	free(font);
}

uint16_t pb_font_glyph(const struct pb_font *font, uint32_t character)
{
	return character < PB_FONT_CHARACTERS ? HPDF_TTFontDef_GetGlyphid(font->def, (HPDF_UINT16)character) : 0;
}

int pb_font_advance(const struct pb_font *font, uint16_t glyph)
{
	return HPDF_TTFontDef_GetGidWidth(font->def, glyph);
}

double pb_font_width(const struct pb_font *font, const char *text, size_t n)
{
	const char *end = text + n;
	int width = 0;

	while (text < end) {
		uint16_t glyph = pb_font_glyph(font, pb_text_next(&text));

		if (glyph)
			width += pb_font_advance(font, glyph);
	}
	return width / 1000.0;
}

void pb_font_metrics(const struct pb_font *font, struct pb_font_metrics *ret_metrics)
{
	const HPDF_FontDef def = font->def;

	*ret_metrics = (struct pb_font_metrics){
		.name = font->name,
		.ascent = def->ascent,
		.descent = def->descent,
		.cap_height = def->cap_height ? def->cap_height : def->ascent,
		/* symbolic: glyphs are named by number, not by a standard Latin encoding */
		.flags = (int)((def->flags & ~(HPDF_UINT)HPDF_FONT_STD_CHARSET) | HPDF_FONT_SYMBOLIC),
		.italic_angle = def->italic_angle,
		.stem_v = def->stemv,
		.bbox = { (int)def->font_bbox.left, (int)def->font_bbox.bottom, (int)def->font_bbox.right,
			  (int)def->font_bbox.top },
	};
}

enum pb_status pb_font_subset(const struct pb_font *font, const struct pb_charset *set, uint8_t **ret_bytes,
			      size_t *ret_n, struct pb_err *err)
{
	size_t glyphs = ((HPDF_TTFontDefAttr)font->def->attr)->num_glyphs;
	uint8_t *used = calloc(1, glyphs + 1);
	enum pb_status s;

	if (!used)
		return pb_fail(err, PB_NO_MEMORY, "font");
	used[0] = 1; /* .notdef must be there */
	for (uint32_t character = 0; (character = pb_charset_next(set, character + 1)) != 0;) {
		uint16_t glyph = pb_font_glyph(font, character);

		if (glyph < glyphs)
			used[glyph] = 1;
	}
	s = pb_truetype_subset(pb_view(font->file, font->file_n), used, glyphs, ret_bytes, ret_n, err);
	free(used);
	return s;
}
