/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyd/confine.h: each thing that is given up kills the process that tries it, and what is its work
 * does not.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/confine.h"
#include "keys/keyd/confine.h"

static const char byte[1] = "x";

static void opens(int counter)
{
	(void)counter;
	(void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void makes_a_socket(int counter)
{
	(void)counter;
	(void)!socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void starts_a_program(int counter)
{
	(void)counter;
	(void)!execl("/bin/true", "true", NULL);
}

static void forks(int counter)
{
	(void)counter;
	(void)!fork();
}

static void makes_memory_executable(int counter)
{
	(void)counter;
	(void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void writes_to_another_file(int counter)
{
	(void)!pwrite(counter + 1, byte, 1, 0);
}

static void takes_a_connection(int counter)
{
	(void)!accept4(counter + 1, NULL, NULL, SOCK_CLOEXEC);
}

static void becomes_traceable(int counter)
{
	(void)counter;
	(void)prctl(PR_SET_DUMPABLE, 1);
}

static void does_its_work(int counter)
{
	void *memory = malloc(1 << 20);

	if (!memory || pwrite(counter, byte, 1, 0) != 1 || fdatasync(counter) != 0)
		_exit(3);
	free(memory);
}

/* The wait status of a confined process that did it and ended. */
static int outcome(void (*deed)(int counter))
{
	char path[] = "/tmp/profbilet-confine-XXXXXX";
	int counter = mkstemp(path), status;
	pid_t child;

	assert_true(counter >= 0 && unlink(path) == 0 && dup2(counter, counter + 1) == counter + 1);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		if (pb_keyd_confine(counter, false, NULL) != PB_OK)
			_exit(2);
		deed(counter);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(counter);
	close(counter + 1);
	return status;
}

static void what_is_given_up_kills(void **state)
{
	void (*const deeds[])(int) = { opens,		  makes_a_socket,     starts_a_program,	 forks, makes_memory_executable,
				       writes_to_another_file, takes_a_connection, becomes_traceable };

	(void)state;
	if (!pb_confine_possible())
		skip();
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		int status = outcome(deeds[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("deed %zu: status %x", i, (unsigned)status);
	}
}

static void the_work_goes_on(void **state)
{
	(void)state;
	assert_int_equal(outcome(does_its_work), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_up_kills),
		cmocka_unit_test(the_work_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
