/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Section numbers are those of NT4H2421Gx.  A native command is executed by a handler that sees it in the clear;
 * what protects it is taken off before and put on behind.  Any error ends a session.
 */
#include "softcard/ntag424.h"

#include <string.h>

#include "base/secret.h"
#include "softcard/ntag424_inside.h"
#include "softcard/ntag424_sdm.h"
#include "softcard/random.h"

enum { INS_UPDATE_BINARY = 0xD6, SW_WRONG_LC = 0x6A87 };
enum { FID_MF = 0x3F00, FID_DF = 0xE110, FID_FIRST = 0xE103 };

void ntag424_forget(struct ntag424_session *session)
{
	pb_wipe(session, sizeof(*session));
}

/* ---- authentication, 10.4 */

static uint8_t challenge(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	const bool first = command->ins == AUTHENTICATE_FIRST;
	struct ntag424_session *session = &card->ntag;
	uint8_t number, block[EV2_BLOCK];

	if (command->data.n < (first ? 2 : 1) || (!first && command->data.n != 1))
		return LENGTH_ERROR;
	if (first && (command->data.p[1] > 6 || command->data.n != 2u + command->data.p[1]))
		return LENGTH_ERROR;
	number = command->data.p[0];
	if (!session->application || number >= NTAG424_KEYS || (!first && !ntag424_is_open(card)))
		return NO_SUCH_KEY;
	if (card->nvm.now.ntag.keys[number].failures >= NTAG424_FAILURES_MAX)
		return PERMISSION_DENIED;
	card_random(session->rnd_b, sizeof(session->rnd_b));
	ev2_card_challenge(card->nvm.now.ntag.keys[number].bytes, session->rnd_b, block);
	pb_put(out, block, sizeof(block));
	session->waits_for = command->ins;
	session->waiting_key = number;
	card->work.aes_runs++;
	return MORE;
}

/* TotFailCtr, 9: written before the host hears how it went. */
static uint8_t count_attempt(struct softcard *card, uint8_t number, bool right)
{
	struct card_image next = card->nvm.now;
	uint16_t *failures = &next.ntag.keys[number].failures;

	if (right && *failures == 0)
		return DONE;
	if (right)
		*failures = *failures > NTAG424_FAILURES_FORGIVEN ? *failures - NTAG424_FAILURES_FORGIVEN : 0;
	else
		(*failures)++;
	return ntag424_store(card, &next);
}

static uint8_t answer_response(struct softcard *card, uint8_t began_with, struct pb_view response,
			       struct pb_writer *out)
{
	const bool first = began_with == AUTHENTICATE_FIRST;
	struct ntag424_session *session = &card->ntag;
	const uint8_t number = session->waiting_key;
	struct ev2_card next = session->channel;
	uint8_t ti[EV2_TI], answer[EV2_RESPONSE], status;
	bool right;

	if (response.n != EV2_RESPONSE)
		return LENGTH_ERROR;
	card_random(ti, sizeof(ti));
	right = ev2_card_answer(&next, card->nvm.now.ntag.keys[number].bytes, session->rnd_b, response.p,
				first ? ti : NULL, answer);
	card->work.aes_runs += 4;
	status = count_attempt(card, number, right);
	if (status != DONE || !right)
		return right ? status : AUTHENTICATION_ERROR;
	session->channel = next;
	session->key = number;
	pb_put(out, answer, first ? EV2_RESPONSE : EV2_BLOCK);
	return DONE;
}

/* ---- GetVersion, 10.5.2 */

static uint8_t version_part(struct softcard *card, uint8_t part, struct pb_writer *out)
{
	static const uint8_t hardware[] = { 0x04, 0x04, 0x02, 0x30, 0x00, 0x11, 0x05 };
	static const uint8_t software[] = { 0x04, 0x04, 0x02, 0x01, 0x02, 0x11, 0x05 };
	static const uint8_t production[] = { 0xCF, 0x39, 0xD4, 0x49, 0x80, 0x34, 0x20 };
	struct ntag424_session *session = &card->ntag;

	if (part == 0)
		pb_put(out, hardware, sizeof(hardware));
	else if (part == 1)
		pb_put(out, software, sizeof(software));
	if (part < 2) {
		session->waits_for = GET_VERSION;
		session->part = part + 1;
		return MORE;
	}
	pb_put(out, card->nvm.now.uid, NTAG424_UID_LEN);
	pb_put(out, production, sizeof(production));
	return DONE;
}

/* ---- keys, 10.6 */

static uint8_t change_key(struct softcard *card, const struct native *command)
{
	const uint8_t number = command->header.p[0];
	struct card_image next = card->nvm.now;
	struct ntag424_key *key;
	uint8_t status;

	if (number >= NTAG424_KEYS)
		return NO_SUCH_KEY;
	if (!ntag424_is_open(card) || card->ntag.key != 0)
		return AUTHENTICATION_ERROR;
	key = &next.ntag.keys[number];
	status = ev2_card_take_key(command->data, number == 0, key->bytes, &key->version);
	if (status != DONE)
		return status;
	key->failures = 0;
	status = ntag424_store(card, &next);
	pb_wipe(&next, sizeof(next));
	if (status == DONE && number == 0)
		ev2_card_close(&card->ntag.channel); /* it was the session's own: the answer is bare */
	return status;
}

static uint8_t get_key_version(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	if (command->header.p[0] >= NTAG424_KEYS)
		return NO_SUCH_KEY;
	pb_put_u8(out, card->nvm.now.ntag.keys[command->header.p[0]].version);
	return DONE;
}

static uint8_t get_card_uid(struct softcard *card, struct pb_writer *out)
{
	if (!ntag424_is_open(card))
		return AUTHENTICATION_ERROR;
	pb_put(out, card->nvm.now.uid, NTAG424_UID_LEN);
	return DONE;
}

/* ---- what protects a command, 8.2.3.5 and table 22 */

static const struct row {
	uint8_t ins, header;
	enum mode mode;
	bool takes_data;
} rows[] = {
	{ GET_CARD_UID, 0, FULL, false },	 { CHANGE_KEY, 1, FULL, true },
	{ GET_KEY_VERSION, 1, MAC, false },	 { CHANGE_FILE_SETTINGS, 1, FULL, true },
	{ GET_FILE_SETTINGS, 1, MAC, false },	 { GET_FILE_COUNTERS, 1, FULL, false },
	{ READ_DATA, FILE_HEAD, PLAIN, false },	 { WRITE_DATA, FILE_HEAD, PLAIN, true },
};

static const struct row *row_of(uint8_t ins)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].ins == ins)
			return &rows[i];
	return NULL;
}

static enum mode mode_of(const struct softcard *card, const struct row *row, struct pb_view header)
{
	if (!ntag424_is_open(card))
		return PLAIN;
	if (row->ins != READ_DATA && row->ins != WRITE_DATA && row->ins != CHANGE_FILE_SETTINGS)
		return row->mode;
	return ntag424_file_mode(card, row->ins, header.p[0]);
}

static uint8_t handle(struct softcard *card, const struct native *command, struct pb_writer *out)
{
	switch (command->ins) {
	case GET_CARD_UID:
		return get_card_uid(card, out);
	case CHANGE_KEY:
		return change_key(card, command);
	case GET_KEY_VERSION:
		return get_key_version(card, command, out);
	case CHANGE_FILE_SETTINGS:
		return ntag424_change_file_settings(card, command);
	case GET_FILE_SETTINGS:
		return ntag424_get_file_settings(card, command, out);
	case GET_FILE_COUNTERS:
		return ntag424_get_file_counters(card, command, out);
	case READ_DATA:
		return ntag424_read_data(card, command, out);
	case WRITE_DATA:
		return ntag424_write_data(card, command);
	}
	PB_BUG("a command with a row and no handler");
}

static uint8_t protected_command(struct softcard *card, const struct row *row, struct pb_view field,
				 struct pb_writer *out)
{
	struct ev2_card *channel = &card->ntag.channel;
	uint8_t plain[EV2_FIELD_MAX], status;
	struct native native = { .ins = row->ins };
	enum mode mode;

	if (field.n < row->header)
		return LENGTH_ERROR;
	mode = mode_of(card, row, field);
	status = ev2_card_unwrap(channel, mode, row->header, field, plain, &native);
	if (status == DONE && !row->takes_data && native.data.n)
		status = LENGTH_ERROR;
	if (status == DONE)
		status = handle(card, &native, out);
	pb_wipe(plain, sizeof(plain));
	if (status == DONE && ntag424_is_open(card)) {
		ev2_card_wrap(channel, mode, out);
		card->work.aes_runs += mode == PLAIN ? 0 : 2;
	}
	return status;
}

/* ---- from the wire */

static uint8_t next_part(struct softcard *card, uint8_t waits_for, struct pb_view data, struct pb_writer *out)
{
	if (waits_for == GET_VERSION)
		return data.n ? LENGTH_ERROR : version_part(card, card->ntag.part, out);
	if (waits_for)
		return answer_response(card, waits_for, data, out);
	return ILLEGAL_COMMAND;
}

static uint8_t native_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const struct native native = { .ins = command->ins, .data = command->data };
	const uint8_t waits_for = card->ntag.waits_for;
	const struct row *row = row_of(command->ins);

	card->ntag.waits_for = 0;
	if (command->p1 || command->p2 || command->le != APDU_RESPONSE_MAX)
		return LENGTH_ERROR;
	if (command->ins == ADDITIONAL_FRAME)
		return next_part(card, waits_for, command->data, out);
	if (waits_for)
		return COMMAND_ABORTED;
	if (command->ins == AUTHENTICATE_FIRST || command->ins == AUTHENTICATE_NEXT)
		return challenge(card, &native, out);
	if (command->ins == GET_VERSION && !ntag424_is_open(card))
		return command->data.n ? LENGTH_ERROR : version_part(card, 0, out);
	return row ? protected_command(card, row, command->data, out) : ILLEGAL_COMMAND;
}

static uint16_t chosen(struct softcard *card, bool application)
{
	ntag424_forget(&card->ntag);
	card->ntag.application = application;
	return SW_OK;
}

/* 10.9.1; never any FCI */
static uint16_t iso_select(struct softcard *card, const struct command *command)
{
	static const uint8_t picc_name[] = { 0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00 };
	unsigned fid;

	if (command->p2 != P2_SELECT_FCI && command->p2 != P2_SELECT_NO_FCI)
		return SW_P1P2;
	if (command->p1 == P1_SELECT_BY_NAME) {
		if (pb_view_equal(command->data, pb_view(NDEF_AID, NDEF_AID_LEN)))
			return chosen(card, true);
		return pb_view_equal(command->data, PB_VIEW(picc_name)) ? chosen(card, false) : SW_FILE_NOT_FOUND;
	}
	if (command->p1 != P1_SELECT_BY_FID && command->p1 != 0x02)
		return SW_P1P2;
	if (command->data.n == 0 && command->p1 == P1_SELECT_BY_FID)
		return chosen(card, false);
	if (command->data.n != 2)
		return SW_WRONG_LC;
	fid = (unsigned)command->data.p[0] << 8 | command->data.p[1];
	if (fid == FID_MF || fid == FID_DF)
		return chosen(card, fid == FID_DF);
	if (!card->ntag.application || fid < FID_FIRST || fid >= FID_FIRST + NTAG424_FILES)
		return SW_FILE_NOT_FOUND;
	card->ntag.file = fid - FID_FIRST + 1;
	return SW_OK;
}

static uint16_t iso_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (card->ntag.waits_for) {
		card->ntag.waits_for = 0;
		return SW_CONDITIONS;
	}
	switch (command->ins) {
	case INS_SELECT:
		return iso_select(card, command);
	case INS_READ_BINARY:
		return ntag424_iso_read(card, command, out);
	case INS_UPDATE_BINARY:
		return ntag424_iso_update(card, command);
	default:
		return SW_INS;
	}
}

uint16_t ntag424_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t status;

	if (command->ins != card->ntag.reads)
		card->ntag.reads = 0;
	if (command->cla == CLA_ISO)
		return iso_command(card, command, out);
	if (command->cla != CLA_NATIVE)
		return SW_CLA;
	status = native_command(card, command, out);
	if (status != DONE && status != MORE) {
		ev2_card_close(&card->ntag.channel);
		out->n = 0;
	}
	return (uint16_t)(SW_NATIVE | status);
}
