/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sockets of profbilet-keyd: one pair from the process that started it, or a path that processes of one
 * user may connect to.  One thread, one request at a time.
 */
#ifndef PROFBILET_KEYS_KEYD_LISTEN_H
#define PROFBILET_KEYS_KEYD_LISTEN_H

#include <sys/types.h>

#include "keys/keyd/serve.h"

/* A socket at `path`, in place of one that an earlier process left. */
PB_MUST_USE enum pb_status pb_keyd_bind(const char *path, int *ret_fd, struct pb_err *err);

/* From now on SIGTERM and SIGINT end nothing, but can be read from *ret_fd.  Before a module of others makes threads. */
PB_MUST_USE enum pb_status pb_keyd_hear_stop(int *ret_fd, struct pb_err *err);

/* Serves whoever connects and is `owner`.  PB_OK when it is told to stop (`stop_fd`), so that whoever called can wipe the
 * keys and log out of a token. */
PB_MUST_USE enum pb_status pb_keyd_serve_path(struct pb_keyd_server *server, int listen_fd, int stop_fd, uid_t owner,
					      struct pb_err *err);
/* Serves one connection until its other end is closed: PB_OK. */
PB_MUST_USE enum pb_status pb_keyd_serve_pair(struct pb_keyd_server *server, int fd, struct pb_err *err);
/* Answers the first request with why there is nothing to serve. */
void pb_keyd_serve_failure(int fd, const struct pb_err *why);

#endif
