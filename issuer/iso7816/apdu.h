/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Command and response APDUs (ISO/IEC 7816-4 5.2, 5.3), short ones only: the smallest readers in the
 * field carry no more.  Pure: bytes in, bytes out.
 */
#ifndef PROFBILET_ISSUER_ISO7816_APDU_H
#define PROFBILET_ISSUER_ISO7816_APDU_H

#include "base/bytes.h"

/* le: bytes expected, 1 to 256; 0 for none (cases 1 and 3).  data.n is at most 255. */
struct pb_apdu {
	uint8_t cla, ins, p1, p2;
	struct pb_view data;
	unsigned le;
};

struct pb_response {
	struct pb_view data;
	uint16_t sw;
};

/* A command outside the bounds above sets `writer->full`. */
void pb_apdu_put(struct pb_writer *writer, const struct pb_apdu *apdu);
/* Exactly one command of case 1 to 4, nothing left over. */
bool pb_apdu_parse(struct pb_view bytes, struct pb_apdu *ret_apdu);
/* False under two bytes. */
bool pb_response_parse(struct pb_view bytes, struct pb_response *ret_response);

#endif
