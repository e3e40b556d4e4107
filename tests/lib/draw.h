/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers that look random and are the same on every machine, for tests that change something in a great many
 * ways (splitmix64).
 *
 * Not for: anything that must not be guessed.
 */
#ifndef PROFBILET_TESTS_LIB_DRAW_H
#define PROFBILET_TESTS_LIB_DRAW_H

#include <stdint.h>

/* Any seed; `below` is above zero. */
static inline uint64_t draw_from(uint64_t *seed, uint64_t below)
{
	uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (z ^ z >> 31) % below;
}

#endif
