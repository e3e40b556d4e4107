/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Wall clock and deadlines.
 */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

static int64_t system_now(const struct pb_clock *clock)
{
	(void)clock;
	return (int64_t)time(NULL);
}

static int64_t fixed_now(const struct pb_clock *clock)
{
	return clock->fixed;
}

const struct pb_clock pb_clock_system = { .now = system_now };

struct pb_clock pb_clock_at(int64_t unix_seconds)
{
	return (struct pb_clock){ .now = fixed_now, .fixed = unix_seconds };
}

int64_t pb_clock_now(const struct pb_clock *clock)
{
	return clock->now(clock);
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct pb_deadline pb_deadline_in(int64_t ms)
{
	return (struct pb_deadline){ monotonic_ms() + ms };
}

int pb_deadline_left(struct pb_deadline deadline)
{
	int64_t left = deadline.at_ms - monotonic_ms();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
