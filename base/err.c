/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The status table in memory, and the two ways an error grows: recorded where it happens, wrapped on
 * the way up.  Nothing here allocates: failing must work when memory is what failed.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Marks a string for xgettext without translating it here: base speaks no language. */
#define N_(text) text

static const struct pb_status_row rows[PB_STATUS_COUNT] = {
#define PB_STATUS(name, exit_code, http, retry, happened, advice) \
	[PB_##name] = { #name, exit_code, http, retry, happened, advice },
#include "base/status.def"
#undef PB_STATUS
};

const struct pb_status_row *pb_status_row(enum pb_status status)
{
	if ((unsigned)status >= PB_STATUS_COUNT)
		PB_BUG("status outside the table");
	return &rows[status];
}

static PB_PRINTF(3, 0) void record(struct pb_err *err, enum pb_status status, const char *fmt, va_list args)
{
	if (!err)
		return;
	*err = (struct pb_err){ .status = status };
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
}

enum pb_status pb_fail(struct pb_err *err, enum pb_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	record(err, status, fmt, args);
	va_end(args);
	return status;
}

enum pb_status pb_fail_errno(struct pb_err *err, enum pb_status status, int os_errno, const char *fmt, ...)
{
	va_list args;

	if (os_errno == ENOSPC || os_errno == EDQUOT)
		status = PB_DISK_FULL;
	va_start(args, fmt);
	record(err, status, fmt, args);
	va_end(args);
	if (err) {
		size_t used = strlen(err->msg);

		err->os_errno = os_errno;
		snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", strerror(os_errno));
	}
	return status;
}

enum pb_status pb_fail_sw(struct pb_err *err, enum pb_status status, unsigned sw, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	record(err, status, fmt, args);
	va_end(args);
	if (err)
		err->sw = sw;
	return status;
}

enum pb_status pb_wrap(struct pb_err *err, enum pb_status status, const char *fmt, ...)
{
	char words[sizeof(err->msg)];
	size_t words_len, detail_len;
	va_list args;

	if (!err)
		return status;
	va_start(args, fmt);
	vsnprintf(words, sizeof(words) - 2, fmt, args);
	va_end(args);
	words_len = strlen(words);
	memcpy(words + words_len, ": ", 3);
	words_len += 2;

	detail_len = strlen(err->msg);
	if (words_len + detail_len >= sizeof(err->msg))
		detail_len = sizeof(err->msg) - 1 - words_len;
	memmove(err->msg + words_len, err->msg, detail_len);
	memcpy(err->msg, words, words_len);
	err->msg[words_len + detail_len] = '\0';
	err->status = status;
	return status;
}

void pb_err_clear(struct pb_err *err)
{
	if (err)
		*err = (struct pb_err){ .status = PB_OK };
}

_Noreturn void pb_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: bug: %s\n", file, line, what);
	abort();
}
