/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of the HTTP API: JSON objects, and errors as problem+json (RFC 9457) made from the one status
 * table.  Not for deciding anything: routes.h does.
 */
#ifndef PROFBILET_ISSUER_DAEMON_ANSWER_H
#define PROFBILET_ISSUER_DAEMON_ANSWER_H

#include <jansson.h>
#include <microhttpd.h>

#include "base/err.h"

/* Takes the reference. */
enum MHD_Result pb_answer_json(struct MHD_Connection *connection, json_t *object);
enum MHD_Result pb_answer_error(struct MHD_Connection *connection, enum pb_status status, const struct pb_err *err);
/* Text as it is, which is copied. */
enum MHD_Result pb_answer_text(struct MHD_Connection *connection, unsigned http_status, const char *type, const char *text);
/* A refusal of HTTP itself: 400, 404, 405, 413. */
enum MHD_Result pb_answer_refusal(struct MHD_Connection *connection, unsigned http_status, const char *title);

#endif
