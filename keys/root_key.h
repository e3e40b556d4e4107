/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The private key of a root, for the minutes in which a certificate is made: restored from shares, used, and
 * taken away again.  An office works without it.
 *
 * Not for: verifying under roots (keys/roots.h).
 */
#ifndef PROFBILET_KEYS_ROOT_KEY_H
#define PROFBILET_KEYS_ROOT_KEY_H

#include "base/secret.h"
#include "keys/roots.h"

struct pb_root_key {
	struct pb_p256_private *key;
	const struct pb_x509 *cert; /* borrowed from the roots */
};

/* The file of either root.  PB_KEYS_PASSPHRASE; PB_KEYS_UNAVAILABLE for a file that is missing, damaged or readable
 * by others; PB_KEYS_REFUSED when the key belongs to none of `roots`. */
PB_MUST_USE enum pb_status pb_root_key_open(const char *path, const struct pb_secret *passphrase, const struct pb_roots *roots,
					    struct pb_root_key *ret_root, struct pb_err *err);
void pb_root_key_finish(struct pb_root_key *root); /* accepts zero; wipes */

#endif
