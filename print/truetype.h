/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A TrueType file reduced to what a PDF needs to draw some of its glyphs (ISO 32000-1, 9.9; Apple's
 * TrueType Reference Manual): the tables cvt fpgm glyf head hhea hmtx loca maxp prep.  Glyphs keep their
 * numbers; those not used have no outline and no width.
 *
 * Why not libharu's: it copies outlines byte by byte through its streams, and keeps all metrics and names.
 * Not for: which glyph draws a character (font.h).
 */
#ifndef PROFBILET_PRINT_TRUETYPE_H
#define PROFBILET_PRINT_TRUETYPE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* `used` has a flag for each of the font's `glyphs`; those of which a used glyph is composed are set too.
 * The file is in memory the caller frees.  PB_RENDER_FAILED when the font contradicts itself: nothing
 * outside it is ever read. */
PB_MUST_USE enum pb_status pb_truetype_subset(struct pb_view font, uint8_t *used, size_t glyphs, uint8_t **ret_bytes,
					      size_t *ret_n, struct pb_err *err);

#endif
