/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of families, and looking among generations.
 */
#include "keys/master_keys.h"

#include <stdio.h>

#include "card-applet-spec/applet.h"
#include "keys/roles.h"

static const struct pb_master_family_row rows[PB_MASTER_FAMILY_COUNT] = {
	[PB_MASTER_APPLET] = { "applet", KVN_ISSUER_FIRST, KVN_ISSUER_LAST },
};

_Static_assert(KVN_ISSUER_LAST - KVN_ISSUER_FIRST + 1 == PB_MASTER_KVNS, "one count of generations");

const struct pb_master_family_row *pb_master_family_row(enum pb_master_family family)
{
	return &rows[family];
}

bool pb_master_kvn_valid(enum pb_master_family family, uint8_t kvn)
{
	return kvn >= rows[family].first && kvn <= rows[family].last;
}

const struct pb_generation *pb_generation_find(const struct pb_generations *generations, enum pb_master_family family,
					       uint8_t kvn)
{
	for (size_t i = 0; i < generations->count; i++)
		if (generations->list[i].family == family && generations->list[i].kvn == kvn)
			return &generations->list[i];
	return NULL;
}

const struct pb_generation *pb_generation_current(const struct pb_generations *generations, enum pb_master_family family)
{
	const struct pb_generation *newest = NULL;

	for (size_t i = 0; i < generations->count; i++)
		if (generations->list[i].family == family && (newest == NULL || generations->list[i].kvn > newest->kvn))
			newest = &generations->list[i];
	return newest;
}

void pb_master_name(enum pb_master_family family, uint8_t kvn, char ret_name[static PB_MASTER_NAME])
{
	(void)snprintf(ret_name, PB_MASTER_NAME, "%s-%s-%02x", pb_key_role_row(PB_ROLE_CARD_MASTER)->name, rows[family].name,
		       kvn);
}
