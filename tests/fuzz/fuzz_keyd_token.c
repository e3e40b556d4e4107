/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a key process and its owner say about a token before the first question, from both ends: what a decoder
 * accepts, the encoder writes back the same.
 */
#include <stdlib.h>

#include "base/message.h"
#include "keys/keyd/token_start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view bytes = pb_view(data, size);
	uint8_t again[PB_MESSAGE_MAX];
	struct pb_keyd_token token;
	struct pb_token_facts facts;
	PB_SECRET pin = { 0 };

	if (pb_keyd_token_decode(bytes, &token, NULL) == PB_OK)
		must(pb_view_equal(pb_keyd_token_encode(&token, again, sizeof(again)), bytes));
	if (pb_keyd_wanted_decode(bytes, &facts, NULL) == PB_OK)
		must(pb_view_equal(pb_keyd_wanted_encode(&facts, again, sizeof(again)), bytes));
	if (pb_keyd_pin_decode(bytes, &pin, NULL) == PB_OK)
		must(pb_view_equal(pb_keyd_pin_encode(&pin, again, sizeof(again)), bytes));
	return 0;
}
