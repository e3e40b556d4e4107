/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Objects in a row; nothing here depends on who may read or write them.
 */
#include "softcard/piv_image.h"

#include <string.h>

#include "base/secret.h"

enum { TAG_LEN = 3, HEADER_LEN = TAG_LEN + 2 };

void piv_image_factory(enum piv_algorithm algorithm, struct piv_image *ret_image)
{
	static const uint8_t pin[PIV_PIN_LEN] = { '1', '2', '3', '4', '5', '6', 0xFF, 0xFF };

	*ret_image = (struct piv_image){ .algorithm = (uint8_t)algorithm, .pin_tries = PIV_PIN_TRIES };
	memcpy(ret_image->management, PIV_FACTORY_KEY, PIV_FACTORY_KEY_LEN);
	memcpy(ret_image->pin, pin, sizeof(pin));
}

size_t piv_key_length(uint8_t algorithm)
{
	switch (algorithm) {
	case PIV_3DES:
	case PIV_AES_192:
		return 24;
	case PIV_AES_128:
		return 16;
	case PIV_AES_256:
		return 32;
	default:
		return 0;
	}
}

bool piv_management_is_factory(const struct piv_image *image)
{
	return piv_key_length(image->algorithm) == PIV_FACTORY_KEY_LEN &&
	       pb_ct_equal(image->management, PIV_FACTORY_KEY, PIV_FACTORY_KEY_LEN);
}

/* The next object of the row, as it lies there: header and value. */
static bool take_object(struct pb_cursor *in, unsigned *ret_tag, struct pb_view *ret_value)
{
	uint64_t tag, n;

	if (!pb_take_be(in, TAG_LEN, &tag) || !pb_take_be(in, HEADER_LEN - TAG_LEN, &n) || !pb_take(in, n, ret_value))
		return false;
	*ret_tag = (unsigned)tag;
	return true;
}

bool piv_object_find(const struct piv_image *image, unsigned tag, struct pb_view *ret_value)
{
	struct pb_cursor in = pb_cursor(pb_view(image->objects, image->objects_n));
	struct pb_view value;
	unsigned there;

	while (take_object(&in, &there, &value)) {
		if (there == tag) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

bool piv_object_put(struct piv_image *image, unsigned tag, struct pb_view value)
{
	uint8_t row[PIV_OBJECTS_MAX];
	struct pb_writer out = pb_writer(row, sizeof(row));
	struct pb_cursor in = pb_cursor(pb_view(image->objects, image->objects_n));
	struct pb_view other, all;
	unsigned there;

	while (take_object(&in, &there, &other)) {
		if (there == tag)
			continue;
		pb_put_be(&out, there, TAG_LEN);
		pb_put_be(&out, other.n, HEADER_LEN - TAG_LEN);
		pb_put_view(&out, other);
	}
	if (value.n) {
		pb_put_be(&out, tag, TAG_LEN);
		pb_put_be(&out, value.n, HEADER_LEN - TAG_LEN);
		pb_put_view(&out, value);
	}
	if (value.n > PIV_OBJECT_MAX || !pb_writer_view(&out, &all))
		return false;
	memset(image->objects, 0, sizeof(image->objects));
	memcpy(image->objects, row, all.n);
	image->objects_n = (uint16_t)all.n;
	return true;
}

void piv_image_put(struct pb_writer *out, const struct piv_image *image)
{
	pb_put_u8(out, image->algorithm);
	pb_put(out, image->management, sizeof(image->management));
	pb_put(out, image->pin, sizeof(image->pin));
	pb_put_u8(out, image->pin_tries);
	pb_put(out, image->ndef, sizeof(image->ndef));
	pb_put_be(out, image->objects_n, 2);
	pb_put(out, image->objects, image->objects_n);
}

/* Nothing but whole objects. */
static bool is_row(struct pb_view objects)
{
	struct pb_cursor in = pb_cursor(objects);
	struct pb_view value;
	unsigned tag;

	while (take_object(&in, &tag, &value))
		;
	return !in.left;
}

bool piv_image_take(struct pb_cursor *in, struct piv_image *ret_image)
{
	struct piv_image image = { 0 };
	uint64_t n;

	if (!pb_take_u8(in, &image.algorithm) || !piv_key_length(image.algorithm) ||
	    !pb_take_copy(in, image.management, sizeof(image.management)) ||
	    !pb_take_copy(in, image.pin, sizeof(image.pin)) || !pb_take_u8(in, &image.pin_tries) ||
	    image.pin_tries > PIV_PIN_TRIES || !pb_take_copy(in, image.ndef, sizeof(image.ndef)) ||
	    !pb_take_be(in, 2, &n) || n > sizeof(image.objects) || !pb_take_copy(in, image.objects, n) ||
	    !is_row(pb_view(image.objects, n)))
		return false;
	image.objects_n = (uint16_t)n;
	*ret_image = image;
	pb_wipe(&image, sizeof(image));
	return true;
}
