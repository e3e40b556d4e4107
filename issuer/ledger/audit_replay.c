/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit replays the entries: what each does to cards, chips, slots and stock, by the same table of
 * moves that the ledger asks before it writes, and with memory of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "card-applet-spec/applet.h"
#include "issuer/ledger/audit_internal.h"

/* ---- maps */

static struct name_slot *probe(struct name_slot *slots, size_t size, const uint8_t name[static PB_PSEUDONYM])
{
	size_t at;

	/* The name is a keyed hash already. */
	memcpy(&at, name, sizeof(at));
	for (at &= size - 1; slots[at].card != 0; at = (at + 1) & (size - 1))
		if (pb_view_equal(PB_VIEW(slots[at].name), pb_view(name, PB_PSEUDONYM)))
			break;
	return &slots[at];
}

static bool grow_map(struct name_map *map)
{
	size_t size = map->size == 0 ? 1024 : map->size * 2;
	struct name_slot *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < map->size; i++)
		if (map->slots[i].card != 0)
			*probe(slots, size, map->slots[i].name) = map->slots[i];
	free(map->slots);
	map->slots = slots;
	map->size = size;
	return true;
}

uint32_t *name_map_at(struct name_map *map, const uint8_t name[static PB_PSEUDONYM])
{
	struct name_slot *slot;

	if (2 * (map->used + 1) > map->size && !grow_map(map))
		return NULL;
	slot = probe(map->slots, map->size, name);
	if (slot->card == 0) {
		memcpy(slot->name, name, PB_PSEUDONYM);
		map->used++;
	}
	return &slot->card;
}

void name_map_finish(struct name_map *map)
{
	free(map->slots);
}

/* ---- cards */

static uint64_t first_serial(const struct audit *audit)
{
	return (uint64_t)audit->ledger->prefix * LEDGER_SERIALS;
}

/* NULL when the entries have not reserved this serial. */
static struct shadow *card_of(struct audit *audit, uint64_t serial)
{
	uint64_t n = serial - first_serial(audit);

	return n >= 1 && n <= audit->card_count ? &audit->cards[n - 1] : NULL;
}

static struct shadow *add_card(struct audit *audit)
{
	if (audit->card_count == audit->card_cap) {
		size_t cap = audit->card_cap == 0 ? 1024 : audit->card_cap * 2;
		struct shadow *cards = realloc(audit->cards, cap * sizeof(*cards));

		if (cards == NULL)
			return NULL;
		audit->cards = cards;
		audit->card_cap = cap;
	}
	audit->cards[audit->card_count] = (struct shadow){ 0 };
	return &audit->cards[audit->card_count++];
}

/* Takes the slot; false when memory is short. */
static bool take_slot(struct audit *audit, uint64_t index, const struct pb_entry *entry)
{
	const size_t bytes = PB_STATUS_SLOTS / 8;
	uint8_t *slot, bit = (uint8_t)(1u << entry->status.index % 8);

	if (entry->status.list >= audit->lists) {
		uint32_t lists = entry->status.list + 1;
		uint8_t *slots = realloc(audit->slots, lists * bytes);

		if (slots == NULL)
			return false;
		memset(slots + audit->lists * bytes, 0, (lists - audit->lists) * bytes);
		audit->slots = slots;
		audit->lists = lists;
	}
	slot = &audit->slots[entry->status.list * bytes + entry->status.index / 8];
	if ((*slot & bit) != 0)
		audit_report(audit, PB_FINDING_SLOT_TWICE, index, entry->serial);
	*slot |= bit;
	return true;
}

/* Chip and job: who had them before, and that it is this card now. */
static bool take_names(struct audit *audit, uint64_t index, const struct pb_entry *entry)
{
	uint32_t *chip = name_map_at(&audit->chips, entry->uid_h), *job = name_map_at(&audit->jobs, entry->job_h);

	if (chip == NULL || job == NULL)
		return false;
	if (*chip != 0 && pb_card_state_is_live(audit->cards[*chip - 1].state))
		audit_report(audit, PB_FINDING_CHIP_TWICE, index, entry->serial);
	if (*job != 0)
		audit_report(audit, PB_FINDING_JOB_TWICE, index, entry->serial);
	*chip = *job = (uint32_t)audit->card_count;
	return true;
}

static bool is_replaceable(struct audit *audit, uint64_t serial)
{
	const struct shadow *old = card_of(audit, serial);

	return old != NULL && old->replaced_by == 0 &&
	       (old->state == PB_CARD_IS_REVOKED || old->state == PB_CARD_IS_SPOILED);
}

static enum pb_status replay_intent(struct audit *audit, uint64_t index, const struct pb_entry *entry,
				    struct pb_err *err)
{
	struct shadow *card;

	if (entry->old_serial != 0 && !is_replaceable(audit, entry->old_serial))
		audit_report(audit, PB_FINDING_REISSUE, index, entry->serial);
	if (entry->serial != first_serial(audit) + audit->card_count + 1) {
		audit_report(audit, PB_FINDING_SERIAL, index, entry->serial);
		return PB_OK;
	}
	if (entry->status.list > audit->card_count)
		audit_report(audit, PB_FINDING_SLOT_TWICE, index, entry->serial);
	card = add_card(audit);
	if (card == NULL || !take_names(audit, index, entry) ||
	    (entry->status.list < audit->card_count && !take_slot(audit, index, entry)))
		return pb_fail(err, PB_NO_MEMORY, "the audit of %zu cards", audit->card_count);
	*card = (struct shadow){
		.intent = index, .replaces = entry->old_serial, .reserved_at = entry->time, .state = PB_CARD_IS_RESERVED
	};
	return PB_OK;
}

static void replay_reissue(struct audit *audit, uint64_t index, const struct pb_entry *entry, struct shadow *card)
{
	struct shadow *old = card_of(audit, entry->old_serial);

	if (card->replaces != entry->old_serial || old == NULL || old->replaced_by != 0 || card->issued_at == 0)
		audit_report(audit, PB_FINDING_REISSUE, index, entry->serial);
	if (old != NULL)
		old->replaced_by = entry->serial;
}

static void replay_move(struct audit *audit, uint64_t index, const struct pb_entry *entry, struct shadow *card)
{
	enum pb_card_state to;

	if (!pb_card_state_move(card->state, entry->type, card->printed_at != 0, &to)) {
		audit_report(audit, PB_FINDING_MOVE, index, entry->serial);
		return;
	}
	card->state = to;
	if (entry->type == PB_ENTRY_ISSUED) {
		card->issued_at = entry->time;
		card->kvn = entry->kvn != 0 ? entry->kvn : KVN_ISSUER_FIRST;
	}
	if (entry->type == PB_ENTRY_PRINTED)
		card->printed_at = entry->time;
	if (!pb_card_state_is_live(to)) {
		card->ended_at = entry->time;
		card->reason = entry->reason;
	}
}

/* Keys go forwards only, and only on a card that is out. */
static void replay_rekeyed(struct audit *audit, uint64_t index, const struct pb_entry *entry, struct shadow *card)
{
	if (!ledger_is_past_issue(card->state) || entry->kvn <= card->kvn)
		audit_report(audit, PB_FINDING_MOVE, index, entry->serial);
	card->kvn = entry->kvn;
}

/* Once, and of a card that is at its end. */
static void replay_erased(struct audit *audit, uint64_t index, const struct pb_entry *entry, struct shadow *card)
{
	if (card->erased || pb_card_state_is_live(card->state))
		audit_report(audit, PB_FINDING_ERASURE, index, entry->serial);
	card->erased = true;
}

static enum pb_card_state replay_card(struct audit *audit, uint64_t index, const struct pb_entry *entry)
{
	struct shadow *card = card_of(audit, entry->serial);
	enum pb_card_state from = card != NULL ? card->state : PB_CARD_IS_UNKNOWN;

	if (card == NULL) {
		audit_report(audit, PB_FINDING_SERIAL, index, entry->serial);
		return from;
	}
	if (entry->intent != card->intent)
		audit_report(audit, PB_FINDING_INTENT, index, entry->serial);
	if (entry->type == PB_ENTRY_REISSUE)
		replay_reissue(audit, index, entry, card);
	else if (entry->type == PB_ENTRY_REKEYED)
		replay_rekeyed(audit, index, entry, card);
	else if (entry->type == PB_ENTRY_ERASED)
		replay_erased(audit, index, entry, card);
	else
		replay_move(audit, index, entry, card);
	return from;
}

/* The totals an entry states are those before it and its own effect; and what it states is carried on, so
 * that one wrong entry is one finding. */
static void check_stock(struct audit *audit, uint64_t index, const struct pb_entry *entry, enum pb_card_state from)
{
	struct pb_entry_counters due = audit->counters;
	const struct pb_entry_counters *said = &entry->counters;

	if (entry->type == PB_ENTRY_STOCK_IN)
		due.received += entry->count;
	pb_card_state_count(from, entry->type, &due);
	if (due.received != said->received || due.issued != said->issued || due.spoiled != said->spoiled ||
	    due.open != said->open || said->issued + said->spoiled + said->open > said->received)
		audit_report(audit, PB_FINDING_STOCK, index, entry->serial);
	audit->counters = *said;
}

/* Of a ceremony only what contradicts the ledger itself can be seen here. */
static void replay_ceremony(struct audit *audit, uint64_t index, const struct pb_entry *entry)
{
	bool key = entry->step != PB_STEP_CHECKPOINT ||
		   pb_view_equal(PB_VIEW(entry->digest), PB_VIEW(audit->ledger->key.public_key));
	bool shares = entry->shares[1] == 0 || (entry->shares[0] >= 2 && entry->shares[0] <= entry->shares[1]);

	if (!key || !shares || entry->clock > entry->time)
		audit_report(audit, PB_FINDING_CEREMONY, index, 0);
}

/* Verifiers take only larger numbers: two lists of one number would divide them. */
static void replay_trust(struct audit *audit, uint64_t index, const struct pb_entry *entry)
{
	if (entry->count <= audit->trust_list)
		audit_report(audit, PB_FINDING_TRUST, index, 0);
	else
		audit->trust_list = entry->count;
}

enum pb_status audit_replay(struct audit *audit, uint64_t index, const struct pb_entry *entry, struct pb_err *err)
{
	enum pb_card_state from = PB_CARD_IS_UNKNOWN;
	enum pb_status s = PB_OK;

	switch (entry->type) {
	case PB_ENTRY_GENESIS:
	case PB_ENTRY_STOCK_IN:
	case PB_ENTRY_RECOVER:
	case PB_ENTRY_CLOCK:
	case PB_ENTRY_APPROVED:
		break;
	case PB_ENTRY_CEREMONY:
		replay_ceremony(audit, index, entry);
		break;
	case PB_ENTRY_TRUST:
		replay_trust(audit, index, entry);
		break;
	case PB_ENTRY_INTENT:
		s = replay_intent(audit, index, entry, err);
		break;
	case PB_ENTRY_ERASED:
		if (entry->serial != 0)
			from = replay_card(audit, index, entry);
		break;
	default:
		from = replay_card(audit, index, entry);
	}
	check_stock(audit, index, entry, from);
	if (!pb_approval_replay(&audit->approval, index, entry))
		audit_report(audit, PB_FINDING_APPROVAL, index, entry->serial);
	return s;
}
