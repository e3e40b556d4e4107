/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See answer.h.
 */
#include "issuer/daemon/answer.h"

#include <stdlib.h>
#include <string.h>

static enum MHD_Result send_object(struct MHD_Connection *connection, unsigned http_status, const char *type, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	struct MHD_Response *response;
	enum MHD_Result result;

	json_decref(object);
	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	result = MHD_queue_response(connection, http_status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result pb_answer_text(struct MHD_Connection *connection, unsigned http_status, const char *type, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	result = MHD_queue_response(connection, http_status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result pb_answer_json(struct MHD_Connection *connection, json_t *object)
{
	return send_object(connection, MHD_HTTP_OK, "application/json", object);
}

enum MHD_Result pb_answer_error(struct MHD_Connection *connection, enum pb_status status, const struct pb_err *err)
{
	const struct pb_status_row *row = pb_status_row(status);

	return send_object(connection, (unsigned)row->http, "application/problem+json",
			   json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "type", row->name, "title", row->happened, "status", row->http,
				     "advice", row->advice, "detail", err->msg, "retry", row->retry));
}

enum MHD_Result pb_answer_refusal(struct MHD_Connection *connection, unsigned http_status, const char *title)
{
	return send_object(connection, http_status, "application/problem+json",
			   json_pack("{s:s, s:s, s:i}", "type", "about:blank", "title", title, "status", (int)http_status));
}
