/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the program and its render process say to each other: CBOR arrays (base/message.h).
 *
 *     request                                     answer
 *     (none: the process has started)             [status, detail]
 *     [1] + photo file                            [status, detail] (+ JPEG when the status is 0)
 *     [2, 21 fields of a face] (+ JPEG)           [status, detail]
 *     [3]                                         [status, detail] (+ PDF when the status is 0)
 *
 * Files go beside the message as sealed memory files.  Both sides check everything.
 * Internal to print/.
 */
#ifndef PROFBILET_PRINT_RENDER_WIRE_H
#define PROFBILET_PRINT_RENDER_WIRE_H

#include "base/bytes.h"
#include "print/face.h"

enum pb_render_request { PB_RENDER_PHOTO = 1, PB_RENDER_ADD = 2, PB_RENDER_FINISH = 3 };

/* A face read from a message, with the memory its texts lie in. */
struct pb_wire_face {
	struct pb_face face;
	char text[11][PB_FACE_TEXT_MAX + 1];
	char url[PB_FACE_URL_MAX + 1];
};

void pb_wire_put_request(struct pb_writer *out, enum pb_render_request request);
void pb_wire_put_face(struct pb_writer *out, const struct pb_face *face);
bool pb_wire_read_request(struct pb_view message, enum pb_render_request *ret_request);
/* The whole of an ADD request. */
bool pb_wire_read_face(struct pb_view message, struct pb_wire_face *ret_face);

void pb_wire_put_answer(struct pb_writer *out, enum pb_status status, const char *detail);
/* *ret_status and the detail in err; false when the answer makes no sense. */
bool pb_wire_read_answer(struct pb_view message, enum pb_status *ret_status, struct pb_err *err);

#endif
