/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lock of the one writer.  It lives in its own file: closing any descriptor of the database itself
 * would drop SQLite's own (POSIX) locks.  The file holds the number and name of the holder, for the
 * sentence a second writer is given; it is never deleted, so there is no race about which file is meant.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "issuer/store/internal.h"

static void write_holder(int fd)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%ld %s\n", (long)getpid(), program_invocation_short_name);

	if (n < 0)
		return;
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	/* Only words for a message: a full disk here must not stop the office. */
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, n, 0) != n)
		return;
}

static enum pb_status fail_busy(int fd, const char *path, struct pb_err *err)
{
	char holder[64];
	ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	return pb_fail(err, PB_LEDGER_BUSY, "%s is held by process %s", path, holder[0] != '\0' ? holder : "(unknown)");
}

enum pb_status store_lock_file(const char *path, int *ret_fd, struct pb_err *err)
{
	char name[PATH_MAX];
	int fd, n = snprintf(name, sizeof(name), "%s.lock", path);
	enum pb_status s;

	if (n < 0 || n >= (int)sizeof(name))
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", name);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		write_holder(fd);
		*ret_fd = fd;
		return PB_OK;
	}
	s = errno == EWOULDBLOCK ? fail_busy(fd, path, err) : pb_fail_errno(err, PB_LEDGER_IO, errno, "lock %s", name);
	close(fd);
	return s;
}
