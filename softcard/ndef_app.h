/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The NFC Forum Type 4 Tag a telephone sees: section 8 of card-applet-spec/README.md.  It shows the NDEF
 * image the membership application holds, and an empty one before there is any.
 */
#ifndef PROFBILET_SOFTCARD_NDEF_APP_H
#define PROFBILET_SOFTCARD_NDEF_APP_H

#include "softcard/card.h"

uint16_t ndef_app_command(struct softcard *card, const struct command *command, struct pb_writer *out);

#endif
