/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a machine would betray, from files as the kernel writes them.  Interfaces are this process's own, and
 * tried in a namespace by tests/flow/f-production.test.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/process.h"
#include "issuer/app/machine.h"

enum { PATH_ROOM = 400 };

static char root[64];
static unsigned device_major, device_minor;

/* The folders above it. */
static void make_way(const char *name)
{
	char path[PATH_ROOM], *slash;

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	for (slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
}

static void lay(const char *name, const char *text)
{
	char path[PATH_ROOM];
	FILE *file;

	make_way(name);
	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void lay_device(const char *rest, const char *text)
{
	char name[PATH_ROOM];

	(void)snprintf(name, sizeof(name), "sys/dev/block/%u:%u/%s", device_major, device_minor, rest);
	lay(name, text);
}

static int tidy(void **state)
{
	(void)state;
	lay("proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
			      "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n");
	lay("proc/net/ipv6_route", "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
				   "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n");
	lay("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	lay("proc/sys/kernel/core_pattern", "core\n");
	lay_device("dm/uuid", "CRYPT-LUKS2-0123\n");
	return 0;
}

static struct pb_machine look(void)
{
	char proc[PATH_ROOM], sys[PATH_ROOM];
	struct pb_machine machine;

	(void)snprintf(proc, sizeof(proc), "%s/proc", root);
	(void)snprintf(sys, sizeof(sys), "%s/sys", root);
	pb_machine_look(proc, sys, root, &machine);
	return machine;
}

/* The interfaces are those of the machine the test runs on. */
static bool nothing_but(const struct pb_machine *machine, enum pb_machine_trouble trouble)
{
	for (enum pb_machine_trouble i = PB_MACHINE_ROUTE; i < PB_MACHINE_TROUBLES; i++)
		if (machine->has[i] != (i == trouble))
			return false;
	return true;
}

static void a_clean_machine_has_no_trouble(void **state)
{
	struct pb_machine machine = look();

	(void)state;
	assert_true(nothing_but(&machine, PB_MACHINE_TROUBLES));
}

static void a_default_route_is_a_network(void **state)
{
	struct pb_machine machine;

	(void)state;
	lay("proc/net/route", "Iface\tDestination\tGateway\nppp0\t00000000\t0100A8C0\n");
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_ROUTE));
	assert_string_equal(machine.name[PB_MACHINE_ROUTE], "ppp0");
	(void)tidy(state);
	lay("proc/net/ipv6_route", "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
				   "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     wwan0\n");
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_ROUTE));
	assert_string_equal(machine.name[PB_MACHINE_ROUTE], "wwan0");
}

static void swap_is_named(void **state)
{
	struct pb_machine machine;

	(void)state;
	lay("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0                              partition\t4194300\t0\t100\n");
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_SWAP));
	assert_string_equal(machine.name[PB_MACHINE_SWAP], "/dev/zram0");
}

static void whoever_keeps_crashes_is_named(void **state)
{
	struct pb_machine machine;

	(void)state;
	lay("proc/sys/kernel/core_pattern", "|/lib/systemd/systemd-coredump %P %u\n");
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_CORE));
}

static void a_disk_is_good_when_it_is_encrypted(void **state)
{
	struct pb_machine machine;

	(void)state;
	lay_device("dm/uuid", "LVM-abc\n");
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_DISK));
	lay_device("slaves/dm-0/dm/uuid", "CRYPT-LUKS2-4567\n"); /* a volume on an encrypted disk */
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_TROUBLES));
	lay_device("slaves/sdb/dm/uuid", "\n"); /* and on one that is not */
	machine = look();
	assert_true(nothing_but(&machine, PB_MACHINE_DISK));
}

static void of_an_unknown_disk_nothing_is_said(void **state)
{
	struct pb_machine machine;

	(void)state;
	pb_machine_look("/nowhere", "/nowhere", root, &machine);
	assert_true(machine.has[PB_MACHINE_DISK_UNKNOWN]);
	assert_true(machine.has[PB_MACHINE_CORE]); /* what cannot be read is not taken for good */
}

static void memory_is_no_disk(void **state)
{
	struct pb_machine machine;

	(void)state;
	if (access("/dev/shm", W_OK) != 0)
		skip();
	pb_machine_look("/proc", "/nowhere", "/dev/shm", &machine);
	assert_false(machine.has[PB_MACHINE_DISK]);
	assert_false(machine.has[PB_MACHINE_DISK_UNKNOWN]);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_clean_machine_has_no_trouble, tidy),
		cmocka_unit_test_setup(a_default_route_is_a_network, tidy),
		cmocka_unit_test_setup(swap_is_named, tidy),
		cmocka_unit_test_setup(whoever_keeps_crashes_is_named, tidy),
		cmocka_unit_test_setup(a_disk_is_good_when_it_is_encrypted, tidy),
		cmocka_unit_test(of_an_unknown_disk_nothing_is_said),
		cmocka_unit_test(memory_is_no_disk),
	};
	struct stat st;
	int failed;

	pb_process_harden();
	(void)snprintf(root, sizeof(root), "/var/tmp/profbilet-machine.XXXXXX"); /* on a disk, wherever /tmp is */
	if (!mkdtemp(root) || stat(root, &st) != 0)
		return 1;
	device_major = major(st.st_dev);
	device_minor = minor(st.st_dev);
	failed = cmocka_run_group_tests_name("machine", tests, NULL, NULL);
	(void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return failed;
}
