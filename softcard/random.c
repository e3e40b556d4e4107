/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two sources, chosen when this file is compiled; the one that can be foreseen is not in the normal object.
 */
#include "softcard/random.h"

#include "keys/crypto/hash.h"

#ifndef SOFTCARD_TEST_RANDOM

void card_random(void *ret_bytes, size_t n)
{
	pb_random(ret_bytes, n);
}

struct pb_p256_private *card_generate_key(void)
{
	return pb_p256_generate();
}

#else

#include <string.h>

static uint8_t state[PB_SHA256_LEN];

void softcard_test_seed(struct pb_view seed)
{
	pb_sha256(seed, state);
}

void card_random(void *ret_bytes, size_t n)
{
	uint8_t *p = ret_bytes;

	for (size_t step; n; n -= step, p += step) {
		step = n < sizeof(state) ? n : sizeof(state);
		pb_sha256(PB_VIEW(state), state);
		memcpy(p, state, step);
	}
}

struct pb_p256_private *card_generate_key(void)
{
	struct pb_p256_private *key;
	uint8_t scalar[PB_P256_SCALAR];

	do /* one draw in 2^32 lies outside the group */
		card_random(scalar, sizeof(scalar));
	while (pb_p256_private_create(PB_VIEW(scalar), &key, NULL) != PB_OK);
	return key;
}

#endif
