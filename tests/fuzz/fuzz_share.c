/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A share that can be read is written again the same: QR text to the character, words to what they mean.
 */
#include <stdlib.h>
#include <string.h>

#include "keys/shares.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_read(const struct pb_share *share, const struct pb_share_text *text)
{
	struct pb_share again = { 0 };
	size_t position;

	if (pb_share_read(pb_view_text(text->text), &again, &position) != PB_SHARE_GOOD || again.index != share->index ||
	    again.needed != share->needed || again.count != share->count ||
	    !pb_view_equal(PB_VIEW(again.set), PB_VIEW(share->set)) ||
	    !pb_view_equal(pb_secret_view(&again.value), pb_secret_view(&share->value)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view text = pb_view(data, size);
	struct pb_share share = { 0 };
	struct pb_share_text written;
	size_t position, count, unknown = pb_share_unknown_word(text, &count);
	enum pb_share_fault fault = pb_share_read(text, &share, &position);

	if (fault == PB_SHARE_WORD && unknown != position)
		abort();
	if (fault != PB_SHARE_GOOD)
		return 0;
	pb_share_write_words(&share, &written);
	must_read(&share, &written);
	pb_share_write_qr(&share, &written);
	must_read(&share, &written);
	if (data[0] == 'P' && !pb_view_equal(text, pb_view_text(written.text)))
		abort();
	return 0;
}
