/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of an open token, for the token*.c files: the only ones that speak PKCS#11.  One session serves all
 * threads in turn, because a PKCS#11 operation is two calls that must not be parted.
 */
#ifndef PROFBILET_KEYS_TOKEN_INSIDE_H
#define PROFBILET_KEYS_TOKEN_INSIDE_H

#include <pthread.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "keys/token.h"

struct pb_token {
	void *library;
	CK_FUNCTION_LIST *module;
	bool initialised; /* by us: whoever shares the module with us finalises it himself */
	pid_t owner;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE session; /* CK_INVALID_HANDLE before there is one */
	bool logged_in;
	char label[PB_TOKEN_LABEL_CAP];
	bool has[PB_TOKEN_MECHANISM_COUNT];
	pthread_mutex_t lock;
};

/* Of enum pb_token_mechanism. */
CK_MECHANISM_TYPE pb_token_mechanism_type(enum pb_token_mechanism mechanism);

/* PB_TOKEN_REMOVED or PB_KEYS_UNAVAILABLE, with the name that the standard has for `rv`. */
enum pb_status pb_token_fail(struct pb_err *err, const struct pb_token *token, const char *what, CK_RV rv);

/* Takes the session for one operation.  PB_KEYS_UNAVAILABLE in a process that did not open it. */
PB_MUST_USE enum pb_status pb_token_enter(struct pb_token *token, struct pb_err *err);
void pb_token_leave(struct pb_token *token);

#endif
