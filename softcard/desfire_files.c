/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files: who may, what a reader sees, what a write leaves.  A backup file shows what was committed and takes what is
 * written aside; CommitTransaction is one write of the card's memory, for all files at once.  A standard file is written
 * block by block, so a card that leaves meanwhile keeps the beginning.
 */
#include "softcard/desfire_inside.h"

#include <string.h>

enum { CREATE_LEN = 7, CREATE_ISO_LEN = 9, SETTINGS_LEN = 3, NUMBER_MAX = 0x1F, MODE_MAX = FULL };

/* Rights, from the two bytes that tell them */
static unsigned right_read(const struct desfire_file *file)
{
	return file->rights[1] >> 4;
}

static unsigned right_write(const struct desfire_file *file)
{
	return file->rights[1] & 0xF;
}

static unsigned right_read_write(const struct desfire_file *file)
{
	return file->rights[0] >> 4;
}

static unsigned right_change(const struct desfire_file *file)
{
	return file->rights[0] & 0xF;
}

/* One of the conditions is met; otherwise the status that says why not. */
static uint8_t granted(const struct softcard *card, unsigned one, unsigned other)
{
	if (one == ACCESS_FREE || other == ACCESS_FREE || desfire_by_key(card, one) || desfire_by_key(card, other))
		return DONE;
	return one == ACCESS_NEVER && other == ACCESS_NEVER ? PERMISSION_DENIED : AUTHENTICATION_ERROR;
}

/* DONE with the file that the header begins with. */
static uint8_t find_file(struct softcard *card, const struct native *command, struct desfire_file **ret_file)
{
	if (card->desfire.application == 0)
		return PERMISSION_DENIED;
	*ret_file = desfire_file(desfire_selected(card), command->header.p[0]);
	return *ret_file ? DONE : FILE_NOT_FOUND;
}

/* ---- making them */

/* Number, with ISO its file identifier, mode, rights, size */
static uint8_t read_file_settings(const struct desfire_application *application, const struct native *command,
				  struct desfire_file *ret_file)
{
	const uint8_t *at = command->data.p;
	struct desfire_file file = { .there = true };
	uint32_t size;

	if (command->data.n != (application->has_fids ? CREATE_ISO_LEN : CREATE_LEN))
		return LENGTH_ERROR;
	file.number = *at++;
	if (application->has_fids) {
		file.fid = (uint16_t)(at[0] | at[1] << 8);
		at += 2;
	}
	file.mode = *at++;
	memcpy(file.rights, at, sizeof(file.rights));
	size = native_le24(at + 2);
	file.type = command->ins == CREATE_BACKUP_FILE ? DESFIRE_BACKUP : DESFIRE_STANDARD;
	if (file.number > NUMBER_MAX || file.mode > MODE_MAX || size == 0)
		return PARAMETER_ERROR;
	if (size > DESFIRE_MEMORY)
		return OUT_OF_MEMORY;
	file.size = (uint16_t)size;
	*ret_file = file;
	return DONE;
}

static bool is_known(struct desfire_application *application, const struct desfire_file *file)
{
	for (size_t i = 0; file->fid && i < DESFIRE_FILES; i++)
		if (application->files[i].there && application->files[i].fid == file->fid)
			return true;
	return desfire_file(application, file->number);
}

uint8_t desfire_create_file(struct softcard *card, const struct native *command)
{
	struct card_image next = card->nvm.now;
	struct desfire_application *application = &next.desfire.applications[card->desfire.application];
	struct desfire_file file;
	uint8_t status;

	if (card->desfire.application == 0)
		return PERMISSION_DENIED;
	if (!(application->settings & SETTINGS_FREE_CREATE) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	status = read_file_settings(application, command, &file);
	if (status != DONE)
		return status;
	if (is_known(application, &file))
		return DUPLICATE_ERROR;
	for (size_t i = 0; i < DESFIRE_FILES; i++) {
		if (application->files[i].there)
			continue;
		if (!desfire_allot(&next.desfire, &file))
			return OUT_OF_MEMORY;
		application->files[i] = file;
		return desfire_store(card, &next);
	}
	return COUNT_ERROR;
}

uint8_t desfire_delete_file(struct softcard *card, const struct native *command)
{
	struct card_image next = card->nvm.now;
	struct desfire_application *application = &next.desfire.applications[card->desfire.application];
	struct desfire_file *file;
	uint8_t status = find_file(card, command, &file);

	if (status != DONE)
		return status;
	if (!(application->settings & SETTINGS_FREE_CREATE) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	desfire_file(application, command->header.p[0])->there = false;
	return desfire_store(card, &next);
}

uint8_t desfire_get_file_ids(struct softcard *card, struct pb_writer *out)
{
	const struct desfire_application *application = desfire_selected(card);

	if (card->desfire.application == 0)
		return PERMISSION_DENIED;
	if (!(application->settings & SETTINGS_FREE_LISTING) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	for (size_t i = 0; i < DESFIRE_FILES; i++)
		if (application->files[i].there)
			pb_put_u8(out, application->files[i].number);
	return DONE;
}

uint8_t desfire_get_file_settings(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	struct desfire_file *file;
	const uint8_t status = find_file(card, command, &file);

	if (status != DONE)
		return status;
	if (!(desfire_selected(card)->settings & SETTINGS_FREE_LISTING) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	pb_put_u8(out, file->type);
	pb_put_u8(out, file->mode);
	pb_put(out, file->rights, sizeof(file->rights));
	pb_put_u8(out, (uint8_t)file->size);
	pb_put_u8(out, (uint8_t)(file->size >> 8));
	pb_put_u8(out, 0);
	return DONE;
}

uint8_t desfire_change_file_settings(struct softcard *card, const struct native *command)
{
	struct card_image next = card->nvm.now;
	struct desfire_file *file;
	uint8_t status = find_file(card, command, &file);

	if (status == DONE)
		status = granted(card, right_change(file), right_change(file));
	if (status != DONE)
		return status;
	if (command->data.n != SETTINGS_LEN)
		return LENGTH_ERROR;
	if (command->data.p[0] > MODE_MAX)
		return PARAMETER_ERROR;
	file = desfire_file(&next.desfire.applications[card->desfire.application], file->number);
	file->mode = command->data.p[0];
	memcpy(file->rights, command->data.p + 1, sizeof(file->rights));
	return desfire_store(card, &next);
}

/* ---- their bytes */

enum mode desfire_file_mode(struct softcard *card, uint8_t ins, unsigned number)
{
	const struct desfire_file *file = desfire_file(desfire_selected(card), number);

	if (!file)
		return PLAIN;
	if (ins == CHANGE_FILE_SETTINGS)
		return right_change(file) == ACCESS_FREE ? PLAIN : FULL;
	if (!desfire_by_key(card, ins == READ_DATA || ins == READ_DATA_FRAMES ? right_read(file) : right_write(file)) &&
	    !desfire_by_key(card, right_read_write(file)))
		return PLAIN;
	return file->mode == FULL ? FULL : file->mode == MAC ? MAC : PLAIN;
}

/* What is committed; `n` 0: to its end. */
static uint8_t read_bytes(const struct softcard *card, const struct desfire_file *file, size_t offset, size_t n,
			  struct pb_writer *out)
{
	if (offset >= file->size || n > file->size - offset)
		return BOUNDARY_ERROR;
	pb_put(out, card->nvm.now.desfire.memory + file->at + offset, n ? n : file->size - offset);
	return out->full ? LENGTH_ERROR : DONE;
}

uint8_t desfire_read_data(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	struct desfire_file *file;
	uint8_t status = find_file(card, command, &file);

	if (status == DONE)
		status = granted(card, right_read(file), right_read_write(file));
	if (status != DONE)
		return status;
	return read_bytes(card, file, native_le24(command->header.p + 1), native_le24(command->header.p + 4), out);
}

static uint8_t write_standard(struct softcard *card, const struct desfire_file *file, size_t offset, struct pb_view data)
{
	for (size_t done = 0, n; done < data.n; done += n) {
		struct card_image next = card->nvm.now;
		const size_t at = file->at + offset + done, room = DESFIRE_BLOCK - at % DESFIRE_BLOCK;
		uint8_t status;

		n = data.n - done < room ? data.n - done : room;
		memcpy(next.desfire.memory + at, data.p + done, n);
		status = desfire_store(card, &next);
		if (status != DONE)
			return status;
	}
	return DONE;
}

static uint8_t write_backup(struct softcard *card, const struct desfire_file *file, size_t offset, struct pb_view data)
{
	struct desfire_session *session = &card->desfire;

	if (!session->written)
		memcpy(session->uncommitted, card->nvm.now.desfire.memory, sizeof(session->uncommitted));
	session->written = true;
	memcpy(session->uncommitted + file->at + offset, data.p, data.n);
	return DONE;
}

static uint8_t write_bytes(struct softcard *card, const struct desfire_file *file, size_t offset, struct pb_view data)
{
	if (offset >= file->size || data.n > file->size - offset)
		return BOUNDARY_ERROR;
	return file->type == DESFIRE_BACKUP ? write_backup(card, file, offset, data) :
					      write_standard(card, file, offset, data);
}

uint8_t desfire_write_data(struct softcard *card, const struct native *command)
{
	struct desfire_file *file;
	uint8_t status = find_file(card, command, &file);

	if (status == DONE)
		status = granted(card, right_write(file), right_read_write(file));
	if (status != DONE)
		return status;
	if (command->data.n == 0 || command->data.n != native_le24(command->header.p + 4))
		return LENGTH_ERROR;
	return write_bytes(card, file, native_le24(command->header.p + 1), command->data);
}

uint8_t desfire_commit(struct softcard *card)
{
	struct desfire_application *application = desfire_selected(card);
	struct card_image next = card->nvm.now;

	if (card->desfire.application == 0)
		return PERMISSION_DENIED;
	if (!card->desfire.written)
		return NO_CHANGES;
	for (size_t i = 0; i < DESFIRE_FILES; i++) {
		const struct desfire_file *file = &application->files[i];

		if (file->there && file->type == DESFIRE_BACKUP)
			memcpy(next.desfire.memory + file->at, card->desfire.uncommitted + file->at, file->size);
	}
	card->desfire.written = false;
	return desfire_store(card, &next);
}

uint8_t desfire_abort(struct softcard *card)
{
	if (card->desfire.application == 0)
		return PERMISSION_DENIED;
	if (!card->desfire.written)
		return NO_CHANGES;
	card->desfire.written = false;
	return DONE;
}

/* ---- through ISO 7816, in the clear and outside a session */

static struct desfire_file *chosen_file(struct softcard *card)
{
	struct desfire_application *application = desfire_selected(card);

	for (size_t i = 0; card->desfire.fid && i < DESFIRE_FILES; i++)
		if (application->files[i].there && application->files[i].fid == card->desfire.fid)
			return &application->files[i];
	return NULL;
}

uint16_t desfire_iso_read(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const size_t offset = (size_t)command->p1 << 8 | command->p2;
	const struct desfire_file *file = chosen_file(card);
	size_t n;

	if (command->p1 & P1_SFI)
		return SW_P1P2;
	if (!command->le || command->data.n)
		return SW_LENGTH;
	if (!file)
		return SW_CONDITIONS;
	if (card->desfire.opened != DESFIRE_NOBODY || granted(card, right_read(file), right_read_write(file)) != DONE)
		return SW_SECURITY;
	if (offset >= file->size)
		return SW_OFFSET;
	n = file->size - offset;
	return read_bytes(card, file, offset, command->le < n ? command->le : n, out) == DONE ? SW_OK : SW_CONDITIONS;
}

uint16_t desfire_iso_update(struct softcard *card, const struct command *command)
{
	const struct desfire_file *file = chosen_file(card);

	if (command->p1 & P1_SFI)
		return SW_P1P2;
	if (command->data.n == 0)
		return SW_LENGTH;
	if (!file || file->type == DESFIRE_BACKUP) /* nobody could commit it */
		return SW_CONDITIONS;
	if (card->desfire.opened != DESFIRE_NOBODY || granted(card, right_write(file), right_read_write(file)) != DONE)
		return SW_SECURITY;
	switch (write_bytes(card, file, (size_t)command->p1 << 8 | command->p2, command->data)) {
	case DONE:
		return SW_OK;
	case MEMORY_ERROR:
		return SW_MEMORY;
	default:
		return SW_CONDITIONS;
	}
}
