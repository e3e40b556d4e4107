/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One blank: looked at, opened with the keys that it names, given the office's.
 */
#include "issuer/core/blank.h"

#include "issuer/core/own_card.h"

enum pb_status pb_blank_give_keys(const struct pb_office *office, struct pb_station *station,
				  const struct pb_card_identity *card, bool *ret_already, struct pb_err *err)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	bool already = false;
	uint8_t newest;
	enum pb_status s;

	s = pb_card_refusal(card, err);
	if (s != PB_OK)
		return s;
	if (card->state != APPLET_BLANK)
		return pb_fail(err, PB_CARD_NOT_BLANK, "life cycle %02X", (unsigned)card->state);
	s = pb_own_card_newest_kvn(office, card, &newest, err);
	if (s == PB_OK)
		s = pb_own_card_session(office, station, card, PB_SESSION_FOR_KEYS, &session, err);
	if (s != PB_OK)
		return s;
	already = session.kvn == newest;
	if (!already)
		s = pb_own_card_give_keys(office, station, card, &session, err);
	if (s == PB_OK)
		*ret_already = already;
	return s;
}
