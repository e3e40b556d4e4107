/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/layout: the layout that is shipped is read whole, and every mistake is refused with its line.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "print/layout.h"

#define CARD "[card]\nwidth = 85.6\nheight = 53.98\n[palette]\nblack = 0 0 0 100\n[fonts]\nregular = A.ttf\n"
#define TEXT CARD "[front.a]\ndraw = text\ntext = x\ntry = regular 8\nw = 20\nfill = black\n"

static struct pb_layout layout;

static void check_number(double got, double wanted)
{
	assert_true(fabs(got - wanted) < 1e-9);
}

static void the_shipped_layout_is_read_whole(void **state)
{
	static char file[PB_LAYOUT_FILE_MAX];
	char path[1024];
	FILE *in;
	size_t n;

	(void)state;
	snprintf(path, sizeof(path), "%s/print/layout/card.layout", getenv("PROFBILET_SOURCE"));
	in = fopen(path, "rb");
	assert_non_null(in);
	n = fread(file, 1, sizeof(file), in);
	fclose(in);
	assert_int_equal(pb_layout_parse(pb_view(file, n), &layout, NULL), PB_OK);
	assert_int_equal(layout.fonts, 4);
	assert_int_equal(layout.colours, 8);
	assert_true(layout.elements > 40);
	assert_true(pb_layout_element(&layout, PB_FRONT, "surname") >= 0);
	assert_int_equal(pb_layout_element(&layout, PB_BACK, "surname"), -1);
}

static void an_element_is_read_as_written(void **state)
{
	const struct pb_element *e = &layout.element[0];

	(void)state;
	assert_int_equal(pb_layout_parse(pb_view_text(TEXT "x = -1.25\ntry = regular 7 6.5 lines 2 leading 1.1 em y 9\n"
							   "align = right\nclip = 1 2 3 4\ngrow = up\n"),
					 &layout, NULL),
			 PB_OK);
	assert_int_equal(layout.elements, 1);
	check_number(e->box.x, -1.25);
	assert_int_equal(e->tries, 2);
	assert_int_equal(e->try[1].sizes, 2);
	check_number(e->try[1].pt[1], 6.5);
	assert_int_equal(e->try[1].lines, 2);
	assert_true(e->try[1].in_em);
	check_number(e->try[1].y, 9);
	assert_int_equal(e->align, PB_RIGHT);
	check_number(e->clip.h, 4);
	assert_true(e->grow_up);
}

static void mistakes_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ CARD "[front.a]\ndraw = circle\n", "line 9" },
		{ CARD "[front.a]\ncolour = red\n", "line 9" },
		{ CARD "[front.a]\nfill = red\n", "line 9" },
		{ CARD "[front.a]\nx = 1,5\n", "line 9" },
		{ CARD "[front.a]\nx = nan\n", "line 9" },
		{ CARD "[front.a]\nx = 1e3\n", "line 9" },
		{ CARD "[front.a]\nx = 501\n", "line 9" },
		{ CARD "[front.a]\nx = 1 2\n", "line 9" },
		{ CARD "[front.a]\nx =\n", "line 9" },
		{ CARD "[front.a]\nclip = 1 2 0 4\n", "line 9" },
		{ CARD "[front.a]\ntry = italic 8\n", "line 9" },
		{ CARD "[front.a]\ntry = regular\n", "line 9" },
		{ CARD "[front.a]\ntry = regular 0.5\n", "line 9" },
		{ CARD "[front.a]\ntry = regular 8 lines 2\n", "line 9" },
		{ CARD "[front.a]\ntry = regular 8 lines 4 leading 2\n", "line 9" },
		{ CARD "[front.a]\ntry = regular 8 7 6 5 4 3 2 1 2 3 4\n", "line 9" },
		{ CARD "[front.a]\npath = none\n", "line 9" },
		{ CARD "[front.a]\nleft-of = a 1\n", "line 9" },
		{ CARD "[front.a]\ndraw = box\n", "line 9" },
		{ TEXT "[back.b]\npushed-by = a\n", "line 15" },
		{ TEXT "[back.b]\ndraw = qr\n[front.a]\ndraw = qr\n", "line 17" },
		{ CARD "[path.p]\nd = L 1 2\n", "line 9" },
		{ CARD "[path.p]\nd = M 1 2 C 1 2 3\n", "line 9" },
		{ CARD "[path.p]\nd = M 1 2 Q 1 2\n", "line 9" },
		{ CARD "[palette]\nred = 0 0 0 101\n", "line 9" },
		{ CARD "[palette]\nred = 0 0 0\n", "line 9" },
		{ CARD "[fonts]\nb = ../evil.ttf\n", "line 9" },
		{ CARD "[middle.a]\nx = 1\n", "line 9" },
		{ "[card]\nwidth = 85.6\n", "width and height" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pb_err err = { 0 };

		if (pb_layout_parse(pb_view_text(cases[i].text), &layout, &err) != PB_CONFIG_INVALID ||
		    !strstr(err.msg, cases[i].where))
			fail_msg("case %zu: %s", i, err.msg);
	}
}

static void too_many_of_anything_is_refused(void **state)
{
	static const struct {
		const char *before, *after; /* around a number */
		int most;
	} cases[] = {
		{ "[palette]\nc", " = 0 0 0 0\n", PB_LAYOUT_COLOURS },
		{ "[fonts]\nf", " = A.ttf\n", PB_LAYOUT_FONTS },
		{ "[path.p", "]\nmirror = 1\n", PB_LAYOUT_PATHS },
		{ "[front.e", "]\ndraw = box\nw = 1\nh = 1\n", PB_LAYOUT_ELEMENTS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static char text[PB_LAYOUT_FILE_MAX];
		size_t n = (size_t)snprintf(text, sizeof(text), "[card]\nwidth = 85\nheight = 53\n");

		for (int k = 0; k <= cases[i].most; k++) {
			assert_int_equal(pb_layout_parse(pb_view(text, n), &layout, NULL), PB_OK);
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d%s", cases[i].before, k, cases[i].after);
		}
		assert_int_equal(pb_layout_parse(pb_view(text, n), &layout, NULL), PB_CONFIG_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_layout_is_read_whole),
		cmocka_unit_test(an_element_is_read_as_written),
		cmocka_unit_test(mistakes_are_refused_with_their_line),
		cmocka_unit_test(too_many_of_anything_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
