/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes with their length.  A view is borrowed memory; a cursor reads outside bytes and can never leave
 * them; a writer fills a caller's array and can never overrun it.  Card answers, files and messages are
 * only ever touched through these three.
 *
 * Not for secrets that need comparing: see base/secret.h.
 */
#ifndef PROFBILET_BASE_BYTES_H
#define PROFBILET_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed until the owner dies.  p may be NULL when n is 0. */
struct pb_view {
	const uint8_t *p;
	size_t n;
};

#define PB_VIEW(array) ((struct pb_view){ (const uint8_t *)(array), sizeof(array) })
struct pb_view pb_view(const void *p, size_t n);
struct pb_view pb_view_text(const char *text);
bool pb_view_equal(struct pb_view a, struct pb_view b);

/* Reads forwards; every take says false, and takes nothing, when fewer bytes are left. */
struct pb_cursor {
	const uint8_t *p;
	size_t left;
};

struct pb_cursor pb_cursor(struct pb_view view);
bool pb_take(struct pb_cursor *cursor, size_t n, struct pb_view *ret_taken);
bool pb_take_copy(struct pb_cursor *cursor, void *ret_bytes, size_t n);
bool pb_take_u8(struct pb_cursor *cursor, uint8_t *ret_value);
/* n bytes, 1 to 8, most significant first */
bool pb_take_be(struct pb_cursor *cursor, size_t n, uint64_t *ret_value);

/* Fills `p` up to `cap`; what does not fit sets `full` and is dropped whole, so one check at the end
 * (pb_writer_view) is enough. */
struct pb_writer {
	uint8_t *p;
	size_t cap, n;
	bool full;
};

struct pb_writer pb_writer(void *p, size_t cap);
void pb_put(struct pb_writer *writer, const void *bytes, size_t n);
void pb_put_view(struct pb_writer *writer, struct pb_view view);
void pb_put_u8(struct pb_writer *writer, uint8_t value);
void pb_put_be(struct pb_writer *writer, uint64_t value, size_t n);
/* What was written; false when something did not fit. */
bool pb_writer_view(const struct pb_writer *writer, struct pb_view *ret_view);

/* Lower-case hex with a terminating NUL; `ret_text` holds 2 * view.n + 1. */
void pb_hex_encode(struct pb_view view, char *ret_text);
/* Exactly even, hex digits only, at most cap bytes. */
bool pb_hex_decode(const char *text, uint8_t *ret_bytes, size_t cap, size_t *ret_n);

#endif
