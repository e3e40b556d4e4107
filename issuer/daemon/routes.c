/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of routes, the page beside them, and the bounded gathering of a body.
 */
#include "issuer/daemon/routes.h"

#include <stdlib.h>
#include <string.h>

#include "issuer/app/app.h"
#include "issuer/app/verification_json.h"
#include "issuer/app/witness.h"
#include "issuer/daemon/answer.h"
#include "issuer/daemon/page.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/register.h"

enum { BODY_MAX = PB_ADD_CHECKPOINT_MAX };

/* One request while it arrives. */
struct request {
	char body[BODY_MAX + 1];
	size_t n;
	bool too_long;
};

static enum MHD_Result status(const struct pb_served *served, struct MHD_Connection *connection, const struct request *request)
{
	const struct pb_app *app = served->app;
	struct pb_member_filter everyone = { 0 };
	struct pb_ledger_counts counts;
	struct pb_err err = { 0 };
	int64_t members;
	enum pb_status s = pb_register_count_members(app->office.members, &everyone, &members, &err);

	(void)request;
	if (s != PB_OK)
		return pb_answer_error(connection, s, &err);
	pb_ledger_counts(app->office.ledger, &counts);
	return pb_answer_json(connection, json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "test", app->test, "members",
						    (json_int_t)members, "entries", (json_int_t)counts.entries, "issued",
						    (json_int_t)counts.issued, "spoiled", (json_int_t)counts.spoiled, "left",
						    (json_int_t)counts.left, "open", (json_int_t)counts.open));
}

static enum MHD_Result verify(const struct pb_served *served, struct MHD_Connection *connection, const struct request *request)
{
	struct pb_verification report;
	struct pb_err err = { 0 };
	enum pb_status s = pb_verify_text(&served->app->verifier, request->body, &report, &err);

	if (s != PB_OK)
		return pb_answer_error(connection, s, &err);
	return pb_answer_json(connection, pb_verification_json(&report, ""));
}

/* C2SP tlog-witness: what is asked and answered is plain text, whoever asks. */
static enum MHD_Result add_checkpoint(const struct pb_served *served, struct MHD_Connection *connection,
				      const struct request *request)
{
	struct pb_witness_reply reply;
	struct pb_err err = { 0 };
	enum pb_status s;

	if (!served->witness)
		return pb_answer_refusal(connection, MHD_HTTP_NOT_FOUND, "This office is no witness.");
	s = pb_app_witness_answer(served->witness, pb_view(request->body, request->n), &reply, &err);
	if (s != PB_OK)
		return pb_answer_error(connection, s, &err);
	return pb_answer_text(connection, reply.status, reply.status == PB_ADD_CONFLICT ? PB_SIZE_CONTENT_TYPE : "text/plain; charset=utf-8",
			      reply.body);
}

static const struct route {
	const char *method, *path;
	enum MHD_Result (*answer)(const struct pb_served *served, struct MHD_Connection *connection, const struct request *request);
} routes[] = {
	{ "GET", "/v1/status", status },
	{ "POST", "/v1/verifications", verify },
	{ "POST", "/add-checkpoint", add_checkpoint },
};

static enum MHD_Result dispatch(const struct pb_served *served, struct MHD_Connection *connection, const char *path, const char *method,
				const struct request *request)
{
	bool path_known = false;

	if (request->too_long)
		return pb_answer_refusal(connection, MHD_HTTP_CONTENT_TOO_LARGE, "The body is longer than is ever needed here.");
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return routes[i].answer(served, connection, request);
		path_known = true;
	}
	if (pb_page_has(path)) {
		path_known = true;
		if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
			return pb_page_answer(served->app, connection, path);
	}
	if (path_known)
		return pb_answer_refusal(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Not with this method.");
	return pb_answer_refusal(connection, MHD_HTTP_NOT_FOUND, "There is nothing at this address.");
}

static void gather(struct request *request, const char *body, size_t n)
{
	if (n > BODY_MAX - request->n) {
		request->too_long = true;
		return;
	}
	memcpy(request->body + request->n, body, n);
	request->n += n;
}

enum MHD_Result pb_routes_answer(void *served, struct MHD_Connection *connection, const char *path, const char *method,
				 const char *version, const char *body, size_t *body_n, void **request)
{
	(void)version;
	if (!*request) {
		*request = calloc(1, sizeof(struct request));
		return *request ? MHD_YES : MHD_NO;
	}
	if (*body_n > 0) {
		gather(*request, body, *body_n);
		*body_n = 0;
		return MHD_YES;
	}
	return dispatch(served, connection, path, method, *request);
}

void pb_routes_done(void *served, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode why)
{
	(void)served;
	(void)connection;
	(void)why;
	free(*request);
	*request = NULL;
}
