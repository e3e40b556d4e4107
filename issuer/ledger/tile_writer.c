/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Write beside, rename; one sync of the whole file system before the last file, for a sync of each of thousands of
 * tiles would take minutes on a stick.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "issuer/ledger/tile_writer.h"

enum { PATH_CAP = 128 };

static const char beside_suffix[] = ".new";

static enum pb_status refuse(const char *path, struct pb_err *err)
{
	return pb_fail_errno(err, errno == ENOSPC || errno == EDQUOT ? PB_DISK_FULL : PB_FILE_UNWRITABLE, errno, "%s", path);
}

enum pb_status pb_tile_writer_open(const char *folder, struct pb_tile_writer *ret_writer, struct pb_err *err)
{
	int fd;

	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return refuse(folder, err);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return refuse(folder, err);
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR) {
			enum pb_status s = refuse(folder, err);

			close(fd);
			return s;
		}
	*ret_writer = (struct pb_tile_writer){ .folder = fd };
	return PB_OK;
}

void pb_tile_writer_close(struct pb_tile_writer *writer)
{
	if (writer->folder >= 0)
		close(writer->folder);
	writer->folder = -1;
}

/* Read in pieces, for a bundle is larger than a stack should hold. */
static bool holds(int fd, struct pb_view bytes)
{
	struct pb_cursor left = pb_cursor(bytes);
	struct pb_view expected;
	uint8_t piece[16384];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		if (!pb_take(&left, (size_t)n, &expected) || !pb_view_equal(pb_view(piece, (size_t)n), expected))
			return false;
	return n == 0 && left.left == 0;
}

/* What stands at the path: nothing, these bytes, or others. */
enum standing { STANDS_NOT, STANDS_SAME, STANDS_OTHER };

static enum standing look(const struct pb_tile_writer *writer, const char *path, struct pb_view bytes)
{
	int fd = openat(writer->folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat found;
	bool same;

	if (fd < 0)
		return errno == ENOENT ? STANDS_NOT : STANDS_OTHER;
	same = fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && holds(fd, bytes);
	close(fd);
	return same ? STANDS_SAME : STANDS_OTHER;
}

static bool make_folders(const struct pb_tile_writer *writer, const char *path)
{
	char part[PATH_CAP];

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - path);

		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdirat(writer->folder, part, 0755) != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

static int open_beside(const struct pb_tile_writer *writer, const char *path, const char *beside)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(writer->folder, beside, flags, 0644);

	/* Most tiles find their folder there. */
	if (fd < 0 && errno == ENOENT && make_folders(writer, path))
		fd = openat(writer->folder, beside, flags, 0644);
	return fd;
}

static enum pb_status write_file(struct pb_tile_writer *writer, const char *path, struct pb_view bytes, bool sync,
				 struct pb_err *err)
{
	char beside[PATH_CAP + sizeof(beside_suffix)];
	bool done;
	int fd;

	if (strlen(path) >= PATH_CAP)
		PB_BUG("a path of ours was not measured");
	(void)snprintf(beside, sizeof(beside), "%s%s", path, beside_suffix);
	fd = open_beside(writer, path, beside);
	if (fd < 0)
		return refuse(path, err);
	done = pb_write_fd(fd, bytes) && (!sync || fsync(fd) == 0);
	if (close(fd) != 0 || !done || renameat(writer->folder, beside, writer->folder, path) != 0) {
		enum pb_status s = refuse(path, err);

		(void)unlinkat(writer->folder, beside, 0);
		return s;
	}
	writer->written++;
	return PB_OK;
}

enum pb_status pb_tile_writer_put(struct pb_tile_writer *writer, const char *path, struct pb_view bytes, bool firm,
				  struct pb_err *err)
{
	enum standing standing = look(writer, path, bytes);

	if (standing == STANDS_SAME) {
		writer->kept++;
		return PB_OK;
	}
	if (standing == STANDS_OTHER && firm)
		return pb_fail(err, PB_CONFLICT, "%s was written before, with other bytes", path);
	return write_file(writer, path, bytes, false, err);
}

enum pb_status pb_tile_writer_finish(struct pb_tile_writer *writer, const char *path, struct pb_view bytes, struct pb_err *err)
{
	enum pb_status s;

	if (syncfs(writer->folder) != 0)
		return refuse(path, err);
	if (look(writer, path, bytes) == STANDS_SAME) {
		writer->kept++;
		return PB_OK;
	}
	s = write_file(writer, path, bytes, true, err);
	if (s == PB_OK && fsync(writer->folder) != 0)
		s = refuse(path, err);
	return s;
}
