/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hash table by linear probing that only grows: 24 bytes for each member a list names.
 */
#include <stdlib.h>

#include "issuer/register/import_internal.h"

static struct seen_entry *place(const struct seen *seen, int64_t member)
{
	/* Ids count up from 1, so that multiplying spreads them well enough. */
	size_t at = (size_t)((uint64_t)member * 0x9E3779B97F4A7C15u >> 20) & (seen->size - 1);

	while (seen->entry[at].member != 0 && seen->entry[at].member != member)
		at = (at + 1) & (seen->size - 1);
	return &seen->entry[at];
}

const struct seen_entry *seen_find(const struct seen *seen, int64_t member)
{
	const struct seen_entry *found;

	if (seen->size == 0)
		return NULL;
	found = place(seen, member);
	return found->member != 0 ? found : NULL;
}

static enum pb_status grow(struct seen *seen, struct pb_err *err)
{
	struct seen larger = { .size = seen->size > 0 ? 2 * seen->size : 1024, .used = seen->used };

	larger.entry = calloc(larger.size, sizeof(*larger.entry));
	if (!larger.entry)
		return pb_fail(err, PB_NO_MEMORY, "the rows of a list");
	for (size_t i = 0; i < seen->size; i++)
		if (seen->entry[i].member != 0)
			*place(&larger, seen->entry[i].member) = seen->entry[i];
	free(seen->entry);
	*seen = larger;
	return PB_OK;
}

enum pb_status seen_add(struct seen *seen, struct seen_entry entry, struct pb_err *err)
{
	struct seen_entry *found;
	enum pb_status s = 2 * (seen->used + 1) > seen->size ? grow(seen, err) : PB_OK;

	if (s != PB_OK)
		return s;
	found = place(seen, entry.member);
	seen->used += found->member == 0;
	*found = entry;
	return PB_OK;
}

void seen_finish(struct seen *seen)
{
	free(seen->entry);
	*seen = (struct seen){ 0 };
}
