/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A verdict as JSON, the same from the command (`verify --json`) and from the daemon.  Field names are
 * stable; numbers of cards and members are strings, since they are names and not quantities.
 */
#ifndef PROFBILET_ISSUER_APP_VERIFICATION_JSON_H
#define PROFBILET_ISSUER_APP_VERIFICATION_JSON_H

#include <jansson.h>

#include "issuer/core/verify.h"

/* A new reference; `reader` is "" where there is none. */
json_t *pb_verification_json(const struct pb_verification *report, const char *reader);

#endif
