/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Originality signatures of NXP chips: at the factory each chip gets an ECDSA signature over its bare UID (no
 * hash), made with a key of its kind whose public half NXP publishes.  It says that such a UID was made by NXP,
 * and not that this chip is the one: the signature can be read and copied like the UID.
 *
 * Not for proving that a card is the original: that is issuer/card/card.h, pb_card_check_proof.
 */
#ifndef PROFBILET_KEYS_CRYPTO_ORIGINALITY_H
#define PROFBILET_KEYS_CRYPTO_ORIGINALITY_H

#include "base/bytes.h"

/* Of which kind of chip the keys are.  A kind may have several: chips of different years. */
enum pb_originality_maker {
	PB_MAKER_NTAG_424,
	PB_MAKER_DESFIRE_EV2,
	PB_MAKER_DESFIRE_EV3,
	PB_MAKER_DESFIRE_LIGHT,
	PB_MAKER_NTAG_21X,
	PB_MAKER_ULTRALIGHT_EV1,
	PB_MAKER_COUNT
};

enum { PB_ORIGINALITY_SIG_MAX = 56 };

enum pb_originality {
	PB_ORIGINALITY_NOT_OFFERED, /* no signature was read: never the answer of the function below */
	PB_ORIGINALITY_VALID,
	PB_ORIGINALITY_WRONG,	    /* none of the keys of this kind made it over this UID */
	PB_ORIGINALITY_UNKNOWN,	    /* this build of OpenSSL does not have the curve */
	PB_ORIGINALITY_COUNT
};

/* signature: r || s, 56 bytes (secp224r1) or 32 (secp128r1, NTAG 21x and Ultralight EV1). */
enum pb_originality pb_originality_check(enum pb_originality_maker maker, struct pb_view uid, struct pb_view signature);

#endif
