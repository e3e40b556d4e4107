/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a key process is told before it opens keys that are in a token: which token, and where its PIN is.  It
 * comes from the owner over the socket pair, or from a file of the service; never as an argument, for
 * anyone may read those.
 *
 *     owner                                    key process
 *     START: module, label, ...  ------------>
 *                                              loads the module, finds the token, asks after its tries
 *                                <------------ PIN_WANTED: label, serial, tries    only when no file has it
 *     PIN                        ------------>
 *                                <------------ READY, or PB_KEYD_FAILED (messages.h)
 *
 * Then the questions of messages.h begin.  Each message is a deterministic CBOR array whose first element is its
 * type, with a bound on each field; the memory it came in is wiped.
 */
#ifndef PROFBILET_KEYS_KEYD_TOKEN_START_H
#define PROFBILET_KEYS_KEYD_TOKEN_START_H

#include "keys/passphrase.h"
#include "keys/token.h"

enum { PB_KEYD_PATH_CAP = 1024, PB_KEYD_ENVIRONMENT_CAP = 512 };

struct pb_keyd_token {
	char module[PB_KEYD_PATH_CAP];
	char label[PB_TOKEN_LABEL_CAP];
	char environment[PB_KEYD_ENVIRONMENT_CAP]; /* as struct pb_token_options */
	char storage[PB_KEYD_PATH_CAP];		   /* folder where the module keeps its files, "" for none */
	struct pb_pin_place pin;		   /* read by the process, never by its owner */
	bool spend_last_try;
};

/* The INI file of a service: in [token] the keys module, label, environment, storage and pin_file.
 * PB_CONFIG_INVALID names the line. */
PB_MUST_USE enum pb_status pb_keyd_token_read(const char *path, struct pb_keyd_token *ret_token, struct pb_err *err);

/* ---- the owner's side */

/* As in struct pb_token_options. */
typedef enum pb_status pb_keyd_ask_pin(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin,
				       struct pb_err *err);

/* PB_OK once the keys are open.  `ask` is called when the process wants the PIN; NULL: nobody can be asked. */
PB_MUST_USE enum pb_status pb_keyd_token_tell(int fd, const struct pb_keyd_token *token, pb_keyd_ask_pin *ask, void *ctx,
					      struct pb_err *err);

/* ---- the process's side */

PB_MUST_USE enum pb_status pb_keyd_token_hear(int fd, struct pb_keyd_token *ret_token, struct pb_err *err);
PB_MUST_USE enum pb_status pb_keyd_token_want_pin(int fd, const struct pb_token_facts *token, struct pb_secret *ret_pin,
						  struct pb_err *err);
/* READY, or with `failure` why not. */
void pb_keyd_token_answer(int fd, const struct pb_err *failure);

/* ---- the messages, for tests */

struct pb_view pb_keyd_token_encode(const struct pb_keyd_token *token, uint8_t *ret_bytes, size_t cap);
PB_MUST_USE enum pb_status pb_keyd_token_decode(struct pb_view bytes, struct pb_keyd_token *ret_token, struct pb_err *err);
struct pb_view pb_keyd_pin_encode(const struct pb_secret *pin, uint8_t *ret_bytes, size_t cap);
PB_MUST_USE enum pb_status pb_keyd_pin_decode(struct pb_view bytes, struct pb_secret *ret_pin, struct pb_err *err);
struct pb_view pb_keyd_wanted_encode(const struct pb_token_facts *token, uint8_t *ret_bytes, size_t cap);
PB_MUST_USE enum pb_status pb_keyd_wanted_decode(struct pb_view bytes, struct pb_token_facts *ret_token, struct pb_err *err);

#endif
