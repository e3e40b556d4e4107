/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a PIV card keeps without power, beside the key of slot 9E: part of struct card_image (nvm.h), and so
 * replaced with it as a whole.
 */
#ifndef PROFBILET_SOFTCARD_PIV_IMAGE_H
#define PROFBILET_SOFTCARD_PIV_IMAGE_H

#include "base/bytes.h"
#include "card-applet-spec/piv.h"

enum {
	PIV_OBJECT_MAX = 3072,	/* what one PUT DATA may bring */
	PIV_OBJECTS_MAX = 6144, /* all of them */
	PIV_NDEF_MAX = 256,
	PIV_PIN_LEN = 8,
	PIV_PIN_TRIES = 3,
};

struct piv_image {
	uint8_t algorithm; /* of the management key, enum piv_algorithm */
	uint8_t management[PIV_MANAGEMENT_KEY_MAX];
	uint8_t pin[PIV_PIN_LEN], pin_tries;
	uint8_t objects[PIV_OBJECTS_MAX]; /* one after the other: tag 3, length 2, value */
	uint16_t objects_n;
	uint8_t ndef[PIV_NDEF_MAX]; /* the file: NLEN, message, whatever was there */
};

/* As it leaves the factory; `algorithm` is PIV_3DES or PIV_AES_192. */
void piv_image_factory(enum piv_algorithm algorithm, struct piv_image *ret_image);
/* Bytes in the key of an algorithm; 0 for what is none for a management key. */
size_t piv_key_length(uint8_t algorithm);
bool piv_management_is_factory(const struct piv_image *image);

/* False when there is none. */
bool piv_object_find(const struct piv_image *image, unsigned tag, struct pb_view *ret_value);
/* In place of the one of this tag; an empty value takes it away.  False, and nothing changed, without room. */
bool piv_object_put(struct piv_image *image, unsigned tag, struct pb_view value);

/* In the card's file. */
void piv_image_put(struct pb_writer *out, const struct piv_image *image);
bool piv_image_take(struct pb_cursor *in, struct piv_image *ret_image);

#endif
