/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The credential: the office's signed statement about one card, in the profile PB1
 * (card-applet-spec/credential.md): a CWT (RFC 8392) in a COSE_Sign1 (RFC 9052) of deterministic CBOR.
 * A chip holds one without a name, tied to its own key; the face (as a QR code) and a phone hold one with
 * the name.
 *
 * To issue, a straight line; the signature in the middle is the key store's work:
 *
 *     pb_chip_aad_of_point(point, &aad);
 *     pb_chip_draft(&claims, kid, &draft, err);
 *     pb_credential_sig_structure(&draft, pb_aad_view(&aad), &signed_bytes);
 *     sign pb_sig_structure_view(&signed_bytes) with ES256 -> sig
 *     pb_credential_seal(&draft, sig, &token);
 *
 * To verify: pb_credential_decode, find the issuer's key by kid, pb_credential_verify.
 *
 * Not for: whose key it is, whether the card is revoked or expired (a verifier's business: the claims are
 * handed over as they stand), keeping keys (keys/), drawing QR codes (print/).
 */
#ifndef PROFBILET_ISSUER_CREDENTIAL_CREDENTIAL_H
#define PROFBILET_ISSUER_CREDENTIAL_CREDENTIAL_H

#include "base/bytes.h"
#include "base/err.h"
#include "issuer/credential/fault.h"
#include "keys/crypto/cose.h"
#include "keys/crypto/p256.h"

enum {
	PB_CREDENTIAL_MAX = 1024, /* bytes of a token of any kind; a chip holds CREDENTIAL_MAX of applet.h */
	PB_KID_LEN = 8,		  /* the first bytes of SHA-256(SPKI of the issuer's key) */
	PB_ANCHOR_ROOT_LEN = 16,
	PB_AAD_MAX = 96,
	PB_BINDING_MAX = 32,
	PB_SIG_STRUCTURE_MAX = PB_CREDENTIAL_MAX + PB_AAD_MAX,
};
#define PB_SERIAL_MAX INT64_C(9999999999) /* ten decimal digits */

/* ---- What is stated.  Views are borrowed: from the caller when a draft is made, from the token when one
 *      was decoded.  Text is UTF-8 in NFC without control characters.  Times are UTC seconds, from 1. */

enum pb_credential_kind { PB_CREDENTIAL_FACE = 0, PB_CREDENTIAL_CHIP = 1, PB_CREDENTIAL_VIRTUAL = 2 };

/* All that a chip says, and what every kind says. */
struct pb_card_claims {
	struct pb_view member_number; /* 1 to 24 bytes */
	int64_t expires;	      /* the first second at which it is no longer valid */
	uint64_t serial;	      /* 1 to PB_SERIAL_MAX */
	uint32_t status_list, status_index;
};

/* What a face or a virtual card says besides; the kind is virtual exactly when there is a phone key. */
struct pb_face_claims {
	struct pb_card_claims card;
	struct pb_view issuer; /* 2 to 16 bytes */
	int64_t not_before;
	int64_t issued_at;		  /* 0: not stated */
	struct pb_view phone_x, phone_y;  /* 32 bytes each, not checked to be a point; n == 0: none */
	struct pb_view name;		  /* as printed, 1 to 240 bytes */
	struct pb_view organisation_code; /* 1 to 24 bytes */
	struct pb_view organisation_name; /* up to 320 bytes; n == 0: not stated */
	bool has_member_since;
	int32_t member_since;  /* days from 1970-01-01, 1900 to 2199 */
	uint32_t sequence;     /* 1: the member's first card; 0: not stated */
	uint64_t anchor_size;  /* ledger entries at the checkpoint; 0: no anchor */
	uint8_t anchor_root[PB_ANCHOR_ROOT_LEN];
};

/* ---- Issuing */

/* What is signed but not in the token (RFC 9052 4.3): empty for a face, the chip's binding for a chip. */
struct pb_aad {
	uint8_t bytes[PB_AAD_MAX];
	size_t n;
};

/* ["profbilet-chip-v1", family, binding]; family 1 to 16 bytes, binding 4 to PB_BINDING_MAX. */
PB_MUST_USE enum pb_status pb_chip_aad(const char *family, struct pb_view binding, struct pb_aad *ret_aad, struct pb_err *err);
/* Bound to the chip's key, 04 || X || Y, by SHA-256 of its SPKI. */
PB_MUST_USE enum pb_status pb_chip_aad_of_key(const char *family, const uint8_t point[static PB_P256_POINT],
					      struct pb_aad *ret_aad, struct pb_err *err);
/* The same of family "applet", which cannot fail. */
void pb_chip_aad_of_point(const uint8_t point[static PB_P256_POINT], struct pb_aad *ret_aad);
struct pb_view pb_aad_view(const struct pb_aad *aad);

struct pb_credential_draft {
	uint8_t protected_header[16];
	size_t protected_n;
	uint8_t payload[PB_CREDENTIAL_MAX];
	size_t payload_n;
	enum pb_credential_kind kind;
};

/* PB_INPUT_INVALID names the claim that cannot be stated; a chip's also when the token would not fit. */
PB_MUST_USE enum pb_status pb_chip_draft(const struct pb_card_claims *claims, const uint8_t kid[static PB_KID_LEN],
					 struct pb_credential_draft *ret_draft, struct pb_err *err);
PB_MUST_USE enum pb_status pb_face_draft(const struct pb_face_claims *claims, const uint8_t kid[static PB_KID_LEN],
					 struct pb_credential_draft *ret_draft, struct pb_err *err);

/* The bytes that are signed (RFC 9052 4.4). */
struct pb_sig_structure {
	uint8_t bytes[PB_SIG_STRUCTURE_MAX];
	size_t n;
};

void pb_credential_sig_structure(const struct pb_credential_draft *draft, struct pb_view aad,
				 struct pb_sig_structure *ret_structure);
struct pb_view pb_sig_structure_view(const struct pb_sig_structure *structure);

struct pb_credential_token {
	uint8_t bytes[PB_CREDENTIAL_MAX];
	size_t n;
};

void pb_credential_seal(const struct pb_credential_draft *draft, const uint8_t sig[static PB_P256_SIG],
			struct pb_credential_token *ret_token);
struct pb_view pb_credential_token_view(const struct pb_credential_token *token);

/* ---- Verifying */

struct pb_credential {
	enum pb_credential_kind kind;
	uint8_t kid[PB_KID_LEN];
	struct pb_face_claims claims; /* of a chip only claims.card */
	size_t unknown_keys;	      /* of the card map, ignored */
	struct pb_cose_sign1 sign1;   /* the encoded parts */
};

/* Everything but the signature.  ret_credential borrows from the token, and is untouched unless PB_FAULT_NONE. */
PB_MUST_USE enum pb_credential_fault pb_credential_decode(struct pb_view token, struct pb_credential *ret_credential);
/* The same of the bytes that are about to be signed: for a signer that wants to know what it states.  The
 * aad must be empty for a face and a chip's binding for a chip; sign1.signature is empty. */
PB_MUST_USE enum pb_credential_fault pb_credential_decode_unsigned(struct pb_view sig_structure,
								   struct pb_credential *ret_credential);
/* The token that a signer's signature makes of it; false when it is longer than a token may be. */
PB_MUST_USE bool pb_credential_complete(const struct pb_credential *credential, const uint8_t sig[static PB_P256_SIG],
					struct pb_credential_token *ret_token);
/* Whether `key` signed it, with this aad.  The key is decoded once and used for many. */
PB_MUST_USE bool pb_credential_verify(const struct pb_credential *credential, struct pb_view aad, const struct pb_p256_public *key);

#endif
