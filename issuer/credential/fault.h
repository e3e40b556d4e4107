/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a credential is refused, as a value: a foreign or damaged card is an ordinary thing to meet, not an
 * error of this program.  The rows are in fault.def.
 */
#ifndef PROFBILET_ISSUER_CREDENTIAL_FAULT_H
#define PROFBILET_ISSUER_CREDENTIAL_FAULT_H

enum pb_credential_fault {
#define PB_FAULT(id, name, words) PB_FAULT_##id,
#include "issuer/credential/fault.def"
#undef PB_FAULT
	PB_FAULT_COUNT
};

/* "unknown_alg": stable, for programs. */
const char *pb_credential_fault_name(enum pb_credential_fault fault);
/* What was found, for whoever looks into it; not translated. */
const char *pb_credential_fault_words(enum pb_credential_fault fault);

#endif
