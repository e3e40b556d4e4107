/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The passphrase of a key directory and the PIN of a token, from a file: so that they stand in no argument list,
 * no environment and no configuration.
 *
 * Not for: asking a person for a PIN (issuer/cli/ask_pin.h).
 */
#ifndef PROFBILET_KEYS_PASSPHRASE_H
#define PROFBILET_KEYS_PASSPHRASE_H

#include "base/err.h"
#include "base/secret.h"

/* One line of 1 to PB_SECRET_MAX bytes; its line end does not count.  PB_KEYS_UNAVAILABLE for a file that is
 * missing, a link, longer, or that others may read. */
PB_MUST_USE enum pb_status pb_passphrase_read(const char *path, struct pb_secret *ret_passphrase, struct pb_err *err);

/* Where a PIN is. */
enum { PB_PIN_PATH_CAP = 1024 };
struct pb_pin_place {
	char path[PB_PIN_PATH_CAP]; /* "": in nobody's file; it must be asked for */
	bool credential;	    /* provided by systemd */
};

/* The file named; without one (""), the credential "profbilet-pin" that systemd provides (LoadCredential=) in
 * $CREDENTIALS_DIRECTORY, where there is one. */
void pb_pin_place(const char *path, struct pb_pin_place *ret_place);

/* As pb_passphrase_read.  systemd guards its credentials by an access list, of which a mode bit for the group is
 * left to be seen. */
PB_MUST_USE enum pb_status pb_pin_read(const struct pb_pin_place *place, struct pb_secret *ret_pin, struct pb_err *err);

#endif
