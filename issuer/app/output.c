/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Write beside, sync, rename.
 */
#include "issuer/app/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, struct pb_view bytes)
{
	struct pb_cursor left = pb_cursor(bytes);
	struct pb_view taken;

	while (left.left > 0) {
		ssize_t n = write(fd, left.p, left.left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !pb_take(&left, (size_t)n, &taken))
			return false;
	}
	return fsync(fd) == 0;
}

/* The new name itself must survive a power cut. */
static bool sync_directory(const char *path)
{
	char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
	bool done;
	int fd;

	if (slash)
		*slash = '\0';
	fd = open(slash ? (slash == copy ? "/" : copy) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = copy && fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	free(copy);
	return done;
}

enum pb_status pb_output_write(const char *path, struct pb_view bytes, struct pb_err *err)
{
	enum pb_status s = PB_OK;
	char beside[4096];
	int fd;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	if (fchmod(fd, 0600) != 0 || !write_all(fd, bytes))
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	close(fd);
	if (s == PB_OK && renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
		s = pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", path);
	if (s != PB_OK)
		unlink(beside);
	else if (!sync_directory(path))
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	return s;
}
