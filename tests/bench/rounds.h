/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every benchmark here does: take the time, give up loudly, and quote the median of interleaved
 * rounds, since on a shared machine one round says little.
 */
#ifndef PROFBILET_TESTS_BENCH_ROUNDS_H
#define PROFBILET_TESTS_BENCH_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

/* Seconds of the monotonic clock. */
double bench_now(void);
/* Says what could not be done and exits when `good` is false. */
void bench_expect(bool good, const char *what);
/* Sorts `values`. */
double bench_median(double *values, size_t count);

#endif
