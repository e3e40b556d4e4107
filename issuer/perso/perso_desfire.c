/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A MIFARE DESFire EV2 or EV3 (card-applet-spec/desfire.h), with the native commands of MF2DL(H)x0.
 *
 *     anybody's        CreateApplication, unless it is there
 *     session of key 0 CreateBackupDataFile of what is missing, WriteData to all, CommitTransaction
 *     session of key 0 ChangeKey 1, and 0 last: it ends the session
 *
 * Each step is found done by what the card says without an attempt at a key, and may be repeated; before the commit the
 * card holds nothing, and after it everything.  The application is made as the factory lets anybody; its first session
 * is under the factory's zeroes, which an office has to allow.
 *
 * Before each session the reader names the card by its UID: the one that is given keys is the one that was written.
 */
#include "issuer/perso/family.h"

#include <string.h>

#include "card-applet-spec/desfire.h"
#include "issuer/iso7816/sw.h"
#include "issuer/perso/ev2_commands.h"

enum { SW_NO_KEY = 0x9140 };

static const struct {
	uint8_t number;
	uint16_t fid;
	uint8_t size;
} files[DESFIRE_OWN_FILES] = {
	{ DESFIRE_FILE_CC, FID_NDEF_CC, DESFIRE_CC_LEN },
	{ DESFIRE_FILE_NDEF, FID_NDEF, NDEF_MAX },
	{ DESFIRE_FILE_CREDENTIAL, FID_NDEF + 1, CREDENTIAL_MAX },
};

static struct pb_ev2_session *session_of(struct pb_perso *perso)
{
	return &perso->session.u.ev2.channel;
}

/* ---- The application */

/* Any status word is PB_OK. */
static enum pb_status select_application(struct pb_perso *perso, uint16_t *ret_sw, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_native_ask(perso->reader, "SelectApplication", PB_NATIVE_SELECT_APPLICATION,
					 pb_view(DESFIRE_OWN_AID, DESFIRE_OWN_AID_LEN), &answer, err);

	*ret_sw = s == PB_OK ? answer.response.sw : 0;
	return s;
}

/* The same.  At the level of the PICC; within the application it is refused. */
static enum pb_status create_application(struct pb_perso *perso, uint16_t *ret_sw, struct pb_err *err)
{
	uint8_t bytes[32];
	struct pb_writer field = pb_writer(bytes, sizeof(bytes));
	struct pb_answer answer;
	enum pb_status s;

	pb_put(&field, DESFIRE_OWN_AID, DESFIRE_OWN_AID_LEN);
	pb_put_u8(&field, DESFIRE_OWN_SETTINGS);
	pb_put_u8(&field, DESFIRE_OWN_KIND);
	pb_put_u8(&field, DESFIRE_OWN_DF & 0xFF);
	pb_put_u8(&field, DESFIRE_OWN_DF >> 8);
	pb_put(&field, NDEF_AID, NDEF_AID_LEN);
	s = pb_native_ask(perso->reader, "CreateApplication", PB_NATIVE_CREATE_APPLICATION, pb_view(field.p, field.n), &answer, err);
	*ret_sw = s == PB_OK ? answer.response.sw : 0;
	return s;
}

/* A blank that was just offered waits at the level of the PICC, so what is mostly to be done is tried first: where the
 * application is there it is what is selected, and refuses to have another made.  perso->empty: it was made now. */
static enum pb_status enter(struct pb_perso *perso, struct pb_err *err)
{
	uint16_t selected = PB_NATIVE_NO_APPLICATION, created = 0;
	enum pb_status s = perso->selected ? PB_OK : select_application(perso, &selected, err);

	if (s == PB_OK && selected == PB_NATIVE_NO_APPLICATION) {
		s = create_application(perso, &created, err);
		if (s == PB_OK)
			s = select_application(perso, &selected, err);
	}
	perso->empty = s == PB_OK && created == PB_NATIVE_OK;
	if (s != PB_OK || selected == PB_NATIVE_OK)
		return s;
	if (selected == PB_NATIVE_NO_APPLICATION)
		return pb_sw_fail(err, "CreateApplication", created);
	return pb_sw_fail(err, "SelectApplication", selected);
}

/* ---- Sessions */

/* Of both keys; *ret_there false where no application with as many is selected. */
static enum pb_status read_versions(struct pb_perso *perso, uint8_t ret_versions[static DESFIRE_OWN_KEYS], bool *ret_there,
				    struct pb_err *err)
{
	struct pb_err why = { 0 };
	enum pb_status s = PB_OK;

	for (uint8_t i = DESFIRE_OWN_KEYS; i-- > 0 && s == PB_OK;)
		s = pb_native_key_version(perso->reader, i, &ret_versions[i], &why);
	*ret_there = s == PB_OK;
	if (s == PB_OK || why.sw == SW_NO_KEY)
		return PB_OK;
	if (err)
		*err = why;
	return s;
}

/* After an examination the application is selected; a blank that gets its keys first has none. */
static enum pb_status begin(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
			    struct pb_err *err)
{
	uint8_t versions[DESFIRE_OWN_KEYS] = { 0 };
	bool there = false;
	enum pb_status s = pb_perso_check_uid(perso, err);

	perso->empty = false;
	if (s == PB_OK && purpose == PB_SESSION_FOR_KEYS && perso->selected)
		s = read_versions(perso, versions, &there, err);
	if (s == PB_OK && !there) {
		s = enter(perso, err);
		there = perso->empty;
	}
	perso->selected = false;
	if (s == PB_OK && !there)
		s = read_versions(perso, versions, &there, err);
	if (s == PB_OK && !there)
		return pb_fail(err, PB_CARD_FOREIGN, "GetKeyVersion: an application of somebody else");
	return s == PB_OK ? pb_ev2_first_words(perso->reader, DESFIRE_OWN_MASTER, PB_VIEW(versions), ret_words, err) : s;
}

static enum pb_status answer(struct pb_perso *perso, struct pb_view say, struct pb_card_words *ret_words, struct pb_err *err)
{
	return pb_ev2_next_words(perso->reader, say, ret_words, err);
}

/* ---- Files */

static enum pb_status create_file(struct pb_perso *perso, size_t i, struct pb_err *err)
{
	const uint8_t data[] = { files[i].number,     (uint8_t)files[i].fid, (uint8_t)(files[i].fid >> 8), DESFIRE_MODE_MAC,
				 DESFIRE_RIGHTS_LOW, DESFIRE_RIGHTS_HIGH,   files[i].size,		    0,
				 0 };
	const struct pb_ev2_command command = { PB_NATIVE_CREATE_BACKUP_FILE, { NULL, 0 }, PB_VIEW(data), PB_EV2_MAC };

	return pb_ev2_do(perso->reader, session_of(perso), "CreateBackupDataFile", &command, err);
}

/* Those that an earlier try has left stay. */
static enum pb_status create_files(struct pb_perso *perso, struct pb_err *err)
{
	const struct pb_ev2_command get = { .ins = PB_NATIVE_GET_FILE_IDS, .mode = PB_EV2_MAC };
	uint8_t there[PB_EV2_ANSWER_MAX];
	size_t n = 0;
	enum pb_status s = PB_OK;

	if (!perso->empty)
		s = pb_ev2_ask(perso->reader, session_of(perso), "GetFileIDs", &get, there, &n, err);

	for (size_t i = 0; s == PB_OK && i < DESFIRE_OWN_FILES; i++)
		if (n == 0 || !memchr(there, files[i].number, n))
			s = create_file(perso, i, err);
	return s;
}

/* All of a file, zeroes behind what it holds, whatever stood there. */
static enum pb_status write_file(struct pb_perso *perso, size_t i, struct pb_view content, struct pb_err *err)
{
	uint8_t file[CREDENTIAL_MAX] = { 0 };

	memcpy(file, content.p, content.n);
	return pb_ev2_write(perso->reader, session_of(perso), files[i].number, 0, pb_view(file, files[i].size), PB_EV2_MAC, err);
}

static enum pb_status write_card(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef, struct pb_err *err)
{
	const struct pb_view contents[DESFIRE_OWN_FILES] = { pb_view(DESFIRE_CC, DESFIRE_CC_LEN), ndef, credential };
	const struct pb_ev2_command commit = { .ins = PB_NATIVE_COMMIT, .mode = PB_EV2_MAC };
	enum pb_status s = create_files(perso, err);

	for (size_t i = 0; s == PB_OK && i < DESFIRE_OWN_FILES; i++)
		s = write_file(perso, i, contents[i], err);
	return s == PB_OK ? pb_ev2_do(perso->reader, session_of(perso), "CommitTransaction", &commit, err) : s;
}

static enum pb_status give_keys(struct pb_perso *perso, struct pb_view keys, struct pb_err *err)
{
	return pb_ev2_give_keys(perso->reader, session_of(perso), keys, err);
}

const struct pb_perso_family_ops pb_perso_desfire = {
	.family = PB_FAMILY_DESFIRE,
	.begin = begin,
	.answer = answer,
	.write = write_card,
	.give_keys = give_keys,
	.session = PB_SESSION_EV2,
};
