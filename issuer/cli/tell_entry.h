/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Saying one entry of the ledger: to people on a line of their own, to programs as an object with the stable names.
 *
 * Not for: what an entry means for a card, which is the card's own state (cmd_cards.c).
 */
#ifndef PROFBILET_ISSUER_CLI_TELL_ENTRY_H
#define PROFBILET_ISSUER_CLI_TELL_ENTRY_H

#include <jansson.h>

#include "issuer/ledger/entry.h"

/* `zone`: seconds east of UTC, for its time. */
void pb_say_entry(uint64_t index, const struct pb_entry *entry, int32_t zone);
json_t *pb_entry_json(uint64_t index, const struct pb_entry *entry);

#endif
