/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PKCS#11 token that can do less than SoftHSM (stingy_module.h), and opening key stores with it.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYS_POOR_TOKEN_H
#define PROFBILET_TESTS_UNIT_KEYS_POOR_TOKEN_H

#include "keys/keystore.h"
#include "tests/unit/keys/key_folder.h"
#include "tests/unit/keys/stingy_module.h"

struct poor {
	void *library;
	struct stingy *stingy; /* what it is not to do */
	struct pb_token_options options;
	char path[SOFT_TOKEN_PATH];
};

/* The token of the folder, behind the stingy module; for now that hides nothing. */
void poor_make(const struct key_folder *folder, struct poor *ret_poor);
void poor_free(struct poor *poor);

enum pb_status poor_open(const struct key_folder *folder, const struct pb_token_options *token,
			 const struct pb_secret *passphrase, struct pb_keystore **ret_store, struct pb_err *err);
/* Fails the test when it does not open. */
struct pb_keystore *poor_store(const struct key_folder *folder, const struct pb_token_options *token);

#endif
