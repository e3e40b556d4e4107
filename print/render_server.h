/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work of the render process: photos, documents, and answering requests until the other end closes.
 *
 * Internal to print/; render.h is its client.
 */
#ifndef PROFBILET_PRINT_RENDER_SERVER_H
#define PROFBILET_PRINT_RENDER_SERVER_H

#include "print/document.h"

typedef enum pb_status pb_photo_decoder(struct pb_view file, struct pb_photo *ret_photo, struct pb_err *err);

struct pb_render_server {
	struct pb_design *design; /* owned */
	struct pb_document *document; /* NULL between documents */
	enum pb_render_product product;
	int64_t unix_time;
	pb_photo_decoder *decode; /* pb_photo_normalise, but for tests */
};

PB_MUST_USE enum pb_status pb_render_server_open(struct pb_render_server *server, const struct pb_render_options *options,
						 struct pb_err *err);
void pb_render_server_close(struct pb_render_server *server);
PB_MUST_USE enum pb_status pb_render_server_add(struct pb_render_server *server, const struct pb_face *face,
						struct pb_view photo, struct pb_err *err);
PB_MUST_USE enum pb_status pb_render_server_finish(struct pb_render_server *server, uint8_t **ret_pdf, size_t *ret_n,
						   struct pb_err *err);

/* Says how opening went, then answers until the other end closes (PB_OK) or talks nonsense. */
PB_MUST_USE enum pb_status pb_render_serve(struct pb_render_server *server, int fd, enum pb_status opened,
					   const struct pb_err *opening, struct pb_err *err);

#endif
