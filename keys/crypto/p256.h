/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ECDSA on NIST P-256 with SHA-256 (COSE ES256, RFC 9053 2.1).  Signatures are 64 bytes r || s; DER is
 * converted at this border.  Emitted signatures have s in the lower half; both halves are accepted.
 * A public key is decoded and checked to be on the curve once, then used many times.
 */
#ifndef PROFBILET_KEYS_CRYPTO_P256_H
#define PROFBILET_KEYS_CRYPTO_P256_H

#include "base/bytes.h"
#include "base/err.h"

enum { PB_P256_SIG = 64, PB_P256_POINT = 65, PB_P256_SPKI = 91, PB_P256_SCALAR = 32, PB_P256_SIG_DER_MAX = 72, PB_P256_KID = 8 };

struct pb_p256_public;
struct pb_p256_private;

/* 04 || X || Y; PB_INPUT_INVALID when not a point of the curve. */
PB_MUST_USE enum pb_status pb_p256_public_create(struct pb_view point, struct pb_p256_public **ret_key, struct pb_err *err);
/* DER SubjectPublicKeyInfo (RFC 5480). */
PB_MUST_USE enum pb_status pb_p256_public_from_spki(struct pb_view spki, struct pb_p256_public **ret_key, struct pb_err *err);
void pb_p256_public_destroy(struct pb_p256_public *key); /* accepts NULL */
void pb_p256_public_point(const struct pb_p256_public *key, uint8_t ret_point[static PB_P256_POINT]);
/* The SPKI of a point is a fixed prefix and the point: no key object needed. */
void pb_p256_point_to_spki(const uint8_t point[static PB_P256_POINT], uint8_t ret_spki[static PB_P256_SPKI]);
/* How credentials name their signer: the first 8 bytes of SHA-256 of the SPKI. */
void pb_p256_kid(const uint8_t point[static PB_P256_POINT], uint8_t ret_kid[static PB_P256_KID]);
/* A value, not an error: false for any signature that is not this key's. */
bool pb_p256_verify(const struct pb_p256_public *key, struct pb_view message, const uint8_t sig[static PB_P256_SIG]);
/* The same of a message whose SHA-256 this is. */
bool pb_p256_verify_digest(const struct pb_p256_public *key, const uint8_t digest[static 32],
			   const uint8_t sig[static PB_P256_SIG]);

struct pb_p256_private *pb_p256_generate(void);
/* From a scalar, for tests with published keys; PB_INPUT_INVALID outside 1..n-1. */
PB_MUST_USE enum pb_status pb_p256_private_create(struct pb_view scalar, struct pb_p256_private **ret_key, struct pb_err *err);
/* For a card's persistent state only (softcard/): the secret scalar. */
void pb_p256_private_scalar(const struct pb_p256_private *key, uint8_t ret_scalar[static PB_P256_SCALAR]);
void pb_p256_private_destroy(struct pb_p256_private *key); /* accepts NULL; wipes */
void pb_p256_private_point(const struct pb_p256_private *key, uint8_t ret_point[static PB_P256_POINT]);
/* Low-S r || s over SHA-256(message). */
void pb_p256_sign(const struct pb_p256_private *key, struct pb_view message, uint8_t ret_sig[static PB_P256_SIG]);
/* The same over a SHA-256 made elsewhere: for cards that sign what they are given (softcard/), and nothing else. */
void pb_p256_sign_digest(const struct pb_p256_private *key, const uint8_t digest[static 32],
			 uint8_t ret_sig[static PB_P256_SIG]);

/* What a token answers (PKCS#11 2.40, 2.3.1): r and s in two halves of one length, which some write longer or
 * shorter than 32 bytes.  s comes out in the lower half; false when it can be no signature. */
bool pb_p256_sig_from_halves(struct pb_view raw, uint8_t ret_sig[static PB_P256_SIG]);

/* DER Ecdsa-Sig-Value (RFC 3279) <-> r || s.  Strict: minimal integers, nothing left over. */
bool pb_p256_sig_from_der(struct pb_view der, uint8_t ret_sig[static PB_P256_SIG]);
size_t pb_p256_sig_to_der(const uint8_t sig[static PB_P256_SIG], uint8_t ret_der[static PB_P256_SIG_DER_MAX]);

#endif
