/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Publishing which cards are refused: every status list in use, from the ledger, signed by the office's key and put
 * into its trust folder.  To be done daily and after each loss.  A list that was signed today, by the office's calendar,
 * and says what the ledger says stays as it is: doing it again does nothing.
 *
 * A crash in between leaves some lists of today and some of yesterday, each whole; the next run signs the others.
 */
#ifndef PROFBILET_ISSUER_APP_PUBLISH_STATUS_H
#define PROFBILET_ISSUER_APP_PUBLISH_STATUS_H

#include "issuer/app/app.h"

struct pb_status_publication {
	uint32_t lists;	    /* in use; the first is, before there are cards */
	uint32_t signed_now;
	uint64_t refused;   /* cards that they refuse */
	int64_t issued_at;  /* of the newest */
};

/* The office is open for PB_APP_WRITE.  PB_NOT_FOUND: it has no status-list key, or no certificate of one is in
 * the folder. */
PB_MUST_USE enum pb_status pb_app_publish_status(struct pb_app *app, struct pb_status_publication *ret_published,
						 struct pb_err *err);

#endif
