/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of an NTAG 215, byte for byte as its data sheet numbers it: the UID first, then lock bits, container, data
 * and configuration.  Which commands may change it is ntag21x.c's.
 */
#ifndef PROFBILET_SOFTCARD_NTAG21X_IMAGE_H
#define PROFBILET_SOFTCARD_NTAG21X_IMAGE_H

#include "base/bytes.h"

enum { NTAG21X_PAGES = 135, NTAG21X_PAGE_LEN = 4, NTAG21X_UID_LEN = 7, NTAG21X_BYTES = NTAG21X_PAGES * NTAG21X_PAGE_LEN };

struct ntag21x_image {
	uint8_t bytes[NTAG21X_BYTES];
};

/* As it leaves its maker (8.5): an empty message. */
void ntag21x_image_factory(const uint8_t uid[static NTAG21X_UID_LEN], struct ntag21x_image *ret_image);
/* Nothing of its data can be written any more. */
bool ntag21x_is_locked(const struct ntag21x_image *image);
/* The message behind the first TLV; empty when there is none. */
struct pb_view ntag21x_message(const struct ntag21x_image *image);

#endif
