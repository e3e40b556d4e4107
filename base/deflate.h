/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * zlib streams (RFC 1950), whole: what a document's streams and a status list are compressed with.  Expanding asks
 * for the exact length that the reader expects, so that a small file cannot become a large one.
 *
 * Not for: streams that are read piece by piece, or whose length is not known before.
 */
#ifndef PROFBILET_BASE_DEFLATE_H
#define PROFBILET_BASE_DEFLATE_H

#include "base/bytes.h"
#include "base/err.h"

enum { PB_DEFLATE_QUICK = 1, PB_DEFLATE_THOROUGH = 5, PB_DEFLATE_SMALLEST = 12 };

struct pb_deflater; /* some 100 KB to 1 MB, worth keeping for many pieces */

/* NULL when there is no memory. */
struct pb_deflater *pb_deflater_create(int level);
void pb_deflater_destroy(struct pb_deflater *deflater); /* accepts NULL */
/* How long n bytes can become at most. */
size_t pb_deflate_bound(struct pb_deflater *deflater, size_t n);
/* The length of what was written; 0: it does not fit. */
size_t pb_deflate(struct pb_deflater *deflater, struct pb_view bytes, void *ret_bytes, size_t cap);

/* One stream that is all of `bytes` and expands to exactly n bytes.  Otherwise false, and what stands in the
 * array is not to be read; nothing is ever written behind it. */
PB_MUST_USE bool pb_inflate_exactly(struct pb_view bytes, void *ret_bytes, size_t n);

#endif
