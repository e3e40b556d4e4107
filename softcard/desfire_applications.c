/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Applications: made and deleted at the level of the PICC, found by three kinds of name.
 */
#include "softcard/desfire_inside.h"

#include <string.h>

enum {
	KEYS_NUMBER = 0x0F, /* of the second byte of key settings */
	KEYS_THIRD_BYTE = 0x10,
	KEYS_FIDS = 0x20,
	KEYS_CIPHER = 0xC0,
	CIPHER_DES = 0x00,
	CIPHER_AES = 0x80,
	CREATE_HEAD = DESFIRE_AID_LEN + 2,
	FID_LEN = 2,
};

bool desfire_find_aid(const struct desfire_image *image, struct pb_view aid, unsigned *ret_place)
{
	for (unsigned i = 0; i <= DESFIRE_APPLICATIONS; i++) {
		if (!image->applications[i].there || !pb_view_equal(aid, PB_VIEW(image->applications[i].aid)))
			continue;
		*ret_place = i;
		return true;
	}
	return false;
}

bool desfire_find_name(const struct desfire_image *image, struct pb_view name, unsigned *ret_place)
{
	for (unsigned i = 1; i <= DESFIRE_APPLICATIONS; i++) {
		const struct desfire_application *application = &image->applications[i];

		if (!application->there || !application->name_n ||
		    !pb_view_equal(name, pb_view(application->name, application->name_n)))
			continue;
		*ret_place = i;
		return true;
	}
	return false;
}

bool desfire_find_fid(const struct desfire_image *image, unsigned fid, unsigned *ret_place)
{
	for (unsigned i = 1; i <= DESFIRE_APPLICATIONS; i++) {
		if (!image->applications[i].there || image->applications[i].fid != fid)
			continue;
		*ret_place = i;
		return true;
	}
	return false;
}

/* AID, key settings, number and kind of keys, and perhaps the ISO file identifier and name of its directory */
static uint8_t read_application(struct pb_view field, struct desfire_application *ret_application)
{
	struct pb_cursor in = pb_cursor(field);
	struct desfire_application application = { .there = true };
	uint8_t keys, fid[FID_LEN];

	if (!pb_take_copy(&in, application.aid, DESFIRE_AID_LEN) || !pb_take_u8(&in, &application.settings) ||
	    !pb_take_u8(&in, &keys))
		return LENGTH_ERROR;
	application.key_count = keys & KEYS_NUMBER;
	application.has_fids = keys & KEYS_FIDS;
	application.aes = (keys & KEYS_CIPHER) == CIPHER_AES;
	if (keys & KEYS_THIRD_BYTE || (!application.aes && (keys & KEYS_CIPHER) != CIPHER_DES) || !application.key_count ||
	    application.key_count > DESFIRE_KEYS)
		return PARAMETER_ERROR;
	if (in.left) {
		if (!pb_take_copy(&in, fid, sizeof(fid)) || in.left > DESFIRE_NAME_MAX)
			return LENGTH_ERROR;
		application.fid = (uint16_t)(fid[0] | fid[1] << 8);
		application.name_n = (uint8_t)in.left;
		if (!pb_take_copy(&in, application.name, in.left))
			return LENGTH_ERROR;
	}
	*ret_application = application;
	return DONE;
}

static bool is_known(const struct desfire_image *image, const struct desfire_application *application)
{
	unsigned place;

	return desfire_find_aid(image, PB_VIEW(application->aid), &place) ||
	       (application->fid && desfire_find_fid(image, application->fid, &place)) ||
	       (application->name_n && desfire_find_name(image, pb_view(application->name, application->name_n), &place));
}

/* A new application's keys are zeroes; the PICC's default key is not modelled. */
uint8_t desfire_create_application(struct softcard *card, const struct native *command)
{
	struct card_image next = card->nvm.now;
	struct desfire_application application;
	const uint8_t status = read_application(command->data, &application);

	if (card->desfire.application != 0)
		return PERMISSION_DENIED;
	if (!(desfire_selected(card)->settings & SETTINGS_FREE_CREATE) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	if (status != DONE)
		return status;
	if (is_known(&next.desfire, &application))
		return DUPLICATE_ERROR;
	for (size_t i = 1; i <= DESFIRE_APPLICATIONS; i++) {
		if (next.desfire.applications[i].there)
			continue;
		next.desfire.applications[i] = application;
		return desfire_store(card, &next);
	}
	return COUNT_ERROR;
}

/* By the PICC's key, or where settings let the application's own do it, from within. */
uint8_t desfire_delete_application(struct softcard *card, const struct native *command)
{
	const bool free_delete = card->nvm.now.desfire.applications[0].settings & SETTINGS_FREE_CREATE;
	struct card_image next = card->nvm.now;
	uint8_t status;
	unsigned place;

	if (command->data.n != DESFIRE_AID_LEN)
		return LENGTH_ERROR;
	if (!desfire_find_aid(&next.desfire, command->data, &place) || place == 0)
		return APPLICATION_NOT_FOUND;
	if (card->desfire.application != 0 && card->desfire.application != place)
		return PERMISSION_DENIED;
	if (!desfire_by_key(card, 0) || (card->desfire.application != 0 && !free_delete))
		return AUTHENTICATION_ERROR;
	next.desfire.applications[place] = (struct desfire_application){ 0 };
	status = desfire_store(card, &next);
	if (status == DONE && card->desfire.application == place)
		desfire_forget(&card->desfire);
	return status;
}

uint8_t desfire_get_application_ids(struct softcard *card, struct pb_writer *out)
{
	const struct desfire_image *image = &card->nvm.now.desfire;

	if (card->desfire.application != 0)
		return PERMISSION_DENIED;
	if (!(image->applications[0].settings & SETTINGS_FREE_LISTING) && !desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	for (size_t i = 1; i <= DESFIRE_APPLICATIONS; i++)
		if (image->applications[i].there)
			pb_put(out, image->applications[i].aid, DESFIRE_AID_LEN);
	return DONE;
}

uint8_t desfire_format(struct softcard *card)
{
	struct card_image next = card->nvm.now;

	if (card->desfire.application != 0)
		return PERMISSION_DENIED;
	if (!desfire_by_key(card, 0))
		return AUTHENTICATION_ERROR;
	for (size_t i = 1; i <= DESFIRE_APPLICATIONS; i++)
		next.desfire.applications[i] = (struct desfire_application){ 0 };
	next.desfire.used = 0;
	return desfire_store(card, &next);
}

uint8_t desfire_free_memory(struct softcard *card, struct pb_writer *out)
{
	const unsigned left = DESFIRE_MEMORY - card->nvm.now.desfire.used;

	pb_put_u8(out, (uint8_t)left);
	pb_put_u8(out, (uint8_t)(left >> 8));
	pb_put_u8(out, 0);
	return DONE;
}
