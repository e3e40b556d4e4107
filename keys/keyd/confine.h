/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a process that holds the office's keys gives up: swap, core files and tracers before it reads the
 * first of them, and every system call but those of its own work before it answers the first request.  There
 * are two profiles, and the back end chooses:
 *
 *     keys in files    no file can be opened any more, no socket made, no program started, no memory made
 *                      executable; who tries is killed.
 *     keys in a token  a PKCS#11 module is code of others, which opens its files again and again (SoftHSM) or
 *                      talks to a service (pcscd, a vendor's).  By Landlock, where the kernel has it, files
 *                      can be opened below the module's own folder, and nowhere else; sockets are AF_UNIX.  No
 *                      program can be started, no thread, no memory made executable.  Who tries is refused,
 *                      not killed: what a module tries is not ours to foresee.
 *
 * The keys that a token holds are safe by the token; what the second profile guards is the office: its files,
 * its network and its machine, from a module that was fooled.
 */
#ifndef PROFBILET_KEYS_KEYD_CONFINE_H
#define PROFBILET_KEYS_KEYD_CONFINE_H

#include "base/err.h"

/* Before any secret is read.  `must_lock`: PB_PROCESS_FAILED when memory cannot be kept from swap; otherwise
 * that is only logged. */
PB_MUST_USE enum pb_status pb_keyd_lock_memory(bool must_lock, struct pb_err *err);

/* After everything is opened, with keys in files.  `counter_fd` and `book_fd` are the files that may be written, -1 where
 * there is none; `listens`: new connections are taken. */
PB_MUST_USE enum pb_status pb_keyd_confine(int counter_fd, int book_fd, bool listens, struct pb_err *err);

/* The same with keys in a token, after its module is loaded.  `storage`: the folder where the module keeps its
 * files; "" for none.  What could not be confined is logged. */
PB_MUST_USE enum pb_status pb_keyd_confine_with_token(const char *storage, struct pb_err *err);

#endif
