/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Deterministic CBOR.  Everything an item can get wrong is decided in two places: take_head() refuses
 * every head that is not the shortest of its value, and check_item() walks whole items.  Nothing is
 * reserved by a count that the input merely claims: a count is only a number of items still to be met.
 */
#include "base/cbor.h"

#include <cbor/encoding.h>
#include <string.h>

enum major { UINT = 0, NEGINT = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7 };
enum simple { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22 };

/* ---- writing */

static uint8_t *room(const struct pb_writer *writer)
{
	return writer->p + writer->n;
}

static size_t left(const struct pb_writer *writer)
{
	return writer->full ? 0 : writer->cap - writer->n;
}

/* libcbor answers 0 when its buffer is too short. */
static void wrote(struct pb_writer *writer, size_t n)
{
	if (n == 0)
		writer->full = true;
	writer->n += n;
}

void pb_cbor_put_uint(struct pb_writer *writer, uint64_t value)
{
	wrote(writer, cbor_encode_uint(value, room(writer), left(writer)));
}

void pb_cbor_put_int(struct pb_writer *writer, int64_t value)
{
	if (value >= 0)
		pb_cbor_put_uint(writer, (uint64_t)value);
	else
		wrote(writer, cbor_encode_negint((uint64_t)(-1 - value), room(writer), left(writer)));
}

void pb_cbor_put_bytes_head(struct pb_writer *writer, size_t n)
{
	wrote(writer, cbor_encode_bytestring_start(n, room(writer), left(writer)));
}

void pb_cbor_put_bytes(struct pb_writer *writer, struct pb_view bytes)
{
	pb_cbor_put_bytes_head(writer, bytes.n);
	pb_put_view(writer, bytes);
}

void pb_cbor_put_text_view(struct pb_writer *writer, struct pb_view text)
{
	wrote(writer, cbor_encode_string_start(text.n, room(writer), left(writer)));
	pb_put_view(writer, text);
}

void pb_cbor_put_text(struct pb_writer *writer, const char *text)
{
	pb_cbor_put_text_view(writer, pb_view_text(text));
}

void pb_cbor_put_bool(struct pb_writer *writer, bool value)
{
	wrote(writer, cbor_encode_bool(value, room(writer), left(writer)));
}

void pb_cbor_put_array(struct pb_writer *writer, size_t count)
{
	wrote(writer, cbor_encode_array_start(count, room(writer), left(writer)));
}

void pb_cbor_put_map(struct pb_writer *writer, size_t pairs)
{
	wrote(writer, cbor_encode_map_start(pairs, room(writer), left(writer)));
}

void pb_cbor_put_tag(struct pb_writer *writer, uint64_t tag)
{
	wrote(writer, cbor_encode_tag(tag, room(writer), left(writer)));
}

/* ---- reading */

struct pb_cbor pb_cbor(struct pb_view bytes)
{
	return (struct pb_cbor){ .in = pb_cursor(bytes) };
}

static bool fail(struct pb_cbor *in)
{
	in->failed = true;
	return false;
}

/* A value that fits a shorter head has no business in a longer one (RFC 8949 4.2.1). */
static bool take_head(struct pb_cursor *in, enum major *ret_major, uint64_t *ret_value)
{
	static const uint64_t least[] = { 24, UINT64_C(1) << 8, UINT64_C(1) << 16, UINT64_C(1) << 32 };
	uint8_t first;
	uint64_t value;

	if (!pb_take_u8(in, &first))
		return false;
	value = first & 31;
	if (value > 27) /* reserved, or an indefinite length */
		return false;
	if (value >= 24) {
		size_t size = value - 24;

		if (first >> 5 == SIMPLE || !pb_take_be(in, (size_t)1 << size, &value) || value < least[size])
			return false;
	}
	*ret_major = (enum major)(first >> 5);
	*ret_value = value;
	return true;
}

/* The bytes of one code point of RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF. */
static bool take_code_point(struct pb_cursor *in)
{
	static const struct {
		uint8_t first, last, more, low, high; /* low and high bound the second byte */
	} rows[] = { { 0x00, 0x7F, 0, 0, 0 },	    { 0xC2, 0xDF, 1, 0x80, 0xBF }, { 0xE0, 0xE0, 2, 0xA0, 0xBF },
		     { 0xE1, 0xEC, 2, 0x80, 0xBF }, { 0xED, 0xED, 2, 0x80, 0x9F }, { 0xEE, 0xEF, 2, 0x80, 0xBF },
		     { 0xF0, 0xF0, 3, 0x90, 0xBF }, { 0xF1, 0xF3, 3, 0x80, 0xBF }, { 0xF4, 0xF4, 3, 0x80, 0x8F } };
	struct pb_view rest;
	uint8_t first;

	if (!pb_take_u8(in, &first))
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (first < rows[i].first || first > rows[i].last)
			continue;
		if (!pb_take(in, rows[i].more, &rest))
			return false;
		for (size_t k = 0; k < rest.n; k++)
			if (rest.p[k] < (k ? 0x80 : rows[i].low) || rest.p[k] > (k ? 0xBF : rows[i].high))
				return false;
		return true;
	}
	return false;
}

static bool is_utf8(struct pb_view text)
{
	struct pb_cursor in = pb_cursor(text);

	while (in.left > 0)
		if (!take_code_point(&in))
			return false;
	return true;
}

static bool take_string(struct pb_cursor *in, enum major want, uint64_t min, uint64_t max, struct pb_view *ret_string)
{
	enum major major;
	uint64_t n;
	struct pb_view string;

	if (!take_head(in, &major, &n) || major != want || n < min || n > max || n > in->left ||
	    !pb_take(in, (size_t)n, &string) || (want == TEXT && !is_utf8(string)))
		return false;
	*ret_string = string;
	return true;
}

static bool take_value(struct pb_cbor *in, enum major want, uint64_t max, uint64_t *ret_value)
{
	enum major major;
	uint64_t value;

	if (in->failed || !take_head(&in->in, &major, &value) || major != want || value > max)
		return fail(in);
	*ret_value = value;
	return true;
}

bool pb_cbor_uint(struct pb_cbor *in, uint64_t max, uint64_t *ret_value)
{
	return take_value(in, UINT, max, ret_value);
}

bool pb_cbor_int(struct pb_cbor *in, int64_t *ret_value)
{
	enum major major;
	uint64_t value;

	if (in->failed || !take_head(&in->in, &major, &value) || (major != UINT && major != NEGINT) || value > INT64_MAX)
		return fail(in);
	*ret_value = major == UINT ? (int64_t)value : -1 - (int64_t)value;
	return true;
}

bool pb_cbor_bytes(struct pb_cbor *in, size_t min, size_t max, struct pb_view *ret_bytes)
{
	if (in->failed || !take_string(&in->in, BYTES, min, max, ret_bytes))
		return fail(in);
	return true;
}

bool pb_cbor_text(struct pb_cbor *in, size_t min, size_t max, struct pb_view *ret_text)
{
	if (in->failed || !take_string(&in->in, TEXT, min, max, ret_text))
		return fail(in);
	return true;
}

bool pb_cbor_text_copy(struct pb_cbor *in, size_t min, char *ret_text, size_t cap)
{
	struct pb_view text;

	if (cap == 0 || !pb_cbor_text(in, min, cap - 1, &text))
		return fail(in);
	if (text.n > 0 && memchr(text.p, 0, text.n)) /* a C string would end before its text does */
		return fail(in);
	if (text.n > 0)
		memcpy(ret_text, text.p, text.n);
	ret_text[text.n] = '\0';
	return true;
}

bool pb_cbor_bool(struct pb_cbor *in, bool *ret_value)
{
	uint64_t value;

	if (!take_value(in, SIMPLE, SIMPLE_TRUE, &value) || value < SIMPLE_FALSE)
		return fail(in);
	*ret_value = value == SIMPLE_TRUE;
	return true;
}

bool pb_cbor_array(struct pb_cbor *in, size_t max, size_t *ret_count)
{
	uint64_t count;

	if (!take_value(in, ARRAY, max, &count))
		return false;
	*ret_count = (size_t)count;
	return true;
}

bool pb_cbor_array_of(struct pb_cbor *in, size_t count)
{
	size_t found;

	return pb_cbor_array(in, count, &found) && (found == count || fail(in));
}

bool pb_cbor_tag(struct pb_cbor *in, uint64_t tag)
{
	uint64_t found;

	return take_value(in, TAG, tag, &found) && (found == tag || fail(in));
}

/* Bytewise order of encodings (RFC 8949 4.2.1), not the length-first order of RFC 7049. */
static bool in_order(struct pb_view before, struct pb_view after)
{
	size_t n = before.n < after.n ? before.n : after.n;
	int order = n > 0 ? memcmp(before.p, after.p, n) : 0;

	return order < 0 || (order == 0 && before.n < after.n);
}

static struct pb_view since(const uint8_t *start, const struct pb_cursor *in)
{
	return pb_view(start, (size_t)(in->p - start));
}

static bool check_item(struct pb_cursor *in, unsigned depth);

static bool check_map(struct pb_cursor *in, uint64_t pairs, unsigned depth)
{
	struct pb_view last = { 0 };

	for (uint64_t i = 0; i < pairs; i++) {
		const uint8_t *start = in->p;

		if (!check_item(in, depth) || !in_order(last, since(start, in)))
			return false;
		last = since(start, in);
		if (!check_item(in, depth))
			return false;
	}
	return true;
}

static bool check_array(struct pb_cursor *in, uint64_t count, unsigned depth)
{
	for (uint64_t i = 0; i < count; i++)
		if (!check_item(in, depth))
			return false;
	return true;
}

/* `depth` containers and tags may still be opened. */
static bool check_item(struct pb_cursor *in, unsigned depth)
{
	struct pb_cursor from = *in;
	struct pb_view string;
	enum major major;
	uint64_t value;

	if (!take_head(in, &major, &value))
		return false;
	switch (major) {
	case UINT:
	case NEGINT:
		return true;
	case BYTES:
	case TEXT:
		*in = from;
		return take_string(in, major, 0, SIZE_MAX, &string);
	case ARRAY:
		return depth > 0 && value <= PB_CBOR_ITEMS && check_array(in, value, depth - 1);
	case MAP:
		return depth > 0 && value <= PB_CBOR_ITEMS && check_map(in, value, depth - 1);
	case TAG: /* tags 2 and 3 are second encodings of integers */
		return depth > 0 && value != 2 && value != 3 && check_item(in, depth - 1);
	case SIMPLE:
		return value >= SIMPLE_FALSE && value <= SIMPLE_NULL;
	}
	return false;
}

bool pb_cbor_skip(struct pb_cbor *in, struct pb_view *ret_item)
{
	const uint8_t *start = in->in.p;

	if (in->failed || !check_item(&in->in, PB_CBOR_DEPTH))
		return fail(in);
	*ret_item = since(start, &in->in);
	return true;
}

bool pb_cbor_end(const struct pb_cbor *in)
{
	return !in->failed && in->in.left == 0;
}

bool pb_cbor_map(struct pb_cbor *in, size_t max_pairs, struct pb_cbor_map *ret_map)
{
	uint64_t pairs;

	if (!take_value(in, MAP, max_pairs < PB_CBOR_ITEMS ? max_pairs : PB_CBOR_ITEMS, &pairs))
		return false;
	*ret_map = (struct pb_cbor_map){ .left = (size_t)pairs };
	return true;
}

bool pb_cbor_next_key(struct pb_cbor *in, struct pb_cbor_map *map, int64_t *ret_key)
{
	const uint8_t *start = in->in.p;
	int64_t key;

	if (in->failed || map->left == 0)
		return false;
	if (!pb_cbor_int(in, &key) || !in_order(map->last_key, since(start, &in->in)))
		return fail(in);
	map->left--;
	map->last_key = since(start, &in->in);
	*ret_key = key;
	return true;
}
