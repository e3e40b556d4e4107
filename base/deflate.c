/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libdeflate, and nothing of it shows outside.
 */
#include "base/deflate.h"

#include <libdeflate.h>

/* The struct is only ever a name for libdeflate's own. */
static struct libdeflate_compressor *inside(struct pb_deflater *deflater)
{
	return (struct libdeflate_compressor *)deflater;
}

struct pb_deflater *pb_deflater_create(int level)
{
	return (struct pb_deflater *)libdeflate_alloc_compressor(level);
}

void pb_deflater_destroy(struct pb_deflater *deflater)
{
	if (deflater != NULL)
		libdeflate_free_compressor(inside(deflater));
}

size_t pb_deflate_bound(struct pb_deflater *deflater, size_t n)
{
	return libdeflate_zlib_compress_bound(inside(deflater), n);
}

size_t pb_deflate(struct pb_deflater *deflater, struct pb_view bytes, void *ret_bytes, size_t cap)
{
	return libdeflate_zlib_compress(inside(deflater), bytes.p, bytes.n, ret_bytes, cap);
}

bool pb_inflate_exactly(struct pb_view bytes, void *ret_bytes, size_t n)
{
	struct libdeflate_decompressor *expander = libdeflate_alloc_decompressor();
	size_t taken = 0;
	bool good;

	if (expander == NULL)
		return false;
	/* Without a place for the length written, any other length than n is an error of libdeflate's. */
	good = libdeflate_zlib_decompress_ex(expander, bytes.p, bytes.n, ret_bytes, n, &taken, NULL) == LIBDEFLATE_SUCCESS;
	libdeflate_free_decompressor(expander);
	return good && taken == bytes.n;
}
