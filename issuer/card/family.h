/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a kind of card must know to be identified and read: one row each in card.c.  Inside issuer/card/
 * only.
 */
#ifndef PROFBILET_ISSUER_CARD_FAMILY_H
#define PROFBILET_ISSUER_CARD_FAMILY_H

#include "issuer/card/card.h"

/* identify fills what it learns and sets `family` when the card is of its kind, `why` when not, and `chip` where that can
 *          be no card of another family; an error is only what kept it from finding out. */
struct pb_card_family_ops {
	enum pb_card_family family;
	enum pb_status (*identify)(struct pb_reader *reader, const struct pb_reader_card *card,
				   struct pb_card_identity *identity, struct pb_err *err);
	enum pb_status (*examine)(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
				  struct pb_err *err);
};

extern const struct pb_card_family_ops pb_card_applet, pb_card_desfire, pb_card_ntag424, pb_card_ndef, pb_card_piv;

#endif
