/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Time, in two kinds that are never mixed: the wall clock (seconds UTC, what is written down; a value
 * that is passed in, so that tests choose it) and deadlines (milliseconds of the monotonic clock, how
 * long a step may take).
 */
#ifndef PROFBILET_BASE_CLOCK_H
#define PROFBILET_BASE_CLOCK_H

#include <stdint.h>

/* now == NULL means the system's clock; otherwise `fixed` is returned by it or computed from it. */
struct pb_clock {
	int64_t (*now)(const struct pb_clock *clock);
	int64_t fixed;
};

extern const struct pb_clock pb_clock_system;
/* A clock that stands still: for tests and for reproducible documents. */
struct pb_clock pb_clock_at(int64_t unix_seconds);
int64_t pb_clock_now(const struct pb_clock *clock);

struct pb_deadline {
	int64_t at_ms;
};

struct pb_deadline pb_deadline_in(int64_t ms);
/* Milliseconds until the deadline, 0 when it has passed; fits poll(2). */
int pb_deadline_left(struct pb_deadline deadline);

#endif
