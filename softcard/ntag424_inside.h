/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of the NTAG 424 DNA: the handlers of its files, which stand apart from those of its keys.
 * For the ntag424*.c files only.
 */
#ifndef PROFBILET_SOFTCARD_NTAG424_INSIDE_H
#define PROFBILET_SOFTCARD_NTAG424_INSIDE_H

#include "softcard/card.h"
#include "softcard/native.h"

enum { GET_FILE_COUNTERS = 0xF6 };

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
