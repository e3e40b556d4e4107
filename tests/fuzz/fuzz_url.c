/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The address of a QR code and the NDEF file: what is read, written anew, is the same characters.
 */
#include <stdlib.h>
#include <string.h>

#include "issuer/credential/ndef.h"
#include "issuer/credential/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_url(struct pb_view text)
{
	struct pb_credential_token token;
	struct pb_credential_url url;

	if (pb_credential_url_decode(text, "profbilet.example", &token) != PB_FAULT_NONE)
		return;
	if (pb_credential_url("profbilet.example", pb_credential_token_view(&token), &url, NULL) != PB_OK ||
	    !pb_view_equal(text, pb_view_text(url.text)))
		abort();
}

static void read_ndef(struct pb_view file)
{
	char url[PB_NDEF_URL_MAX + 1];
	struct pb_ndef ndef;

	if (!pb_ndef_read_url(file, url))
		return;
	if (pb_ndef_of_url(url, &ndef, NULL) != PB_OK || !pb_view_equal(file, pb_ndef_view(&ndef)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_url(pb_view(data, size));
	read_ndef(pb_view(data, size));
	return 0;
}
