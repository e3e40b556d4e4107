/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the application takes its contents and changes its state: section 6 of card-applet-spec/README.md.
 * Both roads lead here, STORE DATA to the application and STORE DATA through the security domain.
 */
#ifndef PROFBILET_SOFTCARD_PERSONALISE_H
#define PROFBILET_SOFTCARD_PERSONALISE_H

#include "softcard/card.h"

/* One block, unwrapped.  The last one commits, or changes the state. */
uint16_t store_data(struct softcard *card, const struct command *command);
/* The application's own rule of what may follow what; one write. */
uint16_t set_state(struct softcard *card, uint8_t state);
void forget_blocks(struct softcard *card);

#endif
