/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Serials of cards as people see them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/ledger/entry.h"

void pb_serial_format(uint64_t serial, char ret_text[static PB_SERIAL_TEXT])
{
	/* The bound is what the ledger itself gives out; it also tells the compiler that ten digits fit. */
	(void)snprintf(ret_text, PB_SERIAL_TEXT, "%010" PRIu64, serial % 10000000000u);
}

bool pb_serial_parse(const char *text, uint64_t *ret_serial)
{
	uint64_t serial = 0;
	size_t n = strlen(text);

	if (n != PB_SERIAL_TEXT - 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		serial = 10 * serial + (uint64_t)(text[i] - '0');
	}
	*ret_serial = serial;
	return true;
}
