/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sentences for the troubles of a machine.
 */
#include "issuer/cli/ceremony_machine.h"

#include <stdio.h>
#include <string.h>

#include "issuer/app/machine.h"
#include "issuer/cli/language.h"

enum { PATH_ROOM = 4096 };

/* Each after a name: of an interface, a swap, a folder. */
static const char *const sentences[PB_MACHINE_TROUBLES] = {
	[PB_MACHINE_NETWORK] = N_("this network interface is up. Take the cable out, switch the radio off, then: ip link set INTERFACE down."),
	[PB_MACHINE_ROUTE] = N_("a default route leads there. Take the cable out, switch the radio off, then: ip route flush table main."),
	[PB_MACHINE_SWAP] = N_("memory is written to this swap. Switch it off: swapoff -a."),
	[PB_MACHINE_CORE] = N_("a crash would be kept, with what was in memory. Switch that off: sysctl kernel.core_pattern=core."),
	[PB_MACHINE_DISK] = N_("this folder is on a disk that is not encrypted. Name one in memory: --out /dev/shm/keys."),
	[PB_MACHINE_DISK_UNKNOWN] = N_("warning: nothing can be said of the disk of this folder. It is good only when it is memory or encrypted."),
};

/* The folder that is made will lie in this one. */
static void parent_of(const char *path, char ret_parent[static PATH_ROOM])
{
	char *slash;

	(void)snprintf(ret_parent, PATH_ROOM, "%s", path);
	while ((slash = strrchr(ret_parent, '/')) && slash != ret_parent && slash[1] == '\0')
		*slash = '\0';
	if (!slash)
		(void)snprintf(ret_parent, PATH_ROOM, ".");
	else
		slash[slash == ret_parent] = '\0';
}

static void look(const char *out, struct pb_machine *ret_machine)
{
	char parent[PATH_ROOM];

	parent_of(out, parent);
	pb_machine_look("/proc", "/sys", parent, ret_machine);
}

enum pb_status pb_ceremony_machine_judge(const char *out, struct pb_err *err)
{
	struct pb_machine machine;
	unsigned troubles = 0;

	look(out, &machine);
	for (enum pb_machine_trouble trouble = 0; trouble < PB_MACHINE_TROUBLES; trouble++) {
		if (!machine.has[trouble])
			continue;
		(void)fprintf(stderr, "%s: %s\n", machine.name[trouble], _(sentences[trouble]));
		troubles += trouble != PB_MACHINE_DISK_UNKNOWN;
	}
	if (troubles == 0)
		return PB_OK;
	return pb_fail(err, PB_NOT_ALLOWED, "real keys are not made on such a machine: mend what is said above, or add --rehearsal");
}

void pb_ceremony_machine_tell(const struct pb_dialogue *dialogue)
{
	struct pb_machine machine;

	look(".", &machine);
	if (machine.has[PB_MACHINE_NETWORK])
		pb_dialogue_say(dialogue, _("Network interface %s is up: a rehearsal goes on, a real ceremony would not.\n"),
				machine.name[PB_MACHINE_NETWORK]);
}
