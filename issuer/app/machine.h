/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether keys may be made on this machine: what could carry them away, or keep them, while a ceremony runs.
 *
 *     network   an interface other than lo is up, whether or not it has an address or a cable: what is up can be
 *               given one at any moment, by a radio too; or there is a default route
 *     swap      memory is written to a disk: mlock(2) keeps our secrets off it, the printer's queue and the
 *               viewer's pages are others' memory
 *     core      a crash would leave memory in a file, or hand it to a program
 *     disk      the folder's pages would be on a disk as they are, where removing a file wipes nothing
 *
 * Only what the kernel says can be seen.  Not seen: a camera, a printer that remembers, firmware, other people.
 */
#ifndef PROFBILET_ISSUER_APP_MACHINE_H
#define PROFBILET_ISSUER_APP_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

enum pb_machine_trouble {
	PB_MACHINE_NETWORK,
	PB_MACHINE_ROUTE,
	PB_MACHINE_SWAP,
	PB_MACHINE_CORE,
	PB_MACHINE_DISK,
	PB_MACHINE_DISK_UNKNOWN, /* nothing can be said of the folder's disk: a warning */
	PB_MACHINE_TROUBLES
};

struct pb_machine {
	bool has[PB_MACHINE_TROUBLES];
	char name[PB_MACHINE_TROUBLES][64]; /* of the interface, the swap, the folder */
};

/* `proc` and `sys` are "/proc" and "/sys" but for tests.  `folder`: one that exists. */
void pb_machine_look(const char *proc, const char *sys, const char *folder, struct pb_machine *ret_machine);

#endif
