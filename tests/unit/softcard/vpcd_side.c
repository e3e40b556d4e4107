/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two bytes of length in front of every message; one byte is an order, more are a command.
 */
#include "vpcd_side.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { WAIT_MS = 5000, BACKLOG = 4 };

static void send_message(int fd, struct pb_view message)
{
	const uint8_t length[] = { (uint8_t)(message.n >> 8), (uint8_t)message.n };

	assert_int_equal(send(fd, length, 2, MSG_NOSIGNAL | MSG_MORE), 2);
	assert_int_equal(send(fd, message.p, message.n, MSG_NOSIGNAL), message.n);
}

void vpcd_side_order(const struct host *host, enum vpcd_side_order order)
{
	const uint8_t byte = (uint8_t)order;

	send_message(host->fd, pb_view(&byte, 1));
}

bool vpcd_side_receive(const struct host *host, uint8_t ret_bytes[static SOFTCARD_ANSWER_MAX], size_t *ret_n)
{
	struct pollfd ready = { .fd = host->fd, .events = POLLIN };
	uint8_t message[2 + SOFTCARD_ANSWER_MAX];
	ssize_t n;

	assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
	/* An answer is one write, so one read has it whole. */
	n = recv(host->fd, message, sizeof(message), 0);
	if (n <= 0)
		return false;
	*ret_n = (size_t)message[0] << 8 | message[1];
	assert_int_equal(n, *ret_n + 2);
	memcpy(ret_bytes, message + 2, *ret_n);
	return true;
}

static enum softcard_outcome transmit(struct host *host, struct pb_view command,
				      uint8_t ret_answer[static SOFTCARD_ANSWER_MAX], size_t *ret_n)
{
	send_message(host->fd, command);
	return vpcd_side_receive(host, ret_answer, ret_n) ? SOFTCARD_ANSWERED : SOFTCARD_GONE;
}

static void power(struct host *host)
{
	vpcd_side_order(host, VPCD_SIDE_OFF);
	vpcd_side_order(host, VPCD_SIDE_ON);
}

int vpcd_side_listen(unsigned port, unsigned *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons((uint16_t)port) };
	socklen_t n = sizeof(address);
	const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, n), 0);
	assert_int_equal(listen(listener, BACKLOG), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &n), 0);
	*ret_port = ntohs(address.sin_port);
	return listener;
}

void vpcd_side_accept(struct host *host, int listener)
{
	struct pollfd ready = { .fd = listener, .events = POLLIN };

	assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
	host->fd = accept(listener, NULL, NULL);
	assert_true(host->fd >= 0);
	host->transmit = transmit;
	host->power = power;
	vpcd_side_order(host, VPCD_SIDE_ON);
}
