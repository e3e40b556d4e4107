/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making and removing the key folder of a test.
 */
#include "tests/unit/keys/key_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore.h"

static bool in_token;

void key_folder_use_token(void)
{
	in_token = true;
}

const struct pb_token_options *key_folder_token(const struct key_folder *folder)
{
	return folder->token != NULL ? &folder->token->options : NULL;
}

/* Everything but the store. */
static struct key_folder *begin(void)
{
	struct key_folder *folder = calloc(1, sizeof(*folder));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(folder);
	(void)snprintf(folder->parent, sizeof(folder->parent), "%s/profbilet-keys.XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder->parent));
	(void)snprintf(folder->keys, sizeof(folder->keys), "%s/keys", folder->parent);
	pb_secret_set(&folder->passphrase, "correct horse", 13);
	folder->clock = pb_clock_at(KEY_FOLDER_MADE);
	return folder;
}

int key_folder_make(void **state)
{
	struct key_folder *folder = begin();
	struct pb_keystore_terms terms = { .issuer_code = "RU-75-TST", .issuer_name = "Пробная организация", .test = true };
	struct pb_err err = { 0 };

	if (in_token) {
		folder->token = calloc(1, sizeof(*folder->token));
		assert_non_null(folder->token);
		soft_token_make(folder->token, folder->parent);
		terms.token = &folder->token->options;
	}
	if (pb_keystore_create(folder->keys, &folder->passphrase, &terms, &folder->clock, &err) != PB_OK)
		fail_msg("%s", err.msg);
	*state = folder;
	return 0;
}

static void copy_folder(const char *from, const char *to, enum pb_key_file_kind kind)
{
	int from_fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC), to_fd;
	DIR *dir = opendir(from);
	const struct dirent *entry;
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;

	assert_true(dir != NULL && from_fd >= 0 && mkdir(to, 0700) == 0);
	to_fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_REG)
			continue;
		assert_int_equal(pb_key_file_read(from_fd, entry->d_name, kind, content, &n, NULL), PB_OK);
		assert_int_equal(pb_key_file_write(to_fd, entry->d_name, kind, pb_view(content, n), NULL), PB_OK);
	}
	assert_true(close(from_fd) == 0 && close(to_fd) == 0 && closedir(dir) == 0);
}

int key_folder_setup(void **state)
{
	const struct key_folder *made = *state;
	struct key_folder *folder = begin();
	char public_of_made[2 * KEY_FOLDER_PATH];

	(void)snprintf(public_of_made, sizeof(public_of_made), "%s", key_folder_file(made, PB_KEY_DIR_PUBLIC));
	copy_folder(made->keys, folder->keys, PB_KEY_FILE_PRIVATE);
	copy_folder(public_of_made, key_folder_file(folder, PB_KEY_DIR_PUBLIC), PB_KEY_FILE_PUBLIC);
	folder->token = made->token;
	if (made->token != NULL)
		pb_secret_set(&made->token->pin, SOFT_TOKEN_PIN, strlen(SOFT_TOKEN_PIN));
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

int key_folder_remove(void **state)
{
	struct key_folder *folder = *state;

	(void)nftw(folder->parent, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(folder->token);
	free(folder);
	return 0;
}

int key_folder_teardown(void **state)
{
	struct key_folder *folder = *state;

	folder->token = NULL; /* the group's */
	return key_folder_remove(state);
}

const char *key_folder_file(const struct key_folder *folder, const char *name)
{
	static char path[2 * KEY_FOLDER_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", folder->keys, name);
	return path;
}
