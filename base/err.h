/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a function of Profbilet says that it could not do its work.
 *
 * Every function that can fail returns `enum pb_status` and takes a caller-owned `struct pb_err *`
 * last (NULL allowed).  The status is a row of base/status.def: its sentence is for the operator, its
 * exit code and HTTP status are for programs.  The detail in `msg` is for whoever repairs the machine;
 * it grows leftwards as it travels up:
 *
 *     return pb_fail(err, PB_CARD_REFUSED, "STORE DATA: SW %04X", sw);     where it happens
 *     return pb_wrap(err, s, "card %s", serial);                           on the way up
 *     -> "card 7501000012: STORE DATA: SW 6A84"
 *
 * Not for: verdicts and refusals (they are values, never errors), logging (the program logs once, at
 * the top), or programming mistakes (PB_BUG).
 */
#ifndef PROFBILET_BASE_ERR_H
#define PROFBILET_BASE_ERR_H

#include <stdbool.h>

#define PB_MUST_USE __attribute__((warn_unused_result))
#define PB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum pb_status {
#define PB_STATUS(name, exit_code, http, retry, happened, advice) PB_##name,
#include "base/status.def"
#undef PB_STATUS
	PB_STATUS_COUNT
};

struct pb_err {
	enum pb_status status;
	unsigned sw;	 /* ISO 7816 status word the card answered, 0 if none */
	int os_errno;	 /* errno of the failed system call, 0 if none */
	char msg[512];	 /* detail; never a secret, never a person's data */
};

/* One row of the status table.  `happened` and `advice` are msgids: English, marked for gettext. */
struct pb_status_row {
	const char *name;	/* "card_refused": stable, for JSON */
	int exit_code;		/* of the command */
	int http;		/* status of the HTTP API */
	bool retry;		/* whether trying again, unchanged, can help */
	const char *happened;	/* what happened, a sentence */
	const char *advice;	/* what the operator does next, a sentence; "" for none */
};

/* The row of a status.  Never NULL; the memory is static. */
const struct pb_status_row *pb_status_row(enum pb_status status);

/* Record a failure and return `status`, so that reporting and returning is one line. */
enum pb_status pb_fail(struct pb_err *err, enum pb_status status, const char *fmt, ...) PB_PRINTF(3, 4);

/* As pb_fail, and appends the system's words for `os_errno`.  ENOSPC and EDQUOT become PB_DISK_FULL. */
enum pb_status pb_fail_errno(struct pb_err *err, enum pb_status status, int os_errno, const char *fmt, ...)
	PB_PRINTF(4, 5);

/* As pb_fail, and keeps the status word of the card. */
enum pb_status pb_fail_sw(struct pb_err *err, enum pb_status status, unsigned sw, const char *fmt, ...)
	PB_PRINTF(4, 5);

/* Put "<words>: " in front of the detail and return `status` unchanged. */
enum pb_status pb_wrap(struct pb_err *err, enum pb_status status, const char *fmt, ...) PB_PRINTF(3, 4);

/* Forget a failure that has been dealt with. */
void pb_err_clear(struct pb_err *err);

/* A state that the code excludes has been reached: say where and abort.  Never for outside input. */
#define PB_BUG(what) pb_bug(__FILE__, __LINE__, what)
_Noreturn void pb_bug(const char *file, int line, const char *what);

#endif
