/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chip with a PIV application and an NDEF application, as shops sell them (YubiKey, CanoKey, a Java Card with
 * PivApplet or OpenFIPS201 and an NDEF applet), written from NIST SP 800-73-4 part 2 and from what hosts ask of
 * such cards outside it.  Only what an issuer of Profbilet and the usual tools need: of the asymmetric keys 9E,
 * of the PIN its VERIFY.  Not for: what guards PIN and keys of a real card against its holder.
 */
#ifndef PROFBILET_SOFTCARD_PIV_H
#define PROFBILET_SOFTCARD_PIV_H

#include "softcard/card.h"

/* Any command to such a chip. */
uint16_t piv_card_command(struct softcard *card, const struct command *command, struct pb_writer *out);

/* piv_objects.c: `out` is as long as an object */
uint16_t piv_selected(struct pb_writer *out);
uint16_t piv_get_data(struct softcard *card, const struct command *command, struct pb_writer *out);
uint16_t piv_put_data(struct softcard *card, const struct command *command);

/* piv_keys.c */
uint16_t piv_generate(struct softcard *card, const struct command *command, struct pb_writer *out);
uint16_t piv_general_authenticate(struct softcard *card, const struct command *command, struct pb_writer *out);
uint16_t piv_set_management_key(struct softcard *card, const struct command *command);
uint16_t piv_get_metadata(struct softcard *card, const struct command *command, struct pb_writer *out);
uint16_t piv_verify(struct softcard *card, const struct command *command);

/* piv_ndef.c: a Type 4 Tag with a file of its own number and limits, written freely */
uint16_t piv_ndef_command(struct softcard *card, const struct command *command, struct pb_writer *out);

#endif
