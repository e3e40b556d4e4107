/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stranger's photo becomes the one that is printed: decoded, upright, cropped 3:4 about its centre,
 * 236 x 315 pixels (20.0 x 26.7 mm at 300 dpi), on white, re-encoded as plain baseline JPEG.
 *
 * Runs only in the render process (render.h).  The same file gives the same bytes.
 */
#ifndef PROFBILET_PRINT_PHOTO_H
#define PROFBILET_PRINT_PHOTO_H

#include "print/render.h"

enum {
	PB_PHOTO_WIDTH = 236,
	PB_PHOTO_HEIGHT = 315,
	PB_PHOTO_SIDE_MIN = 90,	  /* fewer pixels are no likeness */
	PB_PHOTO_SIDE_MAX = 4000, /* more are a bomb: 48 MB when decoded */
};

/* PB_PHOTO_INVALID with the reason: neither JPEG nor PNG, too large, too small, CMYK, or anything its
 * decoder so much as warns about, such as a file that was cut short. */
PB_MUST_USE enum pb_status pb_photo_normalise(struct pb_view file, struct pb_photo *ret_photo, struct pb_err *err);

/* The EXIF orientation of a JPEG, 1 to 8; 1 when there is none that makes sense. */
int pb_photo_orientation(struct pb_view jpeg);

#endif
