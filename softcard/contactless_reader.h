/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a contactless reader adds to a card and the card never sees: the ATR made from its historical
 * bytes (PC/SC part 3, 3.1.3.2.3) and the answer to GET UID, FF CA 00 00 (3.2.2.1.3).
 */
#ifndef PROFBILET_SOFTCARD_CONTACTLESS_READER_H
#define PROFBILET_SOFTCARD_CONTACTLESS_READER_H

#include "softcard/command.h"
#include "softcard/softcard.h"

/* Of a card of this kind, or of some storage card. */
size_t contactless_reader_atr(bool foreign, enum softcard_kind kind,
			      uint8_t ret_atr[static SOFTCARD_ATR_MAX]);
/* Of a card with these historical bytes, 15 at most. */
size_t contactless_reader_atr_of(struct pb_view historical, uint8_t ret_atr[static SOFTCARD_ATR_MAX]);
bool contactless_reader_answers(struct pb_view command);
void contactless_reader_command(struct pb_view uid, struct pb_view bytes, struct pb_writer *out);

#endif
