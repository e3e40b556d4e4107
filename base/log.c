/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnostics; sd-daemon(3) prefixes when the journal is listening.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static enum pb_log_level threshold = PB_LOG_WARNING;

void pb_log_set_level(enum pb_log_level level)
{
	threshold = level;
}

void pb_log(enum pb_log_level level, const char *fmt, ...)
{
	static const char *const words[] = { "error: ", "warning: ", "", "debug: " };
	static const char *const priorities[] = { "<3>", "<4>", "<6>", "<7>" };
	char line[1024];
	va_list args;

	if (level > threshold)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	/* One write, so that lines of several processes do not mix. */
	fprintf(stderr, "%s%s\n", getenv("JOURNAL_STREAM") ? priorities[level] : words[level], line);
}
