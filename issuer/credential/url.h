/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The address printed as a QR code: https://HOST/v#TOKEN, the token in base32 (RFC 4648 6) without padding.
 * What follows `#` never reaches the server.  Base32 in capitals, because a QR code packs those, and because
 * no phone's camera rewrites them as it does the `%` of base45.
 *
 * One token has one address: other letters, padding and leftover bits are refused.
 */
#ifndef PROFBILET_ISSUER_CREDENTIAL_URL_H
#define PROFBILET_ISSUER_CREDENTIAL_URL_H

#include "issuer/credential/credential.h"

enum {
	PB_URL_HOST_MAX = 63,
	PB_URL_BASE32_MAX = (PB_CREDENTIAL_MAX * 8 + 4) / 5,
	PB_CREDENTIAL_URL_MAX = 8 + PB_URL_HOST_MAX + 3 + PB_URL_BASE32_MAX, /* without NUL */
};

struct pb_credential_url {
	char text[PB_CREDENTIAL_URL_MAX + 1];
	size_t prefix_n; /* characters up to and with `#`: what follows is alphanumeric for a QR code */
};

/* A lower-case name of 1 to PB_URL_HOST_MAX letters, digits, dots and hyphens. */
bool pb_url_host_valid(const char *host);

/* PB_INPUT_INVALID when the host is not a lower-case name of letters, digits, dots and hyphens, or the token
 * is empty or longer than PB_CREDENTIAL_MAX. */
PB_MUST_USE enum pb_status pb_credential_url(const char *host, struct pb_view token, struct pb_credential_url *ret_url,
					     struct pb_err *err);
/* The token, not yet decoded.  Only addresses at `host` are taken, letter for letter; NULL: at whichever. */
PB_MUST_USE enum pb_credential_fault pb_credential_url_decode(struct pb_view url, const char *host,
							      struct pb_credential_token *ret_token);

#endif
