/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An answer to reset of any bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "issuer/iso7816/atr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_atr atr;

	if (!pb_atr_parse(pb_view(data, size), &atr))
		return 0;
	if (atr.historical.n > 15 || !pb_atr_storage_words(atr.storage_name))
		abort();
	return 0;
}
