/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The next trust list of a key folder's public/, signed by its own key and taken in: what an office does before
 * anybody can verify its cards.  For tests only: a failure fails the running test.
 */
#ifndef PROFBILET_TESTS_LIB_PUBLISHED_TRUST_H
#define PROFBILET_TESTS_LIB_PUBLISHED_TRUST_H

#include "keys/trust.h"
#include "keys/trust_publish.h"

/* The caller's to destroy. */
struct pb_trust *published_trust(const char *public_directory, const struct pb_keystore *store, int64_t now,
				 const struct pb_trust_change *changes, size_t count);

#endif
