/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Landlock rule set from a list of paths.  The C library has no functions for it, so these are system calls;
 * rights that the kernel does not know yet are left out.
 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than the oldest headers that we build with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (UINT64_C(1) << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#endif

enum { ABI_REFER = 2, ABI_TRUNCATE = 3 };

static const uint64_t everything_of_abi_1 = (UINT64_C(1) << 13) - 1;

static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				LANDLOCK_ACCESS_FS_TRUNCATE;
/* Of these, the ones that a single file can have. */
static const uint64_t of_files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

static uint64_t known_rights(long abi)
{
	return everything_of_abi_1 | (abi >= ABI_REFER ? LANDLOCK_ACCESS_FS_REFER : 0) |
	       (abi >= ABI_TRUNCATE ? LANDLOCK_ACCESS_FS_TRUNCATE : 0);
}

static enum pb_status allow_path(int rules, const struct pb_allowed_path *allowed, uint64_t known, struct pb_err *err)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = open(allowed->path, O_PATH | O_CLOEXEC) };
	struct stat st;
	long failed = -1;

	rule.allowed_access = (reading | (allowed->writes ? writing : 0)) & known;
	if (rule.parent_fd >= 0 && fstat(rule.parent_fd, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &= of_files;
		failed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	if (failed != 0)
		(void)pb_fail_errno(err, PB_PROCESS_FAILED, errno, "%s", allowed->path);
	if (rule.parent_fd >= 0)
		(void)close(rule.parent_fd);
	return failed == 0 ? PB_OK : PB_PROCESS_FAILED;
}

enum pb_status pb_confine_paths(const struct pb_allowed_path *allowed, size_t count, bool *ret_done, struct pb_err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr handled = { .handled_access_fs = known_rights(abi) };
	enum pb_status s = PB_OK;
	int rules;

	*ret_done = pb_confine_possible() && abi > 0;
	if (!*ret_done)
		return PB_OK;
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (rules < 0)
		return pb_fail_errno(err, PB_PROCESS_FAILED, errno, "Landlock");
	for (size_t i = 0; i < count && s == PB_OK; i++)
		s = allow_path(rules, &allowed[i], handled.handled_access_fs, err);
	if (s == PB_OK && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, rules, 0) != 0))
		s = pb_fail_errno(err, PB_PROCESS_FAILED, errno, "Landlock");
	(void)close(rules);
	return s;
}
