/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of the NTAG 424 DNA: its native commands and statuses, and the handlers of its files, which stand apart
 * from those of its keys.  For the ntag424*.c files only.
 */
#ifndef PROFBILET_SOFTCARD_NTAG424_INSIDE_H
#define PROFBILET_SOFTCARD_NTAG424_INSIDE_H

#include "softcard/card.h"

enum {
	AUTHENTICATE_FIRST = 0x71,
	AUTHENTICATE_NEXT = 0x77,
	ADDITIONAL_FRAME = 0xAF,
	GET_VERSION = 0x60,
	GET_CARD_UID = 0x51,
	CHANGE_KEY = 0xC4,
	GET_KEY_VERSION = 0x64,
	CHANGE_FILE_SETTINGS = 0x5F,
	GET_FILE_SETTINGS = 0xF5,
	GET_FILE_COUNTERS = 0xF6,
	READ_DATA = 0xAD,
	WRITE_DATA = 0x8D,
};

/* Table 24, second byte of 91xx */
enum {
	DONE = 0x00,
	ILLEGAL_COMMAND = 0x1C,
	INTEGRITY_ERROR = 0x1E,
	NO_SUCH_KEY = 0x40,
	LENGTH_ERROR = 0x7E,
	PERMISSION_DENIED = 0x9D,
	PARAMETER_ERROR = 0x9E,
	AUTHENTICATION_ERROR = 0xAE,
	MORE = 0xAF,
	BOUNDARY_ERROR = 0xBE,
	COMMAND_ABORTED = 0xCA,
	MEMORY_ERROR = 0xEE,
	FILE_NOT_FOUND = 0xF0,
};

/* Of communication, as FileOption has it. */
enum mode { PLAIN = 0, MAC = 1, FULL = 3 };

enum { FILE_HEAD = 7 }; /* number, offset, length */

/* One native command in the clear. */
struct native {
	uint8_t ins;
	struct pb_view header, data;
};

static inline bool ntag424_is_open(const struct softcard *card)
{
	return card->ntag.channel.open;
}

static inline uint8_t ntag424_store(struct softcard *card, const struct card_image *next)
{
	return nvm_write(&card->nvm, next) ? DONE : MEMORY_ERROR;
}

/* Each answers with a status; the header has its length. */
uint8_t ntag424_change_file_settings(struct softcard *card, const struct native *command);
uint8_t ntag424_get_file_settings(struct softcard *card, const struct native *command, struct pb_writer *out);
uint8_t ntag424_get_file_counters(struct softcard *card, const struct native *command, struct pb_writer *out);
uint8_t ntag424_read_data(struct softcard *card, const struct native *command, struct pb_writer *out);
uint8_t ntag424_write_data(struct softcard *card, const struct native *command);

/* What protects such a command in the open session: the file's own mode, unless the session's key gives no right
 * to it (8.2.3.5). */
enum mode ntag424_file_mode(const struct softcard *card, uint8_t ins, unsigned number);

/* ISO READ and UPDATE BINARY, with status words of ISO 7816. */
uint16_t ntag424_iso_read(struct softcard *card, const struct command *command, struct pb_writer *out);
uint16_t ntag424_iso_update(struct softcard *card, const struct command *command);

#endif
