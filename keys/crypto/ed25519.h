/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ed25519 (RFC 8032), for the ledger's checkpoints (C2SP signed-note).  Not for cards and credentials:
 * those are P-256 (keys/crypto/p256.h).
 */
#ifndef PROFBILET_KEYS_CRYPTO_ED25519_H
#define PROFBILET_KEYS_CRYPTO_ED25519_H

#include "base/bytes.h"

enum { PB_ED25519_SIG = 64, PB_ED25519_PUBLIC = 32, PB_ED25519_SEED = 32 };

struct pb_ed25519_private;

struct pb_ed25519_private *pb_ed25519_generate(void);
struct pb_ed25519_private *pb_ed25519_from_seed(const uint8_t seed[static PB_ED25519_SEED]);
void pb_ed25519_private_destroy(struct pb_ed25519_private *key); /* accepts NULL; wipes */
void pb_ed25519_public(const struct pb_ed25519_private *key, uint8_t ret_public[static PB_ED25519_PUBLIC]);
void pb_ed25519_sign(const struct pb_ed25519_private *key, struct pb_view message, uint8_t ret_sig[static PB_ED25519_SIG]);
bool pb_ed25519_verify(const uint8_t public_key[static PB_ED25519_PUBLIC], struct pb_view message,
		       const uint8_t sig[static PB_ED25519_SIG]);

enum { PB_ED25519_PEM_MAX = 128 };

/* The public key as PEM SubjectPublicKeyInfo (RFC 8410), for `openssl pkey -pubin`. */
size_t pb_ed25519_public_to_pem(const uint8_t public_key[static PB_ED25519_PUBLIC], uint8_t ret_pem[static PB_ED25519_PEM_MAX]);
bool pb_ed25519_public_from_pem(struct pb_view pem, uint8_t ret_public[static PB_ED25519_PUBLIC]);

#endif
