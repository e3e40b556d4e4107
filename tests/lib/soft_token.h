/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PKCS#11 token that lives as long as one test: SoftHSM in a folder of its own, initialised by
 * softhsm2-util, which is not ours.
 */
#ifndef PROFBILET_TESTS_LIB_SOFT_TOKEN_H
#define PROFBILET_TESTS_LIB_SOFT_TOKEN_H

#include "keys/token.h"

enum { SOFT_TOKEN_PATH = 256 };

struct soft_token {
	char conf[SOFT_TOKEN_PATH]; /* also SOFTHSM2_CONF of this process and its children */
	struct pb_token_options options;
	struct pb_secret pin; /* what is answered to whoever asks for it */
	unsigned asked;	      /* how often */
};

#define SOFT_TOKEN_LABEL "office"
#define SOFT_TOKEN_PIN	 "4711-0815"

/* In `folder`, which exists.  Fails the test when there is no SoftHSM. */
void soft_token_make(struct soft_token *ret_token, const char *folder);

/* Path of the module; NULL when it is not installed. */
const char *soft_token_module(void);

/* Runs a program to its end, its output in `ret_output`; the exit code.  argv[0] is looked for in PATH. */
int soft_token_run(const char *const *argv, char *ret_output, size_t cap);

#endif
