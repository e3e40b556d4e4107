/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seeded build: the same seed gives the same challenges and keys, another seed others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"
#include "softcard/random.h"

static void draw(const char *seed, uint8_t ret_point[static 65], uint8_t ret_random[static 8])
{
	struct host host = host_new(NULL);

	softcard_test_seed(pb_view_text(seed));
	host_select_applet(&host);
	host_open(&host);
	host_generate(&host);
	memcpy(ret_point, host.point, 65);
	card_random(ret_random, 8);
	host_free(&host);
}

static void a_seed_repeats_a_card(void **unused)
{
	uint8_t points[3][65], randoms[3][8];

	(void)unused;
	draw("one", points[0], randoms[0]);
	draw("two", points[1], randoms[1]);
	draw("one", points[2], randoms[2]);
	assert_memory_equal(points[0], points[2], 65);
	assert_memory_equal(randoms[0], randoms[2], 8);
	assert_memory_not_equal(points[0], points[1], 65);
	assert_memory_not_equal(randoms[0], randoms[1], 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_seed_repeats_a_card) };

	return cmocka_run_group_tests_name("softcard seeded", tests, NULL, NULL);
}
