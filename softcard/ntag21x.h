/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip NTAG 215 and the reader before it: pages of four bytes, lock bits that are only ever set, and the two
 * commands by which a PC/SC reader reads and writes a memory card.  Written from NXP's data sheet NTAG213_215_216 rev.
 * 3.2 and PC/SC part 3.  The password, the counter, the mirror and the commands that pass through a reader (GET_VERSION,
 * READ_SIG) are not there: a reader of the older kind.
 */
#ifndef PROFBILET_SOFTCARD_NTAG21X_H
#define PROFBILET_SOFTCARD_NTAG21X_H

#include "base/bytes.h"
#include "softcard/command.h"
#include "softcard/ntag21x_image.h"

struct softcard;

/* Whether a command to the reader is one that reaches the memory of the card. */
bool ntag21x_is_command(struct pb_view apdu);
uint16_t ntag21x_command(struct softcard *card, const struct command *command, struct pb_writer *out);

#endif
