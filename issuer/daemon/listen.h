/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one socket the daemon listens on: handed over by systemd (sd_listen_fds(3)), or made at a path.  A
 * Unix socket only; there is no port to open by accident.
 */
#ifndef PROFBILET_ISSUER_DAEMON_LISTEN_H
#define PROFBILET_ISSUER_DAEMON_LISTEN_H

#include "base/err.h"

/* `path` is used when systemd hands nothing over.  A stale socket there is replaced, another file never. */
PB_MUST_USE enum pb_status pb_listen(const char *path, int *ret_fd, struct pb_err *err);

#endif
