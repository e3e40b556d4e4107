/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader of status lists.  Nothing that libFuzzer makes is signed under a root of ours, so every list must be
 * refused; and one whose form is right has an address that its parts were taken from.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/status_list_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pb_roots no_roots;
	static const struct pb_status_signers nobody;
	static struct pb_status_token token;
	static struct pb_status_list list;
	char end[32];
	size_t n;

	must(pb_status_list_open(pb_view(data, size), &nobody, &no_roots, &list) != PB_STATUS_FAULT_NONE);
	if (pb_status_token_decode(pb_view(data, size), &token) != PB_STATUS_FAULT_NONE)
		return 0;
	(void)snprintf(end, sizeof(end), "/%s/%" PRIu32, token.list.issuer, token.list.number);
	n = strlen(token.list.uri);
	must(n > strlen(end) && strcmp(token.list.uri + n - strlen(end), end) == 0);
	must(token.list.issued_at > 0 && token.list.issued_at < token.list.expires);
	must(pb_status_list_refused(&token.list) <= PB_STATUS_LIST_SLOTS);
	return 0;
}
