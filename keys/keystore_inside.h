/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of a key store: what is public about its keys, and the way to the place that keeps them.  For the
 * keystore*.c files only; everybody else has keys/keystore.h.
 */
#ifndef PROFBILET_KEYS_KEYSTORE_INSIDE_H
#define PROFBILET_KEYS_KEYSTORE_INSIDE_H

#include "keys/backend.h"
#include "keys/crypto/x509.h"
#include "keys/keystore.h"
#include "keys/keystore_remote.h"

/* Immutable once open, but for the logins. */
struct pb_keystore {
	const struct pb_clock *clock;
	bool allow_factory_keys;
	uint8_t kid[PB_ISSUER_KID_LEN];
	/* By role; of one that is not there, all is zero. */
	struct pb_x509_issuer certified[PB_ROLE_CERTIFIED_COUNT];
	uint8_t checkpoint[PB_ED25519_PUBLIC];
	bool is_witness;
	uint8_t witness[PB_ED25519_PUBLIC]; /* when it is one */
	struct pb_generations generations;
	struct pb_key_backend keys;
	struct pb_logins *logins; /* keys/login.h: with a lock of their own */

	/* When set, the keys are in another process: of the above there is all but `keys`. */
	const struct pb_keystore_remote *remote;
	void *remote_ctx;
	struct pb_account account; /* of its holder */
};

/* keystore_roll.c: a sealed secret as a file of the folder, durable when this returns. */
PB_MUST_USE enum pb_status pb_keystore_write_sealed(int dir_fd, const char *stem, bool test, const struct pb_secret *secret,
						    const struct pb_secret *passphrase, struct pb_err *err);

#endif
