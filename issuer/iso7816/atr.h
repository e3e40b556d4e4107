/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answer to reset (ISO/IEC 7816-3 8.2), and what PC/SC part 3 (3.1.3.2.3) lets a contactless reader say
 * with one: whether there is a contact card, an ISO/IEC 14443-4 card or a storage card behind it.
 */
#ifndef PROFBILET_ISSUER_ISO7816_ATR_H
#define PROFBILET_ISSUER_ISO7816_ATR_H

#include "base/bytes.h"

enum pb_atr_kind {
	PB_ATR_CONTACT,
	PB_ATR_CONTACTLESS, /* ISO/IEC 14443-4: takes APDUs */
	PB_ATR_STORAGE,	    /* a memory card: takes none */
};

struct pb_atr {
	enum pb_atr_kind kind;
	struct pb_view historical;
	uint16_t storage_name; /* STORAGE: the NN of part 3, as 0001 MIFARE Classic 1K; 0 otherwise */
};

/* False when the bytes are not exactly one ATR with a right check byte. */
bool pb_atr_parse(struct pb_view bytes, struct pb_atr *ret_atr);

/* "MIFARE Classic 1K", for telling an operator what lies there. */
const char *pb_atr_storage_words(uint16_t storage_name);

#endif
