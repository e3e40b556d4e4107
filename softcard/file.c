/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Section 5.3 of card-applet-spec/README.md.
 */
#include "softcard/file.h"

uint16_t read_file(struct pb_view file, size_t offset, size_t le, struct pb_writer *out)
{
	const size_t left = offset < file.n ? file.n - offset : 0;

	if (!left)
		return SW_OFFSET;
	pb_put(out, file.p + offset, le < left ? le : left);
	return le > left && le != APDU_RESPONSE_MAX ? SW_END_OF_FILE : SW_OK;
}
