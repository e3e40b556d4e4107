/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last step before a process of ours meets what others send: from then on it may make the system calls
 * of a list, and any other kills it.  The only home of libseccomp.
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

/* For every thread there is, for good; PR_SET_NO_NEW_PRIVS with it.  PB_OK and nothing done where it is not
 * possible. */
PB_MUST_USE enum pb_status pb_confine_calls(const struct pb_allowed_call *allowed, size_t count, struct pb_err *err);

#endif
