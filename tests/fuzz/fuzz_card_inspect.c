/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Discovery against a hostile card: the first byte chooses the ATR and whether it was taken for ours, the rest are its
 * answers (a length, so many bytes).  Whatever it says, the finding passes the station's message unchanged.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "issuer/reader/replay.h"
#include "issuer/station/messages.h"

static const struct pb_reader_card cards[] = {
	{ .atr = { 0x3B, 0x81, 0x80, 0x01, 0x80, 0x80 }, .atr_n = 6, .uid = { 4, 0x77, 0x28, 0x82, 0x4D, 0x65, 0x80 }, .uid_n = 7 },
	{ .atr = { 0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0, 0, 3, 6, 3, 0, 3, 0, 0, 0, 0, 0x68 },
	  .atr_n = 20, .uid = { 4, 0xE1, 0x0C, 0xDA, 0x99, 0x3C, 0x80 }, .uid_n = 7 },
	{ .atr = { 0x3B, 0x00 }, .atr_n = 2 },
	{ .atr_n = 0, .uid = { 8, 1, 2, 3 }, .uid_n = 4 },
};

enum { CARDS = sizeof(cards) / sizeof(cards[0]), OWN = 0x80 };

static void hold_against_message(const struct pb_chip *chip)
{
	struct pb_station_reply reply = { .type = PB_SAY_CHIP, .u.chip = *chip }, back;
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_view message = pb_station_reply_encode(&reply, bytes, sizeof(bytes));

	if (pb_station_reply_decode(message, PB_SAY_CHIP, &back, NULL) != PB_OK ||
	    strcmp(back.u.chip.note, chip->note) != 0 || back.u.chip.kind != chip->kind || back.u.chip.memory != chip->memory)
		abort();
}

static void identify(struct pb_view answers, const struct pb_reader_card *card)
{
	struct pb_reader *reader = pb_replay_create_hostile(answers);
	struct pb_card_identity identity;

	if (pb_card_identify(reader, card, &identity, NULL) == PB_OK && identity.family == PB_FAMILY_FOREIGN &&
	    pb_card_refusal(&identity, NULL) == PB_OK)
		abort();
	pb_reader_destroy(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pb_reader_card *card;
	struct pb_reader *reader;
	struct pb_view answers;
	struct pb_chip chip;

	if (size == 0)
		return 0;
	card = &cards[data[0] % CARDS];
	answers = pb_view(data + 1, size - 1);
	reader = pb_replay_create_hostile(answers);
	if (pb_chip_inspect(reader, card, data[0] & OWN, &chip, NULL) == PB_OK)
		hold_against_message(&chip);
	pb_reader_destroy(reader);
	identify(answers, card);
	return 0;
}
