/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The NDEF application of such a chip.  Its numbers are deliberately not those of every other tag: a host has
 * to take the file's identifier and the longest piece from the capability container.
 */
#include "softcard/file.h"
#include "softcard/piv.h"

#include <string.h>

enum { FID_FILE = 0x0001, READ_MAX = 128, WRITE_MAX = 48 };

static const uint8_t capabilities[] = {
	0x00, 0x0F, 0x20, 0x00, READ_MAX, 0x00, WRITE_MAX,
	0x04, 0x06, FID_FILE >> 8, FID_FILE & 0xFF, PIV_NDEF_MAX >> 8, PIV_NDEF_MAX & 0xFF, 0x00, 0x00,
};

static uint16_t read_binary(const struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const size_t offset = (size_t)command->p1 << 8 | command->p2;
	const struct pb_view file = card->ndef_file == FID_NDEF_CC ? PB_VIEW(capabilities) : PB_VIEW(card->nvm.now.piv.ndef);

	if (command->data.n || !command->le || (command->le > READ_MAX && command->le != APDU_RESPONSE_MAX))
		return SW_LENGTH;
	return read_file(file, offset, command->le > READ_MAX ? READ_MAX : command->le, out);
}

static uint16_t update_binary(struct softcard *card, const struct command *command)
{
	const size_t offset = (size_t)command->p1 << 8 | command->p2;
	struct card_image next = card->nvm.now;

	if (card->ndef_file != FID_FILE)
		return SW_SECURITY;
	if (!command->data.n || command->data.n > WRITE_MAX)
		return SW_LENGTH;
	if (offset + command->data.n > PIV_NDEF_MAX)
		return SW_OFFSET;
	memcpy(next.piv.ndef + offset, command->data.p, command->data.n);
	return nvm_write(&card->nvm, &next) ? SW_OK : SW_MEMORY;
}

uint16_t piv_ndef_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (command->ins == INS_SELECT)
		return select_tag_file(command, FID_FILE, &card->ndef_file);
	if (command->ins != INS_READ_BINARY && command->ins != INS_NDEF_UPDATE_BINARY)
		return SW_INS;
	if (!card->ndef_file)
		return SW_CONDITIONS;
	return command->ins == INS_READ_BINARY ? read_binary(card, command, out) : update_binary(card, command);
}
