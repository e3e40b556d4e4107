/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyd/confine.h: each thing that is given up kills the process that tries it, or with a token is refused,
 * and what is its work is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
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
#include <sys/syscall.h>
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

static enum pb_status confine_files(int counter)
{
	return pb_keyd_confine(counter, -1, false, NULL);
}

/* The wait status of a process that was confined, did it and ended. */
static int outcome(enum pb_status (*confine)(int counter), void (*deed)(int counter))
{
	char path[] = "/tmp/profbilet-confine-XXXXXX";
	int counter = mkstemp(path), status;
	pid_t child;

	assert_true(counter >= 0 && unlink(path) == 0 && dup2(counter, counter + 1) == counter + 1);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		if (confine(counter) != PB_OK)
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
		int status = outcome(confine_files, deeds[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("deed %zu: status %x", i, (unsigned)status);
	}
}

static void the_work_goes_on(void **state)
{
	(void)state;
	assert_int_equal(outcome(confine_files, does_its_work), 0);
}

/* ---- With a token: a deed that is refused says so by its exit code */

static char storage[64], outside[80];

static enum pb_status confine_token(int counter)
{
	(void)counter;
	return pb_keyd_confine_with_token(storage, NULL);
}

static void refused(bool is)
{
	_exit(is && (errno == EPERM || errno == EACCES) ? 0 : 1);
}

static void opens_elsewhere(int counter)
{
	(void)counter;
	refused(open(outside, O_RDONLY | O_CLOEXEC) < 0);
}

static void reads_public_files(int counter)
{
	(void)counter;
	refused(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0);
}

static void writes_elsewhere(int counter)
{
	(void)counter;
	refused(open(outside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0);
}

static void speaks_to_the_network(int counter)
{
	(void)counter;
	refused(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0);
}

static void starts_some_program(int counter)
{
	(void)counter;
	refused(execl("/bin/true", "true", NULL) < 0);
}

static void starts_a_process(int counter)
{
	pid_t child = fork();

	(void)counter;
	refused(child < 0);
}

static void runs_what_it_wrote(int counter)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)counter;
	refused(memory != MAP_FAILED && mprotect(memory, 4096, PROT_READ | PROT_EXEC) != 0);
}

static void can_be_traced(int counter)
{
	(void)counter;
	refused(prctl(PR_SET_DUMPABLE, 1) != 0);
}

static void works_as_a_module(int counter)
{
	char path[96];
	int fd, service = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(path, sizeof(path), "%s/object", storage);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (service < 0 || fd < 0 || write(fd, byte, 1) != 1 || ftruncate(fd, 0) != 0 || close(fd) != 0 || unlink(path) != 0)
		_exit(3);
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	does_its_work(counter);
	_exit(fd < 0 ? 4 : 0);
}

static void what_a_module_does_not_need_is_refused(void **state)
{
	void (*const deeds[])(int) = { opens_elsewhere,	      reads_public_files, writes_elsewhere,   speaks_to_the_network,
				       starts_some_program,   starts_a_process,	  runs_what_it_wrote, can_be_traced };

	(void)state;
	if (!pb_confine_possible())
		skip();
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
		skip();
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		int status = outcome(confine_token, deeds[i]);

		if (status != 0)
			fail_msg("deed %zu: status %x", i, (unsigned)status);
	}
}

static void a_module_goes_on(void **state)
{
	(void)state;
	assert_int_equal(outcome(confine_token, works_as_a_module), 0);
}

static int make_storage(void **state)
{
	(void)state;
	snprintf(storage, sizeof(storage), "/tmp/profbilet-storage-XXXXXX");
	if (!mkdtemp(storage))
		return -1;
	snprintf(outside, sizeof(outside), "%s.outside", storage);
	return close(open(outside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int remove_storage(void **state)
{
	(void)state;
	return rmdir(storage) == 0 && unlink(outside) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_up_kills),
		cmocka_unit_test(the_work_goes_on),
		cmocka_unit_test(what_a_module_does_not_need_is_refused),
		cmocka_unit_test(a_module_goes_on),
	};

	return cmocka_run_group_tests(tests, make_storage, remove_storage);
}
