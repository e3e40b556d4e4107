/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libharu's TrueType loader, driven through its object headers without a document.  The font stays
 * loaded for many documents; its marks of used glyphs are set anew for each.
 */
#include "print/font.h"

#include <errno.h>
#include <fcntl.h>
#include <hpdf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/text.h"

enum { FONT_FILE_MAX = 4 * 1024 * 1024, STREAM_CHUNK = 65536 };

struct pb_font {
	char name[HPDF_LIMIT_MAX_NAME_LEN + 1]; /* PostScript name */
	HPDF_Error_Rec error;
	HPDF_MMgr memory;
	HPDF_FontDef def;	     /* owns the stream of the file */
	pthread_mutex_t subsetting; /* marks glyphs in def */
};

void pb_charset_add(struct pb_charset *set, uint32_t character)
{
	if (character < PB_FONT_CHARACTERS)
		set->bits[character / 8] |= (uint8_t)(1U << character % 8);
}

uint32_t pb_charset_next(const struct pb_charset *set, uint32_t character)
{
	while (character < PB_FONT_CHARACTERS) {
		uint8_t left = (uint8_t)(set->bits[character / 8] >> character % 8);

		if (left & 1)
			return character;
		character = left ? character + 1 : (character / 8 + 1) * 8;
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
static bool parse(struct pb_font *font, const uint8_t *bytes, size_t n)
{
	HPDF_Stream stream = HPDF_MemStream_New(font->memory, STREAM_CHUNK);

	if (!stream)
		return false;
	if (HPDF_Stream_Write(stream, bytes, (HPDF_UINT)n) != HPDF_OK) {
		HPDF_Stream_Free(stream);
		return false;
	}
	font->def = HPDF_TTFontDef_Load(font->memory, stream, HPDF_TRUE);
	return font->def != NULL;
}

enum pb_status pb_font_load(const char *path, struct pb_font **ret_font, struct pb_err *err)
{
	struct pb_font *font = calloc(1, sizeof(*font));
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s;

	if (!font)
		return pb_fail(err, PB_NO_MEMORY, "font");
	pthread_mutex_init(&font->subsetting, NULL);
	s = read_file(path, &bytes, &n, err);
	if (s == PB_OK) {
		HPDF_Error_Init(&font->error, NULL);
		font->memory = HPDF_MMgr_New(&font->error, 0, NULL, NULL);
		if (!font->memory || !parse(font, bytes, n))
			s = pb_fail(err, PB_FILE_UNREADABLE, "font %s: libharu error 0x%04lx", path, font->error.error_no);
	}
	free(bytes);
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
	pthread_mutex_destroy(&font->subsetting);
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

static void mark_glyphs(struct pb_font *font, const struct pb_charset *set)
{
	HPDF_TTFontDefAttr attr = font->def->attr;

	memset(attr->glyph_tbl.flgs, 0, attr->num_glyphs);
	attr->glyph_tbl.flgs[0] = 1; /* .notdef must be there */
	/* asking the width marks the glyph and its components */
	for (uint32_t character = 0; (character = pb_charset_next(set, character + 1)) != 0;)
		(void)HPDF_TTFontDef_GetCharWidth(font->def, (HPDF_UINT16)character);
}

static enum pb_status copy_stream(HPDF_Stream stream, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	HPDF_UINT n = HPDF_Stream_Size(stream), got = n;
	uint8_t *bytes = malloc(n ? n : 1);

	if (!bytes)
		return pb_fail(err, PB_NO_MEMORY, "font");
	if (HPDF_Stream_Seek(stream, 0, HPDF_SEEK_SET) != HPDF_OK || HPDF_Stream_Read(stream, bytes, &got) != HPDF_OK ||
	    got != n) {
		free(bytes);
		return pb_fail(err, PB_RENDER_FAILED, "font subset of %u bytes cannot be read", n);
	}
	*ret_bytes = bytes;
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_font_subset(struct pb_font *font, const struct pb_charset *set,
			      const char tag[static PB_FONT_TAG + 1], uint8_t **ret_bytes, size_t *ret_n,
			      struct pb_err *err)
{
	char name[PB_FONT_TAG + 1];
	HPDF_Stream stream;
	enum pb_status s;

	memcpy(name, tag, sizeof(name));
	pthread_mutex_lock(&font->subsetting);
	HPDF_Error_Reset(&font->error);
	mark_glyphs(font, set);
	HPDF_TTFontDef_SetTagName(font->def, name);
	stream = HPDF_MemStream_New(font->memory, STREAM_CHUNK);
	if (stream && HPDF_TTFontDef_SaveFontData(font->def, stream) == HPDF_OK)
		s = copy_stream(stream, ret_bytes, ret_n, err);
	else
		s = pb_fail(err, PB_RENDER_FAILED, "font subset: libharu error 0x%04lx", font->error.error_no);
	if (stream)
		HPDF_Stream_Free(stream);
	pthread_mutex_unlock(&font->subsetting);
	return s;
}
