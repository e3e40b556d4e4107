/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/deflate.h: the published stream of the status list draft, what comes back, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/deflate.h"

enum { LIST = 8192 };

/* draft-ietf-oauth-status-list 4.1: sixteen slots of one bit */
static void the_published_stream_expands_to_the_published_bits(void **state)
{
	static const uint8_t stream[] = { 0x78, 0xda, 0xdb, 0xb9, 0x18, 0x00, 0x02, 0x17, 0x01, 0x5d };
	static const uint8_t bits[] = { 0xb9, 0xa3 };
	uint8_t found[2];

	(void)state;
	assert_true(pb_inflate_exactly(PB_VIEW(stream), found, sizeof(found)));
	assert_memory_equal(found, bits, sizeof(bits));
}

static void what_was_deflated_comes_back_at_each_level(void **state)
{
	static const int levels[] = { PB_DEFLATE_QUICK, PB_DEFLATE_THOROUGH, PB_DEFLATE_SMALLEST };
	uint8_t bytes[LIST], stream[LIST + 64], again[LIST];

	(void)state;
	for (size_t i = 0; i < LIST; i++)
		bytes[i] = (uint8_t)(i * i >> 5);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct pb_deflater *deflater = pb_deflater_create(levels[i]);
		size_t n = pb_deflate(deflater, PB_VIEW(bytes), stream, sizeof(stream));

		assert_true(n > 0 && n <= pb_deflate_bound(deflater, LIST));
		assert_true(pb_inflate_exactly(pb_view(stream, n), again, LIST));
		assert_memory_equal(again, bytes, LIST);
		assert_int_equal(pb_deflate(deflater, PB_VIEW(bytes), stream, 8), 0);
		pb_deflater_destroy(deflater);
	}
	pb_deflater_destroy(NULL);
}

/* A bomb is only a stream of another length; the byte behind the array must stay what it was. */
static void a_stream_of_another_length_is_refused(void **state)
{
	static const uint8_t zeros[64 * LIST];
	struct pb_deflater *deflater = pb_deflater_create(PB_DEFLATE_SMALLEST);
	uint8_t stream[4096], room[LIST + 1];
	size_t n = pb_deflate(deflater, PB_VIEW(zeros), stream, sizeof(stream));

	(void)state;
	room[LIST] = 0xA5;
	assert_true(n > 0);
	assert_false(pb_inflate_exactly(pb_view(stream, n), room, LIST));
	assert_int_equal(room[LIST], 0xA5);
	n = pb_deflate(deflater, pb_view(zeros, LIST - 1), stream, sizeof(stream));
	assert_false(pb_inflate_exactly(pb_view(stream, n), room, LIST));
	assert_true(pb_inflate_exactly(pb_view(stream, n), room, LIST - 1));
	stream[n] = 0;
	assert_false(pb_inflate_exactly(pb_view(stream, n + 1), room, LIST - 1));
	assert_false(pb_inflate_exactly(pb_view(stream, n - 1), room, LIST - 1));
	stream[n - 1] ^= 1; /* Adler-32 */
	assert_false(pb_inflate_exactly(pb_view(stream, n), room, LIST - 1));
	assert_false(pb_inflate_exactly(pb_view(NULL, 0), room, LIST));
	pb_deflater_destroy(deflater);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_stream_expands_to_the_published_bits),
		cmocka_unit_test(what_was_deflated_comes_back_at_each_level),
		cmocka_unit_test(a_stream_of_another_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
