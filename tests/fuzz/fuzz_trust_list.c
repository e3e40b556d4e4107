/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader of trust lists.  Nothing that libFuzzer makes is signed by a root of ours, so every list must be
 * refused, and one whose form is right is encoded by no other bytes: sorted, with each key's own id.
 */
#include <stdlib.h>
#include <string.h>

#include "keys/trust_list_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void check_form(const struct pb_trust_list *list)
{
	must(list->sequence > 0 && list->issued_at < list->expires && list->count <= PB_TRUST_ISSUERS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		const struct pb_trust_entry *entry = &list->entries[i];

		must(i == 0 || pb_trust_entry_compare(entry - 1, entry) < 0);
		must(entry->valid_from <= entry->last_signing && entry->last_signing <= entry->valid_until);
		must(entry->code[0] != '\0' && entry->name[0] != '\0' && entry->state < PB_ISSUER_STATE_COUNT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pb_roots no_roots;
	struct pb_trust_token token;
	enum pb_trust_fault fault;

	must(pb_trust_token_decode(pb_view(data, size), &token, &fault, NULL) == PB_OK);
	if (fault != PB_TRUST_FAULT_NONE)
		return 0;
	check_form(&token.list);
	must(pb_trust_token_check(&token, &no_roots) != PB_TRUST_FAULT_NONE);
	pb_trust_list_finish(&token.list);
	return 0;
}
