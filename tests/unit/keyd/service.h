/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-keyd as a service behind a socket, over a throw-away key directory whose ledger has begun.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYD_SERVICE_H
#define PROFBILET_TESTS_UNIT_KEYD_SERVICE_H

#include <sys/types.h>

#include "tests/unit/keyd/counter.h"

struct service {
	struct counter counter; /* its directory and its book; its own server holds no accounts any more */
	pid_t pid;
	char socket[128];
};

/* counter_make_keys comes before. */
void service_start(struct service *service, const char *program, uid_t owner);
/* It is killed, and starts with what is on its disk. */
void service_restart(struct service *service, const char *program, uid_t owner);
void service_stop(struct service *service);
/* Without a client: a bare SOCK_SEQPACKET. */
int service_connect(const struct service *service);

#endif
