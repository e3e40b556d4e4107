/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A TrueType font: which glyph draws a character, how wide it is, and the part of the file that a
 * document needs.  Read by libharu's own loader; the file is reduced by truetype.h.
 *
 * Why not libharu's "UTF-8" fonts: they write a malformed ToUnicode map, and 65,536 widths and glyph
 * numbers per font and document.  pdf.c writes the small correct font dictionary itself.
 *
 * No kerning and no shaping: none of the alphabets printed here needs the latter.
 * Thread-safe after loading.
 */
#ifndef PROFBILET_PRINT_FONT_H
#define PROFBILET_PRINT_FONT_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum { PB_FONT_CHARACTERS = 0x10000, PB_FONT_TAG = 6 };

struct pb_font;

/* The characters that a document shows in one font. */
struct pb_charset {
	uint64_t words[PB_FONT_CHARACTERS / 64];
};

void pb_charset_add(struct pb_charset *set, uint32_t character);
/* The first character of the set from `character` on; 0 when there is none. */
uint32_t pb_charset_next(const struct pb_charset *set, uint32_t character);

PB_MUST_USE enum pb_status pb_font_load(const char *path, struct pb_font **ret_font, struct pb_err *err);
void pb_font_free(struct pb_font *font);

/* 0 when the font cannot draw it. */
uint16_t pb_font_glyph(const struct pb_font *font, uint32_t character);
/* Width of a glyph in thousandths of the size. */
int pb_font_advance(const struct pb_font *font, uint16_t glyph);
/* Width of a text in em; characters without a glyph count as nothing. */
double pb_font_width(const struct pb_font *font, const char *text, size_t n);

struct pb_font_metrics {
	const char *name; /* PostScript name */
	int ascent, descent, cap_height, flags, italic_angle, stem_v;
	int bbox[4];
};

void pb_font_metrics(const struct pb_font *font, struct pb_font_metrics *ret_metrics);

/* The font file reduced to the glyphs of `set`, in memory the caller frees. */
PB_MUST_USE enum pb_status pb_font_subset(const struct pb_font *font, const struct pb_charset *set, uint8_t **ret_bytes,
					  size_t *ret_n, struct pb_err *err);

#endif
