/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BER-TLV data objects as cards use them (ISO/IEC 7816-4 5.2.2): tags of one to three bytes, definite
 * lengths of one to three bytes.  The reader never leaves its bytes and never recurses.
 */
#ifndef PROFBILET_ISSUER_ISO7816_TLV_H
#define PROFBILET_ISSUER_ISO7816_TLV_H

#include "base/bytes.h"

struct pb_tlv {
	uint32_t tag; /* as written: 0x7F49 */
	struct pb_view value;
};

/* The next object; false, and nothing is taken, when there is no whole one. */
bool pb_tlv_take(struct pb_cursor *in, struct pb_tlv *ret_object);
/* The next object when it has this tag. */
bool pb_tlv_take_tag(struct pb_cursor *in, uint32_t tag, struct pb_view *ret_value);
/* The first object of this tag among well-formed ones. */
bool pb_tlv_find(struct pb_view objects, uint32_t tag, struct pb_view *ret_value);

/* Shortest length form; a value over 65535 bytes sets `writer->full`. */
void pb_tlv_put(struct pb_writer *writer, uint32_t tag, struct pb_view value);

#endif
