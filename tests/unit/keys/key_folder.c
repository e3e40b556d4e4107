/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making and removing the key folder of a test.
 */
#include "tests/unit/keys/key_folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "keys/keystore.h"

int key_folder_setup(void **state)
{
	struct key_folder *folder = calloc(1, sizeof(*folder));
	const char *tmp = getenv("TMPDIR");
	struct pb_err err = { 0 };

	assert_non_null(folder);
	(void)snprintf(folder->parent, sizeof(folder->parent), "%s/profbilet-keys.XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder->parent));
	(void)snprintf(folder->keys, sizeof(folder->keys), "%s/keys", folder->parent);
	pb_secret_set(&folder->passphrase, "correct horse", 13);
	folder->clock = pb_clock_at(KEY_FOLDER_MADE);
	if (pb_keystore_create_test(folder->keys, &folder->passphrase, "RU-75-TST", "Пробная организация", &folder->clock,
				    &err) != PB_OK)
		fail_msg("%s", err.msg);
	*state = folder;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int key_folder_teardown(void **state)
{
	struct key_folder *folder = *state;

	(void)nftw(folder->parent, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(folder);
	return 0;
}

const char *key_folder_file(const struct key_folder *folder, const char *name)
{
	static char path[2 * KEY_FOLDER_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", folder->keys, name);
	return path;
}
