/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and random bytes.
 * keys/crypto/ is the only home of OpenSSL: no header here shows one of its types, and a failure inside
 * OpenSSL that only exhausted memory can cause aborts, so that callers have no impossible branches.
 */
#ifndef PROFBILET_KEYS_CRYPTO_HASH_H
#define PROFBILET_KEYS_CRYPTO_HASH_H

#include "base/bytes.h"

enum { PB_SHA256_LEN = 32 };

void pb_sha256(struct pb_view message, uint8_t ret_digest[static PB_SHA256_LEN]);
/* Over the concatenation of the parts. */
void pb_sha256_parts(const struct pb_view *parts, size_t count, uint8_t ret_digest[static PB_SHA256_LEN]);
void pb_hmac_sha256(struct pb_view key, struct pb_view message, uint8_t ret_mac[static PB_SHA256_LEN]);
/* From the system's generator; aborts when there is none. */
void pb_random(void *ret_bytes, size_t n);

#endif
