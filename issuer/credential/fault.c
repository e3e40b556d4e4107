/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fault table, read.
 */
#include "issuer/credential/fault.h"

#include "base/err.h"

static const struct {
	const char *name, *words;
} rows[] = {
#define PB_FAULT(id, name, words) { name, words },
#include "issuer/credential/fault.def"
#undef PB_FAULT
};

const char *pb_credential_fault_name(enum pb_credential_fault fault)
{
	if ((unsigned)fault >= PB_FAULT_COUNT)
		PB_BUG("a fault outside its table");
	return rows[fault].name;
}

const char *pb_credential_fault_words(enum pb_credential_fault fault)
{
	if ((unsigned)fault >= PB_FAULT_COUNT)
		PB_BUG("a fault outside its table");
	return rows[fault].words;
}
