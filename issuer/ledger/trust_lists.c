/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Published trust lists as entries: an auditor sees which list was given out when, and that no two had one number.
 */
#include <inttypes.h>
#include <string.h>

#include "issuer/ledger/internal.h"

/* As in ceremony.c: the fifth byte of an entry is its type. */
static enum pb_status last_published(struct pb_ledger *ledger, uint64_t *ret_sequence, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	const uint8_t type = PB_ENTRY_TRUST;
	struct pb_entry entry;
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT rec FROM entry WHERE substr(rec,5,1)=?1 ORDER BY idx DESC LIMIT 1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_bytes(&q, 1, pb_view(&type, 1));
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK && row && !pb_entry_decode(pb_column_bytes(&q, 0), &entry))
		return pb_fail(err, PB_LEDGER_CORRUPT, "an entry of a trust list is malformed");
	if (s == PB_OK)
		*ret_sequence = row ? entry.count : 0;
	return s;
}

enum pb_status pb_ledger_last_trust_list(struct pb_ledger *ledger, uint64_t *ret_sequence, struct pb_err *err)
{
	return last_published(ledger, ret_sequence, err);
}

static enum pb_status append(struct pb_ledger *ledger, struct pb_entry *entry, struct pb_err *err)
{
	uint64_t last, index;
	enum pb_status s = last_published(ledger, &last, err);

	if (s == PB_OK && entry->count <= last)
		return pb_fail(err, PB_CONFLICT, "trust list %" PRIu64 " was published already", last);
	return s == PB_OK ? ledger_append(ledger, entry, &index, err) : s;
}

enum pb_status pb_ledger_note_trust_list(struct pb_ledger *ledger, uint64_t sequence, const uint8_t digest[static PB_ENTRY_HASH],
					 const char *actor, struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_TRUST, .count = sequence };
	enum pb_status s;

	if (ledger->ks == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "the ledger was opened for looking only");
	memcpy(entry.digest, digest, sizeof(entry.digest));
	s = ledger_set_actor(ledger, actor, &entry, err);
	if (s == PB_OK)
		s = ledger_begin(ledger, err);
	if (s != PB_OK)
		return s;
	s = append(ledger, &entry, err);
	if (s == PB_OK)
		return ledger_commit_signed(ledger, err);
	ledger_rollback(ledger);
	return s;
}
