/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hostile host before the software card.  Input: records of what, length, bytes.  A host that does not
 * know the keys cannot make a MAC, so half of the records stand for one that does: their command reaches
 * application or security domain as if it had been unwrapped.  Checked after each: no card is ever half
 * personalised, and no command leads from LOCKED to anything but TERMINATED, or from there anywhere.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "softcard/application.h"
#include "softcard/card.h"
#include "softcard/security_domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum what { RAW, KNOWS_KEYS_APPLICATION, KNOWS_KEYS_DOMAIN, POWER, WHATS };

static void require(bool true_always)
{
	if (!true_always)
		abort();
}

static void check(const struct card_image *now, enum applet_state before)
{
	const bool committed = now->state == APPLET_PERSONALISED || now->state == APPLET_LOCKED;

	require(committed || now->state == APPLET_BLANK || now->state == APPLET_TERMINATED);
	require(now->has_key == committed && (now->credential_n > 0) == committed && (now->ndef_n > 0) == committed);
	require(now->credential_n <= CREDENTIAL_MAX && now->ndef_n <= NDEF_MAX);
	require(!now->has_shadow || now->state == APPLET_BLANK || now->state == APPLET_PERSONALISED);
	require(before != APPLET_LOCKED || now->state == APPLET_LOCKED || now->state == APPLET_TERMINATED);
	require(before != APPLET_TERMINATED || now->state == APPLET_TERMINATED);
}

static void send_raw(struct softcard *card, struct pb_view bytes)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	size_t n = 0;

	require(softcard_transmit(card, bytes, answer, &n) == SOFTCARD_ANSWERED && n >= 2 && n <= sizeof(answer));
}

static void send_unwrapped(struct softcard *card, enum what to, struct pb_view bytes)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	struct pb_writer out = pb_writer(answer, sizeof(answer));
	struct command command;

	/* The channel of one application is never that of another. */
	if (!command_parse(bytes, &command) || card->nvm.now.state == APPLET_TERMINATED)
		return;
	if (to == KNOWS_KEYS_APPLICATION)
		(void)application_secured_command(card, &command, &out);
	else
		(void)security_domain_secured_command(card, &command, &out);
	/* What a channel adds at most must still fit. */
	require(!out.full && out.n <= APDU_DATA_MAX - 2 * 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	const struct softcard_options options = { .uid = PB_VIEW(uid) };
	struct pb_cursor in = pb_cursor(pb_view(data, size));
	uint8_t atr[SOFTCARD_ATR_MAX], what, n;
	struct softcard *card;
	struct pb_view bytes;

	require(softcard_create(&options, &card, NULL) == PB_OK);
	softcard_power_on(card, atr);
	while (pb_take_u8(&in, &what) && pb_take_u8(&in, &n) && pb_take(&in, n < in.left ? n : in.left, &bytes)) {
		const enum applet_state before = card->nvm.now.state;

		if (what % WHATS == RAW)
			send_raw(card, bytes);
		else if (what % WHATS == POWER)
			softcard_power_on(card, atr);
		else
			send_unwrapped(card, (enum what)(what % WHATS), bytes);
		check(&card->nvm.now, before);
	}
	softcard_destroy(card);
	return 0;
}
