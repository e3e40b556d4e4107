/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the kernel.  Interfaces are asked for by ioctl(2), since /sys shows those of the namespace it was
 * mounted in and not those of this process.
 */
#include "issuer/app/machine.h"

#include <dirent.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PATH_ROOM = 512, LINE_ROOM = 512 };

static void note(struct pb_machine *machine, enum pb_machine_trouble trouble, const char *name)
{
	machine->has[trouble] = true;
	(void)snprintf(machine->name[trouble], sizeof(machine->name[trouble]), "%s", name);
}

/* ---- the network */

static bool is_up(int fd, const char *name)
{
	struct ifreq request = { 0 };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) && !(request.ifr_flags & IFF_LOOPBACK);
}

static void look_at_interfaces(struct pb_machine *machine)
{
	struct if_nameindex *all = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!all || fd < 0)
		note(machine, PB_MACHINE_NETWORK, "?"); /* what cannot be seen is not taken for absent */
	for (struct if_nameindex *one = all; one && one->if_name; one++)
		if (is_up(fd, one->if_name))
			note(machine, PB_MACHINE_NETWORK, one->if_name);
	if (all)
		if_freenameindex(all);
	if (fd >= 0)
		(void)close(fd);
}

static FILE *open_under(const char *root, const char *name)
{
	char path[PATH_ROOM];

	return snprintf(path, sizeof(path), "%s/%s", root, name) < (int)sizeof(path) ? fopen(path, "re") : NULL;
}

enum { WORDS = 10 };

/* The words of a line, cut in place; the rest are "". */
static void cut(char *line, const char *ret_words[static WORDS])
{
	char *rest = NULL, *word = strtok_r(line, " \t\n", &rest);

	for (size_t i = 0; i < WORDS; i++) {
		ret_words[i] = word ? word : "";
		word = word ? strtok_r(NULL, " \t\n", &rest) : NULL;
	}
}

typedef void row_fn(struct pb_machine *machine, const char *const words[static WORDS]);

static void each_row(struct pb_machine *machine, const char *proc, const char *name, row_fn *look)
{
	FILE *file = open_under(proc, name);
	const char *words[WORDS];
	char line[LINE_ROOM];

	while (file && fgets(line, sizeof(line), file)) {
		cut(line, words);
		look(machine, words);
	}
	if (file)
		(void)fclose(file);
}

/* Interface, destination, ... */
static void look_at_route(struct pb_machine *machine, const char *const words[static WORDS])
{
	if (strcmp(words[1], "00000000") == 0)
		note(machine, PB_MACHINE_ROUTE, words[0]);
}

/* Destination, length of its prefix, eight more; the kernel keeps a default route on lo that leads nowhere. */
static void look_at_route6(struct pb_machine *machine, const char *const words[static WORDS])
{
	if (strcmp(words[0], "00000000000000000000000000000000") == 0 && strcmp(words[1], "00") == 0 &&
	    strcmp(words[WORDS - 1], "lo") != 0)
		note(machine, PB_MACHINE_ROUTE, words[WORDS - 1]);
}

/* ---- memory that becomes a file */

static void look_at_swap(struct pb_machine *machine, const char *const words[static WORDS])
{
	if (words[0][0] == '/')
		note(machine, PB_MACHINE_SWAP, words[0]);
}

/* This process has forbidden it itself (pb_process_harden).  But it prints shares, and whatever shows or spools
 * them may crash too: a handler behind a pipe would keep that. */
static void look_at_core(struct pb_machine *machine, const char *proc)
{
	FILE *pattern = open_under(proc, "sys/kernel/core_pattern");
	struct rlimit limit = { 1, 1 };

	if (prctl(PR_GET_DUMPABLE) != 0 || getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0)
		note(machine, PB_MACHINE_CORE, "RLIMIT_CORE");
	else if (!pattern || fgetc(pattern) == '|')
		note(machine, PB_MACHINE_CORE, "kernel.core_pattern");
	if (pattern)
		(void)fclose(pattern);
}

/* ---- the folder */

static bool is_crypt(const char *device)
{
	FILE *file = open_under(device, "dm/uuid");
	char uuid[16] = "";
	bool found = file && fgets(uuid, sizeof(uuid), file) && strncmp(uuid, "CRYPT-", 6) == 0;

	if (file)
		(void)fclose(file);
	return found;
}

/* Encrypted itself, or all that it lies on is. */
static bool is_encrypted(const char *device, int depth)
{
	char path[PATH_ROOM], below[PATH_ROOM];
	struct dirent *entry;
	bool encrypted = false, all = true;
	DIR *slaves;

	if (is_crypt(device))
		return true;
	if (depth == 0 || snprintf(path, sizeof(path), "%s/slaves", device) >= (int)sizeof(path) || !(slaves = opendir(path)))
		return false;
	while ((entry = readdir(slaves))) {
		if (entry->d_name[0] == '.' || snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >= (int)sizeof(below))
			continue;
		encrypted = is_encrypted(below, depth - 1);
		all = all && encrypted;
	}
	(void)closedir(slaves);
	return encrypted && all;
}

static void look_at_folder(struct pb_machine *machine, const char *sys, const char *folder)
{
	enum { STACKED = 4 };
	char device[PATH_ROOM];
	struct statfs fs;
	struct stat st;

	if (statfs(folder, &fs) != 0 || stat(folder, &st) != 0) {
		note(machine, PB_MACHINE_DISK_UNKNOWN, folder);
		return;
	}
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return;
	(void)snprintf(device, sizeof(device), "%s/dev/block/%u:%u", sys, major(st.st_dev), minor(st.st_dev));
	if (access(device, F_OK) != 0)
		note(machine, PB_MACHINE_DISK_UNKNOWN, folder);
	else if (!is_encrypted(device, STACKED))
		note(machine, PB_MACHINE_DISK, folder);
}

void pb_machine_look(const char *proc, const char *sys, const char *folder, struct pb_machine *ret_machine)
{
	*ret_machine = (struct pb_machine){ 0 };
	look_at_interfaces(ret_machine);
	each_row(ret_machine, proc, "net/route", look_at_route);
	each_row(ret_machine, proc, "net/ipv6_route", look_at_route6);
	each_row(ret_machine, proc, "swaps", look_at_swap);
	look_at_core(ret_machine, proc);
	look_at_folder(ret_machine, sys, folder);
}
