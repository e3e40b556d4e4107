/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Giving blanks the office's keys before they are anybody's cards.  Under the factory's keys, which are published,
 * whoever records the session can read the new ones; so an office in production does it once for a batch, in a
 * room where nobody listens, and from then on accepts no card with factory keys.
 *
 * Not for: issuing (issue.h), cards in members' pockets (roll.h).
 */
#ifndef PROFBILET_ISSUER_CORE_BLANK_H
#define PROFBILET_ISSUER_CORE_BLANK_H

#include "issuer/core/office.h"
#include "issuer/station/station.h"

/* Of the card that the station has just offered.  *ret_already: it had the newest keys.  PB_CARD_FOREIGN,
 * PB_CARD_NOT_BLANK: nothing was written to it.  With an error it has the old keys or the new ones, and can be put
 * back. */
PB_MUST_USE enum pb_status pb_blank_give_keys(const struct pb_office *office, struct pb_station *station,
					      const struct pb_card_identity *card, bool *ret_already, struct pb_err *err);

#endif
