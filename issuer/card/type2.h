/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the pages of a memory card through the reader (card-applet-spec/type2.h): its head, and four at a time.
 *
 * Not for: what stands in them (card_ndef.c), writing them (issuer/perso/perso_ndef.c), which product it is (chip.h).
 */
#ifndef PROFBILET_ISSUER_CARD_TYPE2_H
#define PROFBILET_ISSUER_CARD_TYPE2_H

#include "base/err.h"
#include "card-applet-spec/type2.h"
#include "issuer/reader/reader.h"

/* Its first four pages. */
struct pb_type2_head {
	uint8_t uid[TYPE2_UID_LEN];
	bool locked;	   /* every static lock bit is set; the others are set before them */
	bool has_container; /* of a version that we know */
	uint8_t cc_size;   /* as the container has it; 0 without a container */
};

PB_MUST_USE enum pb_status pb_type2_read_head(struct pb_reader *reader, struct pb_type2_head *ret_head, struct pb_err *err);
/* Four pages. */
PB_MUST_USE enum pb_status pb_type2_read(struct pb_reader *reader, unsigned page, uint8_t ret_bytes[static TYPE2_READ_LEN],
					 struct pb_err *err);
/* The page of the dynamic lock bits by the size of the container; false for a chip without room for a credential. */
PB_MUST_USE bool pb_type2_lock_page(uint8_t cc_size, unsigned *ret_page);

#endif
