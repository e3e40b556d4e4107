/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Children by fork and exec.  Between the two only async-signal-safe calls are made, because the parent
 * has threads; what the child needs is laid out before the fork.  A failed exec comes back as an errno
 * over a pipe that a successful exec closes.
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	REPORT_FD = PB_PROCESS_FD + 1, /* in the child: where a failed exec is told */
	ENV_MAX = 32,
};

/* What the child may know of our environment; an entry that ends with '_' is a prefix. */
static const char *const env_allowed[] = { "PATH", "LANG", "LC_", "LANGUAGE", "TZ", "XDG_RUNTIME_DIR" };

static bool env_is_allowed(const char *entry)
{
	for (size_t i = 0; i < sizeof(env_allowed) / sizeof(env_allowed[0]); i++) {
		size_t n = strlen(env_allowed[i]);

		if (!strncmp(entry, env_allowed[i], n) && (env_allowed[i][n - 1] == '_' || entry[n] == '='))
			return true;
	}
	return false;
}

static void reduce_env(char *ret_env[static ENV_MAX])
{
	size_t n = 0;

	for (char **entry = environ; *entry && n < ENV_MAX - 1; entry++)
		if (env_is_allowed(*entry))
			ret_env[n++] = *entry;
	ret_env[n] = NULL;
}

/* Both ends away from the numbers the child is given, so that no dup2 below can hit the other one. */
static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, REPORT_FD + 1);

	close(fd);
	return moved;
}

static void close_pair(const int pair[static 2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

/* stdin is empty and stdout is stderr, so that a child can neither read the terminal nor mix its words
 * into a result; its own session keeps Ctrl-C for the parent, which decides what becomes of the card. */
static void become(const char *const argv[], char *const env[], int socket_fd, int report_fd, pid_t parent)
{
	sigset_t none;
	int empty = open("/dev/null", O_RDONLY);
	int failed;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	if (empty >= 0 && dup2(empty, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 &&
	    dup2(socket_fd, PB_PROCESS_FD) >= 0 && dup3(report_fd, REPORT_FD, O_CLOEXEC) >= 0 &&
	    close_range(REPORT_FD + 1, ~0U, 0) == 0)
		execve(argv[0], (char *const *)argv, env);
	failed = errno;
	if (write(REPORT_FD, &failed, sizeof(failed)) < 0)
		_exit(126);
	_exit(127);
}

/* 0 when the exec succeeded (the pipe closed without a word), its errno otherwise. */
static int exec_outcome(int report_fd)
{
	int failed = 0;
	ssize_t n;

	do
		n = read(report_fd, &failed, sizeof(failed));
	while (n < 0 && errno == EINTR);
	return n == sizeof(failed) ? failed : 0;
}

static bool make_channels(int ret_socket[static 2], int ret_report[static 2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_socket) < 0 ||
	    pipe2(ret_report, O_CLOEXEC) < 0)
		return false;
	ret_socket[1] = move_up(ret_socket[1]);
	ret_report[1] = move_up(ret_report[1]);
	return ret_socket[1] >= 0 && ret_report[1] >= 0;
}

enum pb_status pb_process_spawn(const char *const argv[], struct pb_process *ret_process, struct pb_err *err)
{
	int sockets[2] = { -1, -1 }, report[2] = { -1, -1 };
	pid_t parent = getpid(), pid;
	char *env[ENV_MAX];
	int failed;

	reduce_env(env);
	if (!make_channels(sockets, report)) {
		failed = errno;
		close_pair(sockets);
		close_pair(report);
		return pb_fail_errno(err, PB_PROCESS_FAILED, failed, "%s", argv[0]);
	}
	pid = fork();
	if (pid == 0)
		become(argv, env, sockets[1], report[1], parent);
	failed = pid < 0 ? errno : 0;
	close(sockets[1]);
	close(report[1]);
	if (!failed)
		failed = exec_outcome(report[0]);
	close(report[0]);
	if (failed) {
		struct pb_process dead = { .pid = pid > 0 ? pid : 0, .fd = sockets[0] };

		pb_process_kill(&dead);
		return pb_fail_errno(err, PB_PROCESS_FAILED, failed, "%s", argv[0]);
	}
	*ret_process = (struct pb_process){ .pid = pid, .fd = sockets[0] };
	return PB_OK;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void pb_process_kill(struct pb_process *process)
{
	if (process->pid > 0) {
		kill(process->pid, SIGKILL);
		reap(process->pid);
	}
	if (process->fd >= 0)
		close(process->fd);
	*process = PB_PROCESS_NONE;
}

void pb_process_finish(struct pb_process *process, int ms)
{
	int handle = process->pid > 0 ? pidfd_open(process->pid, 0) : -1;

	if (process->fd >= 0)
		close(process->fd);
	process->fd = -1;
	if (handle >= 0) {
		struct pollfd gone = { .fd = handle, .events = POLLIN };

		(void)poll(&gone, 1, ms);
		close(handle);
	}
	pb_process_kill(process); /* a child that has left is only reaped */
}

void pb_process_harden(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}
