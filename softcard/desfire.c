/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the wire to a handler and back.  A handler sees a command in the clear; what protects it is taken off before and
 * put on behind.  Any error ends a session, and with it what was not committed.
 */
#include "softcard/desfire.h"

#include <string.h>

#include "base/secret.h"
#include "softcard/desfire_inside.h"

enum { INS_UPDATE_BINARY = 0xD6, SW_WRONG_LC = 0x6A87 };
enum { FID_MF = 0x3F00, FRAME = 59 };

void desfire_forget(struct desfire_session *session)
{
	pb_wipe(session, sizeof(*session));
}

/* ---- GetVersion: the parts of a card of 2 KB */

static uint8_t version_part(struct softcard *card, uint8_t part, struct pb_writer *out)
{
	static const uint8_t hardware[][7] = {
		[DESFIRE_EV2] = { 0x04, 0x01, 0x01, 0x12, 0x00, 0x16, 0x05 },
		[DESFIRE_EV3] = { 0x04, 0x01, 0x01, 0x33, 0x00, 0x16, 0x05 },
	};
	static const uint8_t software[][7] = {
		[DESFIRE_EV2] = { 0x04, 0x01, 0x01, 0x02, 0x01, 0x16, 0x05 },
		[DESFIRE_EV3] = { 0x04, 0x01, 0x01, 0x03, 0x00, 0x16, 0x05 },
	};
	static const uint8_t production[] = { 0xBA, 0x54, 0x64, 0x5B, 0x90, 0x12, 0x21 };
	const struct card_image *now = &card->nvm.now;

	if (part == 0)
		pb_put(out, hardware[now->desfire.generation], sizeof(hardware[0]));
	else if (part == 1)
		pb_put(out, software[now->desfire.generation], sizeof(software[0]));
	if (part < 2) {
		card->desfire.waits_for = GET_VERSION;
		card->desfire.part = part + 1;
		return MORE;
	}
	pb_put(out, now->uid, now->uid_n);
	pb_put(out, production, sizeof(production));
	return DONE;
}

static uint8_t get_card_uid(struct softcard *card, struct pb_writer *out)
{
	if (card->desfire.opened != DESFIRE_BY_AES)
		return AUTHENTICATION_ERROR;
	pb_put(out, card->nvm.now.uid, card->nvm.now.uid_n);
	return DONE;
}

/* ---- what protects a command */

static const struct row {
	uint8_t ins, header;
	enum mode mode;
	bool takes_data, of_file; /* of_file: by the file's settings */
} rows[] = {
	{ GET_CARD_UID, 0, FULL, false, false },
	{ CHANGE_KEY, 1, FULL, true, false },
	{ GET_KEY_VERSION, 1, MAC, false, false },
	{ GET_KEY_SETTINGS, 0, MAC, false, false },
	{ CHANGE_KEY_SETTINGS, 0, FULL, true, false },
	{ CREATE_APPLICATION, 0, MAC, true, false },
	{ DELETE_APPLICATION, 0, MAC, true, false },
	{ GET_APPLICATION_IDS, 0, MAC, false, false },
	{ FORMAT_PICC, 0, MAC, false, false },
	{ FREE_MEMORY, 0, MAC, false, false },
	{ CREATE_STANDARD_FILE, 0, MAC, true, false },
	{ CREATE_BACKUP_FILE, 0, MAC, true, false },
	{ DELETE_FILE, 1, MAC, false, false },
	{ GET_FILE_IDS, 0, MAC, false, false },
	{ GET_FILE_SETTINGS, 1, MAC, false, false },
	{ CHANGE_FILE_SETTINGS, 1, FULL, true, true },
	{ READ_DATA, FILE_HEAD, PLAIN, false, true },
	{ READ_DATA_FRAMES, FILE_HEAD, PLAIN, false, true },
	{ WRITE_DATA, FILE_HEAD, PLAIN, true, true },
	{ WRITE_DATA_FRAMES, FILE_HEAD, PLAIN, true, true },
	{ COMMIT_TRANSACTION, 0, MAC, false, false },
	{ ABORT_TRANSACTION, 0, MAC, false, false },
};

static const struct row *row_of(uint8_t ins)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].ins == ins)
			return &rows[i];
	return NULL;
}

static enum mode mode_of(struct softcard *card, const struct row *row, struct pb_view header)
{
	return row->of_file ? desfire_file_mode(card, row->ins, header.p[0]) : row->mode;
}

static uint8_t handle_of_files(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	switch (command->ins) {
	case CREATE_STANDARD_FILE:
	case CREATE_BACKUP_FILE:
		return desfire_create_file(card, command);
	case DELETE_FILE:
		return desfire_delete_file(card, command);
	case GET_FILE_IDS:
		return desfire_get_file_ids(card, out);
	case GET_FILE_SETTINGS:
		return desfire_get_file_settings(card, command, out);
	case CHANGE_FILE_SETTINGS:
		return desfire_change_file_settings(card, command);
	case READ_DATA:
	case READ_DATA_FRAMES:
		return desfire_read_data(card, command, out);
	case WRITE_DATA:
	case WRITE_DATA_FRAMES:
		return desfire_write_data(card, command);
	case COMMIT_TRANSACTION:
		return desfire_commit(card);
	case ABORT_TRANSACTION:
		return desfire_abort(card);
	}
	PB_BUG("a command with a row and no handler");
}

static uint8_t handle(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	switch (command->ins) {
	case GET_CARD_UID:
		return get_card_uid(card, out);
	case CHANGE_KEY:
		return desfire_change_key(card, command);
	case GET_KEY_VERSION:
		return desfire_get_key_version(card, command, out);
	case GET_KEY_SETTINGS:
		return desfire_get_key_settings(card, out);
	case CHANGE_KEY_SETTINGS:
		return desfire_change_key_settings(card, command);
	case CREATE_APPLICATION:
		return desfire_create_application(card, command);
	case DELETE_APPLICATION:
		return desfire_delete_application(card, command);
	case GET_APPLICATION_IDS:
		return desfire_get_application_ids(card, out);
	case FORMAT_PICC:
		return desfire_format(card);
	case FREE_MEMORY:
		return desfire_free_memory(card, out);
	default:
		return handle_of_files(card, command, out);
	}
}

static uint8_t protected_command(struct softcard *card, const struct row *row, struct pb_view field,
				 struct pb_writer *out)
{
	struct native native = { .ins = row->ins };
	uint8_t plain[EV2_FIELD_MAX], status;
	enum mode mode;

	if (field.n < row->header)
		return LENGTH_ERROR;
	mode = mode_of(card, row, field);
	if (card->desfire.opened == DESFIRE_BY_DES && (mode == FULL || row->of_file) && mode != PLAIN)
		return PERMISSION_DENIED;
	status = ev2_card_unwrap(&card->desfire.channel, mode, row->header, field, plain, &native);
	if (status == DONE && !row->takes_data && native.data.n)
		status = LENGTH_ERROR;
	if (status == DONE)
		status = handle(card, &native, out);
	pb_wipe(plain, sizeof(plain));
	if (status != DONE || !card->desfire.channel.open)
		return status;
	if (mode == FULL && out->n > EV2_FIELD_MAX)
		return LENGTH_ERROR;
	ev2_card_wrap(&card->desfire.channel, mode, out);
	card->work.aes_runs += mode == PLAIN ? 0 : 2;
	return out->full ? LENGTH_ERROR : DONE;
}

/* ---- commands and answers in several frames */

/* The length of a whole field, from what comes first in it; 0: none so long. */
static size_t whole_length(struct softcard *card, struct pb_view field)
{
	const size_t n = native_le24(field.p + 4);
	const enum mode mode = card->desfire.channel.open ? desfire_file_mode(card, WRITE_DATA_FRAMES, field.p[0]) : PLAIN;
	const size_t padded = mode == FULL ? (n / EV2_BLOCK + 1) * EV2_BLOCK : n;
	const size_t whole = FILE_HEAD + padded + (mode == PLAIN ? 0 : EV2_MAC);

	return whole <= DESFIRE_LONG_MAX ? whole : 0;
}

static uint8_t take_frame(struct softcard *card, struct pb_view frame, struct pb_writer *out)
{
	struct desfire_session *session = &card->desfire;
	size_t whole;

	if (frame.n > sizeof(session->bytes) - session->n)
		return LENGTH_ERROR;
	if (frame.n)
		memcpy(session->bytes + session->n, frame.p, frame.n);
	session->n += frame.n;
	if (session->n < FILE_HEAD)
		return LENGTH_ERROR;
	whole = whole_length(card, pb_view(session->bytes, session->n));
	if (!whole || session->n > whole)
		return LENGTH_ERROR;
	if (session->n == whole)
		return protected_command(card, row_of(WRITE_DATA_FRAMES), pb_view(session->bytes, whole), out);
	session->waits_for = WRITE_DATA_FRAMES;
	return MORE;
}

static uint8_t say_frame(struct desfire_session *session, struct pb_writer *out)
{
	const size_t left = session->n - session->said, n = left < FRAME ? left : FRAME;

	pb_put(out, session->bytes + session->said, n);
	session->said += n;
	if (n == left)
		return DONE;
	session->waits_for = READ_DATA_FRAMES;
	return MORE;
}

static uint8_t read_in_frames(struct softcard *card, struct pb_view field, struct pb_writer *out)
{
	struct desfire_session *session = &card->desfire;
	struct pb_writer whole = pb_writer(session->bytes, sizeof(session->bytes));
	const uint8_t status = protected_command(card, row_of(READ_DATA_FRAMES), field, &whole);

	session->n = whole.n;
	session->said = 0;
	return status == DONE ? say_frame(session, out) : status;
}

/* ---- from the wire */

static uint8_t select_application(struct softcard *card, struct pb_view aid)
{
	unsigned place;

	if (aid.n != DESFIRE_AID_LEN)
		return LENGTH_ERROR;
	if (!desfire_find_aid(&card->nvm.now.desfire, aid, &place))
		return APPLICATION_NOT_FOUND;
	desfire_forget(&card->desfire);
	card->desfire.application = place;
	return DONE;
}

static uint8_t next_frame(struct softcard *card, uint8_t waits_for, struct pb_view data, struct pb_writer *out)
{
	switch (waits_for) {
	case 0:
		return ILLEGAL_COMMAND;
	case GET_VERSION:
		return data.n ? LENGTH_ERROR : version_part(card, card->desfire.part, out);
	case READ_DATA_FRAMES:
		return data.n ? LENGTH_ERROR : say_frame(&card->desfire, out);
	case WRITE_DATA_FRAMES:
		return take_frame(card, data, out);
	default:
		return desfire_response(card, waits_for, data, out);
	}
}

static uint8_t first_frame(struct softcard *card, uint8_t ins, struct pb_view data, struct pb_writer *out)
{
	const struct row *row = row_of(ins);

	switch (ins) {
	case AUTHENTICATE_FIRST:
	case AUTHENTICATE_NEXT:
	case AUTHENTICATE_LEGACY:
		return desfire_challenge(card, ins, data, out);
	case SELECT_APPLICATION:
		return select_application(card, data);
	case READ_DATA_FRAMES:
		return read_in_frames(card, data, out);
	case WRITE_DATA_FRAMES:
		card->desfire.n = 0;
		return take_frame(card, data, out);
	}
	if (ins == GET_VERSION && card->desfire.opened != DESFIRE_BY_AES)
		return data.n ? LENGTH_ERROR : version_part(card, 0, out);
	if (ins == CHANGE_KEY && card->desfire.opened == DESFIRE_BY_DES)
		return desfire_change_key_legacy(card, data);
	if (ins == CHANGE_KEY_SETTINGS && card->desfire.opened == DESFIRE_BY_DES)
		return desfire_change_key_settings_legacy(card, data);
	return row ? protected_command(card, row, data, out) : ILLEGAL_COMMAND;
}

static uint8_t native_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const uint8_t waits_for = card->desfire.waits_for;

	card->desfire.waits_for = 0;
	if (command->p1 || command->p2 || command->le != APDU_RESPONSE_MAX)
		return LENGTH_ERROR;
	if (command->ins == ADDITIONAL_FRAME)
		return next_frame(card, waits_for, command->data, out);
	if (waits_for)
		return COMMAND_ABORTED;
	return first_frame(card, command->ins, command->data, out);
}

static uint16_t chosen(struct softcard *card, unsigned place)
{
	desfire_forget(&card->desfire);
	card->desfire.application = place;
	return SW_OK;
}

static uint16_t choose_file(struct softcard *card, unsigned fid)
{
	const struct desfire_application *application = desfire_selected(card);

	for (size_t i = 0; fid && i < DESFIRE_FILES; i++) {
		if (!application->files[i].there || application->files[i].fid != fid)
			continue;
		card->desfire.fid = fid;
		return SW_OK;
	}
	return SW_FILE_NOT_FOUND;
}

/* MF2DL(H)x0 11.10.1; never any FCI */
static uint16_t iso_select(struct softcard *card, const struct command *command)
{
	static const uint8_t picc_name[] = { 0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00 };
	unsigned fid, place;

	if (command->p2 != P2_SELECT_FCI && command->p2 != P2_SELECT_NO_FCI)
		return SW_P1P2;
	if (command->p1 == P1_SELECT_BY_NAME) {
		if (pb_view_equal(command->data, PB_VIEW(picc_name)))
			return chosen(card, 0);
		return desfire_find_name(&card->nvm.now.desfire, command->data, &place) ? chosen(card, place) :
										     SW_FILE_NOT_FOUND;
	}
	if (command->p1 != P1_SELECT_BY_FID && command->p1 != 0x02)
		return SW_P1P2;
	if (command->data.n != 2)
		return SW_WRONG_LC;
	fid = (unsigned)command->data.p[0] << 8 | command->data.p[1];
	if (command->p1 == P1_SELECT_BY_FID && fid == FID_MF)
		return chosen(card, 0);
	if (command->p1 == P1_SELECT_BY_FID && fid && desfire_find_fid(&card->nvm.now.desfire, fid, &place))
		return chosen(card, place);
	return choose_file(card, fid);
}

static uint16_t iso_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (card->desfire.waits_for) {
		card->desfire.waits_for = 0;
		return SW_CONDITIONS;
	}
	switch (command->ins) {
	case INS_SELECT:
		return iso_select(card, command);
	case INS_READ_BINARY:
		return desfire_iso_read(card, command, out);
	case INS_UPDATE_BINARY:
		return desfire_iso_update(card, command);
	default:
		return SW_INS;
	}
}

uint16_t desfire_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t status;

	if (command->cla == CLA_ISO)
		return iso_command(card, command, out);
	if (command->cla != CLA_NATIVE)
		return SW_CLA;
	status = native_command(card, command, out);
	if (status != DONE && status != MORE) {
		card->desfire.opened = DESFIRE_NOBODY;
		card->desfire.written = false;
		ev2_card_close(&card->desfire.channel);
		out->n = 0;
		out->full = false;
	}
	return (uint16_t)(SW_NATIVE | status);
}
