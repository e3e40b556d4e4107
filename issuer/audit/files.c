/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a stick: plain ones only, of bounded size and number.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "issuer/audit/inside.h"

bool stick_path(const struct stick *stick, const char *sub, const char *name, char ret_path[static STICK_PATH])
{
	int n = snprintf(ret_path, STICK_PATH, "%s/%s%s%s", stick->options->folder, sub, sub[0] != '\0' && name[0] != '\0' ? "/" : "", name);

	return n > 0 && n < STICK_PATH;
}

static bool is_named(const char *name, const struct stick_files *files)
{
	size_t n = strlen(name), before = strlen(files->prefix), after = strlen(files->suffix);

	return name[0] != '.' && n >= before + after && strncmp(name, files->prefix, before) == 0 &&
	       strcmp(name + n - after, files->suffix) == 0;
}

static enum pb_status take_file(struct stick *stick, const struct stick_files *files, const char *name, stick_take *take,
				struct pb_err *err)
{
	char path[STICK_PATH];
	uint8_t *bytes = NULL;
	size_t n = 0;
	int length = snprintf(path, sizeof(path), "%s/%s", files->folder, name);
	enum pb_status s = length > 0 && length < STICK_PATH ? pb_read_path(path, files->max, &bytes, &n, err) : PB_FILE_UNREADABLE;

	if (s == PB_OK) {
		s = take(stick, name, pb_view(bytes, n), err);
		free(bytes);
		return s;
	}
	if (s == PB_NO_MEMORY)
		return s;
	pb_err_clear(err);
	stick_find(stick, files->unreadable, name);
	return PB_OK;
}

enum pb_status stick_each_file(struct stick *stick, const struct stick_files *files, stick_take *take, struct pb_err *err)
{
	struct dirent **names = NULL;
	int n = scandir(files->folder, &names, NULL, alphasort);
	size_t taken = 0;
	enum pb_status s = PB_OK;

	if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
		return PB_OK;
	if (n < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", files->folder);
	for (int i = 0; i < n; i++) {
		if (s == PB_OK && is_named(names[i]->d_name, files) && taken++ < STICK_FILES)
			s = take_file(stick, files, names[i]->d_name, take, err);
		free(names[i]);
	}
	free(names);
	return s;
}
