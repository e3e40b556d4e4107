/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comparing each file with the photo, and overwriting.
 */
#include "issuer/app/photo_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"

static enum pb_status is_photo(int fd, struct pb_view photo, bool *ret_is, struct pb_err *err)
{
	uint8_t *bytes;
	size_t n;
	enum pb_status s = pb_read_fd(fd, photo.n, &bytes, &n, err);

	if (s != PB_OK)
		return s;
	*ret_is = pb_view_equal(pb_view(bytes, n), photo);
	free(bytes);
	return PB_OK;
}

static bool overwrite(int fd, size_t n)
{
	static const uint8_t zeros[4096];

	for (size_t at = 0; at < n;) {
		size_t part = n - at < sizeof(zeros) ? n - at : sizeof(zeros);
		ssize_t written = pwrite(fd, zeros, part, (off_t)at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		at += (size_t)written;
	}
	return fsync(fd) == 0;
}

/* A folder and a device are nobody's photo; a file of another size is not opened. */
static enum pb_status destroy_if_photo(int folder, const char *name, struct pb_view photo, size_t *count, struct pb_err *err)
{
	struct stat file;
	bool is = false;
	enum pb_status s;
	int fd;

	if (fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(file.st_mode) || (size_t)file.st_size != photo.n)
		return PB_OK;
	fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "a photo of the folder");
	s = is_photo(fd, photo, &is, err);
	if (s == PB_OK && is && (!overwrite(fd, photo.n) || unlinkat(folder, name, 0) != 0))
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "a photo of the folder");
	*count += s == PB_OK && is;
	close(fd);
	return s;
}

enum pb_status pb_photo_files_destroy(const char *folder, struct pb_view photo, size_t *count, struct pb_err *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entry = NULL;
	int n = fd >= 0 ? scandirat(fd, ".", &entry, NULL, NULL) : -1;
	enum pb_status s = n >= 0 ? PB_OK : pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", folder);

	for (int i = 0; i < n; i++) {
		if (s == PB_OK)
			s = destroy_if_photo(fd, entry[i]->d_name, photo, count, err);
		free(entry[i]);
	}
	free(entry);
	if (s == PB_OK && fsync(fd) != 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", folder);
	if (fd >= 0)
		close(fd);
	return s;
}
