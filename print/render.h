/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The drawing of faces, in a process of its own (profbilet-render), because photos come from strangers:
 * the process has no network, no files to write and little memory, and is killed when it stalls.  What
 * it answers is small and bounded.
 *
 *     pb_render_start(&options, &render, err)
 *     per member:  pb_render_photo(...)   a stranger's file becomes a clean 236 x 315 JPEG, or is refused
 *                  pb_render_add(...)     front and back join the document
 *     pb_render_finish(...)               the PDF; the next document begins
 *
 * A photo that kills the process is refused like any bad photo, and the cards before it are kept.
 * The same input gives the same bytes.  Not thread-safe: one render belongs to one thread.
 *
 * Not for: where the PDF is stored (the caller's business, atomically).
 */
#ifndef PROFBILET_PRINT_RENDER_H
#define PROFBILET_PRINT_RENDER_H

#include <stdint.h>

#include "base/bytes.h"
#include "print/face.h"

enum {
	PB_RENDER_CARDS = 500,		     /* of one document: it stays in memory until it is finished */
	PB_RENDER_PHOTO_MAX = 5 * 1024 * 1024,
	PB_RENDER_JPEG_MAX = 128 * 1024,
	PB_RENDER_PDF_MAX = 96 * 1024 * 1024,
};

enum pb_render_product {
	PB_RENDER_CARD_PAGES, /* a page of exactly 85.60 x 53.98 mm per face: front, back, front, back ... */
	PB_RENDER_SHEETS,     /* A4 with crop marks: ten fronts, then their backs mirrored for duplex */
};

struct pb_render_options {
	const char *program; /* path of profbilet-render; NULL: in this process, for tests */
	const char *layout, *font_directory;
	enum pb_render_product product;
	int64_t unix_time; /* written into the document as its date */
	int step_ms;	   /* how long one photo or one card may take; 0: 5000 */
};

struct pb_render;

PB_MUST_USE enum pb_status pb_render_start(const struct pb_render_options *options, struct pb_render **ret_render,
					   struct pb_err *err);
/* Abandons what is not finished. */
void pb_render_destroy(struct pb_render *render);

/* A photo as it will be printed: cropped 3:4, upright, re-encoded by us. */
struct pb_photo {
	size_t n; /* 0: no photo */
	uint8_t jpeg[PB_RENDER_JPEG_MAX];
};

/* `file` is a JPEG or PNG as someone sent it.  PB_PHOTO_INVALID: the detail says why. */
PB_MUST_USE enum pb_status pb_render_photo(struct pb_render *render, struct pb_view file, struct pb_photo *ret_photo,
					   struct pb_err *err);
/* `photo` is NULL or empty for a face without one.  On any failure the card is not in the document, and
 * the document goes on without it; PB_NOT_ALLOWED beyond PB_RENDER_CARDS. */
PB_MUST_USE enum pb_status pb_render_add(struct pb_render *render, const struct pb_face *face,
					 const struct pb_photo *photo, struct pb_err *err);
/* Cards of the document so far. */
size_t pb_render_count(const struct pb_render *render);
/* The document, in memory the caller frees, and a new one begins.  PB_NOT_ALLOWED when it has no card. */
PB_MUST_USE enum pb_status pb_render_finish(struct pb_render *render, uint8_t **ret_pdf, size_t *ret_n,
					    struct pb_err *err);

#endif
