/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BER-TLV on a cursor: tag, length, value, each taken or the whole object left.
 */
#include "issuer/iso7816/tlv.h"

enum {
	TAG_LONG = 0x1F,     /* all ones in the low five bits: more tag bytes follow */
	MORE = 0x80,	     /* another tag byte follows this one */
	TAG_BYTES_MAX = 3,
	LENGTH_1 = 0x81,
	LENGTH_2 = 0x82,
	SHORT_LENGTH_MAX = 0x7F,
};

static bool take_tag(struct pb_cursor *in, uint32_t *ret_tag)
{
	uint8_t byte;
	uint32_t tag;

	if (!pb_take_u8(in, &byte))
		return false;
	tag = byte;
	if ((byte & TAG_LONG) == TAG_LONG) {
		int n = 1;

		do {
			if (n++ == TAG_BYTES_MAX || !pb_take_u8(in, &byte))
				return false;
			tag = tag << 8 | byte;
		} while (byte & MORE);
	}
	*ret_tag = tag;
	return true;
}

static bool take_length(struct pb_cursor *in, size_t *ret_length)
{
	uint64_t length;
	uint8_t first;

	if (!pb_take_u8(in, &first))
		return false;
	length = first;
	if (first > SHORT_LENGTH_MAX &&
	    ((first != LENGTH_1 && first != LENGTH_2) || !pb_take_be(in, first - MORE, &length)))
		return false;
	*ret_length = (size_t)length;
	return true;
}

bool pb_tlv_take(struct pb_cursor *in, struct pb_tlv *ret_object)
{
	struct pb_cursor ahead = *in;
	struct pb_tlv object;
	size_t length;

	if (!take_tag(&ahead, &object.tag) || !take_length(&ahead, &length) || !pb_take(&ahead, length, &object.value))
		return false;
	*in = ahead;
	*ret_object = object;
	return true;
}

bool pb_tlv_take_tag(struct pb_cursor *in, uint32_t tag, struct pb_view *ret_value)
{
	struct pb_cursor ahead = *in;
	struct pb_tlv object;

	if (!pb_tlv_take(&ahead, &object) || object.tag != tag)
		return false;
	*in = ahead;
	*ret_value = object.value;
	return true;
}

bool pb_tlv_find(struct pb_view objects, uint32_t tag, struct pb_view *ret_value)
{
	struct pb_cursor in = pb_cursor(objects);
	struct pb_tlv object;

	while (pb_tlv_take(&in, &object)) {
		if (object.tag != tag)
			continue;
		*ret_value = object.value;
		return true;
	}
	return false;
}

static size_t tag_bytes(uint32_t tag)
{
	return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

void pb_tlv_put(struct pb_writer *writer, uint32_t tag, struct pb_view value)
{
	if (value.n > UINT16_MAX) {
		writer->full = true;
		return;
	}
	pb_put_be(writer, tag, tag_bytes(tag));
	if (value.n > UINT8_MAX)
		pb_put_u8(writer, LENGTH_2);
	else if (value.n > SHORT_LENGTH_MAX)
		pb_put_u8(writer, LENGTH_1);
	pb_put_be(writer, value.n, value.n > UINT8_MAX ? 2 : 1);
	pb_put_view(writer, value);
}
