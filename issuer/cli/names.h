/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words for people: what an office calls the states of a card, reasons, entries of the ledger and findings
 * of an audit, and when something happened by the office's own clock.  Every function returns text in the
 * language of the interface; the memory is static.
 *
 * Not for: JSON and files, which hold the stable names (pb_card_state_name and its like).
 */
#ifndef PROFBILET_ISSUER_CLI_NAMES_H
#define PROFBILET_ISSUER_CLI_NAMES_H

#include "issuer/ledger/audit.h"

enum { PB_WHEN_TEXT = 20 };

/* "half-written" */
const char *pb_word_of_state(enum pb_card_state state);
/* "stolen"; "" for PB_REASON_NONE */
const char *pb_word_of_reason(enum pb_reason reason);
/* "card issued" */
const char *pb_word_of_entry(enum pb_entry_type type);
/* A sentence. */
const char *pb_word_of_key_step(enum pb_key_step step);
const char *pb_word_of_finding(enum pb_finding_code code);

/* "24.11.2026 19:14:02" in the zone, given as seconds east of UTC. */
void pb_when(int64_t unix_seconds, int32_t zone_seconds_east, char ret_text[static PB_WHEN_TEXT]);

#endif
