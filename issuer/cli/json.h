/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results for programs: one JSON object on stdout, made with jansson.  Field names are English, stable, and
 * never translated; numbers of cards and members are strings, since they are names and not quantities.
 */
#ifndef PROFBILET_ISSUER_CLI_JSON_H
#define PROFBILET_ISSUER_CLI_JSON_H

#include <jansson.h>

#include "base/err.h"

/* Prints the object in one line and drops the reference. */
void pb_json_print(json_t *object);
/* A string of what may not be UTF-8 (a detail can be cut in the middle of a letter): such bytes become "?". */
json_t *pb_json_text(const char *bytes);
/* {"error": ...}.  `about` may be NULL; it and `detail` may hold any bytes. */
void pb_json_error(const char *about, const struct pb_status_row *row, const char *detail);

#endif
