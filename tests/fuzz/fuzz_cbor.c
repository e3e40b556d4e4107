/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The deterministic CBOR reader: whatever it accepts as one item must be readable again, whole, with
 * nothing left over; and never a byte outside the input is touched.
 */
#include <stdlib.h>

#include "base/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as_map(struct pb_view item)
{
	struct pb_cbor in = pb_cbor(item);
	struct pb_cbor_map map;
	struct pb_view value;
	int64_t key, last = 0;
	bool first = true;

	if (!pb_cbor_map(&in, PB_CBOR_ITEMS, &map))
		return;
	while (pb_cbor_next_key(&in, &map, &key)) {
		if (!first && key == last)
			abort();
		first = false;
		last = key;
		(void)pb_cbor_skip(&in, &value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_cbor in = pb_cbor(pb_view(data, size));
	struct pb_view item, same;
	char text[64];

	while (pb_cbor_skip(&in, &item)) {
		struct pb_cbor again = pb_cbor(item);

		if (item.n == 0 || !pb_cbor_skip(&again, &same) || !pb_cbor_end(&again))
			abort();
		again = pb_cbor(item);
		(void)pb_cbor_text_copy(&again, 0, text, sizeof(text));
		read_as_map(item);
	}
	return 0;
}
