/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The issuer security domain, as far as section 7 of card-applet-spec/README.md needs one: its keys, the
 * secure channel it lends to the application, PUT KEY and INSTALL [for personalization].
 */
#ifndef PROFBILET_SOFTCARD_SECURITY_DOMAIN_H
#define PROFBILET_SOFTCARD_SECURITY_DOMAIN_H

#include "softcard/card.h"

void security_domain_factory_keys(struct card_keys *ret_keys);

uint16_t security_domain_selected(struct pb_writer *out);
/* SecureChannel.processSecurity, for whichever application is selected. */
uint16_t initialize_update(struct softcard *card, struct pb_view aid, const struct command *command, struct pb_writer *out);
uint16_t external_authenticate(struct softcard *card, const struct command *command);

/* GET DATA in the clear, on no channel */
uint16_t security_domain_get_data(struct softcard *card, const struct command *command, struct pb_writer *out);
bool security_domain_knows_secured(uint8_t ins);
uint16_t security_domain_secured_command(struct softcard *card, const struct command *command, struct pb_writer *out);

#endif
