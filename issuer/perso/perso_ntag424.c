/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files and their settings.  Section numbers are those of NT4H2421Gx.
 */
#include "issuer/perso/perso_ntag424.h"

#include <string.h>

#include "card-applet-spec/applet.h"
#include "issuer/card/sun.h"
#include "issuer/iso7816/sw.h"

enum {
	FILE_NDEF = 2,
	FILE_CREDENTIAL = 3,
	PIECE = 64, /* enciphered and with its MAC in a frame of 128 bytes */
	OPTION_SDM = 0x40,
};

enum pb_status pb_ntag424_select(struct pb_reader *reader, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_exchange_select(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);

	if (s == PB_OK && answer.response.sw != SW_OK)
		return pb_sw_fail(err, "SELECT", answer.response.sw);
	return s;
}

enum pb_status pb_ntag424_mirrors(struct pb_reader *reader, bool *ret_mirrors, struct pb_err *err)
{
	const uint8_t field = FILE_NDEF;
	struct pb_answer answer;
	enum pb_status s = pb_native_expect(reader, "GetFileSettings", PB_NATIVE_GET_FILE_SETTINGS, pb_view(&field, 1),
					    PB_NATIVE_OK, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n < PB_NATIVE_FILE_HEAD)
		return pb_fail(err, PB_CARD_PROTOCOL, "GetFileSettings: %zu bytes", answer.response.data.n);
	*ret_mirrors = answer.response.data.p[1] & OPTION_SDM;
	return PB_OK;
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
		s = pb_ev2_write(reader, session, FILE_CREDENTIAL, done, pb_view(file + done, PIECE), PB_EV2_FULL, err);
	return s;
}

/* Table 8: as delivered anybody writes file 2, so the chip takes it in the clear in any session. */
enum pb_status pb_ntag424_write_ndef(struct pb_reader *reader, struct pb_ev2_session *session, struct pb_view ndef,
				     struct pb_err *err)
{
	struct pb_sun_places places;

	if (!pb_sun_find_places(ndef, &places))
		return pb_fail(err, PB_INPUT_INVALID, "an NDEF file that is no template of a tap address");
	return pb_ev2_write(reader, session, FILE_NDEF, 0, ndef, PB_EV2_PLAIN, err);
}

static enum pb_status change_settings(struct pb_reader *reader, struct pb_ev2_session *session, uint8_t file,
				      struct pb_view settings, struct pb_err *err)
{
	const struct pb_ev2_command command = { PB_NATIVE_CHANGE_FILE_SETTINGS, pb_view(&file, 1), settings, PB_EV2_FULL };

	return pb_ev2_do(reader, session, "ChangeFileSettings", &command, err);
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
	pb_native_put_le24(&writer, places.picc);
	pb_native_put_le24(&writer, places.mac); /* the MAC is over nothing but UID and counter */
	pb_native_put_le24(&writer, places.mac);
	s = change_settings(reader, session, FILE_CREDENTIAL, PB_VIEW(credential_settings), err);
	return s == PB_OK ? change_settings(reader, session, FILE_NDEF, PB_VIEW(bytes), err) : s;
}

enum pb_status pb_ntag424_read_credential(struct pb_reader *reader, uint8_t ret_file[static 128], struct pb_err *err)
{
	return pb_native_read(reader, FILE_CREDENTIAL, CREDENTIAL_MAX, ret_file, err);
}
