/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of restored ledgers: "/rN-XXXXXXXX" at the end, N from 2.
 */
#include "issuer/ledger/origin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHANCE_DIGITS = 2 * PB_ORIGIN_CHANCE, NUMBER_DIGITS = 9 };

/* Where the mark of a restored ledger begins, and its number; the whole name and 1 when it has none. */
static size_t base_of(const char *origin, unsigned long *ret_number)
{
	const char *mark = strrchr(origin, '/');
	size_t digits, number_digits;
	unsigned long number = 0;

	*ret_number = 1;
	if (mark == NULL || mark[1] != 'r' || mark[2] == '0')
		return strlen(origin);
	number_digits = strspn(mark + 2, "0123456789");
	if (number_digits == 0 || number_digits > NUMBER_DIGITS || mark[2 + number_digits] != '-')
		return strlen(origin);
	digits = strspn(mark + 3 + number_digits, "0123456789abcdef");
	if (digits != CHANCE_DIGITS || mark[3 + number_digits + digits] != '\0')
		return strlen(origin);
	for (size_t i = 0; i < number_digits; i++)
		number = 10 * number + (unsigned long)(mark[2 + i] - '0');
	if (number < 2)
		return strlen(origin);
	*ret_number = number;
	return (size_t)(mark - origin);
}

bool pb_origin_next(const char *origin, const uint8_t chance[static PB_ORIGIN_CHANCE],
		    char ret_origin[static PB_ORIGIN_MAX + 1])
{
	char digits[CHANCE_DIGITS + 1], made[PB_ORIGIN_MAX + 1];
	unsigned long number;
	size_t base = base_of(origin, &number);
	int n;

	pb_hex_encode(pb_view(chance, PB_ORIGIN_CHANCE), digits);
	n = snprintf(made, sizeof(made), "%.*s/r%lu-%s", (int)base, origin, number + 1, digits);
	if (n < 0 || (size_t)n >= sizeof(made))
		return false;
	memcpy(ret_origin, made, sizeof(made));
	return true;
}

static bool follows(const char *before, const char *after)
{
	unsigned long old_number, new_number;
	size_t old_base = base_of(before, &old_number), new_base = base_of(after, &new_number);

	return new_number == old_number + 1 && pb_view_equal(pb_view(before, old_base), pb_view(after, new_base));
}

bool pb_origin_begins_anew(const struct pb_entry *entry, const struct pb_note_key *before, uint64_t index,
			   const struct pb_hash *root, struct pb_note_key *ret_key)
{
	struct pb_note_key key;

	if (entry->type != PB_ENTRY_RESTORED || strcmp(entry->old_origin, before->name) != 0 || entry->count != index ||
	    !pb_view_equal(PB_VIEW(entry->digest), PB_VIEW(root->bytes)) || !follows(before->name, entry->origin) ||
	    !pb_note_key_parse(entry->vkey, &key) || strcmp(key.name, entry->origin) != 0 ||
	    !pb_view_equal(PB_VIEW(key.public_key), PB_VIEW(before->public_key)))
		return false;
	*ret_key = key;
	return true;
}
