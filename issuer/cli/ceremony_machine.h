/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a ceremony says of the machine it is held on (issuer/app/machine.h), in the leader's language, and
 * whether it goes on.
 *
 * Not for: looking at the machine (issuer/app/machine.h).
 */
#ifndef PROFBILET_ISSUER_CLI_CEREMONY_MACHINE_H
#define PROFBILET_ISSUER_CLI_CEREMONY_MACHINE_H

#include "issuer/cli/dialogue.h"

/* Before real keys: each trouble with what to do about it on stderr, all at once.  PB_NOT_ALLOWED when there is
 * one; `out` is the folder that will be made. */
PB_MUST_USE enum pb_status pb_ceremony_machine_judge(const char *out, struct pb_err *err);
/* In a rehearsal: that a real ceremony would not go on with this network. */
void pb_ceremony_machine_tell(const struct pb_dialogue *dialogue);

#endif
