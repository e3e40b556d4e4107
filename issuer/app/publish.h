/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Publishing the office's trust list: signed by its key, entered into its ledger, then taken into its own trust
 * folder, in this order.  A crash in between leaves an entry whose list nobody has, and the next list gets a
 * larger number; a list without an entry cannot be.
 */
#ifndef PROFBILET_ISSUER_APP_PUBLISH_H
#define PROFBILET_ISSUER_APP_PUBLISH_H

#include "issuer/app/app.h"
#include "keys/trust_publish.h"

/* With these changes and the certificates that are new in the folder; `count` may be 0.  The office is open for
 * PB_APP_PUBLISH or PB_APP_WRITE; what verifies here goes on with the list it was opened with.  The draft is the
 * caller's to finish.  `actor`: who publishes, NULL: not said. */
PB_MUST_USE enum pb_status pb_app_publish_trust(struct pb_app *app, const struct pb_trust_change *changes, size_t count,
						const char *actor, struct pb_trust_draft *ret_published, struct pb_err *err);

#endif
