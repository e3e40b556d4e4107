/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of families, and looking among generations.
 */
#include "keys/master_keys.h"

#include <stdio.h>
#include <string.h>

#include "card-applet-spec/desfire.h"
#include "card-applet-spec/piv.h"
#include "keys/roles.h"

#define SYSTEM(name, n) { (const uint8_t *)(name), n }

static const struct pb_master_family_row rows[PB_MASTER_FAMILY_COUNT] = {
	[PB_MASTER_APPLET] = { "applet", KVN_ISSUER_FIRST, KVN_ISSUER_LAST, true, SYSTEM(ISD_AID, ISD_AID_LEN) },
	[PB_MASTER_PIV] = { "piv", 0x40, 0x4F, false, SYSTEM(PIV_AID, PIV_AID_LEN) },
	[PB_MASTER_NTAG424] = { "ntag424", 0x50, 0x5F, false, SYSTEM(NDEF_AID, NDEF_AID_LEN) },
	[PB_MASTER_DESFIRE] = { "desfire", 0x60, 0x6F, false, SYSTEM(DESFIRE_OWN_AID, DESFIRE_OWN_AID_LEN) },
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

void pb_master_put_input(enum pb_master_family family, struct pb_view uid, uint8_t number, struct pb_writer *input)
{
	pb_diversify_put_input(input, uid, rows[family].system, number);
}

enum pb_master_family pb_master_family_of_kvn(uint8_t kvn)
{
	enum pb_master_family family = 0;

	while (family < PB_MASTER_FAMILY_COUNT && !pb_master_kvn_valid(family, kvn))
		family++;
	return family;
}

enum pb_master_family pb_master_family_find(const char *name)
{
	enum pb_master_family family = 0;

	while (family < PB_MASTER_FAMILY_COUNT && strcmp(rows[family].name, name) != 0)
		family++;
	return family;
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
