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

#include "base/message.h"

/* The folder that `path` is in, to be freed; NULL when memory is out. */
static char *folder_of(const char *path)
{
	char *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder || slash) {
		if (slash)
			slash[slash == folder] = '\0';
		return folder;
	}
	free(folder);
	return strdup(".");
}

/* The new name itself must survive a power cut. */
static bool sync_directory(const char *path)
{
	char *folder = folder_of(path);
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	free(folder);
	return done;
}

static enum pb_status refuse(const char *path, struct pb_err *err)
{
	int failed = errno;
	bool full = failed == ENOSPC || failed == EDQUOT;
	enum pb_status s = failed == EEXIST ? PB_CONFLICT : full ? PB_DISK_FULL : PB_FILE_UNWRITABLE;

	return pb_fail_errno(err, s, failed, "%s", path);
}

enum pb_status pb_output_check(const char *path, struct pb_err *err)
{
	char *folder = folder_of(path);
	struct stat found;
	bool exists = lstat(path, &found) == 0;
	bool writable = folder && access(folder, W_OK | X_OK) == 0;

	free(folder);
	if (!exists && writable)
		return PB_OK;
	if (exists)
		errno = EEXIST;
	return refuse(path, err);
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
		return refuse(path, err);
	if (fchmod(fd, 0600) != 0 || !pb_write_fd(fd, bytes) || fsync(fd) != 0)
		s = refuse(path, err);
	close(fd);
	if (s == PB_OK && renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
		s = refuse(path, err);
	if (s != PB_OK)
		unlink(beside);
	else if (!sync_directory(path))
		s = refuse(path, err);
	return s;
}

bool pb_output_holds(const char *path, struct pb_view bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *found = NULL;
	size_t n = 0;
	bool same;

	if (fd < 0)
		return false;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	same = pb_read_fd(fd, bytes.n, &found, &n, NULL) == PB_OK && pb_view_equal(pb_view(found, n), bytes);
	close(fd);
	free(found);
	return same;
}

enum pb_status pb_output_sync_name(const char *path, struct pb_err *err)
{
	return sync_directory(path) ? PB_OK : refuse(path, err);
}

enum pb_status pb_output_write_again(const char *path, struct pb_view bytes, struct pb_err *err)
{
	enum pb_status s = pb_output_write(path, bytes, err);

	if (s != PB_CONFLICT || !pb_output_holds(path, bytes))
		return s;
	pb_err_clear(err);
	return PB_OK;
}
