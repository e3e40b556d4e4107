/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The way from a configuration to an open key store: files or a token, in a process of their own, in this one
 * or behind a socket; and the PIN of a token, which this process passes on when a person types it, and
 * otherwise never sees.
 *
 * Not for callers of an office: they have app.h.
 */
#ifndef PROFBILET_ISSUER_APP_OPEN_KEYS_H
#define PROFBILET_ISSUER_APP_OPEN_KEYS_H

#include "issuer/app/app.h"
#include "keys/keyd/token_start.h"

struct pb_key_way {
	const struct pb_config *config;	     /* borrowed */
	const struct pb_pin_prompt *prompt;  /* borrowed; NULL: nobody can be asked */
	struct pb_pin_place pin;
	struct pb_token_options token;
};

void pb_key_way_init(struct pb_key_way *way, const struct pb_config *config, const struct pb_pin_prompt *prompt);

/* For a key store in this process; NULL when the keys are in files.  Borrowed from `way`. */
const struct pb_token_options *pb_key_way_token(struct pb_key_way *way);

/* A prompt that asks its person once, for work that opens a token more than once. */
struct pb_pin_memory {
	struct pb_pin_prompt prompt;
	const struct pb_pin_prompt *person; /* borrowed; NULL: nobody */
	struct pb_secret typed;
};

void pb_pin_memory_init(struct pb_pin_memory *memory, const struct pb_pin_prompt *person);
void pb_pin_memory_finish(struct pb_pin_memory *memory); /* wipes */

/* To cosign for others only, beside whoever has the keys open: never in this process, for a book must be kept. */
PB_MUST_USE enum pb_status pb_key_way_open_witness(struct pb_key_way *way, struct pb_keystore **ret_store, struct pb_err *err);

PB_MUST_USE enum pb_status pb_key_way_open(struct pb_key_way *way, struct pb_keystore **ret_store, struct pb_err *err);

#endif
