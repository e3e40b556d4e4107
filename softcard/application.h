/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The membership application: sections 3 and 5 of card-applet-spec/README.md.  How it is filled is not
 * here but in personalise.h.
 */
#ifndef PROFBILET_SOFTCARD_APPLICATION_H
#define PROFBILET_SOFTCARD_APPLICATION_H

#include "softcard/card.h"

/* FCI and status word of a SELECT that has just chosen it. */
uint16_t application_selected(struct softcard *card, struct pb_writer *out);
/* CLA 00 */
uint16_t application_open_command(struct softcard *card, const struct command *command, struct pb_writer *out);
/* CLA 84, unwrapped */
bool application_knows_secured(uint8_t ins);
uint16_t application_secured_command(struct softcard *card, const struct command *command, struct pb_writer *out);

#endif
