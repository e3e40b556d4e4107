/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hostile host before the DESFire.  Input: records of what, length, bytes.  A host without the keys cannot make a
 * MAC, so half of the records stand for one that has them: their command reaches its handler as if a session had
 * brought it.  The card has an application with a backup and a standard file, and what it keeps must always be
 * something that it can read again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "softcard/desfire_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum what { RAW, KNOWS_KEYS, POWER, WHATS };

static void require(bool true_always)
{
	if (!true_always)
		abort();
}

static void send(struct softcard *card, struct pb_view command)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	size_t n;

	require(softcard_transmit(card, command, answer, &n) == SOFTCARD_ANSWERED && n >= 2 && n <= sizeof(answer));
}

static void send_hex(struct softcard *card, const char *hex)
{
	uint8_t bytes[64];
	size_t n;

	require(pb_hex_decode(hex, bytes, sizeof(bytes), &n));
	send(card, pb_view(bytes, n));
}

/* First byte: INS; then its data, one byte of which is a header. */
static void in_session(struct softcard *card, struct pb_view bytes)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	struct pb_writer out = pb_writer(answer, sizeof(answer));
	struct native command;

	if (bytes.n < 1 + FILE_HEAD)
		return;
	command = (struct native){ bytes.p[0], pb_view(bytes.p + 1, 1), pb_view(bytes.p + 2, bytes.n - 2) };
	card->desfire.opened = DESFIRE_BY_AES;
	card->desfire.key = 0;
	switch (command.ins) {
	case CHANGE_KEY:
		(void)desfire_change_key(card, &command);
		break;
	case CREATE_APPLICATION:
		(void)desfire_create_application(card, &command);
		break;
	case CREATE_BACKUP_FILE:
	case CREATE_STANDARD_FILE:
		(void)desfire_create_file(card, &command);
		break;
	case CHANGE_FILE_SETTINGS:
		(void)desfire_change_file_settings(card, &command);
		break;
	case WRITE_DATA:
		command.header.n = FILE_HEAD;
		command.data = pb_view(command.header.p + FILE_HEAD, bytes.n - 1 - FILE_HEAD);
		(void)desfire_write_data(card, &command);
		break;
	case READ_DATA:
		command.header.n = FILE_HEAD;
		(void)desfire_read_data(card, &command, &out);
		break;
	case COMMIT_TRANSACTION:
		(void)desfire_commit(card);
		break;
	case FORMAT_PICC:
		(void)desfire_format(card);
		break;
	case DELETE_FILE:
		(void)desfire_delete_file(card, &command);
		break;
	}
	card->desfire.opened = DESFIRE_NOBODY;
}

static void require_readable(const struct desfire_image *image)
{
	uint8_t bytes[8192];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));
	struct desfire_image again;
	struct pb_cursor in;

	desfire_image_put(&out, image);
	require(!out.full);
	in = pb_cursor(pb_view(bytes, out.n));
	require(desfire_image_take(&in, &again) && in.left == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid) };
	struct pb_cursor in = pb_cursor(pb_view(data, size));
	uint8_t atr[SOFTCARD_ATR_MAX], what, n;
	struct softcard *card;
	struct pb_view bytes;

	require(softcard_create(&options, &card, NULL) == PB_OK);
	softcard_power_on(card, atr);
	send_hex(card, "90CA00000B3120500FA342504341524400");
	send_hex(card, "905A00000331205000");
	send_hex(card, "90CB0000090101EF0310E140000000");
	send_hex(card, "90CD0000090202EF00EEEE60000000");
	while (pb_take_u8(&in, &what) && pb_take_u8(&in, &n) && pb_take(&in, n < in.left ? n : in.left, &bytes)) {
		if (what % WHATS == RAW)
			send(card, bytes);
		else if (what % WHATS == POWER)
			softcard_power_on(card, atr);
		else
			in_session(card, bytes);
		require_readable(&card->nvm.now.desfire);
	}
	softcard_destroy(card);
	return 0;
}
