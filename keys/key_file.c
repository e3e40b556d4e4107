/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing and reading the files of a key directory.
 */
#include "keys/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"

/* fchmod, because the umask may have taken a bit that others need for public files. */
static bool write_synced(int dir_fd, const char *name, mode_t mode, struct pb_view content)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good;
	int saved;

	if (fd < 0)
		return false;
	good = fchmod(fd, mode) == 0 && pb_write_fd(fd, content) && fsync(fd) == 0;
	saved = errno;
	good &= close(fd) == 0;
	if (!good)
		errno = saved != 0 ? saved : errno;
	return good;
}

static enum pb_status put_beside_and_rename(int dir_fd, const char *name, mode_t mode, struct pb_view content,
					    unsigned rename_flags, struct pb_err *err)
{
	enum pb_status s = PB_OK;
	char beside[256];

	if (snprintf(beside, sizeof(beside), ".%s.new", name) >= (int)sizeof(beside))
		return pb_fail(err, PB_FILE_UNWRITABLE, "%s: the name is too long", name);
	(void)unlinkat(dir_fd, beside, 0); /* left by a crash */
	if (!write_synced(dir_fd, beside, mode, content))
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", name);
	else if (renameat2(dir_fd, beside, dir_fd, name, rename_flags) != 0)
		s = pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", name);
	else if (fsync(dir_fd) != 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s: its folder", name);
	if (s != PB_OK)
		(void)unlinkat(dir_fd, beside, 0);
	return s;
}

enum pb_status pb_key_file_write(int dir_fd, const char *name, enum pb_key_file_kind kind, struct pb_view content,
				 struct pb_err *err)
{
	return put_beside_and_rename(dir_fd, name, kind == PB_KEY_FILE_PRIVATE ? 0600 : 0644, content, RENAME_NOREPLACE, err);
}

enum pb_status pb_key_file_replace(int dir_fd, const char *name, struct pb_view content, struct pb_err *err)
{
	return put_beside_and_rename(dir_fd, name, 0644, content, 0, err);
}

/* On the descriptor, not the name: what was judged is what is read. */
static enum pb_status judge(int fd, const char *name, enum pb_key_file_kind kind, struct pb_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", name);
	if (!S_ISREG(st.st_mode))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: not a regular file", name);
	if (kind == PB_KEY_FILE_PRIVATE && (st.st_mode & 077) != 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: mode %04o lets others at a private key; chmod 600 it, "
			       "and ask who has seen it", name, (unsigned)(st.st_mode & 07777));
	if (st.st_size > PB_KEY_FILE_MAX)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: larger than any key", name);
	return PB_OK;
}

static enum pb_status read_all(int fd, const char *name, uint8_t *ret_content, size_t *ret_n, struct pb_err *err)
{
	size_t n = 0;

	while (n < PB_KEY_FILE_MAX) {
		ssize_t got = read(fd, ret_content + n, PB_KEY_FILE_MAX - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", name);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_key_file_read(int dir_fd, const char *name, enum pb_key_file_kind kind,
				uint8_t ret_content[static PB_KEY_FILE_MAX], size_t *ret_n, struct pb_err *err)
{
	/* O_NONBLOCK: a FIFO put in a key's place must not hang us before it is refused. */
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, errno == ENOENT && kind == PB_KEY_FILE_PUBLIC ? PB_NOT_FOUND :
				     PB_KEYS_UNAVAILABLE, errno, "%s", name);
	s = judge(fd, name, kind, err);
	if (s == PB_OK)
		s = read_all(fd, name, ret_content, ret_n, err);
	(void)close(fd);
	return s;
}

enum pb_status pb_key_file_read_public(int dir_fd, const char *name, size_t max, uint8_t **ret_content, size_t *ret_n,
				       struct pb_err *err)
{
	/* O_NONBLOCK: a FIFO in its place must not hang us before it is refused. */
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, errno == ENOENT ? PB_NOT_FOUND : PB_KEYS_UNAVAILABLE, errno, "%s", name);
	s = pb_read_fd(fd, max, ret_content, ret_n, err);
	(void)close(fd);
	return s == PB_OK ? PB_OK : pb_wrap(err, PB_KEYS_UNAVAILABLE, "%s", name);
}
