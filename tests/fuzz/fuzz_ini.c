/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * base/ini against any bytes: it ends, and what it gives out is valid text within its line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_ini ini = pb_ini(pb_view(data, size));
	struct pb_ini_entry entry;
	bool more = true;
	int line = 0;

	while (pb_ini_next(&ini, &entry, &more, NULL) == PB_OK && more) {
		if (entry.line <= line || entry.key[0] == '\0' || !pb_text_valid(pb_view_text(entry.value)))
			abort();
		line = entry.line;
	}
	return 0;
}
