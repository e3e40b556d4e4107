/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an NTAG 424 DNA (NXP NT4H2421Gx 8.2) keeps without power: three files with their settings, five keys.  All
 * of it is part of the card's image (nvm.h), so that each write is old or new, as the chip promises for one frame.
 */
#ifndef PROFBILET_SOFTCARD_NTAG424_IMAGE_H
#define PROFBILET_SOFTCARD_NTAG424_IMAGE_H

#include "base/bytes.h"

enum {
	NTAG424_FILES = 3, /* numbered from 1 */
	NTAG424_KEYS = 5,
	NTAG424_KEY_LEN = 16,
	NTAG424_CC_SIZE = 32,
	NTAG424_NDEF_SIZE = 256,
	NTAG424_PROPRIETARY_SIZE = 128,
	NTAG424_SETTINGS_MAX = 32,
	NTAG424_FAILURES_MAX = 1000, /* TotFailCtrLimit */
	NTAG424_FAILURES_FORGIVEN = 10, /* TotFailCtrDecr: with each success */
};

struct ntag424_key {
	uint8_t bytes[NTAG424_KEY_LEN], version;
	uint16_t failures; /* TotFailCtr */
};

/* FileOption, AccessRights and what of SDM follows, as ChangeFileSettings brings and GetFileSettings shows them. */
struct ntag424_settings {
	uint8_t bytes[NTAG424_SETTINGS_MAX], n;
};

struct ntag424_image {
	struct ntag424_key keys[NTAG424_KEYS];
	struct ntag424_settings settings[NTAG424_FILES];
	uint8_t cc[NTAG424_CC_SIZE], ndef[NTAG424_NDEF_SIZE], proprietary[NTAG424_PROPRIETARY_SIZE];
	uint32_t read_counter; /* SDMReadCtr of the NDEF file, 24 bits */
};

void ntag424_image_factory(struct ntag424_image *ret_image);
void ntag424_image_put(struct pb_writer *out, const struct ntag424_image *image);
bool ntag424_image_take(struct pb_cursor *in, struct ntag424_image *ret_image);

/* Of file 1 to 3; false for another. */
bool ntag424_file(struct ntag424_image *image, unsigned number, uint8_t **ret_bytes, size_t *ret_size);

#endif
