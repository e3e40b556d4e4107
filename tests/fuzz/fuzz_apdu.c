/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A command or an answer of any bytes: what parses is written back the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "issuer/iso7816/apdu.h"
#include "issuer/iso7816/sw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[512];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_response response;
	struct pb_apdu apdu;

	if (pb_apdu_parse(pb_view(data, size), &apdu)) {
		pb_apdu_put(&writer, &apdu);
		if (!pb_view_equal(pb_view(bytes, writer.n), pb_view(data, size)))
			abort();
	}
	if (pb_response_parse(pb_view(data, size), &response) && !pb_sw_row(response.sw)->words)
		abort();
	return 0;
}
