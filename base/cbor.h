/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Core deterministic CBOR (RFC 8949 4.2.1), and nothing else: shortest heads, definite lengths, map keys
 * in bytewise order of their encodings without duplicates, no floats, text in strict UTF-8.  Of the simple
 * values only false, true and null; no bignums (tags 2 and 3).
 *
 * The reader refuses everything else.  It never allocates, borrows from the input, and every function
 * returns false on a violation and leaves the reader failed, so that a decoder may be one long `&&`.
 * The writer is libcbor's streaming encoder (cbor_encode_*); libcbor's decoder is not used: 0.8 cannot
 * read tag 18 and accepts duplicates, unordered maps, long heads and trailing bytes.
 */
#ifndef PROFBILET_BASE_CBOR_H
#define PROFBILET_BASE_CBOR_H

#include "base/bytes.h"

/* ---- writing: order of map keys is the caller's business; a test re-reads what was written */
void pb_cbor_put_uint(struct pb_writer *writer, uint64_t value);
void pb_cbor_put_int(struct pb_writer *writer, int64_t value);
void pb_cbor_put_bytes(struct pb_writer *writer, struct pb_view bytes);
/* Of a byte string whose n bytes are put, or hashed, elsewhere. */
void pb_cbor_put_bytes_head(struct pb_writer *writer, size_t n);
void pb_cbor_put_text(struct pb_writer *writer, const char *text);
void pb_cbor_put_text_view(struct pb_writer *writer, struct pb_view text); /* valid UTF-8 already */
void pb_cbor_put_bool(struct pb_writer *writer, bool value);
void pb_cbor_put_array(struct pb_writer *writer, size_t count);
void pb_cbor_put_map(struct pb_writer *writer, size_t pairs);
void pb_cbor_put_tag(struct pb_writer *writer, uint64_t tag);

/* ---- reading */
enum { PB_CBOR_DEPTH = 8, PB_CBOR_ITEMS = 64 }; /* limits of what is skipped, and of every map */

struct pb_cbor {
	struct pb_cursor in;
	bool failed;
};

struct pb_cbor pb_cbor(struct pb_view bytes);
bool pb_cbor_uint(struct pb_cbor *in, uint64_t max, uint64_t *ret_value);
bool pb_cbor_int(struct pb_cbor *in, int64_t *ret_value);
bool pb_cbor_bytes(struct pb_cbor *in, size_t min, size_t max, struct pb_view *ret_bytes);
/* Text of min..max bytes; not NUL-terminated. */
bool pb_cbor_text(struct pb_cbor *in, size_t min, size_t max, struct pb_view *ret_text);
/* The same into a C string of `cap` bytes with its NUL. */
bool pb_cbor_text_copy(struct pb_cbor *in, size_t min, char *ret_text, size_t cap);
bool pb_cbor_bool(struct pb_cbor *in, bool *ret_value);
/* At most `max` items, which the caller takes one by one. */
bool pb_cbor_array(struct pb_cbor *in, size_t max, size_t *ret_count);
bool pb_cbor_array_of(struct pb_cbor *in, size_t count);
bool pb_cbor_tag(struct pb_cbor *in, uint64_t tag);
/* The next item, whole and checked, at most PB_CBOR_DEPTH deep: for unknown map values. */
bool pb_cbor_skip(struct pb_cbor *in, struct pb_view *ret_item);
/* True when nothing failed and no byte is left over. */
bool pb_cbor_end(const struct pb_cbor *in);

/* A map with integer keys, read in the one order it may have:
 *
 *     pb_cbor_map(in, &map)
 *     while (pb_cbor_next_key(in, &map, &key)) switch (key) { ... }
 *     return !in->failed;
 */
struct pb_cbor_map {
	size_t left;
	struct pb_view last_key; /* its encoding */
};

bool pb_cbor_map(struct pb_cbor *in, size_t max_pairs, struct pb_cbor_map *ret_map);
/* False at the end of the map, and on a key that is not an integer or not in order (then in->failed). */
bool pb_cbor_next_key(struct pb_cbor *in, struct pb_cbor_map *map, int64_t *ret_key);

#endif
