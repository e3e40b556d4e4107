/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The splitter of update files: every step goes forwards and stays within the bytes, and what a part is called is
 * what its own reader would take.
 */
#include <stdlib.h>

#include "keys/update_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_cursor rest = pb_cursor(pb_view(data, size));
	struct pb_update_item item;
	size_t before = rest.left;

	while (pb_update_next(&rest, &item)) {
		must(rest.left < before && item.bytes.n <= before - rest.left);
		must(item.bytes.n == 0 || (item.bytes.p >= data && item.bytes.p + item.bytes.n <= data + size));
		must(item.kind < PB_UPDATE_KIND_COUNT && pb_update_kind_name(item.kind) != NULL);
		before = rest.left;
	}
	must(rest.p + rest.left == data + size || rest.left == 0);
	return 0;
}
