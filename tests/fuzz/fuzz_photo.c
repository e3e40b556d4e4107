/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a photo.  What is accepted has become a JPEG of ours; what is not is called a bad photo.
 */
#include <stdlib.h>

#include "print/photo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pb_photo photo;
	enum pb_status s = pb_photo_normalise(pb_view(data, size), &photo, NULL);
	int orientation = pb_photo_orientation(pb_view(data, size));

	if (s != PB_OK && s != PB_PHOTO_INVALID)
		abort();
	if (s == PB_OK && (photo.n < 4 || photo.jpeg[0] != 0xFF || photo.jpeg[1] != 0xD8))
		abort();
	if (orientation < 1 || orientation > 8)
		abort();
	return 0;
}
