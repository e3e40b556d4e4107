/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys' side of its messages: decides whether one request may have what it asks, does it, and words
 * the reply.  The same in the process profbilet-keyd and in a test's own memory.
 * Not for sockets or for what a process may do: keyd_main.c, confine.h.
 */
#ifndef PROFBILET_KEYS_KEYD_SERVE_H
#define PROFBILET_KEYS_KEYD_SERVE_H

#include "base/clock.h"
#include "keys/keyd/accounts.h"
#include "keys/keyd/witness_book.h"

struct pb_keyd_server {
	const struct pb_keystore *store; /* borrowed; the keys are in it */
	struct pb_keyd_accounts accounts;
	struct pb_witness_book book; /* fd -1: none */
	bool only_witness;	     /* cosigns, and there are no accounts */
	const struct pb_clock *clock;	 /* borrowed */
};

/* Any bytes are answered, with PB_KEYD_FAILED when they make no sense or ask for what they may not have.
 * `attached`: of the file that came beside them (attached.h); empty when none did. */
struct pb_view pb_keyd_serve(struct pb_keyd_server *server, struct pb_view request, struct pb_view attached, uint8_t *ret_bytes,
			     size_t cap);

#endif
