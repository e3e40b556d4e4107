/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages over SOCK_SEQPACKET: the kernel keeps their borders, so there is no framing to get wrong.
 * Each receive waits on the socket with the caller's deadline and takes whole messages only.
 */
#include "base/message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* One ancillary message with room for every descriptor, aligned as the kernel wants it. */
union ancillary {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int) * PB_MESSAGE_FDS)];
};

enum pb_status pb_message_send(int fd, struct pb_view message, struct pb_err *err)
{
	return pb_message_send_fds(fd, message, NULL, 0, err);
}

enum pb_status pb_message_send_fds(int fd, struct pb_view message, const int *fds, size_t fd_count, struct pb_err *err)
{
	struct iovec bytes = { .iov_base = (void *)message.p, .iov_len = message.n };
	struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };
	union ancillary extra = { 0 };
	ssize_t sent;

	if (message.n == 0 || message.n > PB_MESSAGE_MAX || fd_count > PB_MESSAGE_FDS)
		PB_BUG("a message outside its bounds");
	if (fd_count) {
		extra.align.cmsg_level = SOL_SOCKET;
		extra.align.cmsg_type = SCM_RIGHTS;
		extra.align.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(&extra.align), fds, sizeof(int) * fd_count);
		header.msg_control = extra.room;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
	}
	do
		sent = sendmsg(fd, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "sending");
	return PB_OK;
}

static enum pb_status wait_readable(int fd, struct pb_deadline deadline, struct pb_err *err)
{
	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		int left = pb_deadline_left(deadline);
		int ready = poll(&readable, 1, left);

		if (ready > 0)
			return PB_OK;
		if (ready == 0 && pb_deadline_left(deadline) == 0)
			return pb_fail(err, PB_INTERRUPTED, "no message in time");
		if (ready < 0 && errno != EINTR)
			return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "waiting");
	}
}

/* Every descriptor that came is taken, more than we have room for were already closed by the kernel. */
static void take_fds(struct msghdr *header, int ret_fds[static PB_MESSAGE_FDS])
{
	size_t n = 0;

	for (size_t i = 0; i < PB_MESSAGE_FDS; i++)
		ret_fds[i] = -1;
	for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item; item = CMSG_NXTHDR(header, item)) {
		size_t count;

		if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
			continue;
		count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count && n < PB_MESSAGE_FDS; i++)
			memcpy(&ret_fds[n++], CMSG_DATA(item) + i * sizeof(int), sizeof(int));
	}
}

static void close_fds(int fds[static PB_MESSAGE_FDS])
{
	for (size_t i = 0; i < PB_MESSAGE_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

enum pb_status pb_message_receive_fds(int fd, struct pb_deadline deadline, uint8_t ret_bytes[static PB_MESSAGE_MAX],
				      size_t *ret_n, int ret_fds[static PB_MESSAGE_FDS], struct pb_err *err)
{
	struct iovec bytes = { .iov_base = ret_bytes, .iov_len = PB_MESSAGE_MAX };
	union ancillary extra = { 0 };
	struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = extra.room,
				 .msg_controllen = sizeof(extra.room) };
	enum pb_status s = wait_readable(fd, deadline, err);
	ssize_t n;

	if (s != PB_OK)
		return s;
	do
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "receiving");
	take_fds(&header, ret_fds);
	if (n > 0 && !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		*ret_n = (size_t)n;
		return PB_OK;
	}
	close_fds(ret_fds);
	if (n == 0)
		return pb_fail(err, PB_PROCESS_FAILED, "the other end is gone");
	return pb_fail(err, PB_MESSAGE_INVALID, "a message of more than %d bytes or %d files", PB_MESSAGE_MAX,
		       PB_MESSAGE_FDS);
}

enum pb_status pb_message_receive(int fd, struct pb_deadline deadline, uint8_t ret_bytes[static PB_MESSAGE_MAX],
				  size_t *ret_n, struct pb_err *err)
{
	int fds[PB_MESSAGE_FDS];
	enum pb_status s = pb_message_receive_fds(fd, deadline, ret_bytes, ret_n, fds, err);

	if (s == PB_OK)
		close_fds(fds);
	return s;
}

bool pb_write_fd(int fd, struct pb_view bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = pb_view(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

enum pb_status pb_memory_file(struct pb_view bytes, int *ret_fd, struct pb_err *err)
{
	int fd = memfd_create("profbilet", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int failed;

	if (fd >= 0 && pb_write_fd(fd, bytes) && lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) {
		*ret_fd = fd;
		return PB_OK;
	}
	failed = errno;
	if (fd >= 0)
		close(fd);
	return pb_fail_errno(err, PB_NO_MEMORY, failed, "memory file of %zu bytes", bytes.n);
}

/* Reads to the end; false with errno set, EFBIG when there is more than `max`. */
static bool read_all(int fd, uint8_t *bytes, size_t max, size_t *ret_n)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, bytes + n, max + 1 - n); /* one more, to see that there is no more */

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > max) {
			errno = EFBIG;
			return false;
		}
	}
	*ret_n = n;
	return true;
}

enum pb_status pb_read_fd(int fd, size_t max, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	struct stat about;
	uint8_t *bytes;
	int failed;

	if (fstat(fd, &about) < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "fstat");
	if (!S_ISREG(about.st_mode))
		return pb_fail(err, PB_FILE_UNREADABLE, "not a regular file");
	if (about.st_size < 0 || (uintmax_t)about.st_size > max)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "%jd bytes; at most %zu are taken", (intmax_t)about.st_size, max);
	max = (size_t)about.st_size; /* a file that grows while it is read is refused, not followed */
	bytes = malloc(max + 1);
	if (!bytes)
		return pb_fail(err, PB_NO_MEMORY, "a file of %zu bytes", max);
	if (read_all(fd, bytes, max, ret_n)) {
		*ret_bytes = bytes;
		return PB_OK;
	}
	failed = errno;
	free(bytes);
	if (failed == EFBIG)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "the file grew while it was read");
	return pb_fail_errno(err, PB_FILE_UNREADABLE, failed, "read");
}

enum pb_status pb_read_path(const char *path, size_t max, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	s = pb_read_fd(fd, max, ret_bytes, ret_n, err);
	(void)close(fd);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", path);
}
