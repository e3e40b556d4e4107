/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/qr: which symbol is chosen.  The versions expected are those libqrencode gives for the two
 * segments, of card-applet-spec's address with tokens of 185 to 289 bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "print/qr.h"
#include "tests/unit/print/face_cases.h"

#define FIELD 24.8
enum { PREFIX = 20 };

static struct pb_qr qr;

static bool encode(size_t token_n, double field)
{
	char text[1024];
	size_t rest = (token_n * 8 + 4) / 5;

	memset(text, 'A', sizeof(text));
	return pb_qr_encode(pb_view(text, PREFIX + rest), PREFIX, field, &qr);
}

static void modules_are_at_least_four_whole_dots(void **state)
{
	(void)state;
	for (size_t n = 20; n <= 320; n++) {
		bool fits = encode(n, FIELD);

		assert_int_equal(fits, pb_qr_fits(PREFIX, (n * 8 + 4) / 5, FIELD));
		if (!fits)
			continue;
		assert_true(qr.dots >= PB_QR_DOTS_MIN);
		assert_true(qr.side * qr.dots * 25.4 / PB_QR_DPI <= FIELD);
		assert_true(qr.level == 'Q' || qr.level == 'M');
	}
}

/* Would a capacity be too large, libqrencode would take a larger symbol, which is refused. */
static void what_fits_is_encoded_up_to_the_largest_symbol(void **state)
{
	static char text[4096];
	int last = 0;

	(void)state;
	memset(text, 'A', sizeof(text));
	for (size_t rest = 1; rest < 3400; rest += 17) {
		bool fits = pb_qr_fits(PREFIX, rest, 60.5);

		assert_int_equal(pb_qr_encode(pb_view(text, PREFIX + rest), PREFIX, 60.5, &qr), fits);
		if (fits)
			last = qr.side;
	}
	assert_int_equal(last, 177);
}

static void level_q_is_taken_while_it_fits(void **state)
{
	(void)state;
	assert_true(encode(150, FIELD));
	assert_int_equal(qr.level, 'Q');
	assert_true(encode(257, FIELD));
	assert_int_equal(qr.level, 'M');
	assert_int_equal(qr.side, 69); /* version 13 */
	assert_int_equal(qr.dots, 4);
}

static void what_needs_smaller_modules_does_not_fit(void **state)
{
	(void)state;
	assert_true(encode(286, FIELD)); /* version 14: 73 modules, 24.7 mm */
	assert_int_equal(qr.side, 73);
	assert_false(encode(320, FIELD));
	assert_false(encode(257, 20));
	assert_false(encode(0, FIELD));
	assert_false(pb_qr_fits(PREFIX, 100000, FIELD));
}

static void the_rest_must_be_alphanumeric(void **state)
{
	(void)state;
	assert_false(pb_qr_encode(pb_view_text("https://pb.example/v#abc"), 20, FIELD, &qr));
	assert_false(pb_qr_encode(pb_view_text("https://pb.example/v#"), 21, FIELD, &qr));
}

static void the_shipped_field_takes_every_common_name(void **state)
{
	struct pb_design *design = shipped_design();

	(void)state;
	assert_true(pb_face_qr_fits(design, strlen("pb.example"), 286));
	assert_false(pb_face_qr_fits(design, strlen("pb.example"), 320));
	assert_false(pb_face_qr_fits(design, 63, 286));
	pb_design_close(design);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_are_at_least_four_whole_dots),
		cmocka_unit_test(what_fits_is_encoded_up_to_the_largest_symbol),
		cmocka_unit_test(level_q_is_taken_while_it_fits),
		cmocka_unit_test(what_needs_smaller_modules_does_not_fit),
		cmocka_unit_test(the_rest_must_be_alphanumeric),
		cmocka_unit_test(the_shipped_field_takes_every_common_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
