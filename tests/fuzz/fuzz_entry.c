/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A ledger entry from a file that an auditor was handed: refused, or exactly the bytes we would write.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_entry entry;
	uint8_t bytes[PB_ENTRY_MAX];
	size_t n;

	if (!pb_entry_decode(pb_view(data, size), &entry))
		return 0;
	if (!pb_entry_encode(&entry, bytes, &n) || n != size || memcmp(bytes, data, n) != 0)
		abort();
	if (pb_entry_type_name(entry.type) == NULL || pb_reason_name(entry.reason) == NULL)
		abort();
	return 0;
}
