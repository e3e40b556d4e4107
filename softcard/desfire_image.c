/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As delivered: a DES key of zeroes and everything allowed.
 */
#include "softcard/desfire_image.h"

#include <string.h>

enum { SETTINGS_FACTORY = 0x0F };

void desfire_image_factory(enum desfire_generation generation, struct desfire_image *ret_image)
{
	*ret_image = (struct desfire_image){ .generation = (uint8_t)generation };
	ret_image->applications[0] = (struct desfire_application){ .there = true, .settings = SETTINGS_FACTORY, .key_count = 1 };
}

static void put_file(struct pb_writer *out, const struct desfire_file *file)
{
	const uint8_t head[] = { file->there, file->number, file->type, file->mode, file->rights[0], file->rights[1] };

	pb_put(out, head, sizeof(head));
	pb_put_be(out, file->fid, 2);
	pb_put_be(out, file->size, 2);
	pb_put_be(out, file->at, 2);
}

static void put_application(struct pb_writer *out, const struct desfire_application *application)
{
	const uint8_t head[] = { application->there,	application->aes,	application->has_fids,
				 application->settings, application->key_count, application->name_n };

	pb_put(out, head, sizeof(head));
	pb_put(out, application->aid, DESFIRE_AID_LEN);
	pb_put_be(out, application->fid, 2);
	pb_put(out, application->name, DESFIRE_NAME_MAX);
	for (size_t i = 0; i < DESFIRE_KEYS; i++) {
		pb_put(out, application->keys[i].bytes, DESFIRE_KEY_LEN);
		pb_put_u8(out, application->keys[i].version);
	}
	for (size_t i = 0; i < DESFIRE_FILES; i++)
		put_file(out, &application->files[i]);
}

void desfire_image_put(struct pb_writer *out, const struct desfire_image *image)
{
	pb_put_u8(out, image->generation);
	for (size_t i = 0; i <= DESFIRE_APPLICATIONS; i++)
		put_application(out, &image->applications[i]);
	pb_put_be(out, image->used, 2);
	pb_put(out, image->memory, sizeof(image->memory));
}

static bool take_flag(struct pb_cursor *in, bool *ret_flag)
{
	uint8_t value;

	if (!pb_take_u8(in, &value) || value > 1)
		return false;
	*ret_flag = value;
	return true;
}

static bool take_u16(struct pb_cursor *in, uint16_t *ret_value)
{
	uint64_t value;

	if (!pb_take_be(in, 2, &value))
		return false;
	*ret_value = (uint16_t)value;
	return true;
}

static bool take_file(struct pb_cursor *in, struct desfire_file *file)
{
	return take_flag(in, &file->there) && pb_take_u8(in, &file->number) && pb_take_u8(in, &file->type) &&
	       file->type <= DESFIRE_BACKUP && pb_take_u8(in, &file->mode) && pb_take_copy(in, file->rights, 2) &&
	       take_u16(in, &file->fid) && take_u16(in, &file->size) && take_u16(in, &file->at) &&
	       file->size <= DESFIRE_MEMORY && file->at <= DESFIRE_MEMORY - file->size;
}

static bool take_application(struct pb_cursor *in, struct desfire_application *application)
{
	if (!take_flag(in, &application->there) || !take_flag(in, &application->aes) ||
	    !take_flag(in, &application->has_fids) || !pb_take_u8(in, &application->settings) ||
	    !pb_take_u8(in, &application->key_count) || application->key_count > DESFIRE_KEYS ||
	    !pb_take_u8(in, &application->name_n) || application->name_n > DESFIRE_NAME_MAX ||
	    !pb_take_copy(in, application->aid, DESFIRE_AID_LEN) || !take_u16(in, &application->fid) ||
	    !pb_take_copy(in, application->name, DESFIRE_NAME_MAX))
		return false;
	for (size_t i = 0; i < DESFIRE_KEYS; i++)
		if (!pb_take_copy(in, application->keys[i].bytes, DESFIRE_KEY_LEN) ||
		    !pb_take_u8(in, &application->keys[i].version))
			return false;
	for (size_t i = 0; i < DESFIRE_FILES; i++)
		if (!take_file(in, &application->files[i]))
			return false;
	return true;
}

bool desfire_image_take(struct pb_cursor *in, struct desfire_image *ret_image)
{
	if (!pb_take_u8(in, &ret_image->generation) ||
	    (ret_image->generation != DESFIRE_EV2 && ret_image->generation != DESFIRE_EV3))
		return false;
	for (size_t i = 0; i <= DESFIRE_APPLICATIONS; i++)
		if (!take_application(in, &ret_image->applications[i]))
			return false;
	return take_u16(in, &ret_image->used) && ret_image->used <= DESFIRE_MEMORY &&
	       pb_take_copy(in, ret_image->memory, sizeof(ret_image->memory));
}

struct desfire_file *desfire_file(struct desfire_application *application, unsigned number)
{
	for (size_t i = 0; i < DESFIRE_FILES; i++)
		if (application->files[i].there && application->files[i].number == number)
			return &application->files[i];
	return NULL;
}

bool desfire_allot(struct desfire_image *image, struct desfire_file *file)
{
	const size_t once = ((size_t)file->size + DESFIRE_BLOCK - 1) / DESFIRE_BLOCK * DESFIRE_BLOCK;
	const size_t taken = file->type == DESFIRE_BACKUP ? 2 * once : once;

	if (taken > (size_t)DESFIRE_MEMORY - image->used)
		return false;
	file->at = image->used;
	memset(image->memory + file->at, 0, taken);
	image->used = (uint16_t)(image->used + taken);
	return true;
}

/* The lowest bits of the first eight bytes */
static uint8_t parity_version(const uint8_t bytes[static DESFIRE_KEY_LEN])
{
	uint8_t version = 0;

	for (size_t i = 0; i < 8; i++)
		version = (uint8_t)(version << 1 | (bytes[i] & 1));
	return version;
}

uint8_t desfire_key_version(const struct desfire_application *application, unsigned number)
{
	const struct desfire_key *key = &application->keys[number];

	return application->aes ? key->version : parity_version(key->bytes);
}
