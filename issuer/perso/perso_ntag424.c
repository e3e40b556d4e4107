/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Native commands in their ISO 7816 wrapping.  Section numbers are those of NT4H2421Gx.
 */
#include "issuer/perso/perso_ntag424.h"

#include <string.h>

#include "card-applet-spec/applet.h"
#include "issuer/card/sun.h"
#include "issuer/iso7816/sw.h"
#include "issuer/reader/exchange.h"

enum {
	CLA_NATIVE = 0x90,
	INS_AUTHENTICATE_FIRST = 0x71,
	INS_AUTHENTICATE_NEXT = 0x77,
	INS_ADDITIONAL_FRAME = 0xAF,
	INS_GET_KEY_VERSION = 0x64,
	INS_GET_FILE_SETTINGS = 0xF5,
	INS_CHANGE_FILE_SETTINGS = 0x5F,
	INS_READ_DATA = 0xAD,
	INS_WRITE_DATA = 0x8D,
	SW_NATIVE = 0x9100,
	SW_NATIVE_MORE = 0x91AF,
	SW_NATIVE_AUTHENTICATION = 0x91AE,
	FILE_NDEF = 2,
	FILE_CREDENTIAL = 3,
	FILE_HEAD = 7,	     /* number, offset, length */
	PIECE = 64,	     /* enciphered and with its MAC in a frame of 128 bytes */
	OPTION_SDM = 0x40,
};

static enum pb_status native(struct pb_reader *reader, const char *step, uint8_t ins, struct pb_view field, unsigned good,
			     struct pb_answer *ret_answer, struct pb_err *err)
{
	const struct pb_apdu command = { CLA_NATIVE, ins, 0, 0, field, APDU_RESPONSE_MAX };
	enum pb_status s = pb_exchange(reader, step, &command, ret_answer, err);

	if (s == PB_OK && ret_answer->response.sw != good)
		return pb_sw_fail(err, step, ret_answer->response.sw);
	return s;
}

/* One command in the session, and no data in its answer. */
static enum pb_status secured(struct pb_reader *reader, struct pb_ev2_session *session, const char *step,
			      const struct pb_ev2_command *command, struct pb_err *err)
{
	uint8_t field[APDU_DATA_MAX], data[PB_EV2_ANSWER_MAX];
	struct pb_writer writer = pb_writer(field, sizeof(field));
	struct pb_answer answer;
	enum pb_status s = pb_ev2_wrap(session, command, &writer, err);
	size_t n;

	if (s == PB_OK)
		s = native(reader, step, command->ins, pb_view(field, writer.n), SW_NATIVE, &answer, err);
	if (s != PB_OK) {
		pb_ev2_session_wipe(session); /* the card has ended it, or nobody knows */
		return s;
	}
	s = pb_ev2_unwrap(session, command->mode, PB_EV2_OK, answer.response.data, data, &n, err);
	if (s == PB_OK && n != 0)
		s = pb_fail(err, PB_CARD_PROTOCOL, "%zu bytes more than asked for", n);
	return s == PB_OK ? s : pb_wrap(err, s, "%s", step);
}

enum pb_status pb_ntag424_select(struct pb_reader *reader, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_exchange_select(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);

	if (s == PB_OK && answer.response.sw != SW_OK)
		return pb_sw_fail(err, "SELECT", answer.response.sw);
	return s;
}

enum pb_status pb_ntag424_key_version(struct pb_reader *reader, enum pb_ntag424_key number, uint8_t *ret_version,
				      struct pb_err *err)
{
	const uint8_t field = (uint8_t)number;
	struct pb_answer answer;
	enum pb_status s = native(reader, "GetKeyVersion", INS_GET_KEY_VERSION, pb_view(&field, 1), SW_NATIVE, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n != 1)
		return pb_fail(err, PB_CARD_PROTOCOL, "GetKeyVersion: %zu bytes", answer.response.data.n);
	*ret_version = answer.response.data.p[0];
	return PB_OK;
}

enum pb_status pb_ntag424_mirrors(struct pb_reader *reader, bool *ret_mirrors, struct pb_err *err)
{
	const uint8_t field = FILE_NDEF;
	struct pb_answer answer;
	enum pb_status s = native(reader, "GetFileSettings", INS_GET_FILE_SETTINGS, pb_view(&field, 1), SW_NATIVE, &answer,
				  err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n < FILE_HEAD)
		return pb_fail(err, PB_CARD_PROTOCOL, "GetFileSettings: %zu bytes", answer.response.data.n);
	*ret_mirrors = answer.response.data.p[1] & OPTION_SDM;
	return PB_OK;
}

enum pb_status pb_ntag424_challenge(struct pb_reader *reader, enum pb_ntag424_key number, bool first,
				    uint8_t ret_challenge[static PB_EV2_CHALLENGE], struct pb_err *err)
{
	const uint8_t field[] = { (uint8_t)number, 0 }; /* the second: no capabilities */
	struct pb_answer answer;
	enum pb_status s = native(reader, "AuthenticateEV2", first ? INS_AUTHENTICATE_FIRST : INS_AUTHENTICATE_NEXT,
				  pb_view(field, first ? 2 : 1), SW_NATIVE_MORE, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n != PB_EV2_CHALLENGE)
		return pb_fail(err, PB_CARD_PROTOCOL, "AuthenticateEV2: %zu bytes", answer.response.data.n);
	memcpy(ret_challenge, answer.response.data.p, PB_EV2_CHALLENGE);
	return PB_OK;
}

enum pb_status pb_ntag424_respond(struct pb_reader *reader, bool first, const uint8_t response[static PB_EV2_RESPONSE],
				  uint8_t ret_answer[static PB_EV2_ANSWER_FIRST], struct pb_err *err)
{
	const size_t n = first ? PB_EV2_ANSWER_FIRST : PB_EV2_ANSWER_NEXT;
	const struct pb_apdu command = { CLA_NATIVE, INS_ADDITIONAL_FRAME, 0, 0, pb_view(response, PB_EV2_RESPONSE),
					 APDU_RESPONSE_MAX };
	struct pb_answer answer;
	enum pb_status s = pb_exchange(reader, "AuthenticateEV2", &command, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.sw == SW_NATIVE_AUTHENTICATION)
		return pb_fail_sw(err, PB_CARD_KEYS, answer.response.sw, "AuthenticateEV2: the card has another key");
	if (answer.response.sw != SW_NATIVE)
		return pb_sw_fail(err, "AuthenticateEV2", answer.response.sw);
	if (answer.response.data.n != n)
		return pb_fail(err, PB_CARD_PROTOCOL, "AuthenticateEV2: %zu bytes", answer.response.data.n);
	memcpy(ret_answer, answer.response.data.p, n);
	return PB_OK;
}

static void put_le24(struct pb_writer *writer, uint32_t value)
{
	for (unsigned i = 0; i < 3; i++)
		pb_put_u8(writer, (uint8_t)(value >> (8 * i)));
}

static enum pb_status write_piece(struct pb_reader *reader, struct pb_ev2_session *session, uint8_t file, size_t offset,
				  struct pb_view data, enum pb_ev2_mode mode, struct pb_err *err)
{
	uint8_t head[FILE_HEAD];
	struct pb_writer writer = pb_writer(head, sizeof(head));
	const struct pb_ev2_command command = { INS_WRITE_DATA, PB_VIEW(head), data, mode };

	pb_put_u8(&writer, file);
	put_le24(&writer, (uint32_t)offset);
	put_le24(&writer, (uint32_t)data.n);
	return secured(reader, session, "WriteData", &command, err);
}

enum pb_status pb_ntag424_write_credential(struct pb_reader *reader, struct pb_ev2_session *session,
					   struct pb_view credential, struct pb_err *err)
{
	uint8_t file[CREDENTIAL_MAX] = { 0 };
	enum pb_status s = PB_OK;

	if (credential.n == 0 || credential.n > sizeof(file))
		return pb_fail(err, PB_INPUT_INVALID, "a credential of %zu bytes", credential.n);
	memcpy(file, credential.p, credential.n); /* zeroes behind it, whatever stood there */
	for (size_t done = 0; s == PB_OK && done < sizeof(file); done += PIECE)
		s = write_piece(reader, session, FILE_CREDENTIAL, done, pb_view(file + done, PIECE), PB_EV2_FULL, err);
	return s;
}

/* Table 8: as delivered anybody writes file 2, so the chip takes it in the clear in any session. */
enum pb_status pb_ntag424_write_ndef(struct pb_reader *reader, struct pb_ev2_session *session, struct pb_view ndef,
				     struct pb_err *err)
{
	struct pb_sun_places places;

	if (!pb_sun_find_places(ndef, &places))
		return pb_fail(err, PB_INPUT_INVALID, "an NDEF file that is no template of a tap address");
	return write_piece(reader, session, FILE_NDEF, 0, ndef, PB_EV2_PLAIN, err);
}

static enum pb_status change_settings(struct pb_reader *reader, struct pb_ev2_session *session, uint8_t file,
				      struct pb_view settings, struct pb_err *err)
{
	const struct pb_ev2_command command = { INS_CHANGE_FILE_SETTINGS, pb_view(&file, 1), settings, PB_EV2_FULL };

	return secured(reader, session, "ChangeFileSettings", &command, err);
}

/* 10.7.1: option, ReadWrite and Change, Read and Write; then for SDM its options (UID, counter, ASCII), rights
 * (counter: key 1; UID: key 2, MAC: key 1) and places. */
enum pb_status pb_ntag424_set_files(struct pb_reader *reader, struct pb_ev2_session *session, struct pb_view ndef,
				    struct pb_err *err)
{
	static const uint8_t credential_settings[] = { 0x03, 0x30, 0xE3 };
	static const uint8_t ndef_settings[] = { OPTION_SDM, 0x00, 0xE0, 0xC1, 0xF1, 0x21 };
	uint8_t bytes[sizeof(ndef_settings) + 9];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_sun_places places;
	enum pb_status s;

	if (!pb_sun_find_places(ndef, &places))
		return pb_fail(err, PB_INPUT_INVALID, "an NDEF file that is no template of a tap address");
	pb_put(&writer, ndef_settings, sizeof(ndef_settings));
	put_le24(&writer, places.picc);
	put_le24(&writer, places.mac); /* the MAC is over nothing but UID and counter */
	put_le24(&writer, places.mac);
	s = change_settings(reader, session, FILE_CREDENTIAL, PB_VIEW(credential_settings), err);
	return s == PB_OK ? change_settings(reader, session, FILE_NDEF, PB_VIEW(bytes), err) : s;
}

enum pb_status pb_ntag424_change_key(struct pb_reader *reader, struct pb_ev2_session *session, enum pb_ntag424_key number,
				     struct pb_view field, struct pb_err *err)
{
	struct pb_answer answer;
	uint8_t data[PB_EV2_ANSWER_MAX];
	enum pb_status s = native(reader, "ChangeKey", PB_EV2_CHANGE_KEY, field, SW_NATIVE, &answer, err);
	size_t n;

	if (s != PB_OK || number == PB_NTAG424_MASTER) {
		pb_ev2_session_wipe(session);
		return s;
	}
	s = pb_ev2_unwrap(session, PB_EV2_FULL, PB_EV2_OK, answer.response.data, data, &n, err);
	return s == PB_OK ? s : pb_wrap(err, s, "ChangeKey");
}

enum pb_status pb_ntag424_read_credential(struct pb_reader *reader, uint8_t ret_file[static 128], struct pb_err *err)
{
	static const uint8_t field[FILE_HEAD] = { FILE_CREDENTIAL, 0, 0, 0, CREDENTIAL_MAX, 0, 0 };
	struct pb_answer answer;
	enum pb_status s = native(reader, "ReadData", INS_READ_DATA, PB_VIEW(field), SW_NATIVE, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n != CREDENTIAL_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "ReadData: %zu bytes", answer.response.data.n);
	memcpy(ret_file, answer.response.data.p, CREDENTIAL_MAX);
	return PB_OK;
}
