/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers of keys that follow each other, and the two small files that say which of them signs.
 */
#include "keys/succession.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/succession_inside.h"

void pb_succession_name(enum pb_key_role role, unsigned number, char ret_name[static PB_SUCCESSION_NAME])
{
	const char *name = pb_key_role_row(role)->name;

	if (number == 1)
		(void)snprintf(ret_name, PB_SUCCESSION_NAME, "%s", name);
	else
		(void)snprintf(ret_name, PB_SUCCESSION_NAME, "%s-%u", name, number % 100);
}

static void mark_name(enum pb_key_role role, enum succession_mark mark, char ret_name[static PB_KEY_DIR_KEY_NAME])
{
	(void)snprintf(ret_name, PB_KEY_DIR_KEY_NAME, "%s%s", pb_key_role_row(role)->name,
		       mark == SUCCESSION_CURRENT ? PB_KEY_DIR_CURRENT : PB_KEY_DIR_NEXT);
}

/* "2", and a line end. */
static bool parse_number(const uint8_t *text, size_t n, unsigned *ret_number)
{
	unsigned number = 0;

	if (n < 2 || n > 3 || text[n - 1] != '\n' || text[0] == '0')
		return false;
	for (size_t i = 0; i < n - 1; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	*ret_number = number;
	return true;
}

enum pb_status succession_read(int dir_fd, enum pb_key_role role, enum succession_mark mark, unsigned *ret_number,
			       struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];
	uint8_t content[PB_KEY_FILE_MAX];
	enum pb_status s;
	size_t n;

	mark_name(role, mark, name);
	*ret_number = 0;
	if (faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? PB_OK : pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", name);
	s = pb_key_file_read(dir_fd, name, PB_KEY_FILE_PRIVATE, content, &n, err);
	if (s == PB_OK && !parse_number(content, n, ret_number))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "%s does not say a number of a key", name);
	return s;
}

enum pb_status succession_write(int dir_fd, enum pb_key_role role, enum succession_mark mark, unsigned number,
				struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME], text[8];
	int n = snprintf(text, sizeof(text), "%u\n", number);

	mark_name(role, mark, name);
	return pb_key_file_write(dir_fd, name, PB_KEY_FILE_PRIVATE, pb_view(text, (size_t)n), err);
}

enum pb_status pb_succession_current(int dir_fd, enum pb_key_role role, unsigned *ret_number, bool *ret_written,
				     struct pb_err *err)
{
	unsigned number;
	enum pb_status s = succession_read(dir_fd, role, SUCCESSION_CURRENT, &number, err);

	if (s != PB_OK)
		return s;
	*ret_written = number != 0;
	*ret_number = number != 0 ? number : 1;
	return PB_OK;
}

enum pb_status pb_succession_lost(enum pb_key_role role, struct pb_err *err)
{
	const char *name = pb_key_role_row(role)->name;

	return pb_fail(err, PB_KEYS_UNAVAILABLE, "there are several %s keys, and %s" PB_KEY_DIR_CURRENT " does not say which one "
		       "signs: write its number into the file", name, name);
}

enum pb_status pb_succession_take_over(const char *key_directory, enum pb_key_role role, struct pb_err *err)
{
	int dir_fd = open(key_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char next[PB_KEY_DIR_KEY_NAME], current[PB_KEY_DIR_KEY_NAME];
	enum pb_status s = PB_OK;

	mark_name(role, SUCCESSION_NEXT, next);
	mark_name(role, SUCCESSION_CURRENT, current);
	if (dir_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", key_directory);
	if (renameat(dir_fd, next, dir_fd, current) != 0)
		s = pb_fail_errno(err, errno == ENOENT ? PB_NOT_FOUND : PB_FILE_UNWRITABLE, errno, "%s", next);
	else if (fsync(dir_fd) != 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", key_directory);
	(void)close(dir_fd);
	return s;
}
