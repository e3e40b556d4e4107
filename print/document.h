/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PDF of cards: a page per face at the card's exact size, or A4 sheets with crop marks.
 *
 * Internal to print/; the rest of the program uses render.h.
 */
#ifndef PROFBILET_PRINT_DOCUMENT_H
#define PROFBILET_PRINT_DOCUMENT_H

#include <stdint.h>

#include "base/bytes.h"
#include "print/render.h"

struct pb_document;

/* The design is borrowed until the document is destroyed. */
PB_MUST_USE enum pb_status pb_document_create(const struct pb_design *design, enum pb_render_product product,
					      int64_t unix_time, struct pb_document **ret_document, struct pb_err *err);
void pb_document_destroy(struct pb_document *document);
/* `photo` is a JPEG made by photo.h, or empty.  On failure the card is not in the document. */
PB_MUST_USE enum pb_status pb_document_add(struct pb_document *document, const struct pb_face *face, struct pb_view photo,
					   struct pb_err *err);
/* The file, in memory the caller frees; then only destroying is left. */
PB_MUST_USE enum pb_status pb_document_finish(struct pb_document *document, uint8_t **ret_pdf, size_t *ret_n,
					      struct pb_err *err);

#endif
