/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vpcd writes the length and the bytes apart and waits in between for our acknowledgement: it is sent at
 * once only while TCP_QUICKACK is set, which the kernel forgets, so it is set before every read.
 */
#include "softcard/vpcd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LENGTH_LEN = 2, ORDER_OFF = 0, ORDER_ON = 1, ORDER_RESET = 2, ORDER_ATR = 4 };

static struct sockaddr_in loopback(unsigned port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void set(int fd, int level, int option)
{
	const int on = 1;

	/* Without it the card is slow and not wrong. */
	(void)setsockopt(fd, level, option, &on, sizeof(on));
}

int vpcd_connect(unsigned port)
{
	const struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	set(fd, IPPROTO_TCP, TCP_NODELAY);
	return fd;
}

enum pb_status vpcd_listen(unsigned port, int *ret_fd, struct pb_err *err)
{
	const struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), failed;

	if (fd < 0)
		return pb_fail_errno(err, PB_READER_GONE, errno, "socket");
	set(fd, SOL_SOCKET, SO_REUSEADDR);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0) {
		*ret_fd = fd;
		return PB_OK;
	}
	failed = errno;
	close(fd);
	return pb_fail_errno(err, PB_READER_GONE, failed, "port %u", port);
}

int vpcd_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		set(fd, IPPROTO_TCP, TCP_NODELAY);
	return fd;
}

static bool read_all(int fd, uint8_t *ret_bytes, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t step;

		set(fd, IPPROTO_TCP, TCP_QUICKACK);
		step = read(fd, ret_bytes + done, n - done);
		if (step == 0 || (step < 0 && errno != EINTR))
			return false;
		if (step > 0)
			done += (size_t)step;
	}
	return true;
}

enum vpcd_event vpcd_next(int fd, uint8_t ret_command[static VPCD_MESSAGE_MAX], size_t *ret_n)
{
	uint8_t length[LENGTH_LEN];
	size_t n;

	if (!read_all(fd, length, sizeof(length)))
		return VPCD_CLOSED;
	n = (size_t)length[0] << 8 | length[1];
	if (!n || n > VPCD_MESSAGE_MAX || !read_all(fd, ret_command, n))
		return VPCD_CLOSED;
	*ret_n = n;
	if (n > 1)
		return VPCD_COMMAND;
	switch (ret_command[0]) {
	case ORDER_OFF:
		return VPCD_POWER_OFF;
	case ORDER_ON:
		return VPCD_POWER_ON;
	case ORDER_RESET:
		return VPCD_RESET;
	case ORDER_ATR:
		return VPCD_ATR;
	default:
		return VPCD_CLOSED;
	}
}

bool vpcd_send(int fd, struct pb_view message)
{
	uint8_t bytes[LENGTH_LEN + VPCD_MESSAGE_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));
	struct pb_view view;

	pb_put_be(&out, message.n, LENGTH_LEN);
	pb_put_view(&out, message);
	if (!pb_writer_view(&out, &view))
		PB_BUG("a message longer than the wire takes");
	/* A short write cannot happen before megabytes wait in the socket. */
	return send(fd, view.p, view.n, MSG_NOSIGNAL) == (ssize_t)view.n;
}
