/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verify page (web/verify/) over HTTP: its files as they lie in the page's folder, and beside them the two that are of
 * this office and made when they are asked for:
 *
 *     /v/roots.pem      the pinned roots of the trust folder
 *     /v/update.cbor    its trust list and status lists in one (keys/update_file.h)
 *
 * Not for: verdicts.  The page makes them itself, in the browser, and never tells a server which card it has seen.
 */
#ifndef PROFBILET_ISSUER_DAEMON_PAGE_H
#define PROFBILET_ISSUER_DAEMON_PAGE_H

#include <microhttpd.h>

#include "issuer/app/app.h"

/* Whether an address is one of the page's; whether there is a file behind it shows when it is answered. */
bool pb_page_has(const char *path);
/* GET of such an address; an answer that is the same as the browser's own (If-None-Match) is not sent again. */
enum MHD_Result pb_page_answer(const struct pb_app *app, struct MHD_Connection *connection, const char *path);

#endif
