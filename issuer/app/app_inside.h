/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that open offices (app.c) and make them (new_office.c) share.  Nobody else includes this.
 *
 * Not for callers of an office: they have app.h.
 */
#ifndef PROFBILET_ISSUER_APP_APP_INSIDE_H
#define PROFBILET_ISSUER_APP_APP_INSIDE_H

#include "issuer/app/app.h"

/* With the store open. */
PB_MUST_USE enum pb_status pb_app_open_register(struct pb_app *app, struct pb_err *err);

#endif
