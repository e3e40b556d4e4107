/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of a chip's discovery, one for each way of asking.  Inside issuer/card/ only.  Each leaves `chip->kind` at
 * PB_CHIP_UNKNOWN when its way gets no answer, which is no error.
 */
#ifndef PROFBILET_ISSUER_CARD_CHIP_INSIDE_H
#define PROFBILET_ISSUER_CARD_CHIP_INSIDE_H

#include "issuer/card/chip.h"

/* GetVersion in the frames of DESFire, and what such chips tell besides. */
PB_MUST_USE enum pb_status pb_chip_ask_native(struct pb_reader *reader, const struct pb_reader_card *card,
					      struct pb_chip *chip, struct pb_err *err);
/* GetVersion alone: PB_CHIP_UNKNOWN for who does not speak so, PB_CHIP_CLONE for one that has another UID than it was
 * made with. */
PB_MUST_USE enum pb_status pb_chip_ask_version(struct pb_reader *reader, struct pb_view uid, enum pb_chip_kind *ret_kind,
					       struct pb_err *err);
/* Applications by their names: PIV, NDEF, GlobalPlatform. */
PB_MUST_USE enum pb_status pb_chip_ask_applications(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err);
/* The key versions of a GlobalPlatform card's security domain. */
PB_MUST_USE enum pb_status pb_chip_ask_domain(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err);
/* A memory card of NFC Forum Type 2, through the reader. */
PB_MUST_USE enum pb_status pb_chip_ask_type_2(struct pb_reader *reader, const struct pb_reader_card *card,
					      struct pb_chip *chip, struct pb_err *err);

/* `chip` says that NXP made it; a UID of seven bytes that is another maker's, or not `own_uid` (empty when the chip
 * does not tell one), makes it a clone, with a note. */
void pb_chip_hold_against_uid(struct pb_chip *chip, const struct pb_reader_card *card, struct pb_view own_uid);
/* A clone, with what it said it was. */
void pb_chip_expose(struct pb_chip *chip, const char *why) __attribute__((nonnull));

#endif
