/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of the DESFire: the handlers of its commands, one file for each of what they are about.  For the desfire*.c
 * files only.
 */
#ifndef PROFBILET_SOFTCARD_DESFIRE_INSIDE_H
#define PROFBILET_SOFTCARD_DESFIRE_INSIDE_H

#include "softcard/card.h"
#include "softcard/native.h"

enum {
	AUTHENTICATE_LEGACY = 0x0A,
	CREATE_APPLICATION = 0xCA,
	DELETE_APPLICATION = 0xDA,
	SELECT_APPLICATION = 0x5A,
	GET_APPLICATION_IDS = 0x6A,
	FORMAT_PICC = 0xFC,
	FREE_MEMORY = 0x6E,
	GET_KEY_SETTINGS = 0x45,
	CHANGE_KEY_SETTINGS = 0x54,
	CREATE_STANDARD_FILE = 0xCD,
	CREATE_BACKUP_FILE = 0xCB,
	DELETE_FILE = 0xDF,
	GET_FILE_IDS = 0x6F,
	READ_DATA_FRAMES = 0xBD, /* as READ_DATA and WRITE_DATA, in frames of the native length */
	WRITE_DATA_FRAMES = 0x3D,
	COMMIT_TRANSACTION = 0xC7,
	ABORT_TRANSACTION = 0xA7,
};

/* Of key settings, of the PICC and of applications */
enum {
	SETTINGS_MASTER_CHANGES = 0x01,
	SETTINGS_FREE_LISTING = 0x02,
	SETTINGS_FREE_CREATE = 0x04,
	SETTINGS_CHANGES = 0x08,
};

static inline struct desfire_application *desfire_selected(struct softcard *card)
{
	return &card->nvm.now.desfire.applications[card->desfire.application];
}

static inline bool desfire_by_key(const struct softcard *card, unsigned number)
{
	return card->desfire.opened != DESFIRE_NOBODY && card->desfire.key == number;
}

static inline uint8_t desfire_store(struct softcard *card, const struct card_image *next)
{
	return nvm_write(&card->nvm, next) ? DONE : MEMORY_ERROR;
}

/* desfire_keys.c */
uint8_t desfire_challenge(struct softcard *card, uint8_t ins, struct pb_view data, struct pb_writer *out);
uint8_t desfire_response(struct softcard *card, uint8_t began_with, struct pb_view response, struct pb_writer *out);
uint8_t desfire_change_key(struct softcard *card, const struct native *command);
uint8_t desfire_change_key_legacy(struct softcard *card, struct pb_view field);
uint8_t desfire_get_key_version(struct softcard *card, const struct native *command, struct pb_writer *out);
uint8_t desfire_get_key_settings(struct softcard *card, struct pb_writer *out);
uint8_t desfire_change_key_settings(struct softcard *card, const struct native *command);
uint8_t desfire_change_key_settings_legacy(struct softcard *card, struct pb_view field);

/* desfire_applications.c */
uint8_t desfire_create_application(struct softcard *card, const struct native *command);
uint8_t desfire_delete_application(struct softcard *card, const struct native *command);
uint8_t desfire_get_application_ids(struct softcard *card, struct pb_writer *out);
uint8_t desfire_format(struct softcard *card);
uint8_t desfire_free_memory(struct softcard *card, struct pb_writer *out);
/* Its place; false when there is none.  By the name of ISO SELECT, by identifier, by ISO file identifier. */
bool desfire_find_aid(const struct desfire_image *image, struct pb_view aid, unsigned *ret_place);
bool desfire_find_name(const struct desfire_image *image, struct pb_view name, unsigned *ret_place);
bool desfire_find_fid(const struct desfire_image *image, unsigned fid, unsigned *ret_place);

/* desfire_files.c */
uint8_t desfire_create_file(struct softcard *card, const struct native *command);
uint8_t desfire_delete_file(struct softcard *card, const struct native *command);
uint8_t desfire_get_file_ids(struct softcard *card, struct pb_writer *out);
uint8_t desfire_get_file_settings(struct softcard *card, const struct native *command, struct pb_writer *out);
uint8_t desfire_change_file_settings(struct softcard *card, const struct native *command);
uint8_t desfire_read_data(struct softcard *card, const struct native *command, struct pb_writer *out);
uint8_t desfire_write_data(struct softcard *card, const struct native *command);
uint8_t desfire_commit(struct softcard *card);
uint8_t desfire_abort(struct softcard *card);
/* What protects such a command in the open session: the file's own mode, unless the session's key gives no right to
 * it. */
enum mode desfire_file_mode(struct softcard *card, uint8_t ins, unsigned number);
/* ISO READ and UPDATE BINARY of the selected file, with status words of ISO 7816. */
uint16_t desfire_iso_read(struct softcard *card, const struct command *command, struct pb_writer *out);
uint16_t desfire_iso_update(struct softcard *card, const struct command *command);

#endif
