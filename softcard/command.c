/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a command APDU from whatever a host sent: four header bytes, then Le, or Lc and that many bytes
 * and perhaps Le.
 */
#include "softcard/command.h"

static size_t expected(uint8_t le)
{
	return le ? le : APDU_RESPONSE_MAX;
}

bool command_parse(struct pb_view apdu, struct command *ret_command)
{
	struct pb_cursor in = pb_cursor(apdu);
	struct command command = { 0 };
	uint8_t last;

	if (!pb_take_u8(&in, &command.cla) || !pb_take_u8(&in, &command.ins) || !pb_take_u8(&in, &command.p1) ||
	    !pb_take_u8(&in, &command.p2))
		return false;
	if (in.left > 1) {
		if (!pb_take_u8(&in, &last) || last == 0 || !pb_take(&in, last, &command.data))
			return false;
	}
	if (pb_take_u8(&in, &last))
		command.le = expected(last);
	if (in.left)
		return false;
	*ret_command = command;
	return true;
}

void put_tlv(struct pb_writer *out, unsigned tag, struct pb_view value)
{
	pb_put_be(out, tag, tag > 0xFF ? 2 : 1);
	if (value.n > 0xFF)
		pb_put_u8(out, 0x82);
	else if (value.n > 0x7F)
		pb_put_u8(out, 0x81);
	pb_put_be(out, value.n, value.n > 0xFF ? 2 : 1);
	pb_put_view(out, value);
}

bool take_tlv(struct pb_cursor *in, unsigned *ret_tag, struct pb_view *ret_value)
{
	struct pb_cursor at = *in;
	struct pb_view value;
	uint8_t tag, first;
	uint64_t n;

	if (!pb_take_u8(&at, &tag) || !pb_take_u8(&at, &first))
		return false;
	n = first;
	if (first > 0x7F && (first < 0x81 || first > 0x82 || !pb_take_be(&at, first - 0x80u, &n)))
		return false;
	if (!pb_take(&at, n, &value))
		return false;
	*in = at;
	*ret_tag = tag;
	*ret_value = value;
	return true;
}
