/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See poor_token.h.
 */
#include "tests/unit/keys/poor_token.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum pb_status poor_open(const struct key_folder *folder, const struct pb_token_options *token,
				const struct pb_secret *passphrase, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct pb_keystore_options options = { .allow_factory_keys = true, .clock = &folder->clock, .token = token };

	return pb_keystore_open(folder->keys, passphrase, &options, ret_store, err);
}

struct pb_keystore *poor_store(const struct key_folder *folder, const struct pb_token_options *token)
{
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	if (poor_open(folder, token, &folder->passphrase, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return store;
}

void poor_make(const struct key_folder *folder, struct poor *ret_poor)
{
	const char *build = getenv("PROFBILET_BUILD");

	assert_non_null(build);
	(void)snprintf(ret_poor->path, sizeof(ret_poor->path), "%s/tests/unit/keys/libstingy.so", build);
	ret_poor->library = dlopen(ret_poor->path, RTLD_NOW | RTLD_LOCAL);
	if (ret_poor->library == NULL)
		fail_msg("%s", dlerror());
	ret_poor->stingy = dlsym(ret_poor->library, "stingy");
	assert_non_null(ret_poor->stingy);
	*ret_poor->stingy = (struct stingy){ .module = soft_token_module() };
	ret_poor->options = folder->token->options;
	ret_poor->options.module = ret_poor->path;
}

void poor_free(struct poor *poor)
{
	assert_int_equal(dlclose(poor->library), 0);
}
