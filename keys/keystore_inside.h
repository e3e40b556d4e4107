/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of a key store, for the keystore*.c files only.  Whoever includes this could take a key out;
 * everybody else has keys/keystore.h, which has no function for that.
 */
#ifndef PROFBILET_KEYS_KEYSTORE_INSIDE_H
#define PROFBILET_KEYS_KEYSTORE_INSIDE_H

#include "keys/crypto/ed25519.h"
#include "keys/crypto/x509.h"
#include "keys/diversify.h"
#include "keys/keystore.h"
#include "keys/keystore_remote.h"

enum { PB_PSEUDONYM_KEY_LEN = 32 };

/* Immutable once open. */
struct pb_keystore {
	const struct pb_clock *clock;
	bool allow_factory_keys;
	uint8_t kid[PB_ISSUER_KID_LEN];
	struct pb_x509_issuer issuer;
	struct pb_p256_private *issuer_key;
	struct pb_ed25519_private *checkpoint;
	struct pb_secret master, pseudonym;

	/* When set, the keys are elsewhere: of the above only kid and issuer hold anything. */
	const struct pb_keystore_remote *remote;
	void *remote_ctx;
	uint8_t remote_checkpoint[PB_ED25519_PUBLIC];
};

#endif
