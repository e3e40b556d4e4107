/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/process and base/message: a child gets exactly its socket, is killed when asked, and messages
 * keep their borders, their deadline and their descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/message.h"
#include "base/process.h"

static struct pb_process spawn_shell(const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct pb_process process;

	assert_int_equal(pb_process_spawn(argv, &process, NULL), PB_OK);
	return process;
}

static void a_child_holds_its_socket_and_nothing_else_of_ours(void **state)
{
	int leak = open("/dev/zero", O_RDONLY); /* without O_CLOEXEC on purpose */
	struct pb_process child = spawn_shell("exec ls -x /proc/self/fd >&3");
	uint8_t bytes[PB_MESSAGE_MAX];
	size_t n;

	(void)state;
	assert_int_equal(pb_message_receive(child.fd, pb_deadline_in(5000), bytes, &n, NULL), PB_OK);
	bytes[n - 1] = '\0';
	assert_string_equal((char *)bytes, "0  1  2  3  4"); /* 4: the folder ls reads */
	pb_process_finish(&child, 1000);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.fd, -1);
	close(leak);
}

static void a_child_sees_only_the_allowed_environment(void **state)
{
	struct pb_process child;
	uint8_t bytes[PB_MESSAGE_MAX];
	size_t n;

	(void)state;
	setenv("PROFBILET_SECRET_FOR_TEST", "1", 1);
	setenv("LC_TIME", "C", 1);
	child = spawn_shell("echo \"<$PROFBILET_SECRET_FOR_TEST><$LC_TIME>\" >&3");
	assert_int_equal(pb_message_receive(child.fd, pb_deadline_in(5000), bytes, &n, NULL), PB_OK);
	bytes[n - 1] = '\0';
	assert_string_equal((char *)bytes, "<><C>");
	pb_process_kill(&child);
}

static void a_program_that_is_not_there_is_said_at_once(void **state)
{
	const char *const argv[] = { "/nonexistent/profbilet-station", NULL };
	struct pb_process process = PB_PROCESS_NONE;
	struct pb_err err;

	(void)state;
	assert_int_equal(pb_process_spawn(argv, &process, &err), PB_PROCESS_FAILED);
	assert_int_equal(err.os_errno, ENOENT);
	assert_non_null(strstr(err.msg, "/nonexistent/profbilet-station"));
	assert_int_equal(process.fd, -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
}

static void a_child_that_does_not_leave_is_killed(void **state)
{
	struct pb_process child = spawn_shell("trap '' TERM INT; while :; do :; done");
	struct pb_deadline deadline = pb_deadline_in(5000);

	(void)state;
	pb_process_finish(&child, 20);
	assert_true(pb_deadline_left(deadline) > 4000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	pb_process_kill(&child); /* PB_PROCESS_NONE now */
}

static void a_dead_end_and_a_passed_deadline_are_told_apart(void **state)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	size_t n;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pb_message_receive(pair[0], pb_deadline_in(5), bytes, &n, NULL), PB_INTERRUPTED);
	close(pair[1]);
	assert_int_equal(pb_message_receive(pair[0], pb_deadline_in(5), bytes, &n, NULL), PB_PROCESS_FAILED);
	assert_int_equal(pb_message_send(pair[0], pb_view("x", 1), NULL), PB_PROCESS_FAILED);
	close(pair[0]);
}

static void an_oversized_message_is_refused_whole(void **state)
{
	static uint8_t big[PB_MESSAGE_MAX + 1];
	uint8_t bytes[PB_MESSAGE_MAX];
	size_t n;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(send(pair[1], big, sizeof(big), 0), sizeof(big));
	assert_int_equal(pb_message_receive(pair[0], pb_deadline_in(5), bytes, &n, NULL), PB_MESSAGE_INVALID);
	close(pair[0]);
	close(pair[1]);
}

static void a_file_travels_sealed_beside_a_message(void **state)
{
	uint8_t bytes[PB_MESSAGE_MAX], *content;
	int pair[2], file, got[PB_MESSAGE_FDS];
	size_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pb_memory_file(pb_view("photo", 5), &file, NULL), PB_OK);
	assert_int_equal(write(file, "x", 1), -1);
	assert_int_equal(pb_message_send_fds(pair[0], pb_view("m", 1), &file, 1, NULL), PB_OK);
	close(file);
	assert_int_equal(pb_message_receive_fds(pair[1], pb_deadline_in(5), bytes, &n, got, NULL), PB_OK);
	assert_int_equal(got[1], -1);
	assert_int_equal(pb_read_fd(got[0], 4, &content, &n, NULL), PB_INPUT_TOO_LARGE);
	assert_int_equal(pb_read_fd(got[0], 5, &content, &n, NULL), PB_OK);
	assert_int_equal(n, 5);
	assert_memory_equal(content, "photo", 5);
	free(content);
	close(got[0]);
	assert_int_equal(pb_read_fd(pair[0], 5, &content, &n, NULL), PB_FILE_UNREADABLE);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_holds_its_socket_and_nothing_else_of_ours),
		cmocka_unit_test(a_child_sees_only_the_allowed_environment),
		cmocka_unit_test(a_program_that_is_not_there_is_said_at_once),
		cmocka_unit_test(a_child_that_does_not_leave_is_killed),
		cmocka_unit_test(a_dead_end_and_a_passed_deadline_are_told_apart),
		cmocka_unit_test(an_oversized_message_is_refused_whole),
		cmocka_unit_test(a_file_travels_sealed_beside_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
