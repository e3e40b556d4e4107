/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A counter where credentials are signed: a throw-away key directory with its signing counter, served in the
 * test's own memory or by the program profbilet-keyd, and what an office would ask of it.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYD_COUNTER_H
#define PROFBILET_TESTS_UNIT_KEYD_COUNTER_H

#include "issuer/credential/credential.h"
#include "keys/keyd/keyd.h"
#include "keys/keyd/serve.h"

#define COUNTER_FIRST UINT64_C(7501000001) /* the first serial of this office */

struct counter {
	char directory[64];    /* with keys/ and passphrase in it */
	const char *program;   /* of keyd; NULL: served here */
	int per_hour;
	struct pb_keystore *store; /* what the office holds */
	/* when served here */
	struct pb_keystore *keys;
	struct pb_keyd_server server;
	struct pb_clock clock;
};

/* Keys, their counter and the passphrase, in a folder that is empty or not there. */
void counter_create(const char *directory);

/* One key directory is made for the group and copied for each test. */
int counter_make_keys(void **state);
int counter_remove_keys(void **state);

void counter_open(struct counter *counter, const char *program);
/* The office's process ends and starts again. */
void counter_restart(struct counter *counter);
void counter_close(struct counter *counter);

void counter_path(const struct counter *counter, const char *name, char ret_path[static 128]);

/* The bytes of a chip's or a face's credential of this serial, as this office makes them. */
void counter_chip(const struct counter *counter, uint64_t serial, struct pb_sig_structure *ret_structure);
void counter_face(const struct counter *counter, uint64_t serial, const char *issuer, struct pb_sig_structure *ret_structure);

/* Asks for a chip's signature with an order of its own. */
enum pb_status counter_sign(struct counter *counter, uint64_t serial, uint64_t intents, struct pb_err *ret_err);
/* What an honest office does for its n-th card, n from 1: face and chip. */
void counter_issue(struct counter *counter, uint64_t n);

#endif
