/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The address that an NTAG 424 DNA shows a telephone ("SUN", NXP AN12196 chapter 3):
 *
 *     https://HOST/v?p=<32 hex digits>&m=<16 hex digits>
 *
 * On the card stand zeroes in both places; the chip overwrites them at each reading.  What is read from there is
 * judged by keys/sdm.h.
 *
 * One tap has one address: other letters, more of them, and small hex digits are refused.
 */
#ifndef PROFBILET_ISSUER_CARD_SUN_H
#define PROFBILET_ISSUER_CARD_SUN_H

#include "base/err.h"
#include "issuer/credential/ndef.h"
#include "keys/sdm.h"

enum { PB_SUN_HOST_MAX = 33 }; /* with it the file is written in one frame, which is never torn */

/* The NDEF file with zeroes in both places.  PB_INPUT_INVALID when the host is not a lower-case name of at most
 * PB_SUN_HOST_MAX letters, digits, dots and hyphens. */
PB_MUST_USE enum pb_status pb_sun_template(const char *host, struct pb_ndef *ret_ndef, struct pb_err *err);

/* Where in the NDEF file the chip writes: offsets of the digits. */
struct pb_sun_places {
	uint32_t picc, mac;
};
/* Exactly such a file, of any host; false for anything else. */
PB_MUST_USE bool pb_sun_find_places(struct pb_view ndef_file, struct pb_sun_places *ret_places);

/* Zeroes into both places of a file that was read, in which the chip had written; false when it is too short to have any.
 * Whether it is such a file, pb_sun_find_places says afterwards. */
PB_MUST_USE bool pb_sun_blank(uint8_t *ndef_file, size_t n);

/* The two numbers of an address at `host`, letter for letter; false for anything else. */
PB_MUST_USE bool pb_sun_parse(struct pb_view url, const char *host, struct pb_sdm_tap *ret_tap);

#endif
