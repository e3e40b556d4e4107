/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which token holds the keys, said to people and to programs: its label, its serial number and what it says of
 * the tries of its PIN.
 *
 * Not for the PIN itself (ask_pin.h).
 */
#ifndef PROFBILET_ISSUER_CLI_TOKEN_WORDS_H
#define PROFBILET_ISSUER_CLI_TOKEN_WORDS_H

#include <jansson.h>

#include "keys/token.h"

json_t *pb_token_as_json(const struct pb_token_facts *token);
void pb_say_token(const struct pb_token_facts *token);

#endif
