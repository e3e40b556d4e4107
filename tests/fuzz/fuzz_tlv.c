/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data objects of any bytes, two levels deep: each value lies inside its bytes, and what is written from
 * an object reads as the same object.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "issuer/iso7816/tlv.h"

static void walk(struct pb_view objects, int depth)
{
	static uint8_t bytes[1 << 17];
	struct pb_cursor in = pb_cursor(objects), again;
	struct pb_tlv object, same;

	while (pb_tlv_take(&in, &object)) {
		struct pb_writer writer = pb_writer(bytes, sizeof(bytes));

		if (object.value.n && (object.value.p < objects.p || object.value.p + object.value.n > objects.p + objects.n))
			abort();
		pb_tlv_put(&writer, object.tag, object.value);
		again = pb_cursor(pb_view(bytes, writer.n));
		if (!pb_tlv_take(&again, &same) || again.left || same.tag != object.tag ||
		    !pb_view_equal(same.value, object.value))
			abort();
		if (depth)
			walk(object.value, depth - 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view value;

	walk(pb_view(data, size), 1);
	(void)pb_tlv_find(pb_view(data, size), 0x9F6E, &value);
	return 0;
}
