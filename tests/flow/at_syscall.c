/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * at_syscall [--list FILE] [--kill N | --fail N ERRNO [--stay]] -- PROGRAM WORDS...
 *
 * Runs a program and lets something happen at the N-th system call of the run, counted over all its threads
 * and children in the order they come.  strace counts each thread by itself, and so never reaches the first
 * calls of a thread that was started late; here every call of a run has a number of its own.
 *
 *	--list FILE      one line for each call: its number here, its name (those below) or the kernel's number
 *	--kill N         the process that makes call N dies by SIGKILL before the call is executed
 *	--fail N ERRNO   the N-th write or sync of a file is not executed and returns the error (28: ENOSPC,
 *	                 5: EIO); with --stay every later one fails as well, as on a disk that is full
 *
 * Ends as the program ends: its exit code, 128 and the signal's number when one killed it.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { TASKS_MAX = 4096, EXIT_USAGE = 2, EXIT_BROKEN = 125 };

struct run {
	FILE *list;
	unsigned long kill_at, fail_at;
	unsigned long count, writes; /* calls made, and those of them that write to a disk */
	int error;
	bool stay;
	pid_t program;
	pid_t refused[TASKS_MAX]; /* tasks whose present call was not let through */
	size_t refused_count;
};

static const struct {
	unsigned long number;
	const char *name;
	bool writes;
} known[] = {
	{ SYS_pwrite64, "pwrite64", true }, { SYS_write, "write", false },	 { SYS_fdatasync, "fdatasync", true },
	{ SYS_fsync, "fsync", true },	    { SYS_ftruncate, "ftruncate", true }, { SYS_sendmsg, "sendmsg", false },
	{ SYS_sendto, "sendto", false },    { SYS_recvmsg, "recvmsg", false },	 { SYS_unlinkat, "unlinkat", false },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static bool is_disk_write(unsigned long number)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].number == number)
			return known[i].writes;
	return false;
}

static void list_call(const struct run *run, unsigned long number)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].number == number) {
			fprintf(run->list, "%lu %s\n", run->count, known[i].name);
			return;
		}
	}
	fprintf(run->list, "%lu %lu\n", run->count, number);
}

/* ---- The two things that depend on the machine */

#if defined(__x86_64__)
static bool set_number(pid_t task, long number)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, task, NULL, &regs) != 0)
		return false;
	regs.orig_rax = (unsigned long long)number;
	return ptrace(PTRACE_SETREGS, task, NULL, &regs) == 0;
}

static bool set_result(pid_t task, long result)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, task, NULL, &regs) != 0)
		return false;
	regs.rax = (unsigned long long)result;
	return ptrace(PTRACE_SETREGS, task, NULL, &regs) == 0;
}
#elif defined(__aarch64__)
static bool set_number(pid_t task, long number)
{
	int value = (int)number;
	struct iovec part = { &value, sizeof(value) };

	return ptrace(PTRACE_SETREGSET, task, NT_ARM_SYSTEM_CALL, &part) == 0;
}

static bool set_result(pid_t task, long result)
{
	struct user_regs_struct regs;
	struct iovec part = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, task, NT_PRSTATUS, &part) != 0)
		return false;
	regs.regs[0] = (unsigned long long)result;
	return ptrace(PTRACE_SETREGSET, task, NT_PRSTATUS, &part) == 0;
}
#else
#error "at_syscall: how does this machine refuse a system call?"
#endif

/* ---- One stop of one task */

static bool take_refused(struct run *run, pid_t task)
{
	for (size_t i = 0; i < run->refused_count; i++) {
		if (run->refused[i] == task) {
			run->refused[i] = run->refused[--run->refused_count];
			return true;
		}
	}
	return false;
}

/* Threads share the process that dies; its number is in /proc. */
static pid_t process_of(pid_t task)
{
	char path[64], line[128];
	int process = task;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)task);
	status = fopen(path, "r");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "Tgid: %d", &process) == 1)
			break;
	if (status)
		fclose(status);
	return process;
}

/* A call is refused by making another of it, whose result is then replaced: a sync of the same file does no
 * harm, and is allowed to the processes that may make no other calls. */
static void enter(struct run *run, pid_t task, unsigned long number)
{
	bool writes = is_disk_write(number);

	run->count++;
	run->writes += writes;
	if (run->list)
		list_call(run, number);
	if (run->count == run->kill_at)
		kill(process_of(task), SIGKILL);
	if (writes && run->fail_at && (run->writes == run->fail_at || (run->stay && run->writes > run->fail_at)) &&
	    run->refused_count < TASKS_MAX && set_number(task, SYS_fdatasync))
		run->refused[run->refused_count++] = task;
}

static void at_call(struct run *run, pid_t task)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(run, task, (unsigned long)info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && take_refused(run, task))
		(void)set_result(task, -run->error);
}

/* The signal to hand on: stops that ptrace itself makes carry none. */
static int at_stop(struct run *run, pid_t task, int status)
{
	int signal_number = WSTOPSIG(status);

	if (signal_number == (SIGTRAP | 0x80)) {
		at_call(run, task);
		return 0;
	}
	return status >> 16 != 0 || signal_number == SIGTRAP || signal_number == SIGSTOP ? 0 : signal_number;
}

static int exit_code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int follow(struct run *run)
{
	int status, code = EXIT_BROKEN;
	pid_t task;

	while ((task = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			ptrace(PTRACE_SYSCALL, task, NULL, at_stop(run, task, status));
		else if (task == run->program)
			code = exit_code_of(status);
	}
	return code;
}

static int start(struct run *run, char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status;

	run->program = fork();
	if (run->program == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (run->program < 0 || waitpid(run->program, &status, 0) < 0 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, run->program, NULL, options) != 0 ||
	    ptrace(PTRACE_SYSCALL, run->program, NULL, 0) != 0) {
		perror("at_syscall");
		return EXIT_BROKEN;
	}
	return follow(run);
}

static bool read_words(struct run *run, int argc, char **argv, int *ret_first)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--list") == 0 && i + 1 < argc) {
			run->list = fopen(argv[++i], "w");
			if (!run->list)
				return false;
		} else if (strcmp(argv[i], "--kill") == 0 && i + 1 < argc) {
			run->kill_at = strtoul(argv[++i], NULL, 10);
		} else if (strcmp(argv[i], "--fail") == 0 && i + 2 < argc) {
			run->fail_at = strtoul(argv[++i], NULL, 10);
			run->error = atoi(argv[++i]);
		} else if (strcmp(argv[i], "--stay") == 0) {
			run->stay = true;
		} else {
			return false;
		}
	}
	*ret_first = i + 1;
	return i + 1 < argc;
}

int main(int argc, char **argv)
{
	static struct run run;
	int first, code;

	if (!read_words(&run, argc, argv, &first)) {
		fprintf(stderr, "usage: at_syscall [--list FILE] [--kill N | --fail N ERRNO [--stay]] -- PROGRAM WORDS...\n");
		return EXIT_USAGE;
	}
	code = start(&run, argv + first);
	if (run.list)
		fclose(run.list);
	return code;
}
