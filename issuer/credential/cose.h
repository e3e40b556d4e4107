/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * COSE_Sign1 (RFC 9052 4.2) as an envelope: its four parts, and the bytes its signature covers.  Which
 * headers and which payload are allowed is the profile's business (credential.h), so that the published
 * COSE examples can be held against the same code.
 */
#ifndef PROFBILET_ISSUER_CREDENTIAL_COSE_H
#define PROFBILET_ISSUER_CREDENTIAL_COSE_H

#include "base/bytes.h"
#include "base/err.h"
#include "issuer/credential/fault.h"
#include "keys/crypto/p256.h"

enum { PB_COSE_SIGN1_TAG = 18, PB_COSE_MAX = 4096 };

/* Borrowed from the token. */
struct pb_cose_sign1 {
	bool tagged;
	struct pb_view protected_header; /* the bytes inside the byte string */
	struct pb_view unprotected;	 /* the encoded map */
	struct pb_view payload, signature;
};

/* One deterministic item and nothing after it; empty bytes are not an item. */
PB_MUST_USE enum pb_credential_fault pb_cose_check_item(struct pb_view bytes);
PB_MUST_USE enum pb_credential_fault pb_cose_sign1_decode(struct pb_view token, struct pb_cose_sign1 *ret_sign1);
/* The token of the four parts; the unprotected header is empty. */
void pb_cose_put_sign1(struct pb_writer *writer, struct pb_view protected_header, struct pb_view payload, struct pb_view signature);
/* Sig_structure with the context "Signature1" (RFC 9052 4.4). */
void pb_cose_put_sig_structure(struct pb_writer *writer, struct pb_view protected_header, struct pb_view aad,
			       struct pb_view payload);
/* ES256, whatever the headers say; false also when the parts exceed PB_COSE_MAX. */
PB_MUST_USE bool pb_cose_sign1_verify(const struct pb_cose_sign1 *sign1, struct pb_view aad, const struct pb_p256_public *key);

#endif
