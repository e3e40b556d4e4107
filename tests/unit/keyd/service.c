/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See service.h.
 */
#include "tests/unit/keyd/service.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void serve(struct service *service, const char *program, uid_t owner)
{
	char keys[128], passphrase[128], number[16];

	counter_path(&service->counter, "keys", keys);
	counter_path(&service->counter, "passphrase", passphrase);
	counter_path(&service->counter, "socket", service->socket);
	snprintf(number, sizeof(number), "%u", (unsigned)owner);
	service->pid = fork();
	if (service->pid == 0) {
		execl(program, program, "--keys", keys, "--passphrase-file", passphrase, "--listen", service->socket, "--owner", number,
		      NULL);
		_exit(127);
	}
	for (int i = 0; i < 600 && access(service->socket, F_OK) != 0; i++)
		usleep(50000);
	usleep(50000); /* from bind to listen */
}

void service_start(struct service *service, const char *program, uid_t owner)
{
	/* The directory and an office of its own are the counter's; the service opens the same keys. */
	counter_open(&service->counter, NULL);
	pb_keyd_accounts_close(&service->counter.server.accounts);
	serve(service, program, owner);
}

void service_restart(struct service *service, const char *program, uid_t owner)
{
	kill(service->pid, SIGKILL);
	waitpid(service->pid, NULL, 0);
	assert_int_equal(unlink(service->socket), 0);
	serve(service, program, owner);
}

void service_stop(struct service *service)
{
	kill(service->pid, SIGKILL);
	waitpid(service->pid, NULL, 0);
	counter_close(&service->counter);
}

int service_connect(const struct service *service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, service->socket, strlen(service->socket));
	assert_true(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}
