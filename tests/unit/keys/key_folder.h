/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A key folder that lives as long as one test, in the system's folder for temporary files.  Its keys are in
 * files, or in a token: test_keystore with the word "pkcs11" runs the same tests over the latter.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYS_KEY_FOLDER_H
#define PROFBILET_TESTS_UNIT_KEYS_KEY_FOLDER_H

#include "base/clock.h"
#include "base/secret.h"
#include "tests/lib/soft_token.h"

enum { KEY_FOLDER_PATH = 256 };

struct key_folder {
	char parent[KEY_FOLDER_PATH];
	char keys[KEY_FOLDER_PATH + 8]; /* parent/keys: a store of test keys of issuer RU-75-TST */
	struct pb_secret passphrase;
	struct pb_clock clock;
	struct soft_token *token; /* shared by the folders of a group; NULL: keys are in files */
};

/* The moment at which the store was made: 1 June 2026, noon UTC. */
enum { KEY_FOLDER_MADE = 1780315200 };

/* Before the group, from main: the keys are to be in a token. */
void key_folder_use_token(void);

/* For the group: one store is made (five times scrypt), and each test gets a copy of its own. */
int key_folder_make(void **state);
int key_folder_remove(void **state);

/* For a test; *state is its struct key_folder. */
int key_folder_setup(void **state);
int key_folder_teardown(void **state);

/* For pb_keystore_options and pb_keystore_terms; NULL: files. */
const struct pb_token_options *key_folder_token(const struct key_folder *folder);

/* Path of a file in the store; static memory, good until the next call. */
const char *key_folder_file(const struct key_folder *folder, const char *name);

#endif
