/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The INI syntax of configuration and layout files: `[section]`, `key = value`, `#` and `;` comment
 * lines, UTF-8.  Syntax only: which keys exist, their types and bounds are tables elsewhere
 * (issuer/app/config.c, print/layout.c).  A file is at most 64 KiB, a line at most 512 bytes.
 */
#ifndef PROFBILET_BASE_INI_H
#define PROFBILET_BASE_INI_H

#include "base/bytes.h"
#include "base/err.h"

struct pb_ini_entry {
	int line; /* from 1 */
	char section[64];
	char key[64];
	char value[384];
};

struct pb_ini {
	struct pb_cursor in;
	int line;
	char section[64];
};

struct pb_ini pb_ini(struct pb_view text);
/* PB_OK with *ret_more false at the end; PB_CONFIG_INVALID names the line. */
PB_MUST_USE enum pb_status pb_ini_next(struct pb_ini *ini, struct pb_ini_entry *ret_entry, bool *ret_more, struct pb_err *err);

#endif
