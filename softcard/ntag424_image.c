/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As delivered: tables 8, 13 and 14 of the data sheet, keys of zeroes.
 */
#include "softcard/ntag424_image.h"

#include <string.h>

/* 8.2.3.2, and zeroes to the end of the file */
static const uint8_t factory_cc[] = { 0x00, 0x17, 0x20, 0x01, 0x00, 0x00, 0xFF, 0x04, 0x06, 0xE1, 0x04, 0x01,
				      0x00, 0x00, 0x00, 0x05, 0x06, 0xE1, 0x05, 0x00, 0x80, 0x82, 0x83 };

/* Option, then the access word with its low byte first: ReadWrite and Change, Read and Write. */
static const struct ntag424_settings factory_settings[NTAG424_FILES] = {
	{ { 0x00, 0x00, 0xE0 }, 3 },
	{ { 0x00, 0xE0, 0xEE }, 3 },
	{ { 0x03, 0x30, 0x23 }, 3 },
};

void ntag424_image_factory(struct ntag424_image *ret_image)
{
	*ret_image = (struct ntag424_image){ 0 };
	memcpy(ret_image->cc, factory_cc, sizeof(factory_cc));
	memcpy(ret_image->settings, factory_settings, sizeof(factory_settings));
}

void ntag424_image_put(struct pb_writer *out, const struct ntag424_image *image)
{
	for (size_t i = 0; i < NTAG424_KEYS; i++) {
		pb_put(out, image->keys[i].bytes, NTAG424_KEY_LEN);
		pb_put_u8(out, image->keys[i].version);
		pb_put_be(out, image->keys[i].failures, 2);
	}
	for (size_t i = 0; i < NTAG424_FILES; i++) {
		pb_put_u8(out, image->settings[i].n);
		pb_put(out, image->settings[i].bytes, NTAG424_SETTINGS_MAX);
	}
	pb_put(out, image->cc, sizeof(image->cc));
	pb_put(out, image->ndef, sizeof(image->ndef));
	pb_put(out, image->proprietary, sizeof(image->proprietary));
	pb_put_be(out, image->read_counter, 3);
}

bool ntag424_image_take(struct pb_cursor *in, struct ntag424_image *ret_image)
{
	struct ntag424_image image;
	uint64_t value;

	for (size_t i = 0; i < NTAG424_KEYS; i++) {
		if (!pb_take_copy(in, image.keys[i].bytes, NTAG424_KEY_LEN) || !pb_take_u8(in, &image.keys[i].version) ||
		    !pb_take_be(in, 2, &value))
			return false;
		image.keys[i].failures = (uint16_t)value;
	}
	for (size_t i = 0; i < NTAG424_FILES; i++)
		if (!pb_take_u8(in, &image.settings[i].n) || image.settings[i].n < 3 ||
		    image.settings[i].n > NTAG424_SETTINGS_MAX ||
		    !pb_take_copy(in, image.settings[i].bytes, NTAG424_SETTINGS_MAX))
			return false;
	if (!pb_take_copy(in, image.cc, sizeof(image.cc)) || !pb_take_copy(in, image.ndef, sizeof(image.ndef)) ||
	    !pb_take_copy(in, image.proprietary, sizeof(image.proprietary)) || !pb_take_be(in, 3, &value))
		return false;
	image.read_counter = (uint32_t)value;
	*ret_image = image;
	return true;
}

bool ntag424_file(struct ntag424_image *image, unsigned number, uint8_t **ret_bytes, size_t *ret_size)
{
	const struct {
		uint8_t *bytes;
		size_t size;
	} files[NTAG424_FILES] = { { image->cc, sizeof(image->cc) },
				   { image->ndef, sizeof(image->ndef) },
				   { image->proprietary, sizeof(image->proprietary) } };

	if (number < 1 || number > NTAG424_FILES)
		return false;
	*ret_bytes = files[number - 1].bytes;
	*ret_size = files[number - 1].size;
	return true;
}
