/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Views, cursors and writers: the bounds are checked here and nowhere else.
 */
#include "base/bytes.h"

#include <string.h>

struct pb_view pb_view(const void *p, size_t n)
{
	return (struct pb_view){ p, n };
}

struct pb_view pb_view_text(const char *text)
{
	return pb_view(text, strlen(text));
}

bool pb_view_equal(struct pb_view a, struct pb_view b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

struct pb_cursor pb_cursor(struct pb_view view)
{
	return (struct pb_cursor){ view.p, view.n };
}

bool pb_take(struct pb_cursor *cursor, size_t n, struct pb_view *ret_taken)
{
	if (cursor->left < n)
		return false;
	*ret_taken = pb_view(cursor->p, n);
	if (n > 0)
		cursor->p += n;
	cursor->left -= n;
	return true;
}

bool pb_take_copy(struct pb_cursor *cursor, void *ret_bytes, size_t n)
{
	struct pb_view taken;

	if (!pb_take(cursor, n, &taken))
		return false;
	if (n > 0)
		memcpy(ret_bytes, taken.p, n);
	return true;
}

bool pb_take_u8(struct pb_cursor *cursor, uint8_t *ret_value)
{
	return pb_take_copy(cursor, ret_value, 1);
}

bool pb_take_be(struct pb_cursor *cursor, size_t n, uint64_t *ret_value)
{
	struct pb_view taken;
	uint64_t value = 0;

	if (n < 1 || n > sizeof(value) || !pb_take(cursor, n, &taken))
		return false;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | taken.p[i];
	*ret_value = value;
	return true;
}

struct pb_writer pb_writer(void *p, size_t cap)
{
	return (struct pb_writer){ .p = p, .cap = cap };
}

void pb_put(struct pb_writer *writer, const void *bytes, size_t n)
{
	if (writer->full || writer->cap - writer->n < n) {
		writer->full = true;
		return;
	}
	if (n > 0)
		memcpy(writer->p + writer->n, bytes, n);
	writer->n += n;
}

void pb_put_view(struct pb_writer *writer, struct pb_view view)
{
	pb_put(writer, view.p, view.n);
}

void pb_put_u8(struct pb_writer *writer, uint8_t value)
{
	pb_put(writer, &value, 1);
}

void pb_put_be(struct pb_writer *writer, uint64_t value, size_t n)
{
	uint8_t bytes[sizeof(value)];

	for (size_t i = 0; i < n && i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
	pb_put(writer, bytes, n);
}

bool pb_writer_view(const struct pb_writer *writer, struct pb_view *ret_view)
{
	if (writer->full)
		return false;
	*ret_view = pb_view(writer->p, writer->n);
	return true;
}

void pb_hex_encode(struct pb_view view, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < view.n; i++) {
		*ret_text++ = digits[view.p[i] >> 4];
		*ret_text++ = digits[view.p[i] & 15];
	}
	*ret_text = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool pb_hex_decode(const char *text, uint8_t *ret_bytes, size_t cap, size_t *ret_n)
{
	size_t len = strlen(text);

	if (len % 2 != 0 || len / 2 > cap)
		return false;
	for (size_t i = 0; i < len / 2; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret_n = len / 2;
	return true;
}
