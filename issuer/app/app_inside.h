/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that open offices (app.c), make them (new_office.c), and carry them away and back (backup.c, restore.c)
 * share.  Nobody else includes this.
 *
 * Not for callers of an office: they have app.h.
 */
#ifndef PROFBILET_ISSUER_APP_APP_INSIDE_H
#define PROFBILET_ISSUER_APP_APP_INSIDE_H

#include "issuer/app/app.h"

/* Removes what is there, whatever it is; what cannot be is logged. */
void pb_app_remove_tree(const char *path);
/* A folder that is ready takes its name, which must be free or that of an empty folder: durable when it returns. */
PB_MUST_USE enum pb_status pb_app_put_in_place(const char *staging, const char *folder, struct pb_err *err);

/* With the store open. */
PB_MUST_USE enum pb_status pb_app_open_register(struct pb_app *app, struct pb_err *err);

#endif
