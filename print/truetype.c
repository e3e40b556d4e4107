/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything the file says about itself is checked first (find_tables, check_tables, follow_components);
 * the copying below relies on it.
 */
#include "print/truetype.h"

#include <stdlib.h>
#include <string.h>

/* In the order of the file: the format wants the tags sorted. */
enum table { CVT, FPGM, GLYF, HEAD, HHEA, HMTX, LOCA, MAXP, PREP, TABLES };
static const char tags[TABLES][5] = { "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep" };

enum {
	HEADER_LEN = 12,
	RECORD_LEN = 16,
	HEAD_SUM = 8, /* checkSumAdjustment */
	HEAD_LEN = 54,
	HEAD_WIDE = 50, /* indexToLocFormat: 0 halves of offsets in 16 bits, 1 offsets in 32 */
	HHEA_LEN = 36,
	HHEA_METRICS = 34, /* numberOfHMetrics */
	MAXP_LEN = 6,
	MAXP_GLYPHS = 4,
	OUTLINE_HEADER = 10,
	METRIC_LEN = 4, /* advance, left side bearing */
};
#define FILE_SUM 0xB1B0AFBAU

/* Flags of a component. */
enum { WORDS = 0x01, SCALE = 0x08, MORE = 0x20, TWO_SCALES = 0x40, TWO_BY_TWO = 0x80 };

struct source {
	struct pb_view table[TABLES];
	size_t glyphs, metrics;
	bool wide;
};

static enum pb_status refuse(struct pb_err *err, const char *what)
{
	return pb_fail(err, PB_RENDER_FAILED, "font: %s", what);
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void put16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

/* ---- what the font says of itself */

static enum pb_status find_tables(struct pb_view font, struct source *ret_source, struct pb_err *err)
{
	struct pb_cursor in = pb_cursor(font);
	struct pb_view skipped, tag;
	uint64_t version, count, offset, length;

	if (!pb_take_be(&in, 4, &version) || version != 0x00010000 || !pb_take_be(&in, 2, &count) ||
	    !pb_take(&in, 6, &skipped))
		return refuse(err, "not a TrueType file");
	for (; count > 0; count--) {
		if (!pb_take(&in, 4, &tag) || !pb_take(&in, 4, &skipped) || !pb_take_be(&in, 4, &offset) ||
		    !pb_take_be(&in, 4, &length) || offset > font.n || length > font.n - offset)
			return refuse(err, "a table lies outside the file");
		for (size_t i = 0; i < TABLES; i++)
			if (memcmp(tag.p, tags[i], 4) == 0)
				ret_source->table[i] = pb_view(font.p + offset, length);
	}
	return PB_OK;
}

/* Where the outline of a glyph begins; that of the next one is its end. */
static size_t place(const struct source *source, size_t glyph)
{
	const uint8_t *loca = source->table[LOCA].p;

	return source->wide ? be32(loca + 4 * glyph) : 2 * (size_t)be16(loca + 2 * glyph);
}

static struct pb_view outline(const struct source *source, size_t glyph)
{
	size_t start = place(source, glyph);

	return pb_view(source->table[GLYF].p + start, place(source, glyph + 1) - start);
}

static bool places_ascend(const struct source *source)
{
	size_t last = 0;

	for (size_t glyph = 0; glyph <= source->glyphs; glyph++) {
		size_t next = place(source, glyph);

		if (next < last || next > source->table[GLYF].n)
			return false;
		last = next;
	}
	return true;
}

static enum pb_status check_tables(struct source *source, size_t glyphs, struct pb_err *err)
{
	const struct pb_view *table = source->table;
	uint16_t wide;

	if (table[HEAD].n < HEAD_LEN || table[HHEA].n < HHEA_LEN || table[MAXP].n < MAXP_LEN)
		return refuse(err, "a table is missing or short");
	wide = be16(table[HEAD].p + HEAD_WIDE);
	source->wide = wide == 1;
	source->glyphs = glyphs;
	source->metrics = be16(table[HHEA].p + HHEA_METRICS);
	if (wide > 1 || glyphs == 0 || be16(table[MAXP].p + MAXP_GLYPHS) != glyphs)
		return refuse(err, "another number of glyphs");
	if (source->metrics == 0 || source->metrics > glyphs ||
	    table[HMTX].n < METRIC_LEN * source->metrics + 2 * (glyphs - source->metrics))
		return refuse(err, "another number of widths");
	if (table[LOCA].n < (glyphs + 1) * (source->wide ? 4 : 2) || !places_ascend(source))
		return refuse(err, "outlines lie outside their table");
	return PB_OK;
}

/* ---- which glyphs */

static size_t component_rest(uint64_t flags)
{
	size_t arguments = flags & WORDS ? 4 : 2;

	return arguments + (flags & SCALE ? 2 : flags & TWO_SCALES ? 4 : flags & TWO_BY_TWO ? 8 : 0);
}

/* Marks what the outline is composed of; `ret_added` tells of marks that are new. */
static bool mark_components(const struct source *source, size_t glyph, uint8_t *used, bool *ret_added)
{
	struct pb_view all = outline(source, glyph), skipped;
	struct pb_cursor in = pb_cursor(all);
	uint64_t flags = MORE, component;

	if (all.n == 0)
		return true;
	if (!pb_take(&in, OUTLINE_HEADER, &skipped))
		return false;
	if (all.p[0] < 0x80) /* contours: not negative, so none */
		return true;
	while (flags & MORE) {
		if (!pb_take_be(&in, 2, &flags) || !pb_take_be(&in, 2, &component) || component >= source->glyphs ||
		    !pb_take(&in, component_rest(flags), &skipped))
			return false;
		*ret_added = *ret_added || !used[component];
		used[component] = 1;
	}
	return true;
}

static enum pb_status follow_components(const struct source *source, uint8_t *used, struct pb_err *err)
{
	bool added;

	do { /* ends: each round but the last marks a glyph */
		added = false;
		for (size_t glyph = 0; glyph < source->glyphs; glyph++)
			if (used[glyph] && !mark_components(source, glyph, used, &added))
				return refuse(err, "an outline is cut short");
	} while (added);
	return PB_OK;
}

/* ---- writing */

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static size_t outlines_length(const struct source *source, const uint8_t *used)
{
	size_t n = 0;

	for (size_t glyph = 0; glyph < source->glyphs; glyph++)
		if (used[glyph])
			n += padded(outline(source, glyph).n);
	return n;
}

static void write_outlines(const struct source *source, const uint8_t *used, uint8_t *glyf, uint8_t *loca)
{
	size_t at = 0;

	for (size_t glyph = 0; glyph <= source->glyphs; glyph++) {
		if (source->wide)
			put32(loca + 4 * glyph, (uint32_t)at);
		else
			put16(loca + 2 * glyph, at / 2);
		if (glyph < source->glyphs && used[glyph]) {
			struct pb_view from = outline(source, glyph);

			if (from.n > 0)
				memcpy(glyf + at, from.p, from.n);
			at += padded(from.n);
		}
	}
}

/* Glyphs beyond the full metrics have a bearing each, and the last advance together. */
static void write_metrics(const struct source *source, const uint8_t *used, uint8_t *hmtx)
{
	const uint8_t *from = source->table[HMTX].p;
	size_t full = METRIC_LEN * source->metrics;

	for (size_t glyph = 0; glyph < source->glyphs; glyph++) {
		size_t at = glyph < source->metrics ? METRIC_LEN * glyph : full + 2 * (glyph - source->metrics);

		if (!used[glyph])
			continue;
		memcpy(hmtx + at, from + at, glyph < source->metrics ? METRIC_LEN : 2);
		if (glyph >= source->metrics)
			memcpy(hmtx + full - METRIC_LEN, from + full - METRIC_LEN, 2);
	}
}

/* n is a multiple of four. */
static uint32_t checksum(const uint8_t *bytes, size_t n)
{
	uint32_t sum = 0;

	for (size_t at = 0; at < n; at += 4)
		sum += be32(bytes + at);
	return sum;
}

static void write_header(uint8_t *file, size_t count)
{
	size_t log = 0;

	while (count >> (log + 1))
		log++;
	put32(file, 0x00010000);
	put16(file + 4, count);
	put16(file + 6, (size_t)RECORD_LEN << log); /* for a binary search */
	put16(file + 8, log);
	put16(file + 10, RECORD_LEN * count - ((size_t)RECORD_LEN << log));
}

/* Where each table will stand, 0 for one that is not there; returns the length of the file. */
static size_t plan(const struct source *source, const size_t n[static TABLES], size_t ret_at[static TABLES],
		   size_t *ret_count)
{
	size_t at = HEADER_LEN;

	*ret_count = 0;
	for (size_t i = 0; i < TABLES; i++)
		if (source->table[i].n > 0)
			++*ret_count;
	at += RECORD_LEN * *ret_count;
	for (size_t i = 0; i < TABLES; i++) {
		ret_at[i] = source->table[i].n > 0 ? at : 0;
		at += padded(n[i]);
	}
	return at;
}

static void write_tables(const struct source *source, const uint8_t *used, const size_t at[static TABLES], uint8_t *file)
{
	for (size_t i = 0; i < TABLES; i++)
		if (at[i] && i != GLYF && i != LOCA && i != HMTX)
			memcpy(file + at[i], source->table[i].p, source->table[i].n);
	put32(file + at[HEAD] + HEAD_SUM, 0);
	write_outlines(source, used, file + at[GLYF], file + at[LOCA]);
	write_metrics(source, used, file + at[HMTX]);
}

static void write_records(const size_t at[static TABLES], const size_t n[static TABLES], uint8_t *file)
{
	uint8_t *record = file + HEADER_LEN;

	for (size_t i = 0; i < TABLES; i++) {
		if (!at[i])
			continue;
		memcpy(record, tags[i], 4);
		put32(record + 4, checksum(file + at[i], padded(n[i])));
		put32(record + 8, (uint32_t)at[i]);
		put32(record + 12, (uint32_t)n[i]);
		record += RECORD_LEN;
	}
}

static enum pb_status write_file(const struct source *source, const uint8_t *used, uint8_t **ret_bytes, size_t *ret_n,
				 struct pb_err *err)
{
	size_t n[TABLES], at[TABLES], count, all;
	uint8_t *file;

	for (size_t i = 0; i < TABLES; i++)
		n[i] = source->table[i].n;
	n[GLYF] = outlines_length(source, used);
	n[LOCA] = (source->glyphs + 1) * (source->wide ? 4 : 2);
	n[HMTX] = METRIC_LEN * source->metrics + 2 * (source->glyphs - source->metrics);
	if (!source->wide && n[GLYF] / 2 > UINT16_MAX)
		return refuse(err, "outlines that grow when they are aligned");
	all = plan(source, n, at, &count);
	file = calloc(1, all);
	if (!file)
		return pb_fail(err, PB_NO_MEMORY, "font");
	write_header(file, count);
	write_tables(source, used, at, file);
	write_records(at, n, file);
	put32(file + at[HEAD] + HEAD_SUM, FILE_SUM - checksum(file, all));
	*ret_bytes = file;
	*ret_n = all;
	return PB_OK;
}

enum pb_status pb_truetype_subset(struct pb_view font, uint8_t *used, size_t glyphs, uint8_t **ret_bytes, size_t *ret_n,
				  struct pb_err *err)
{
	struct source source = { 0 };
	enum pb_status s = find_tables(font, &source, err);

	if (s == PB_OK)
		s = check_tables(&source, glyphs, err);
	if (s == PB_OK)
		s = follow_components(&source, used, err);
	return s == PB_OK ? write_file(&source, used, ret_bytes, ret_n, err) : s;
}
