/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Child processes that can hang or be fooled: exec'd fresh, joined by one socket pair, killed at a
 * deadline.  The child finds its end of the pair as PB_PROCESS_FD; every other descriptor of the parent
 * is closed in it; its stdin is empty and its stdout is our stderr.  A child dies with the *thread* that
 * spawned it (PR_SET_PDEATHSIG) and sits in a session of its own, so Ctrl-C reaches only the parent.
 *
 * Not for: what is said over the socket (base/message.h).
 */
#ifndef PROFBILET_BASE_PROCESS_H
#define PROFBILET_BASE_PROCESS_H

#include <sys/types.h>

#include "base/err.h"

enum { PB_PROCESS_FD = 3 };

struct pb_process {
	pid_t pid; /* 0: none */
	int fd;	   /* our end, SOCK_SEQPACKET, close-on-exec; -1: none */
};

#define PB_PROCESS_NONE ((struct pb_process){ .fd = -1 })

/* argv[0] is the program's path; argv ends with NULL and never holds a secret.  The environment is
 * reduced to PATH, LANG, LC_*, LANGUAGE, TZ and XDG_RUNTIME_DIR. */
PB_MUST_USE enum pb_status pb_process_spawn(const char *const argv[], struct pb_process *ret_process, struct pb_err *err);
/* SIGKILL, reap, close.  Accepts PB_PROCESS_NONE. */
void pb_process_kill(struct pb_process *process);
/* Close our end, wait up to `ms` for the child to leave by itself, then kill. */
void pb_process_finish(struct pb_process *process, int ms);

/* For every program of ours, first thing in main: no core file, no ptrace by others. */
void pb_process_harden(void);

#endif
