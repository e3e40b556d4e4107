/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ceremonies: they happen on a machine without the ledger, often before there is one, and are entered step by
 * step when the office is set up.
 */
#include <string.h>

#include "issuer/ledger/internal.h"

static struct pb_entry entry_of(const struct pb_ceremony_step *step)
{
	struct pb_entry entry = { .type = PB_ENTRY_CEREMONY, .step = step->step, .clock = step->at, .kvn = step->kvn,
				  .shares = { step->needed, step->count } };

	memcpy(entry.digest, step->digest, sizeof(entry.digest));
	memcpy(entry.kcv, step->kcv, sizeof(entry.kcv));
	return entry;
}

static struct pb_ceremony_step step_of(const struct pb_entry *entry)
{
	struct pb_ceremony_step step = { .step = entry->step, .at = entry->clock, .kvn = entry->kvn,
					 .needed = entry->shares[0], .count = entry->shares[1] };

	memcpy(step.digest, entry->digest, sizeof(step.digest));
	memcpy(step.kcv, entry->kcv, sizeof(step.kcv));
	return step;
}

static enum pb_status append_step(struct pb_ledger *ledger, const struct pb_ceremony_step *step, struct pb_err *err)
{
	struct pb_entry entry = entry_of(step);
	uint64_t index;

	if (step->at > ledger->now)
		return pb_fail(err, PB_CLOCK_WRONG, "the ceremony ended later than this computer's clock stands");
	return ledger_append(ledger, &entry, &index, err);
}

enum pb_status pb_ledger_note_ceremony(struct pb_ledger *ledger, const struct pb_ceremony_step *steps, size_t count,
				       struct pb_err *err)
{
	enum pb_status s = ledger_begin(ledger, err);

	if (s != PB_OK)
		return s;
	for (size_t i = 0; i < count && s == PB_OK; i++)
		s = append_step(ledger, &steps[i], err);
	if (s == PB_OK)
		return ledger_commit_signed(ledger, err);
	ledger_rollback(ledger);
	return s;
}

/* What is looked for; `digest` NULL: whatever it has. */
struct wanted {
	enum pb_key_step step;
	const uint8_t *digest;
	uint32_t first, last; /* KVNs */
};

static bool is_wanted(const struct wanted *wanted, const struct pb_entry *entry)
{
	return entry->step == wanted->step && entry->kvn >= wanted->first && entry->kvn <= wanted->last &&
	       (!wanted->digest || pb_view_equal(PB_VIEW(entry->digest), pb_view(wanted->digest, PB_ENTRY_HASH)));
}

/* The next entry that is such a step, walking back.  An entry begins with a map of
 * fewer than 24 pairs, whose first two are version and type: its fifth byte is the type. */
static enum pb_status find_step(struct pb_ledger *ledger, const struct wanted *wanted,
				struct pb_ceremony_step *ret_step, bool *ret_found, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true, found = false;
	enum pb_status s = pb_query(ledger->store, "SELECT rec FROM entry WHERE substr(rec,5,1)=?1 ORDER BY idx DESC", &q, err);
	const uint8_t type = PB_ENTRY_CEREMONY;

	if (s != PB_OK)
		return s;
	pb_bind_bytes(&q, 1, pb_view(&type, 1));
	while (s == PB_OK && !found && (s = pb_query_step(&q, &row, err)) == PB_OK && row) {
		struct pb_entry entry;

		if (!pb_entry_decode(pb_column_bytes(&q, 0), &entry))
			return pb_fail(err, PB_LEDGER_CORRUPT, "an entry of a ceremony is malformed");
		found = is_wanted(wanted, &entry);
		if (found)
			*ret_step = step_of(&entry);
	}
	*ret_found = found;
	return s;
}

enum pb_status pb_ledger_last_ceremony_step(struct pb_ledger *ledger, enum pb_key_step step,
					    struct pb_ceremony_step *ret_step, bool *ret_found, struct pb_err *err)
{
	const struct wanted wanted = { .step = step, .last = UINT8_MAX };

	return find_step(ledger, &wanted, ret_step, ret_found, err);
}

enum pb_status pb_ledger_last_card_master(struct pb_ledger *ledger, uint8_t first, uint8_t last,
					  struct pb_ceremony_step *ret_step, bool *ret_found, struct pb_err *err)
{
	const struct wanted wanted = { .step = PB_STEP_CARD_MASTER, .first = first, .last = last };

	return find_step(ledger, &wanted, ret_step, ret_found, err);
}

enum pb_status pb_ledger_has_ceremony_step(struct pb_ledger *ledger, enum pb_key_step step,
					   const uint8_t digest[static PB_ENTRY_HASH], bool *ret_found, struct pb_err *err)
{
	const struct wanted wanted = { .step = step, .digest = digest, .last = UINT8_MAX };
	struct pb_ceremony_step ignored;

	return find_step(ledger, &wanted, &ignored, ret_found, err);
}
