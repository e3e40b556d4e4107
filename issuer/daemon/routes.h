/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the daemon answers today: how the office stands, verdicts over QR codes, and the verify page.
 *
 *     GET  /v1/status          members, cards, blanks, ledger
 *     POST /v1/verifications   the text of a QR code as the body -> a verdict
 *     GET  /v, /v/..., /v-offline.js   the page that QR codes lead to (page.h)
 *
 *     POST /add-checkpoint     of an office that is a witness: another office's request -> a cosignature, or a refusal
 *                              (C2SP tlog-witness)
 *
 * It opens the office for reading and holds no key; who cosigns is a process of its own (issuer/app/witness.h).  Issuing over HTTP, users and the pages of the desk are not here yet.
 */
#ifndef PROFBILET_ISSUER_DAEMON_ROUTES_H
#define PROFBILET_ISSUER_DAEMON_ROUTES_H

#include <microhttpd.h>

struct pb_app;
struct pb_app_witness;

struct pb_served {
	struct pb_app *app; /* opened for reading */
	const struct pb_app_witness *witness; /* NULL: the office is none */
};

/* The access handler of libmicrohttpd; `served` is a struct pb_served. */
enum MHD_Result pb_routes_answer(void *served, struct MHD_Connection *connection, const char *path, const char *method,
				 const char *version, const char *body, size_t *body_n, void **request);
void pb_routes_done(void *served, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode why);

#endif
