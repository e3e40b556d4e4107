/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that only the holder of a certified key can read again: CMS AuthEnvelopedData (RFC 5083, 5652), AES-256-GCM under a
 * key that is agreed by ECDH on P-256 (RFC 5753, KDF with SHA-256) and wrapped by AES-256.  It is what
 *
 *     openssl cms -decrypt -inform DER -in FILE -inkey KEY
 *
 * opens.  It says nothing of who wrote it: anybody who has the certificate can make another one.
 * Not for: secrets under a secret (sealed.h).
 */
#ifndef PROFBILET_KEYS_CRYPTO_ENVELOPE_H
#define PROFBILET_KEYS_CRYPTO_ENVELOPE_H

#include "keys/crypto/x509.h"

enum { PB_ENVELOPE_CONTENT_MAX = 8 * 1024 * 1024, PB_ENVELOPE_MAX = PB_ENVELOPE_CONTENT_MAX + 4096 };

/* DER, in memory the caller frees.  PB_INPUT_INVALID when nothing can be encrypted to this certificate's key, or there is
 * more than PB_ENVELOPE_CONTENT_MAX. */
PB_MUST_USE enum pb_status pb_envelope_seal(const struct pb_x509 *to, struct pb_view content, uint8_t **ret_der, size_t *ret_n,
					    struct pb_err *err);
/* In memory the caller frees (and wipes).  PB_KEYS_REFUSED: not such an envelope, to another key, or changed. */
PB_MUST_USE enum pb_status pb_envelope_open(const struct pb_p256_private *key, struct pb_view der, uint8_t **ret_content,
					    size_t *ret_n, struct pb_err *err);

#endif
