/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a MIFARE DESFire of 2 KB keeps without power: its own key and settings, applications with keys and files, and
 * the bytes of all files.  Part of struct card_image (nvm.h).
 *
 * Memory is taken in blocks of 32 bytes and given back by nothing but FormatPICC, as on the chip; a backup file takes
 * twice its size.
 */
#ifndef PROFBILET_SOFTCARD_DESFIRE_IMAGE_H
#define PROFBILET_SOFTCARD_DESFIRE_IMAGE_H

#include "base/bytes.h"

enum {
	DESFIRE_APPLICATIONS = 6, /* the chip has room for more; a card of ours has two */
	DESFIRE_FILES = 8,	  /* in one of them: the chip has 32 */
	DESFIRE_KEYS = 14,
	DESFIRE_KEY_LEN = 16,
	DESFIRE_AID_LEN = 3,
	DESFIRE_NAME_MAX = 16,
	DESFIRE_MEMORY = 2560,
	DESFIRE_BLOCK = 32,
};

enum desfire_generation { DESFIRE_EV2 = 2, DESFIRE_EV3 = 3 };

enum desfire_file_type { DESFIRE_STANDARD = 0, DESFIRE_BACKUP = 1 };

struct desfire_key {
	uint8_t bytes[DESFIRE_KEY_LEN], version; /* of DES keys the version is in their parity bits instead */
};

struct desfire_file {
	bool there;
	uint8_t number, type, mode;
	uint8_t rights[2]; /* ReadWrite and Change, Read and Write, as they come */
	uint16_t fid, size, at;
};

struct desfire_application {
	bool there, aes, has_fids;
	uint8_t aid[DESFIRE_AID_LEN]; /* as it comes */
	uint8_t settings, key_count;
	uint16_t fid;
	uint8_t name[DESFIRE_NAME_MAX], name_n;
	struct desfire_key keys[DESFIRE_KEYS];
	struct desfire_file files[DESFIRE_FILES];
};

/* The PICC itself is application 0: it has one key and no files. */
struct desfire_image {
	uint8_t generation;
	struct desfire_application applications[1 + DESFIRE_APPLICATIONS];
	uint8_t memory[DESFIRE_MEMORY];
	uint16_t used;
};

void desfire_image_factory(enum desfire_generation generation, struct desfire_image *ret_image);
/* In the card's file. */
void desfire_image_put(struct pb_writer *out, const struct desfire_image *image);
bool desfire_image_take(struct pb_cursor *in, struct desfire_image *ret_image);

/* NULL when the application has none of this number. */
struct desfire_file *desfire_file(struct desfire_application *application, unsigned number);
/* Takes memory away and fills it with zeroes; false when there is not enough. */
bool desfire_allot(struct desfire_image *image, struct desfire_file *file);
uint8_t desfire_key_version(const struct desfire_application *application, unsigned number);

#endif
