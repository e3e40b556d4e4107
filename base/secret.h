/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A secret: bytes that wipe themselves when they leave scope.  There is no function that prints,
 * encodes or logs one, and there must never be.
 *
 *     PB_SECRET key = { 0 };
 *     s = pb_keystore_...(..., &key, err);
 *     if (s != PB_OK)
 *             return s;                      key is wiped here too
 *
 * A secret lives on the stack or inside its owner, never in a container that grows (reallocation
 * leaves copies behind).
 */
#ifndef PROFBILET_BASE_SECRET_H
#define PROFBILET_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define PB_SECRET_MAX 64

struct pb_secret {
	uint8_t bytes[PB_SECRET_MAX];
	size_t n;
};

#define PB_SECRET __attribute__((cleanup(pb_secret_wipe))) struct pb_secret

/* Copies; aborts when n exceeds PB_SECRET_MAX, which is a programming mistake. */
void pb_secret_set(struct pb_secret *secret, const void *bytes, size_t n);
void pb_secret_wipe(struct pb_secret *secret);
/* Borrowed: do not keep it. */
struct pb_view pb_secret_view(const struct pb_secret *secret);

/* Zeroes memory in a way the compiler may not remove. */
void pb_wipe(void *bytes, size_t n);

/* Constant time in the bytes.  The only comparison for MACs, cryptograms and keys. */
bool pb_ct_equal(const void *a, const void *b, size_t n) __attribute__((warn_unused_result));

#endif
