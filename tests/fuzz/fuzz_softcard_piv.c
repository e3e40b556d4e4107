/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hostile host before the PIV software card.  Input: records of what, length, bytes.  A host that does not know
 * the management key cannot answer a witness, so half of the records stand for one that does.  Checked after each:
 * without that key nothing changes but the tries of the PIN and the tag's file, and objects stay whole.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "softcard/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum what { RAW, KNOWS_KEY, POWER, WHATS };

static void require(bool true_always)
{
	if (!true_always)
		abort();
}

static void check(const struct card_image *now, const struct card_image *before, bool knew_key)
{
	uint8_t bytes[sizeof(struct piv_image) + 64];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));
	struct piv_image read;
	struct pb_cursor in;

	piv_image_put(&out, &now->piv);
	require(!out.full);
	in = pb_cursor(pb_view(bytes, out.n));
	require(piv_image_take(&in, &read) && !in.left);
	require(now->piv.pin_tries <= PIV_PIN_TRIES);
	if (knew_key)
		return;
	require(now->has_key == before->has_key && memcmp(now->key, before->key, sizeof(now->key)) == 0);
	require(now->piv.objects_n == before->piv.objects_n && now->piv.algorithm == before->piv.algorithm);
	require(memcmp(now->piv.objects, before->piv.objects, now->piv.objects_n) == 0);
	require(memcmp(now->piv.management, before->piv.management, sizeof(now->piv.management)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	static struct card_image before;
	const struct softcard_options options = { .kind = SOFTCARD_PIV, .piv_aes = size % 2, .uid = PB_VIEW(uid) };
	struct pb_cursor in = pb_cursor(pb_view(data, size));
	uint8_t atr[SOFTCARD_ATR_MAX], answer[SOFTCARD_ANSWER_MAX], what, length;
	struct softcard *card;
	struct pb_view bytes;
	size_t n;

	require(softcard_create(&options, &card, NULL) == PB_OK);
	softcard_power_on(card, atr);
	while (pb_take_u8(&in, &what) && pb_take_u8(&in, &length) &&
	       pb_take(&in, length < in.left ? length : in.left, &bytes)) {
		const bool key = what % WHATS == KNOWS_KEY && card->selected == APPLICATION_PIV;

		before = card->nvm.now;
		if (what % WHATS == POWER)
			softcard_power_on(card, atr);
		card->piv.authenticated = key;
		require(softcard_transmit(card, bytes, answer, &n) == SOFTCARD_ANSWERED && n >= 2 && n <= sizeof(answer));
		check(&card->nvm.now, &before, key);
	}
	softcard_destroy(card);
	return 0;
}
