/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A trust list in memory.  It is read in trust_list_read.c, and made in trust_list_sign.c, which no verifier links.
 */
#include "keys/trust_list.h"

#include <stdlib.h>
#include <string.h>

#include "keys/key_dir.h"
#include "keys/trust_list_inside.h"

static const struct {
	const char *name, *words;
} faults[] = {
#define PB_TRUST_FAULT(id, name, words) { name, words },
#include "keys/trust_list.def"
#undef PB_TRUST_FAULT
};

const char *pb_trust_fault_name(enum pb_trust_fault fault)
{
	return faults[fault].name;
}

const char *pb_trust_fault_words(enum pb_trust_fault fault)
{
	return faults[fault].words;
}

const char *pb_issuer_state_name(enum pb_issuer_state state)
{
	static const char *const names[PB_ISSUER_STATE_COUNT] = {
		[PB_ISSUER_ACTIVE] = "active",
		[PB_ISSUER_RETIRED] = "retired",
		[PB_ISSUER_COMPROMISED] = "compromised",
	};

	return names[state];
}

void pb_trust_list_finish(struct pb_trust_list *list)
{
	if (list == NULL)
		return;
	free(list->entries);
	*list = (struct pb_trust_list){ 0 };
}

int pb_trust_entry_compare(const struct pb_trust_entry *a, const struct pb_trust_entry *b)
{
	int order = memcmp(a->kid, b->kid, sizeof(a->kid));

	return order != 0 ? order : memcmp(a->point, b->point, sizeof(a->point));
}

enum pb_status pb_trust_list_add(struct pb_trust_list *list, const struct pb_trust_entry *entry, struct pb_err *err)
{
	struct pb_trust_entry *entries;
	size_t at = 0;

	while (at < list->count && pb_trust_entry_compare(&list->entries[at], entry) < 0)
		at++;
	if (at < list->count && pb_trust_entry_compare(&list->entries[at], entry) == 0)
		return pb_fail(err, PB_CONFLICT, "the key of %s is in the list already", entry->code);
	if (list->count == PB_TRUST_ISSUERS_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a trust list has at most %d issuers", PB_TRUST_ISSUERS_MAX);
	entries = realloc(list->entries, (list->count + 1) * sizeof(entries[0]));
	if (entries == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust list");
	memmove(entries + at + 1, entries + at, (list->count - at) * sizeof(entries[0]));
	entries[at] = *entry;
	list->entries = entries;
	list->count++;
	return PB_OK;
}

enum pb_status pb_trust_entry_of_certificate(const struct pb_x509 *cert, struct pb_trust_entry *ret_entry, struct pb_err *err)
{
	struct pb_x509_issuer read;
	enum pb_status s = pb_x509_read_issuer(cert, &read, err);

	if (s != PB_OK)
		return s;
	if (!pb_issuer_code_valid(read.code))
		return pb_fail(err, PB_INPUT_INVALID, "certificate: the issuer code is malformed");
	*ret_entry = (struct pb_trust_entry){ .valid_from = read.from, .valid_until = read.until,
					      .last_signing = read.signs_until, .test = read.test };
	pb_p256_kid(read.point, ret_entry->kid);
	memcpy(ret_entry->point, read.point, sizeof(read.point));
	memcpy(ret_entry->code, read.code, sizeof(read.code));
	memcpy(ret_entry->name, read.name, sizeof(read.name));
	return PB_OK;
}
