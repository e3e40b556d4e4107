/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A connection that sends what is no message, or does not read its answers, is closed; the others are
 * served on.
 */
#include "keys/keyd/listen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/message.h"
#include "base/secret.h"
#include "keys/keyd/attached.h"
#include "keys/keyd/messages.h"

enum { CONNECTIONS = 8, READY_MS = 1000, WAIT_MS = 3600 * 1000 };

enum pb_status pb_keyd_bind(const char *path, int *ret_fd, struct pb_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, failed;

	if (strlen(path) >= sizeof(address.sun_path))
		return pb_fail(err, PB_CONFIG_INVALID, "%s: the path of a socket has at most %zu bytes", path,
			       sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	/* Anyone may knock: who it is is asked of the kernel, not of a file's mode. */
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && chmod(path, 0666) == 0 &&
	    listen(fd, CONNECTIONS) == 0) {
		*ret_fd = fd;
		return PB_OK;
	}
	failed = errno;
	if (fd >= 0)
		(void)close(fd);
	return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, failed, "%s", path);
}

/* One request and its reply. */
static enum pb_status serve_one(struct pb_keyd_server *server, int fd, int64_t wait_ms, struct pb_err *err)
{
	uint8_t asked[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	struct pb_view reply, attached = { 0 };
	int fds[PB_MESSAGE_FDS];
	size_t n;
	enum pb_status s = pb_message_receive_fds(fd, pb_deadline_in(wait_ms), asked, &n, fds, err);

	if (s != PB_OK)
		return s;
	if (fds[0] >= 0 && !pb_keyd_attach(fds[0], &attached))
		attached = pb_view(NULL, 0);
	reply = pb_keyd_serve(server, pb_view(asked, n), attached, answered, sizeof(answered));
	pb_keyd_detach(attached);
	for (size_t i = 0; i < PB_MESSAGE_FDS; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	s = pb_message_send(fd, reply, err);
	pb_wipe(answered, sizeof(answered));
	return s;
}

enum pb_status pb_keyd_serve_pair(struct pb_keyd_server *server, int fd, struct pb_err *err)
{
	enum pb_status s;

	do
		s = serve_one(server, fd, WAIT_MS, err);
	while (s == PB_OK || s == PB_INTERRUPTED); /* an owner may be idle for long */
	return s == PB_PROCESS_FAILED ? PB_OK : s;
}

static bool is_owner(int fd, uid_t owner)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && n == sizeof(peer) && peer.uid == owner;
}

/* Non-blocking: who does not read his answers is let go, not waited for. */
static void take_connection(int listen_fd, uid_t owner, struct pollfd *connections)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (size_t i = 0; i < CONNECTIONS && is_owner(fd, owner); i++)
		if (connections[i].fd < 0) {
			connections[i].fd = fd;
			return;
		}
	(void)close(fd);
}

enum pb_status pb_keyd_hear_stop(int *ret_fd, struct pb_err *err)
{
	sigset_t stop;
	int fd;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	fd = pthread_sigmask(SIG_BLOCK, &stop, NULL) == 0 ? signalfd(-1, &stop, SFD_CLOEXEC) : -1;
	if (fd < 0)
		return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "signalfd");
	*ret_fd = fd;
	return PB_OK;
}

enum pb_status pb_keyd_serve_path(struct pb_keyd_server *server, int listen_fd, int stop_fd, uid_t owner, struct pb_err *err)
{
	struct pollfd all[1 + CONNECTIONS + 1] = { { .fd = listen_fd, .events = POLLIN } }, *stop = &all[1 + CONNECTIONS];

	for (size_t i = 1; i <= CONNECTIONS; i++)
		all[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	*stop = (struct pollfd){ .fd = stop_fd, .events = POLLIN };
	for (;;) {
		if (poll(all, 1 + CONNECTIONS + 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "poll");
		}
		if (stop->revents != 0)
			return PB_OK;
		for (size_t i = 1; i <= CONNECTIONS; i++) {
			if (all[i].fd < 0 || all[i].revents == 0 || serve_one(server, all[i].fd, READY_MS, NULL) == PB_OK)
				continue;
			(void)close(all[i].fd);
			all[i].fd = -1;
		}
		if (all[0].revents & POLLIN)
			take_connection(listen_fd, owner, all + 1);
	}
}

void pb_keyd_serve_failure(int fd, const struct pb_err *why)
{
	struct pb_keyd_reply reply = { .type = PB_KEYD_FAILED, .u.failure = *why };
	uint8_t asked[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	size_t n;

	if (pb_message_receive(fd, pb_deadline_in(WAIT_MS), asked, &n, NULL) == PB_OK &&
	    pb_message_send(fd, pb_keyd_reply_encode(&reply, answered, sizeof(answered)), NULL) != PB_OK)
		return; /* nobody is there to be told */
}
