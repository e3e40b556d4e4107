/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The office's keys in a process of their own, profbilet-keyd: its owner gets the struct pb_keystore of
 * keys/keystore.h and cannot tell it from one in its own memory, except that no key is there.
 *
 * The process is either a child over a socket pair, dying with the owner, or a service of another user
 * behind a socket in the file system.  Any number of threads may use the store; they take turns.
 *
 * Errors besides those of keys/keystore.h: PB_PROCESS_FAILED when the process is gone or late, from then on
 * for every call; PB_MESSAGE_INVALID when it talks nonsense.
 */
#ifndef PROFBILET_KEYS_KEYD_KEYD_H
#define PROFBILET_KEYS_KEYD_KEYD_H

#include "keys/keyd/token_start.h"
#include "keys/keystore.h"

struct pb_keyd_options {
	const char *program;	     /* path of profbilet-keyd */
	const char *key_directory;
	const char *passphrase_file; /* read by the process, never by its owner */
	bool allow_factory_keys;
	int signatures_per_hour;     /* 0: no limit */
	bool only_witness;	     /* it cosigns for other offices and signs nothing else; several may run at once */

	const struct pb_keyd_token *token; /* where the keys are; NULL: in the files of the key directory */
	pb_keyd_ask_pin *ask_pin;	   /* when token->pin has no place; NULL: nobody can be asked */
	void *ask_ctx;
};

/* Starts the process and waits until it serves; what keeps it from serving is reported as it would have
 * been by pb_keystore_open. */
PB_MUST_USE enum pb_status pb_keyd_start(const struct pb_keyd_options *options, struct pb_keystore **ret_store,
					 struct pb_err *err);
/* To a service listening at `path`. */
PB_MUST_USE enum pb_status pb_keyd_connect(const char *path, struct pb_keystore **ret_store, struct pb_err *err);

struct pb_keyd_server;
/* The same messages without a process, for tests; `server` is borrowed. */
PB_MUST_USE enum pb_status pb_keyd_connect_local(struct pb_keyd_server *server, struct pb_keystore **ret_store,
						 struct pb_err *err);

#endif
