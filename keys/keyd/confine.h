/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a process that holds the office's keys gives up: swap, core files and tracers before it reads the
 * first of them, and every system call but those of its own work before it answers the first request.  No
 * file can be opened after that, no socket made, no program started, no memory made executable.
 */
#ifndef PROFBILET_KEYS_KEYD_CONFINE_H
#define PROFBILET_KEYS_KEYD_CONFINE_H

#include "base/err.h"

/* Before any secret is read.  `must_lock`: PB_PROCESS_FAILED when memory cannot be kept from swap; otherwise
 * that is only logged. */
PB_MUST_USE enum pb_status pb_keyd_lock_memory(bool must_lock, struct pb_err *err);

/* After everything is opened.  `counter_fd` is the one file that may be written; `listens`: new connections
 * are taken. */
PB_MUST_USE enum pb_status pb_keyd_confine(int counter_fd, bool listens, struct pb_err *err);

#endif
