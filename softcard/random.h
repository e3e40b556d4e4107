/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The card's random source: the system's, and in a build with SOFTCARD_TEST_RANDOM, which is never
 * installed, a chosen sequence, so that a test can repeat a card's challenges and keys.
 */
#ifndef PROFBILET_SOFTCARD_RANDOM_H
#define PROFBILET_SOFTCARD_RANDOM_H

#include "base/bytes.h"
#include "keys/crypto/p256.h"

void card_random(void *ret_bytes, size_t n);
struct pb_p256_private *card_generate_key(void);

#ifdef SOFTCARD_TEST_RANDOM
/* From now on what is drawn depends on the seed alone. */
void softcard_test_seed(struct pb_view seed);
#endif

#endif
