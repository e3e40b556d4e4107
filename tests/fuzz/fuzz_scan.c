/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a photo with QR codes: texts, none, or a bad photo.
 */
#include <stdlib.h>
#include <string.h>

#include "print/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pb_scan_text text;
	enum pb_status s = pb_scan_here(pb_view(data, size), &text, NULL);
	size_t at = 0;

	if (s != PB_OK && s != PB_PHOTO_INVALID)
		abort();
	for (size_t i = 0; s == PB_OK && i < text.count; i++)
		at += strlen(text.text + at) + 1;
	if (s == PB_OK && at != text.n)
		abort();
	return 0;
}
