/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Resource limits, then a seccomp allow list; anything else kills the process, which its client takes for
 * a photo that cannot be used.
 */
#include "print/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/resource.h>

#include "print/render.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { MEMORY_MAX = 512 * 1024 * 1024, CPU_SECONDS = 300, FILES_MAX = 16 };

static const int allowed[] = {
	/* memory */
	SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	/* messages and memory files (base/message.c) */
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(memfd_create), SCMP_SYS(fcntl),
	SCMP_SYS(lseek), SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(close),
	SCMP_SYS(clock_gettime),
	/* ending */
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
};

static enum pb_status limit(int what, rlim_t value, struct pb_err *err)
{
	if (setrlimit(what, &(struct rlimit){ value, value }) == 0)
		return PB_OK;
	return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "setrlimit");
}

static enum pb_status filter_calls(struct pb_err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed = filter ? 0 : -ENOMEM;

	for (size_t i = 0; failed == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (failed == 0)
		failed = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return failed == 0 ? PB_OK : pb_fail_errno(err, PB_PROCESS_FAILED, -failed, "seccomp");
}

enum pb_status pb_render_confine(struct pb_err *err)
{
	enum pb_status s = limit(RLIMIT_CPU, CPU_SECONDS, err);

	if (s == PB_OK)
		s = limit(RLIMIT_NOFILE, FILES_MAX, err);
	if (s == PB_OK)
		s = limit(RLIMIT_FSIZE, PB_RENDER_PDF_MAX, err);
	if (s == PB_OK && !SANITIZED)
		s = limit(RLIMIT_AS, MEMORY_MAX, err);
	return s == PB_OK && !SANITIZED ? filter_calls(err) : s;
}
