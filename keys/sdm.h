/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secure Dynamic Messaging of NTAG 424 DNA (NXP NT4H2421Gx 9.3, AN12196 chapter 3): at every tap the chip puts its
 * UID and a counter, enciphered, and a MAC over both into the address that a telephone opens.  Whoever has the two
 * keys knows from the address alone which chip made it; whoever keeps the counter knows that it is not an old one.
 *
 * SDMMetaRead, which opens the UID, is one key for many cards: before it is used nobody knows which card it is.
 * SDMFileRead, which makes the MAC, is the card's own.
 *
 * Pure functions.  Not here: the address (issuer/card/sun.h), where counters are kept.
 */
#ifndef PROFBILET_KEYS_SDM_H
#define PROFBILET_KEYS_SDM_H

#include "base/bytes.h"
#include "base/secret.h"

enum { PB_SDM_PICC = 16, PB_SDM_MAC = 8, PB_SDM_UID = 7, PB_SDM_COUNTER_MAX = 0xFFFFFF };

/* What a chip has written into its address. */
struct pb_sdm_tap {
	uint8_t picc[PB_SDM_PICC], mac[PB_SDM_MAC];
};

/* Who it says it is: nothing is known to be true before pb_sdm_check. */
struct pb_sdm_chip {
	uint8_t uid[PB_SDM_UID];
	uint32_t counter; /* of taps, 24 bits */
};

/* False when what comes out is not a UID of 7 bytes and a counter (9.3.4, PICCDataTag C7). */
bool pb_sdm_open(const struct pb_secret *meta_read, const struct pb_sdm_tap *tap, struct pb_sdm_chip *ret_chip)
	__attribute__((warn_unused_result));

enum pb_sdm_verdict {
	PB_SDM_FRESH,
	PB_SDM_FORGED,	 /* not made by this card's key: a copy, or another card's */
	PB_SDM_REPLAYED, /* made by it, and not after the last tap that was seen */
};

/* `chip` from pb_sdm_open; `last`: counter of the last tap that was FRESH, NULL when there was none.  Gaps are no
 * fault: a telephone without network taps too.  After FRESH the caller keeps chip->counter before it answers, and
 * one card's calls must not overlap. */
enum pb_sdm_verdict pb_sdm_check(const struct pb_secret *file_read, const struct pb_sdm_tap *tap,
				 const struct pb_sdm_chip *chip, const uint32_t *last) __attribute__((warn_unused_result));

/* The MAC that this chip makes at this counter over `input`, the part of the file from SDMMACInputOffset to the MAC;
 * ours is empty (9.3.8, 9.3.9.1). */
void pb_sdm_mac(const struct pb_secret *file_read, const struct pb_sdm_chip *chip, struct pb_view input,
		uint8_t ret_mac[static PB_SDM_MAC]);

#endif
