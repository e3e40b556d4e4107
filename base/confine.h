/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last step before a process of ours meets what others send: from then on it may make the system calls
 * of a list, and open the files of another.  The only home of libseccomp and of Landlock.
 *
 * Not for: what a particular process needs (print/confine.c, keys/keyd/confine.c).
 */
#ifndef PROFBILET_BASE_CONFINE_H
#define PROFBILET_BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Built with AddressSanitizer, whose own calls no list foresees: then nothing is confined. */
bool pb_confine_possible(void);

struct pb_allowed_call {
	const char *name;
	/* When mask is not 0: only where this argument, masked, is `value`. */
	unsigned argument;
	uint32_t mask, value;
};

/* For every thread there is, for good; PR_SET_NO_NEW_PRIVS with it.  Any other call kills the process.  PB_OK and
 * nothing done where it is not possible. */
PB_MUST_USE enum pb_status pb_confine_calls(const struct pb_allowed_call *allowed, size_t count, struct pb_err *err);
/* The same, but any other call fails with EPERM: for a process that runs code which is not ours. */
PB_MUST_USE enum pb_status pb_confine_calls_of_others(const struct pb_allowed_call *allowed, size_t count, struct pb_err *err);

struct pb_allowed_path {
	const char *path; /* a file, or a folder and all below it; it must exist */
	bool writes;	  /* also write, make and remove files */
};

/* What may be opened from now on by this thread and those it starts, for good; what is open stays so.  No
 * program can be executed.  *ret_done is false, with PB_OK, where the kernel has no Landlock. */
PB_MUST_USE enum pb_status pb_confine_paths(const struct pb_allowed_path *allowed, size_t count, bool *ret_done,
					    struct pb_err *err);

#endif
