/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two files of a succession: a number each.  For succession.c and successor.c only; everybody else has
 * keys/succession.h.
 */
#ifndef PROFBILET_KEYS_SUCCESSION_INSIDE_H
#define PROFBILET_KEYS_SUCCESSION_INSIDE_H

#include "keys/succession.h"

enum succession_mark { SUCCESSION_CURRENT, SUCCESSION_NEXT };

/* *ret_number is 0 when there is no such file. */
PB_MUST_USE enum pb_status succession_read(int dir_fd, enum pb_key_role role, enum succession_mark mark, unsigned *ret_number,
					   struct pb_err *err);
/* Durable; PB_CONFLICT when there is one. */
PB_MUST_USE enum pb_status succession_write(int dir_fd, enum pb_key_role role, enum succession_mark mark, unsigned number,
					    struct pb_err *err);

#endif
