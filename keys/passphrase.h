/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The passphrase of a key directory and the PIN of a token, from a file: the one way they come in, so that
 * they stand in no argument list, no environment and no configuration.
 */
#ifndef PROFBILET_KEYS_PASSPHRASE_H
#define PROFBILET_KEYS_PASSPHRASE_H

#include "base/err.h"
#include "base/secret.h"

/* One line of 1 to PB_SECRET_MAX bytes; its line end does not count.  PB_KEYS_UNAVAILABLE for a file that is
 * missing, a link, longer, or that others may read. */
PB_MUST_USE enum pb_status pb_passphrase_read(const char *path, struct pb_secret *ret_passphrase, struct pb_err *err);

/* The same for a PIN.  Without a path (""), it is the credential "profbilet-pin" that systemd provides
 * (LoadCredential=) in $CREDENTIALS_DIRECTORY; systemd guards these by an access list, of which a mode bit for
 * the group is left to be seen. */
PB_MUST_USE enum pb_status pb_pin_read(const char *path, struct pb_secret *ret_pin, struct pb_err *err);

#endif
