/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards of other makers, as far as they say who they are: an ATR, a UID and the answers that their data sheets
 * print.  A persona has no memory and no keys: nothing can be written to it, and whoever tries to authenticate is
 * refused.  For showing what an office says of a card it cannot use; cards that are issued are softcard.h.
 */
#ifndef PROFBILET_SOFTCARD_PERSONA_H
#define PROFBILET_SOFTCARD_PERSONA_H

#include "softcard/softcard.h"

struct persona;

/* By name ("desfire_ev2") and by number from 0; NULL when there is none. */
const struct persona *persona_find(const char *name);
const struct persona *persona_at(size_t index);
const char *persona_name(const struct persona *persona);

size_t persona_atr(const struct persona *persona, uint8_t ret_atr[static SOFTCARD_ATR_MAX]);
/* UID_MAX bytes at most. */
size_t persona_uid(const struct persona *persona, uint8_t ret_uid[static UID_MAX]);

/* One persona on a reader.  Zeroed but for `persona` it has just been put there. */
struct persona_card {
	const struct persona *persona;
	size_t at; /* the exchange after the last one answered */
};

/* What the card, or the reader on its behalf (CLA FF), answers; ret_answer ends with the status word. */
void persona_transmit(struct persona_card *card, struct pb_view command, uint8_t ret_answer[static SOFTCARD_ANSWER_MAX],
		      size_t *ret_n);

/* Is the card on the vpcd reader that listens on this port of 127.0.0.1, for good. */
_Noreturn void persona_run(const struct persona *persona, unsigned port);

#endif
