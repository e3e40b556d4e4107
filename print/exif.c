/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the one EXIF value that matters here, which way up the camera was held: JPEG markers up to the
 * image data, the TIFF structure in APP1, its first directory.  What makes no sense counts as absent.
 */
#include <string.h>

#include "print/photo.h"

enum {
	MARKER_APP1 = 0xE1,
	MARKER_SOS = 0xDA,
	TAG_ORIENTATION = 0x0112,
	TYPE_SHORT = 3,
	ENTRY_LEN = 12,
	ENTRIES_MAX = 512,
	TIFF_HEADER = 8,
};

struct tiff {
	struct pb_view bytes;
	bool little;
};

/* n is 2 or 4; 0 outside the bytes. */
static uint32_t number_at(const struct tiff *tiff, size_t at, size_t n)
{
	uint32_t value = 0;

	if (at > tiff->bytes.n || n > tiff->bytes.n - at)
		return 0;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | tiff->bytes.p[at + (tiff->little ? n - 1 - i : i)];
	return value;
}

static int orientation_in(struct pb_view bytes)
{
	struct tiff tiff = { bytes, bytes.n > 0 && bytes.p[0] == 'I' };
	size_t directory = number_at(&tiff, 4, 4);
	uint32_t entries, value;

	if (bytes.n < TIFF_HEADER || number_at(&tiff, 2, 2) != 42 || directory > bytes.n)
		return 1;
	entries = number_at(&tiff, directory, 2);
	for (size_t i = 0; i < entries && i < ENTRIES_MAX; i++) {
		size_t at = directory + 2 + i * ENTRY_LEN;

		if (number_at(&tiff, at, 2) != TAG_ORIENTATION || number_at(&tiff, at + 2, 2) != TYPE_SHORT)
			continue;
		value = number_at(&tiff, at + 8, 2);
		return value >= 1 && value <= 8 ? (int)value : 1;
	}
	return 1;
}

int pb_photo_orientation(struct pb_view jpeg)
{
	static const uint8_t name[] = { 'E', 'x', 'i', 'f', 0, 0 };
	struct pb_cursor in = pb_cursor(jpeg);
	struct pb_view segment;
	uint8_t mark, marker;
	uint64_t length;

	if (!pb_take(&in, 2, &segment))
		return 1;
	while (pb_take_u8(&in, &mark) && mark == 0xFF && pb_take_u8(&in, &marker) && marker != MARKER_SOS &&
	       pb_take_be(&in, 2, &length) && length >= 2 && pb_take(&in, length - 2, &segment))
		if (marker == MARKER_APP1 && segment.n > sizeof(name) && memcmp(segment.p, name, sizeof(name)) == 0)
			return orientation_in(pb_view(segment.p + sizeof(name), segment.n - sizeof(name)));
	return 1;
}
