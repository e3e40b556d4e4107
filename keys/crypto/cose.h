/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * COSE_Sign1 (RFC 9052 4.2) as an envelope: its four parts, and the bytes its signature covers.  Which
 * headers and which payload are allowed is the profile's business (issuer/credential/credential.h,
 * keys/trust_list.h), so that the published COSE examples can be held against the same code.
 */
#ifndef PROFBILET_KEYS_CRYPTO_COSE_H
#define PROFBILET_KEYS_CRYPTO_COSE_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/crypto/p256.h"

enum { PB_COSE_SIGN1_TAG = 18 };
/* Common header parameters (RFC 9052 3.1, RFC 9596, RFC 9360) and the one algorithm (RFC 9053 2.1). */
enum { PB_COSE_ALG = 1, PB_COSE_KID = 4, PB_COSE_TYP = 16, PB_COSE_X5CHAIN = 33, PB_COSE_ES256 = -7 };

/* What is wrong with an envelope: each profile has its own words for it. */
enum pb_cose_fault {
	PB_COSE_FINE,
	PB_COSE_NOT_DETERMINISTIC,
	PB_COSE_TRAILING_BYTES,
	PB_COSE_WRONG_TAG,
	PB_COSE_NOT_SIGN1,
};

/* Borrowed from the token. */
struct pb_cose_sign1 {
	bool tagged;
	struct pb_view protected_header; /* the bytes inside the byte string */
	struct pb_view unprotected;	 /* the encoded map */
	struct pb_view payload, signature;
};

/* One deterministic item and nothing after it; empty bytes are not an item. */
PB_MUST_USE enum pb_cose_fault pb_cose_check_item(struct pb_view bytes);
/* How long a token may be is the profile's to say, before. */
PB_MUST_USE enum pb_cose_fault pb_cose_sign1_decode(struct pb_view token, struct pb_cose_sign1 *ret_sign1);
/* Of a protected header: its typ (RFC 9596), empty when it has none; false when it is no header. */
PB_MUST_USE bool pb_cose_type(struct pb_view protected_header, struct pb_view *ret_type);
/* The token of the four parts; the unprotected header is empty. */
void pb_cose_put_sign1(struct pb_writer *writer, struct pb_view protected_header, struct pb_view payload, struct pb_view signature);
/* Sig_structure with the context "Signature1" (RFC 9052 4.4). */
void pb_cose_put_sig_structure(struct pb_writer *writer, struct pb_view protected_header, struct pb_view aad,
			       struct pb_view payload);
/* ES256, whatever the headers say. */
PB_MUST_USE bool pb_cose_sign1_verify(const struct pb_cose_sign1 *sign1, struct pb_view aad, const struct pb_p256_public *key);

#endif
