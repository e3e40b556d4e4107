/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an entry has besides its kind and its card depends on the kind.
 */
#include "issuer/cli/tell_entry.h"

#include <stdio.h>

#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"

static unsigned long long number(uint64_t value)
{
	return value;
}

/* As the signed protocol has it, so that the two can be compared by eye. */
static void say_ceremony(const struct pb_entry *entry)
{
	char hex[2 * PB_ENTRY_HASH + 1];

	printf("%s", pb_word_of_key_step(entry->step));
	if (entry->step == PB_STEP_CARD_MASTER) {
		pb_hex_encode(PB_VIEW(entry->kcv), hex);
		printf("  KVN %02x, KCV %s", entry->kvn, hex);
	} else if (entry->step != PB_STEP_READ_BACK) {
		pb_hex_encode(PB_VIEW(entry->digest), hex);
		printf("  %s", hex);
	}
	if (entry->shares[1] != 0)
		printf(_("  %u of %u"), entry->shares[0], entry->shares[1]);
}

/* With the SHA-256 of the file, as `sha256sum` shows it. */
static void say_trust(const struct pb_entry *entry)
{
	char hex[2 * PB_ENTRY_HASH + 1];

	pb_hex_encode(PB_VIEW(entry->digest), hex);
	printf("%llu  %s", number(entry->count), hex);
}

/* Empty where the entry is of no card. */
static void format_serial(const struct pb_entry *entry, char ret_serial[static PB_SERIAL_TEXT])
{
	ret_serial[0] = '\0';
	if (entry->serial != 0)
		pb_serial_format(entry->serial, ret_serial);
}

void pb_say_entry(uint64_t index, const struct pb_entry *entry, int32_t zone)
{
	char when[PB_WHEN_TEXT], serial[PB_SERIAL_TEXT];

	format_serial(entry, serial);
	pb_when(entry->time, zone, when);
	printf("%6llu  %s  ", number(index), when);
	pb_say_padded(pb_word_of_entry(entry->type), 24);
	printf("%s", serial);
	if (entry->old_serial != 0)
		printf(_(" in place of %010llu"), number(entry->old_serial));
	if (entry->reason != PB_REASON_NONE)
		printf(" (%s)", pb_word_of_reason(entry->reason));
	if (entry->type == PB_ENTRY_CEREMONY)
		say_ceremony(entry);
	if (entry->type == PB_ENTRY_TRUST)
		say_trust(entry);
	if (entry->type == PB_ENTRY_STOCK_IN || entry->type == PB_ENTRY_RECOVER || entry->type == PB_ENTRY_APPROVED)
		printf("%llu  %s", number(entry->count), entry->batch);
	putchar('\n');
}

json_t *pb_entry_json(uint64_t index, const struct pb_entry *entry)
{
	char serial[PB_SERIAL_TEXT];

	format_serial(entry, serial);
	return json_pack("{s:I, s:s, s:I, s:s, s:s}", "entry", (json_int_t)index, "type", pb_entry_type_name(entry->type), "time",
			 (json_int_t)entry->time, "serial", serial, "reason", pb_reason_name(entry->reason));
}
