/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pinned roots of a trust folder: the root, and a spare made on the same day and kept elsewhere, so
 * that the loss of one does not strand every verifier.  A certificate is good under either.
 *
 * Not for: what certificates say (keys/crypto/x509.h), what became of an issuer (keys/trust.h).
 */
#ifndef PROFBILET_KEYS_ROOTS_H
#define PROFBILET_KEYS_ROOTS_H

#include "base/err.h"
#include "keys/crypto/x509.h"

enum { PB_ROOTS_MAX = 2 };

struct pb_roots {
	struct pb_x509 *pinned[PB_ROOTS_MAX];
	size_t count;
};

/* root.pem, and root-spare.pem where there is one.  PB_KEYS_UNAVAILABLE names the file. */
PB_MUST_USE enum pb_status pb_roots_load(int public_fd, struct pb_roots *ret_roots, struct pb_err *err);
void pb_roots_finish(struct pb_roots *roots); /* accepts NULL and zero */

/* PB_INPUT_INVALID, in the words of the first root, when no root has signed it or it is not valid then. */
PB_MUST_USE enum pb_status pb_roots_verify(const struct pb_roots *roots, const struct pb_x509 *cert, int64_t at,
					   struct pb_err *err);

#endif
