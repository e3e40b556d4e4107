/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two files, read only.
 */
#include "softcard/ndef_app.h"

#include <string.h>

#include "softcard/file.h"

/* Type 4 Tag 2.0: length, version, MLe, MLc, and the one NDEF file: free to read, never written. */
static const uint8_t capabilities[] = {
	0x00, 0x0F, 0x20, 0x00, APDU_DATA_MAX, 0x00, APDU_DATA_MAX,
	0x04, 0x06, FID_NDEF >> 8, FID_NDEF & 0xFF, 0x00, NDEF_MAX, 0x00, 0xFF,
};

static uint16_t read_binary(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t image[NDEF_MAX] = { 0 };
	const size_t offset = (size_t)command->p1 << 8 | command->p2;

	if (command->data.n || !command->le)
		return SW_LENGTH;
	if (!card->ndef_file)
		return SW_CONDITIONS;
	if (card->ndef_file == FID_NDEF_CC)
		return read_file(PB_VIEW(capabilities), offset, command->le, out);
	memcpy(image, card->nvm.now.ndef, card->nvm.now.ndef_n);
	return read_file(PB_VIEW(image), offset, command->le, out);
}

uint16_t ndef_app_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (command->ins == INS_SELECT)
		return select_tag_file(command, FID_NDEF, &card->ndef_file);
	return command->ins == INS_READ_BINARY ? read_binary(card, command, out) : SW_INS;
}
