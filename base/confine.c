/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A seccomp filter from a list of names.
 */
#include "base/confine.h"

#include <errno.h>
#include <seccomp.h>

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

bool pb_confine_possible(void)
{
	return !SANITIZED;
}

static int allow(scmp_filter_ctx filter, const struct pb_allowed_call *call)
{
	int number = seccomp_syscall_resolve_name(call->name);

	if (number == __NR_SCMP_ERROR)
		return -EINVAL;
	if (call->mask == 0)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
				SCMP_CMP(call->argument, SCMP_CMP_MASKED_EQ, call->mask, call->value));
}

/* What the kernel itself makes of a wait that a stop and a continue interrupted (Ctrl-Z, fg): it goes on with the call
 * that was allowed, and with nothing else. */
static const struct pb_allowed_call waiting_on = { .name = "restart_syscall" };

static enum pb_status filter_calls(const struct pb_allowed_call *allowed, size_t count, uint32_t otherwise, struct pb_err *err)
{
	scmp_filter_ctx filter;
	int failed;

	if (!pb_confine_possible())
		return PB_OK;
	filter = seccomp_init(otherwise);
	failed = filter ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;
	if (failed == 0)
		failed = allow(filter, &waiting_on);
	for (size_t i = 0; failed == 0 && i < count; i++)
		failed = allow(filter, &allowed[i]);
	if (failed == 0)
		failed = seccomp_load(filter); /* sets no_new_privs */
	if (filter)
		seccomp_release(filter);
	return failed == 0 ? PB_OK : pb_fail_errno(err, PB_PROCESS_FAILED, -failed, "seccomp");
}

enum pb_status pb_confine_calls(const struct pb_allowed_call *allowed, size_t count, struct pb_err *err)
{
	return filter_calls(allowed, count, SCMP_ACT_KILL_PROCESS, err);
}

enum pb_status pb_confine_calls_of_others(const struct pb_allowed_call *allowed, size_t count, struct pb_err *err)
{
	return filter_calls(allowed, count, SCMP_ACT_ERRNO(EPERM), err);
}
