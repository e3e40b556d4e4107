/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hostile host before the NTAG 424 DNA.  Input: records of what, length, bytes.  A host without the keys cannot
 * make a MAC, so half of the records stand for one that has them: their command reaches the files as if a session
 * had brought it.  The settings must always be ones that the chip itself can read (PB_BUG otherwise), and the file
 * is shown after each record.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "softcard/ntag424_inside.h"
#include "softcard/ntag424_sdm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum what { RAW, KNOWS_KEYS, POWER, WHATS };

static void require(bool true_always)
{
	if (!true_always)
		abort();
}

/* First byte: INS; second: file number; then data. */
static void in_session(struct softcard *card, struct pb_view bytes)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	struct pb_writer out = pb_writer(answer, sizeof(answer));
	struct native command;

	if (bytes.n < 1 + FILE_HEAD)
		return;
	command.ins = bytes.p[0];
	command.header = pb_view(bytes.p + 1, command.ins == CHANGE_FILE_SETTINGS ? 1 : FILE_HEAD);
	command.data = pb_view(command.header.p + command.header.n, bytes.n - 1 - command.header.n);
	card->ntag.application = card->ntag.channel.open = true;
	if (command.ins == CHANGE_FILE_SETTINGS)
		(void)ntag424_change_file_settings(card, &command);
	else if (command.ins == WRITE_DATA)
		(void)ntag424_write_data(card, &command);
	else if (command.ins == READ_DATA)
		(void)ntag424_read_data(card, &command, &out);
	card->ntag.channel.open = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	const struct softcard_options options = { .kind = SOFTCARD_NTAG424, .uid = PB_VIEW(uid) };
	uint8_t atr[SOFTCARD_ATR_MAX], answer[SOFTCARD_ANSWER_MAX] = { 0 }, shown[NTAG424_NDEF_SIZE], what, n;
	struct pb_cursor in = pb_cursor(pb_view(data, size));
	struct softcard *card;
	struct pb_view bytes;
	size_t answer_n;

	require(softcard_create(&options, &card, NULL) == PB_OK);
	softcard_power_on(card, atr);
	while (pb_take_u8(&in, &what) && pb_take_u8(&in, &n) && pb_take(&in, n < in.left ? n : in.left, &bytes)) {
		if (what % WHATS == RAW)
			require(softcard_transmit(card, bytes, answer, &answer_n) == SOFTCARD_ANSWERED && answer_n >= 2 &&
				answer_n <= sizeof(answer));
		else if (what % WHATS == POWER)
			softcard_power_on(card, atr);
		else
			in_session(card, bytes);
		ntag424_mirror(&card->nvm.now.ntag, uid, answer, shown);
	}
	softcard_destroy(card);
	return 0;
}
