/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnostics on stderr, one line each, with a journald priority prefix when stderr is the journal.
 * Not an audit trail: what matters for trust is a ledger entry.  Libraries log at debug level only;
 * the program logs a failure once, at the top.  Never logged: secrets, names, chip UIDs in clear.
 */
#ifndef PROFBILET_BASE_LOG_H
#define PROFBILET_BASE_LOG_H

#include "base/err.h"

enum pb_log_level { PB_LOG_ERROR, PB_LOG_WARNING, PB_LOG_INFO, PB_LOG_DEBUG };

/* The one global of the project. */
void pb_log_set_level(enum pb_log_level level);
void pb_log(enum pb_log_level level, const char *fmt, ...) PB_PRINTF(2, 3);

#endif
