/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Resource limits, then a seccomp allow list, for the render process and the scan process; anything else kills the
 * process, which its client takes for a photo that cannot be used.
 */
#include "print/confine.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/confine.h"
#include "print/render.h"

enum { MEMORY_MAX = 512 * 1024 * 1024, CPU_SECONDS = 300, FILES_MAX = 16 };

static const struct pb_allowed_call allowed[] = {
	/* memory */
	{ .name = "brk" }, { .name = "mmap" }, { .name = "munmap" }, { .name = "mremap" }, { .name = "madvise" }, { .name = "futex" },
	{ .name = "sysinfo" }, /* qsort asks how much there is */
	/* messages and memory files (base/message.c) */
	{ .name = "poll" }, { .name = "ppoll" }, { .name = "recvmsg" }, { .name = "sendmsg" }, { .name = "memfd_create" }, { .name = "fcntl" },
	{ .name = "lseek" }, { .name = "read" }, { .name = "write" }, { .name = "fstat" }, { .name = "newfstatat" }, { .name = "close" },
	{ .name = "clock_gettime" },
	/* ending */
	{ .name = "exit" }, { .name = "exit_group" }, { .name = "rt_sigreturn" },
};

static enum pb_status limit(int what, rlim_t value, struct pb_err *err)
{
	if (setrlimit(what, &(struct rlimit){ value, value }) == 0)
		return PB_OK;
	return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "setrlimit");
}

enum pb_status pb_render_confine(struct pb_err *err)
{
	enum pb_status s = limit(RLIMIT_CPU, CPU_SECONDS, err);

	if (s == PB_OK)
		s = limit(RLIMIT_NOFILE, FILES_MAX, err);
	if (s == PB_OK)
		s = limit(RLIMIT_FSIZE, PB_RENDER_PDF_MAX, err);
	if (s == PB_OK && pb_confine_possible())
		s = limit(RLIMIT_AS, MEMORY_MAX, err);
	return s == PB_OK ? pb_confine_calls(allowed, sizeof(allowed) / sizeof(allowed[0]), err) : s;
}
