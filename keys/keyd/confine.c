/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory first; the list of calls at the end.
 */
#include "keys/keyd/confine.h"

#include <errno.h>
#include <sys/mman.h>
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

enum pb_status pb_keyd_confine(int counter_fd, bool listens, struct pb_err *err)
{
	const struct pb_allowed_call allowed[] = {
		/* memory */
		ANY_CALL("brk"),
		{ .name = "mmap", .argument = PROT_ARGUMENT, .mask = PROT_EXEC, .value = 0 },
		ANY_CALL("munmap"), ANY_CALL("mremap"), ANY_CALL("madvise"), ANY_CALL("futex"),
		/* messages (base/message.c); a descriptor that came with one is closed */
		ANY_CALL("poll"), ANY_CALL("ppoll"), ANY_CALL("recvmsg"), ANY_CALL("sendmsg"), ANY_CALL("close"),
		/* the count, and what is said on the way out */
		ON_FD("pwrite64", counter_fd), ON_FD("fdatasync", counter_fd), ON_FD("write", STDERR_FILENO),
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
