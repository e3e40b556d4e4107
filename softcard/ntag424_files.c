/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files: who may, what a reader sees, what a write leaves.  Section numbers are those of NT4H2421Gx.
 */
#include "softcard/ntag424_inside.h"

#include <string.h>

#include "softcard/ntag424_sdm.h"
#include "softcard/random.h"

enum { FRAME_DATA = 125, WRITE_HEAD = 5 + FILE_HEAD }; /* ATS: frames of 128 with protocol byte and CRC */

/* DONE with its rules, for the file that the header begins with. */
static uint8_t find_file(struct softcard *card, const struct native *command, struct ntag424_rules *ret_rules)
{
	const unsigned number = command->header.p[0];

	if (!card->ntag.application)
		return PERMISSION_DENIED;
	if (number < 1 || number > NTAG424_FILES)
		return FILE_NOT_FOUND;
	*ret_rules = ntag424_rules_of(&card->nvm.now.ntag, number);
	return DONE;
}

static bool by_key(const struct softcard *card, uint8_t condition)
{
	return ntag424_is_open(card) && condition == card->ntag.key;
}

uint8_t ntag424_change_file_settings(struct softcard *card, const struct native *command)
{
	struct card_image next = card->nvm.now;
	struct ntag424_rules now, rules;
	uint8_t *bytes, status = find_file(card, command, &now);
	const unsigned number = command->header.p[0];
	struct ntag424_settings *settings;
	size_t size;

	if (status != DONE)
		return status;
	if (now.change == ACCESS_NEVER)
		return PERMISSION_DENIED;
	if (now.change != ACCESS_FREE && !by_key(card, now.change))
		return AUTHENTICATION_ERROR;
	settings = &next.ntag.settings[number - 1];
	if (!ntag424_file(&next.ntag, number, &bytes, &size) || command->data.n > sizeof(settings->bytes) ||
	    !ntag424_rules_read(command->data, size, &rules))
		return PARAMETER_ERROR;
	if (rules.sdm && number != 2)
		return PERMISSION_DENIED;
	if (rules.limited && rules.limit <= next.ntag.read_counter)
		return PARAMETER_ERROR;
	memcpy(settings->bytes, command->data.p, command->data.n);
	settings->n = (uint8_t)command->data.n;
	if (rules.sdm && !now.sdm)
		next.ntag.read_counter = 0;
	return ntag424_store(card, &next);
}

uint8_t ntag424_get_file_settings(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	struct card_image *image = &card->nvm.now;
	const struct ntag424_settings *settings;
	struct ntag424_rules rules;
	uint8_t *bytes, status = find_file(card, command, &rules);
	size_t size;

	if (status != DONE)
		return status;
	if (!ntag424_file(&image->ntag, command->header.p[0], &bytes, &size))
		return FILE_NOT_FOUND;
	settings = &image->ntag.settings[command->header.p[0] - 1];
	pb_put_u8(out, 0x00); /* StandardData */
	pb_put(out, settings->bytes, 3);
	pb_put_u8(out, (uint8_t)size);
	pb_put_u8(out, (uint8_t)(size >> 8));
	pb_put_u8(out, 0x00);
	pb_put(out, settings->bytes + 3, settings->n - 3u);
	return DONE;
}

uint8_t ntag424_get_file_counters(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	const uint32_t counter = card->nvm.now.ntag.read_counter;
	struct ntag424_rules rules;
	uint8_t status = find_file(card, command, &rules);

	if (status != DONE)
		return status;
	if (!rules.sdm || rules.counter_read == ACCESS_NEVER)
		return PERMISSION_DENIED;
	if (rules.counter_read != ACCESS_FREE && !by_key(card, rules.counter_read))
		return AUTHENTICATION_ERROR;
	for (unsigned i = 0; i < 3; i++)
		pb_put_u8(out, (uint8_t)(counter >> (8 * i)));
	pb_put_be(out, 0, 2);
	return DONE;
}

/* 9.3.1: the first of a row of reads moves the counter on. */
static uint8_t count_read(struct softcard *card, const struct ntag424_rules *rules, uint8_t ins)
{
	const uint32_t limit = rules->limited ? rules->limit : 0xFFFFFF;
	struct card_image next = card->nvm.now;
	uint8_t status;

	if (!rules->counter || card->ntag.reads == ins)
		return DONE;
	if (next.ntag.read_counter >= limit)
		return PERMISSION_DENIED;
	next.ntag.read_counter++;
	status = ntag424_store(card, &next);
	if (status == DONE)
		card_random(card->ntag.padding, sizeof(card->ntag.padding));
	return status;
}

/* The file as this reader sees it, from `offset`; `n` 0: to its end. */
static uint8_t read_file(struct softcard *card, unsigned number, size_t offset, size_t n, uint8_t ins,
			 struct pb_writer *out)
{
	const struct ntag424_rules rules = ntag424_rules_of(&card->nvm.now.ntag, number);
	uint8_t shown[NTAG424_NDEF_SIZE], *bytes, status;
	size_t size;

	if (!ntag424_file(&card->nvm.now.ntag, number, &bytes, &size))
		return FILE_NOT_FOUND;
	if (offset >= size || n > size - offset)
		return BOUNDARY_ERROR;
	if (rules.sdm && !ntag424_is_open(card)) {
		status = count_read(card, &rules, ins);
		if (status != DONE)
			return status;
		ntag424_mirror(&card->nvm.now.ntag, card->nvm.now.uid, card->ntag.padding, shown);
		card->work.aes_runs += 3;
		bytes = shown;
	}
	card->ntag.reads = ins;
	pb_put(out, bytes + offset, n ? n : size - offset);
	return out->full ? LENGTH_ERROR : DONE;
}

/* 8.2.3.3: one of the conditions is met; otherwise the status that says why not. */
static uint8_t granted(const struct softcard *card, uint8_t one, uint8_t other, bool anyway)
{
	if (anyway || one == ACCESS_FREE || other == ACCESS_FREE || by_key(card, one) || by_key(card, other))
		return DONE;
	return one == ACCESS_NEVER && other == ACCESS_NEVER ? PERMISSION_DENIED : AUTHENTICATION_ERROR;
}

uint8_t ntag424_read_data(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	struct ntag424_rules rules;
	uint8_t status = find_file(card, command, &rules);

	if (status == DONE)
		status = granted(card, rules.read, rules.read_write,
				 !ntag424_is_open(card) && rules.sdm && rules.file_read != ACCESS_NEVER);
	if (status != DONE)
		return status;
	return read_file(card, command->header.p[0], native_le24(command->header.p + 1), native_le24(command->header.p + 4), READ_DATA,
			 out);
}

/* 8.6: a frame is written whole or not; what takes several may be left between two of them. */
static uint8_t write_file(struct softcard *card, unsigned number, size_t offset, struct pb_view data)
{
	size_t room = FRAME_DATA - WRITE_HEAD;

	for (size_t done = 0; done < data.n; done += room, room = FRAME_DATA) {
		const size_t n = data.n - done < room ? data.n - done : room;
		struct card_image next = card->nvm.now;
		uint8_t *bytes, status;
		size_t size;

		if (!ntag424_file(&next.ntag, number, &bytes, &size))
			return FILE_NOT_FOUND;
		if (offset >= size || data.n > size - offset)
			return BOUNDARY_ERROR;
		memcpy(bytes + offset + done, data.p + done, n);
		status = ntag424_store(card, &next);
		if (status != DONE)
			return status;
	}
	return DONE;
}

uint8_t ntag424_write_data(struct softcard *card, const struct native *command)
{
	struct ntag424_rules rules;
	uint8_t status = find_file(card, command, &rules);

	if (status == DONE)
		status = granted(card, rules.write, rules.read_write, false);
	if (status != DONE)
		return status;
	if (command->data.n == 0 || command->data.n != native_le24(command->header.p + 4))
		return LENGTH_ERROR;
	return write_file(card, command->header.p[0], native_le24(command->header.p + 1), command->data);
}

enum mode ntag424_file_mode(const struct softcard *card, uint8_t ins, unsigned number)
{
	struct ntag424_rules rules;

	if (number < 1 || number > NTAG424_FILES)
		return PLAIN;
	rules = ntag424_rules_of(&card->nvm.now.ntag, number);
	if (ins == CHANGE_FILE_SETTINGS)
		return rules.change == ACCESS_FREE ? PLAIN : FULL;
	if (!by_key(card, ins == READ_DATA ? rules.read : rules.write) && !by_key(card, rules.read_write))
		return PLAIN;
	return rules.mode == FULL ? FULL : rules.mode == MAC ? MAC : PLAIN;
}

/* 10.9.2, 10.9.3: of the selected file, by offset, in the clear and outside a session */
uint16_t ntag424_iso_read(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const size_t offset = (size_t)command->p1 << 8 | command->p2;
	struct ntag424_rules rules;
	uint8_t *bytes;
	size_t size;

	if (command->p1 & P1_SFI)
		return SW_P1P2;
	if (!command->le || command->data.n)
		return SW_LENGTH;
	if (!card->ntag.file || !ntag424_file(&card->nvm.now.ntag, card->ntag.file, &bytes, &size))
		return SW_CONDITIONS;
	rules = ntag424_rules_of(&card->nvm.now.ntag, card->ntag.file);
	if (ntag424_is_open(card) || (rules.read != ACCESS_FREE && rules.read_write != ACCESS_FREE &&
			      !(rules.sdm && rules.file_read != ACCESS_NEVER)))
		return SW_SECURITY;
	if (offset >= size)
		return SW_OFFSET;
	switch (read_file(card, card->ntag.file, offset, command->le < size - offset ? command->le : size - offset,
			  INS_READ_BINARY, out)) {
	case DONE:
		return SW_OK;
	case MEMORY_ERROR:
		return SW_MEMORY;
	default:
		return SW_SECURITY;
	}
}

uint16_t ntag424_iso_update(struct softcard *card, const struct command *command)
{
	struct ntag424_rules rules;

	if (command->p1 & P1_SFI)
		return SW_P1P2;
	if (command->data.n == 0)
		return SW_LENGTH;
	if (!card->ntag.file)
		return SW_CONDITIONS;
	rules = ntag424_rules_of(&card->nvm.now.ntag, card->ntag.file);
	if (ntag424_is_open(card) || (rules.write != ACCESS_FREE && rules.read_write != ACCESS_FREE))
		return SW_SECURITY;
	switch (write_file(card, card->ntag.file, (size_t)command->p1 << 8 | command->p2, command->data)) {
	case DONE:
		return SW_OK;
	case MEMORY_ERROR:
		return SW_MEMORY;
	default:
		return SW_CONDITIONS;
	}
}

