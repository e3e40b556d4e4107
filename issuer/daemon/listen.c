/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See listen.h.
 */
#include "issuer/daemon/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_HANDED_FD = 3, BACKLOG = 64 };

/* LISTEN_PID names the process the descriptors are for; one is expected. */
static bool handed_over(int *ret_fd)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

	if (!pid || !count || strtol(pid, NULL, 10) != getpid() || strcmp(count, "1") != 0)
		return false;
	fcntl(FIRST_HANDED_FD, F_SETFD, FD_CLOEXEC);
	*ret_fd = FIRST_HANDED_FD;
	return true;
}

static bool remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT;
	return S_ISSOCK(st.st_mode) && unlink(path) == 0;
}

/* The socket has its mode from the moment it exists.  The daemon has no other thread yet. */
static bool bind_for_group(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(0117);
	bool bound = bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	umask(before);
	return bound;
}

enum pb_status pb_listen(const char *path, int *ret_fd, struct pb_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (handed_over(ret_fd))
		return PB_OK;
	if (strlen(path) >= sizeof(address.sun_path))
		return pb_fail(err, PB_INPUT_INVALID, "%s is too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!remove_stale(path))
		return pb_fail(err, PB_CONFLICT, "%s is there and is no socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "socket");
	if (!bind_for_group(fd, &address) || listen(fd, BACKLOG) != 0) {
		int saved = errno;

		close(fd);
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, saved, "%s", path);
	}
	*ret_fd = fd;
	return PB_OK;
}
