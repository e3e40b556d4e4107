/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sections 5.3 and 8 of card-applet-spec/README.md.
 */
#include "softcard/file.h"

uint16_t select_tag_file(const struct command *command, unsigned ndef_fid, unsigned *file)
{
	unsigned fid;

	if (command->p1 != P1_SELECT_BY_FID || (command->p2 != P2_SELECT_NO_FCI && command->p2 != P2_SELECT_FCI))
		return SW_P1P2;
	if (command->data.n != 2)
		return SW_LENGTH;
	fid = (unsigned)command->data.p[0] << 8 | command->data.p[1];
	if (fid != FID_NDEF_CC && fid != ndef_fid)
		return SW_FILE_NOT_FOUND;
	*file = fid;
	return SW_OK;
}

uint16_t read_file(struct pb_view file, size_t offset, size_t le, struct pb_writer *out)
{
	const size_t left = offset < file.n ? file.n - offset : 0;

	if (!left)
		return SW_OFFSET;
	pb_put(out, file.p + offset, le < left ? le : left);
	return le > left && le != APDU_RESPONSE_MAX ? SW_END_OF_FILE : SW_OK;
}
