/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory first; the lists of calls at the end.
 */
#include "keys/keyd/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/log.h"
#include "base/secret.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/p256.h"
#include "keys/diversify.h"

#define ANY_CALL(call) { .name = call }
#define ON_FD(call, fd) { .name = call, .argument = 0, .mask = UINT32_MAX, .value = (uint32_t)(fd) }

enum { PROT_ARGUMENT = 2, LISTENING_CALLS = 2 };

enum pb_status pb_keyd_lock_memory(bool must_lock, struct pb_err *err)
{
	if (!pb_confine_possible() || mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
		return PB_OK; /* with AddressSanitizer there is more memory than a machine has */
	if (must_lock)
		return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "memory cannot be locked (LimitMEMLOCK=infinity)");
	pb_log(PB_LOG_DEBUG, "memory cannot be locked: a machine that swaps may write keys to its disk");
	return PB_OK;
}

/* OpenSSL makes some of its parts when they are first used, and may open files for it; afterwards it could
 * not.  Throw-away keys do, so that nothing is signed here. */
static void use_everything_once(void)
{
	static const uint8_t message[16];
	struct pb_p256_private *p256 = pb_p256_generate();
	struct pb_ed25519_private *ed25519 = pb_ed25519_generate();
	uint8_t sig[PB_P256_SIG], mac[PB_SHA256_LEN], kcv[PB_KCV_LEN], random[1];
	PB_SECRET key = { 0 };
	PB_SECRET derived = { 0 };

	pb_p256_sign(p256, PB_VIEW(message), sig);
	pb_ed25519_sign(ed25519, PB_VIEW(message), sig);
	pb_secret_set(&key, message, sizeof(message));
	pb_hmac_sha256(pb_secret_view(&key), PB_VIEW(message), mac);
	pb_an10922_aes128(&key, PB_VIEW(message), &derived);
	pb_key_check_value(&derived, kcv);
	pb_random(random, sizeof(random));
	pb_p256_private_destroy(p256);
	pb_ed25519_private_destroy(ed25519);
}

enum pb_status pb_keyd_confine(int counter_fd, int book_fd, bool listens, struct pb_err *err)
{
	const struct pb_allowed_call allowed[] = {
		/* memory */
		ANY_CALL("brk"),
		{ .name = "mmap", .argument = PROT_ARGUMENT, .mask = PROT_EXEC, .value = 0 },
		ANY_CALL("munmap"), ANY_CALL("mremap"), ANY_CALL("madvise"), ANY_CALL("futex"),
		/* a list beside a message (attached.c) */
		{ .name = "fcntl", .argument = 1, .mask = UINT32_MAX, .value = F_GET_SEALS }, ANY_CALL("lseek"),
		/* messages (base/message.c) */
		ANY_CALL("poll"), ANY_CALL("ppoll"), ANY_CALL("recvmsg"), ANY_CALL("sendmsg"), ANY_CALL("close"),
		/* the count, and what is said on the way out */
		ON_FD("pwrite64", counter_fd), ON_FD("fdatasync", counter_fd), ON_FD("write", STDERR_FILENO),
		/* the witness's book, which other processes read and write, too */
		ON_FD("flock", book_fd), ON_FD("pread64", book_fd), ON_FD("pwrite64", book_fd), ON_FD("fdatasync", book_fd),
		/* time and chance */
		ANY_CALL("clock_gettime"), ANY_CALL("getrandom"), ANY_CALL("getpid"),
		/* ending */
		ANY_CALL("exit"), ANY_CALL("exit_group"), ANY_CALL("rt_sigreturn"),
		/* new connections: last, so that they can be left out */
		ANY_CALL("accept4"), ANY_CALL("getsockopt"),
	};
	size_t count = sizeof(allowed) / sizeof(allowed[0]) - (listens ? 0 : LISTENING_CALLS);

	use_everything_once();
	return pb_confine_calls(allowed, count, err);
}

/* ---- With a module of others */

static const struct pb_allowed_call of_a_module[] = {
	/* memory; no prot has PROT_EXEC */
	ANY_CALL("brk"),
	{ .name = "mmap", .argument = PROT_ARGUMENT, .mask = PROT_EXEC, .value = 0 },
	{ .name = "mprotect", .argument = PROT_ARGUMENT, .mask = PROT_EXEC, .value = 0 },
	ANY_CALL("munmap"), ANY_CALL("mremap"), ANY_CALL("madvise"), ANY_CALL("futex"), ANY_CALL("sched_yield"),
	/* messages (base/message.c), new connections, and a service that a module talks to */
	ANY_CALL("poll"), ANY_CALL("ppoll"), ANY_CALL("select"), ANY_CALL("pselect6"),
	{ .name = "socket", .argument = 0, .mask = UINT32_MAX, .value = AF_UNIX },
	ANY_CALL("connect"), ANY_CALL("accept4"), ANY_CALL("shutdown"), ANY_CALL("getsockopt"), ANY_CALL("setsockopt"),
	ANY_CALL("recvmsg"), ANY_CALL("sendmsg"), ANY_CALL("recvfrom"), ANY_CALL("sendto"),
	/* files: which, is for Landlock to say */
	ANY_CALL("open"), ANY_CALL("openat"), ANY_CALL("close"), ANY_CALL("read"), ANY_CALL("pread64"), ANY_CALL("write"),
	ANY_CALL("writev"), ANY_CALL("pwrite64"), ANY_CALL("lseek"), ANY_CALL("fcntl"), ANY_CALL("flock"), ANY_CALL("fsync"),
	ANY_CALL("fdatasync"), ANY_CALL("ftruncate"), ANY_CALL("getdents64"), ANY_CALL("fstat"), ANY_CALL("stat"),
	ANY_CALL("lstat"), ANY_CALL("newfstatat"), ANY_CALL("statx"), ANY_CALL("access"), ANY_CALL("faccessat"),
	ANY_CALL("faccessat2"), ANY_CALL("readlink"), ANY_CALL("readlinkat"), ANY_CALL("unlink"), ANY_CALL("unlinkat"),
	ANY_CALL("umask"),
	/* time, chance, and who one is */
	ANY_CALL("clock_gettime"), ANY_CALL("clock_nanosleep"), ANY_CALL("nanosleep"), ANY_CALL("gettimeofday"),
	ANY_CALL("getrandom"), ANY_CALL("getpid"), ANY_CALL("gettid"), ANY_CALL("getuid"), ANY_CALL("geteuid"),
	ANY_CALL("getgid"), ANY_CALL("getegid"),
	/* signals and ending */
	ANY_CALL("rt_sigprocmask"), ANY_CALL("rt_sigaction"), ANY_CALL("rt_sigreturn"), ANY_CALL("exit"), ANY_CALL("exit_group"),
};

/* Landlock binds the thread that asks for it. */
static bool module_has_threads(void)
{
	enum { LINKS_OF_ONE = 3 }; /* ".", ".." and the thread itself */
	struct stat st;

	return stat("/proc/self/task", &st) == 0 && st.st_nlink > LINKS_OF_ONE;
}

enum pb_status pb_keyd_confine_with_token(const char *storage, struct pb_err *err)
{
	const struct pb_allowed_path paths[] = { { "/dev/null", true }, { "/dev/urandom", false }, { storage, true } };
	size_t count = sizeof(paths) / sizeof(paths[0]) - (storage[0] == '\0' ? 1 : 0);
	bool done = false;
	enum pb_status s;

	use_everything_once();
	s = pb_confine_paths(paths, count, &done, err);
	if (s == PB_OK && pb_confine_possible() && (!done || module_has_threads()))
		pb_log(PB_LOG_WARNING, "the token's module may open files: %s",
		       done ? "it has threads of its own" : "this kernel has no Landlock");
	return s == PB_OK ? pb_confine_calls_of_others(of_a_module, sizeof(of_a_module) / sizeof(of_a_module[0]), err) : s;
}
