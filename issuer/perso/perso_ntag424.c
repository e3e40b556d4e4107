/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An NTAG 424 DNA (NXP NT4H2421Gx), in this order, so that what the chip says without a session shows where a torn one
 * stopped (issuer/card/card_ntag424.c):
 *
 *     session of key 0   settings of file 3, credential into it, address into file 2, settings of file 2: taps are signed
 *     session of key 0   ChangeKey 4, 3, 2, 1, and 0 last: it ends the session
 *
 * Each key is given a version that is not 00, so GetKeyVersion says, without an attempt, whether it was changed.  A failed
 * attempt counts for ever in TotFailCtr, and a key is tried once.  After the settings of file 2 every reading of it
 * counts as a tap.  Section numbers are those of NT4H2421Gx.
 */
#include "issuer/perso/family.h"

#include <string.h>

#include "issuer/card/sun.h"
#include "issuer/iso7816/sw.h"
#include "issuer/perso/ev2_commands.h"

/* Key 1 signs taps (SDMFileRead), key 2 hides the UID in them (SDMMetaRead); 3 and 4 open nothing of ours. */
enum { KEY_MASTER = 0, KEYS = 5 };

enum {
	FILE_NDEF = 2,
	FILE_CREDENTIAL = 3,
	PIECE = 64, /* enciphered and with its MAC in a frame of 128 bytes */
	OPTION_SDM = 0x40,
};

static struct pb_ev2_session *session_of(struct pb_perso *perso)
{
	return &perso->session.u.ev2.channel;
}

static enum pb_status select_own(struct pb_perso *perso, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s;

	if (perso->selected)
		return PB_OK;
	s = pb_exchange_select(perso->reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);
	return s == PB_OK && answer.response.sw != SW_OK ? pb_sw_fail(err, "SELECT", answer.response.sw) : s;
}

/* For data the version of the key that is tried; for keys those of all, a torn card having new ones already. */
static enum pb_status begin(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
			    struct pb_err *err)
{
	const uint8_t count = purpose == PB_SESSION_FOR_DATA ? 1 : KEYS;
	uint8_t versions[KEYS];
	enum pb_status s = pb_perso_check_uid(perso, err);

	if (s == PB_OK)
		s = select_own(perso, err);
	perso->selected = false;
	for (uint8_t i = 0; s == PB_OK && i < count; i++)
		s = pb_native_key_version(perso->reader, i, &versions[i], err);
	return s == PB_OK ? pb_ev2_first_words(perso->reader, KEY_MASTER, pb_view(versions, count), ret_words, err) : s;
}

static enum pb_status answer(struct pb_perso *perso, struct pb_view say, struct pb_card_words *ret_words, struct pb_err *err)
{
	return pb_ev2_next_words(perso->reader, say, ret_words, err);
}

static enum pb_status change_settings(struct pb_perso *perso, uint8_t file, struct pb_view settings, struct pb_err *err)
{
	const struct pb_ev2_command command = { PB_NATIVE_CHANGE_FILE_SETTINGS, pb_view(&file, 1), settings, PB_EV2_FULL };

	return pb_ev2_do(perso->reader, session_of(perso), "ChangeFileSettings", &command, err);
}

/* 10.7.1: enciphered; ReadWrite and Change: key 0; Read: anybody, Write: key 0. */
static enum pb_status write_credential(struct pb_perso *perso, struct pb_view credential, struct pb_err *err)
{
	static const uint8_t settings[] = { 0x03, 0x00, 0xE0 };
	uint8_t file[CREDENTIAL_MAX] = { 0 }; /* zeroes behind it, whatever stood there */
	enum pb_status s = change_settings(perso, FILE_CREDENTIAL, PB_VIEW(settings), err);

	memcpy(file, credential.p, credential.n);
	for (size_t done = 0; s == PB_OK && done < sizeof(file); done += PIECE)
		s = pb_ev2_write(perso->reader, session_of(perso), FILE_CREDENTIAL, done, pb_view(file + done, PIECE), PB_EV2_FULL,
				 err);
	return s;
}

/* Option, ReadWrite and Change (key 0), Read (anybody) and Write (key 0); then for SDM its options (UID, counter, ASCII),
 * rights (counter: key 1; UID: key 2, MAC: key 1) and places. */
static enum pb_status sign_taps(struct pb_perso *perso, const struct pb_sun_places *places, struct pb_err *err)
{
	static const uint8_t settings[] = { OPTION_SDM, 0x00, 0xE0, 0xC1, 0xF1, 0x21 };
	uint8_t bytes[sizeof(settings) + 9];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));

	pb_put(&writer, settings, sizeof(settings));
	pb_native_put_le24(&writer, places->picc);
	pb_native_put_le24(&writer, places->mac); /* the MAC is over nothing but UID and counter */
	pb_native_put_le24(&writer, places->mac);
	return change_settings(perso, FILE_NDEF, PB_VIEW(bytes), err);
}

/* Table 8: as delivered anybody writes file 2, so the chip takes it in the clear in any session; after a tear it may be
 * ours to write already, and is so in the clear, too. */
static enum pb_status write_card(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef, struct pb_err *err)
{
	struct pb_sun_places places;
	enum pb_status s;

	if (!pb_sun_find_places(ndef, &places))
		return pb_fail(err, PB_INPUT_INVALID, "an NDEF file that is no template of a tap address");
	s = write_credential(perso, credential, err);
	if (s == PB_OK)
		s = pb_ev2_write(perso->reader, session_of(perso), FILE_NDEF, 0, ndef, PB_EV2_PLAIN, err);
	return s == PB_OK ? sign_taps(perso, &places, err) : s;
}

static enum pb_status give_keys(struct pb_perso *perso, struct pb_view keys, struct pb_err *err)
{
	return pb_ev2_give_keys(perso->reader, session_of(perso), keys, err);
}

const struct pb_perso_family_ops pb_perso_ntag424 = {
	.family = PB_FAMILY_NTAG424,
	.begin = begin,
	.answer = answer,
	.write = write_card,
	.give_keys = give_keys,
	.session = PB_SESSION_EV2,
};
