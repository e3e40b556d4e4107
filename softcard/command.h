/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One command APDU as the card understood it (ISO/IEC 7816-4, short forms only).  What it asks for is
 * the business of whoever is selected.
 */
#ifndef PROFBILET_SOFTCARD_COMMAND_H
#define PROFBILET_SOFTCARD_COMMAND_H

#include "base/bytes.h"
#include "base/err.h"
#include "card-applet-spec/applet.h"

struct command {
	uint8_t cla, ins, p1, p2;
	struct pb_view data;
	size_t le; /* 1 to 256; 0 when there is none */
};

/* False when the length fields do not add up. */
PB_MUST_USE bool command_parse(struct pb_view apdu, struct command *ret_command);

/* One BER-TLV data object with a tag of one or two bytes (ISO/IEC 8825-1, the shortest definite length). */
void put_tlv(struct pb_writer *out, unsigned tag, struct pb_view value);
/* The next one, with a tag of one byte; false, and nothing taken, when there is no whole one. */
bool take_tlv(struct pb_cursor *in, unsigned *ret_tag, struct pb_view *ret_value);

#endif
