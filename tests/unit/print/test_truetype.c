/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/truetype: what of a font file stays.  That viewers read the result, check-faces.py asks of them.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/message.h"
#include "print/truetype.h"

enum { GLYPHS_MAX = 4096, FILE_MAX = 4 * 1024 * 1024, KEPT = 37 };

static uint8_t *font;
static size_t font_n, glyphs;
static uint8_t used[GLYPHS_MAX];

static uint32_t be(const uint8_t *p, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[i];
	return value;
}

/* Where the record of a table stands, 0 when there is none. */
static size_t record_of(const uint8_t *file, const char *tag)
{
	for (size_t at = 12, i = 0; i < be(file + 4, 2); i++, at += 16)
		if (memcmp(file + at, tag, 4) == 0)
			return at;
	return 0;
}

static const uint8_t *table_of(const uint8_t *file, const char *tag)
{
	size_t record = record_of(file, tag);

	assert_int_not_equal(record, 0);
	return file + be(file + record + 8, 4);
}

static struct pb_view outline(const uint8_t *file, size_t glyph)
{
	const uint8_t *places = table_of(file, "loca");
	bool wide = be(table_of(file, "head") + 50, 2) != 0;
	size_t start = wide ? be(places + 4 * glyph, 4) : 2 * be(places + 2 * glyph, 2);
	size_t end = wide ? be(places + 4 * glyph + 4, 4) : 2 * be(places + 2 * glyph + 2, 2);

	return pb_view(table_of(file, "glyf") + start, end - start);
}

static enum pb_status reduce(const uint8_t *file, size_t n, uint8_t **ret_bytes, size_t *ret_n)
{
	return pb_truetype_subset(pb_view(file, n), used, glyphs, ret_bytes, ret_n, NULL);
}

static int open_font(void **state)
{
	int fd = open(FONT_DIR "/PTS55F.ttf", O_RDONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0 || pb_read_fd(fd, FILE_MAX, &font, &font_n, NULL) != PB_OK)
		return 1;
	close(fd);
	glyphs = be(table_of(font, "maxp") + 4, 2);
	memset(used, 0, sizeof(used));
	used[0] = used[KEPT] = used[glyphs - 1] = 1;
	return glyphs > GLYPHS_MAX;
}

static int close_font(void **state)
{
	(void)state;
	free(font);
	return 0;
}

static void used_glyphs_keep_number_and_outline(void **state)
{
	uint8_t *made = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(reduce(font, font_n, &made, &n), PB_OK);
	assert_true(n < font_n / 20);
	for (size_t glyph = 0; glyph < glyphs; glyph++) {
		struct pb_view before = outline(font, glyph), after = outline(made, glyph);

		if (!used[glyph]) {
			assert_int_equal(after.n, 0);
			continue;
		}
		assert_true(after.n >= before.n && after.n < before.n + 4);
		assert_memory_equal(after.p, before.p, before.n);
		assert_memory_equal(table_of(made, "hmtx") + 4 * glyph, table_of(font, "hmtx") + 4 * glyph, 4);
	}
	free(made);
}

static void hints_stay_and_names_go(void **state)
{
	uint8_t *made = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(reduce(font, font_n, &made, &n), PB_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(record_of(made, (const char *[]){ "fpgm", "prep", "cvt " }[i]), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(record_of(made, (const char *[]){ "name", "post", "kern", "cmap" }[i]), 0);
	free(made);
}

static void the_file_sums_to_what_the_format_demands(void **state)
{
	uint8_t *made = NULL;
	size_t n = 0;
	uint32_t sum = 0;

	(void)state;
	assert_int_equal(reduce(font, font_n, &made, &n), PB_OK);
	assert_int_equal(n % 4, 0);
	for (size_t at = 0; at < n; at += 4)
		sum += be(made + at, 4);
	assert_int_equal(sum, 0xB1B0AFBAU);
	free(made);
}

/* The last used glyph, made to be composed of `part`: its outline begins with a negative number of contours. */
static void compose_last_of(uint16_t part, uint8_t kept[static 14], uint8_t **ret_place)
{
	uint8_t *place = (uint8_t *)outline(font, glyphs - 1).p;
	const uint8_t component[] = { 0, 0, (uint8_t)(part >> 8), (uint8_t)part };

	memcpy(kept, place, 14);
	place[0] = 0xFF;
	memcpy(place + 10, component, sizeof(component));
	*ret_place = place;
}

static void a_composed_glyph_brings_its_parts(void **state)
{
	enum { PART = 60 };
	uint8_t kept[14], *place, *made = NULL;
	size_t n = 0;

	(void)state;
	assert_true(outline(font, glyphs - 1).n > 14 && outline(font, PART).n > 0 && !used[PART]);
	compose_last_of(PART, kept, &place);
	assert_int_equal(reduce(font, font_n, &made, &n), PB_OK);
	assert_int_equal(used[PART], 1);
	assert_memory_equal(outline(made, PART).p, outline(font, PART).p, outline(font, PART).n);
	free(made);
	used[PART] = 0;
	memcpy(place, kept, sizeof(kept));
	compose_last_of((uint16_t)glyphs, kept, &place);
	assert_int_equal(reduce(font, font_n, &made, &n), PB_RENDER_FAILED);
	memcpy(place, kept, sizeof(kept));
}

/* Whatever is wrong with a font, nothing outside it is read (the sanitizers watch). */
static void a_damaged_file_is_refused_or_reduced(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		static uint8_t marks[GLYPHS_MAX];
		uint8_t *damaged = malloc(font_n), *made = NULL;
		size_t made_n, near = i % 2 ? 512 : font_n;
		enum pb_status s;

		memcpy(damaged, font, font_n);
		for (size_t hits = 0; hits < 3; hits++) {
			random = random * 1664525 + 1013904223;
			damaged[(random >> 4) % near] = (uint8_t)(random >> 24);
		}
		memset(marks, 1, sizeof(marks));
		s = pb_truetype_subset(pb_view(damaged, font_n), marks, glyphs, &made, &made_n, NULL);
		assert_true(s == PB_OK || s == PB_RENDER_FAILED);
		free(made);
		free(damaged);
	}
}

static void a_file_cut_short_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < font_n; n += n < 512 ? 1 : font_n / 64) {
		uint8_t *cut = malloc(n + 1), *made = NULL;
		size_t made_n;

		memcpy(cut, font, n);
		assert_int_equal(reduce(cut, n, &made, &made_n), PB_RENDER_FAILED);
		free(cut);
	}
}

static void tables_that_contradict_each_other_are_refused(void **state)
{
	static const struct {
		const char *tag;
		size_t at;
	} lies[] = { { "loca", 200 }, { "hhea", 34 }, { "head", 50 } };
	uint8_t *made = NULL;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		uint8_t *place = (uint8_t *)table_of(font, lies[i].tag) + lies[i].at, kept[2];

		memcpy(kept, place, 2);
		place[0] = place[1] = be(kept, 2) ? 0xFF : 1;
		if (lies[i].at == 50) /* the other width of places: too many for the table */
			place[0] = place[1] = be(kept, 2) ? 0 : 1;
		assert_int_equal(reduce(font, font_n, &made, &n), PB_RENDER_FAILED);
		memcpy(place, kept, 2);
	}
	assert_int_equal(reduce(font, font_n, &made, &n), PB_OK);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(used_glyphs_keep_number_and_outline),
		cmocka_unit_test(hints_stay_and_names_go),
		cmocka_unit_test(the_file_sums_to_what_the_format_demands),
		cmocka_unit_test(a_composed_glyph_brings_its_parts),
		cmocka_unit_test(a_damaged_file_is_refused_or_reduced),
		cmocka_unit_test(a_file_cut_short_is_refused),
		cmocka_unit_test(tables_that_contradict_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, open_font, close_font);
}
