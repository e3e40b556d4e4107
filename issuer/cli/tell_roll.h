/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Saying what a roll of the master key did to one card: for `cards roll`, and for `verify` where the office rolls at
 * a tap.  A card that failed is told as any other trouble (say.h).
 */
#ifndef PROFBILET_ISSUER_CLI_TELL_ROLL_H
#define PROFBILET_ISSUER_CLI_TELL_ROLL_H

#include <jansson.h>

#include "issuer/core/roll.h"

void pb_say_roll(const struct pb_roll *roll);
/* "moved", "noted", "nothing", "not_issued" */
json_t *pb_roll_json(const struct pb_roll *roll, const char *reader);

#endif
