/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each entry does to cards, chips, slots and stock, by the same table of moves that the ledger asks before it
 * writes, and with memory of its own.
 */
#include "issuer/ledger/replay.h"

#include <stdlib.h>
#include <string.h>

#include "card-applet-spec/applet.h"
#include "issuer/ledger/origin.h"

/* ---- maps */

static struct pb_name_slot *probe(struct pb_name_slot *slots, size_t size, const uint8_t name[static PB_PSEUDONYM])
{
	size_t at;

	/* The name is a keyed hash already. */
	memcpy(&at, name, sizeof(at));
	for (at &= size - 1; slots[at].card != 0; at = (at + 1) & (size - 1))
		if (pb_view_equal(PB_VIEW(slots[at].name), pb_view(name, PB_PSEUDONYM)))
			break;
	return &slots[at];
}

static bool grow_map(struct pb_name_map *map)
{
	size_t size = map->size == 0 ? 1024 : map->size * 2;
	struct pb_name_slot *slots = calloc(size, sizeof(*slots));

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

static uint32_t *name_map_at(struct pb_name_map *map, const uint8_t name[static PB_PSEUDONYM])
{
	struct pb_name_slot *slot;

	if (2 * (map->used + 1) > map->size && !grow_map(map))
		return NULL;
	slot = probe(map->slots, map->size, name);
	if (slot->card == 0) {
		memcpy(slot->name, name, PB_PSEUDONYM);
		map->used++;
	}
	return &slot->card;
}

static void name_map_finish(struct pb_name_map *map)
{
	free(map->slots);
}

/* ---- cards */

uint64_t pb_replay_serial(const struct pb_replay *replay, size_t n)
{
	return (uint64_t)replay->prefix * PB_SERIALS + n;
}

static struct pb_replay_card *card_of(const struct pb_replay *replay, uint64_t serial)
{
	uint64_t n = serial - pb_replay_serial(replay, 0);

	return n >= 1 && n <= replay->card_count ? &replay->cards[n - 1] : NULL;
}

const struct pb_replay_card *pb_replay_card(const struct pb_replay *replay, uint64_t serial)
{
	return card_of(replay, serial);
}

static struct pb_replay_card *add_card(struct pb_replay *replay)
{
	if (replay->card_count == replay->card_cap) {
		size_t cap = replay->card_cap == 0 ? 1024 : replay->card_cap * 2;
		struct pb_replay_card *cards = realloc(replay->cards, cap * sizeof(*cards));

		if (cards == NULL)
			return NULL;
		replay->cards = cards;
		replay->card_cap = cap;
	}
	replay->cards[replay->card_count] = (struct pb_replay_card){ 0 };
	return &replay->cards[replay->card_count++];
}

/* Takes the slot; false when memory is short. */
static bool take_slot(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	const size_t bytes = PB_STATUS_SLOTS / 8;
	uint8_t *slot, bit = (uint8_t)(1u << entry->status.index % 8);

	if (entry->status.list >= replay->lists) {
		uint32_t lists = entry->status.list + 1;
		uint8_t *slots = realloc(replay->slots, lists * bytes);

		if (slots == NULL)
			return false;
		memset(slots + replay->lists * bytes, 0, (lists - replay->lists) * bytes);
		replay->slots = slots;
		replay->lists = lists;
	}
	slot = &replay->slots[entry->status.list * bytes + entry->status.index / 8];
	if ((*slot & bit) != 0)
		pb_findings_add(replay->findings, PB_FINDING_SLOT_TWICE, index, entry->serial);
	*slot |= bit;
	return true;
}

static bool is_live(const struct pb_replay *replay, uint32_t card)
{
	return card != 0 && pb_card_state_is_live(replay->cards[card - 1].state);
}

/* Chip, job and member: who had them before, and that it is this card now.  Each card has a salt of its own, so two
 * commitments to one member differ in an honest ledger; the same one twice is the same member for certain. */
static bool take_names(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	uint32_t *chip = name_map_at(&replay->chips, entry->uid_h), *job = name_map_at(&replay->jobs, entry->job_h);
	uint32_t *member = name_map_at(&replay->members, entry->member_c);

	if (chip == NULL || job == NULL || member == NULL)
		return false;
	if (is_live(replay, *chip))
		pb_findings_add(replay->findings, PB_FINDING_CHIP_TWICE, index, entry->serial);
	if (*job != 0)
		pb_findings_add(replay->findings, PB_FINDING_JOB_TWICE, index, entry->serial);
	if (is_live(replay, *member))
		pb_findings_add(replay->findings, PB_FINDING_MEMBER, index, entry->serial);
	*chip = *job = *member = (uint32_t)replay->card_count;
	return true;
}

static bool is_replaceable(const struct pb_replay *replay, uint64_t serial)
{
	const struct pb_replay_card *old = card_of(replay, serial);

	return old != NULL && old->replaced_by == 0 &&
	       (old->state == PB_CARD_IS_REVOKED || old->state == PB_CARD_IS_SPOILED);
}

static enum pb_status replay_intent(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry,
				    struct pb_err *err)
{
	struct pb_replay_card *card;

	if (entry->old_serial != 0 && !is_replaceable(replay, entry->old_serial))
		pb_findings_add(replay->findings, PB_FINDING_REISSUE, index, entry->serial);
	if (entry->serial != pb_replay_serial(replay, replay->card_count + 1)) {
		pb_findings_add(replay->findings, PB_FINDING_SERIAL, index, entry->serial);
		return PB_OK;
	}
	if (entry->status.list > replay->card_count)
		pb_findings_add(replay->findings, PB_FINDING_SLOT_TWICE, index, entry->serial);
	card = add_card(replay);
	if (card == NULL || !take_names(replay, index, entry) ||
	    (entry->status.list < replay->card_count && !take_slot(replay, index, entry)))
		return pb_fail(err, PB_NO_MEMORY, "the audit of %zu cards", replay->card_count);
	*card = (struct pb_replay_card){ .intent = index, .replaces = entry->old_serial, .reserved_at = entry->time,
					 .moved_at = entry->time, .moved = index, .state = PB_CARD_IS_RESERVED, .status = entry->status };
	return PB_OK;
}

static void replay_reissue(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry, struct pb_replay_card *card)
{
	struct pb_replay_card *old = card_of(replay, entry->old_serial);

	if (card->replaces != entry->old_serial || old == NULL || old->replaced_by != 0 || card->issued_at == 0)
		pb_findings_add(replay->findings, PB_FINDING_REISSUE, index, entry->serial);
	if (old != NULL)
		old->replaced_by = entry->serial;
}

static void replay_move(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry, struct pb_replay_card *card)
{
	enum pb_card_state to;

	if (!pb_card_state_move(card->state, entry->type, card->printed_at != 0, &to)) {
		pb_findings_add(replay->findings, PB_FINDING_MOVE, index, entry->serial);
		return;
	}
	card->state = to;
	card->moved_at = entry->time;
	card->moved = index;
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
static void replay_rekeyed(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry, struct pb_replay_card *card)
{
	if (!pb_card_state_is_out(card->state) || entry->kvn <= card->kvn)
		pb_findings_add(replay->findings, PB_FINDING_MOVE, index, entry->serial);
	card->kvn = entry->kvn;
}

/* Once, and of a card that is at its end. */
static void replay_erased(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry, struct pb_replay_card *card)
{
	if (card->erased || pb_card_state_is_live(card->state))
		pb_findings_add(replay->findings, PB_FINDING_ERASURE, index, entry->serial);
	card->erased = true;
}

static enum pb_card_state replay_card(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	struct pb_replay_card *card = card_of(replay, entry->serial);
	enum pb_card_state from = card != NULL ? card->state : PB_CARD_IS_UNKNOWN;

	if (card == NULL) {
		pb_findings_add(replay->findings, PB_FINDING_SERIAL, index, entry->serial);
		return from;
	}
	if (entry->intent != card->intent)
		pb_findings_add(replay->findings, PB_FINDING_INTENT, index, entry->serial);
	if (entry->type == PB_ENTRY_REISSUE)
		replay_reissue(replay, index, entry, card);
	else if (entry->type == PB_ENTRY_REKEYED)
		replay_rekeyed(replay, index, entry, card);
	else if (entry->type == PB_ENTRY_ERASED)
		replay_erased(replay, index, entry, card);
	else
		replay_move(replay, index, entry, card);
	return from;
}

/* The totals an entry states are those before it and its own effect; and what it states is carried on, so
 * that one wrong entry is one finding. */
static void check_stock(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry, enum pb_card_state from)
{
	struct pb_entry_counters due = replay->counters;
	const struct pb_entry_counters *said = &entry->counters;

	if (entry->type == PB_ENTRY_STOCK_IN)
		due.received += entry->count;
	pb_card_state_count(from, entry->type, &due);
	if (due.received != said->received || due.issued != said->issued || due.spoiled != said->spoiled ||
	    due.open != said->open || said->issued + said->spoiled + said->open > said->received)
		pb_findings_add(replay->findings, PB_FINDING_STOCK, index, entry->serial);
	replay->counters = *said;
}

/* Of a ceremony only what contradicts the ledger itself can be seen here. */
static void replay_ceremony(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	bool key = entry->step != PB_STEP_CHECKPOINT ||
		   pb_view_equal(PB_VIEW(entry->digest), PB_VIEW(replay->key.public_key));
	bool shares = entry->shares[1] == 0 || (entry->shares[0] >= 2 && entry->shares[0] <= entry->shares[1]);

	if (!key || !shares || entry->clock > entry->time)
		pb_findings_add(replay->findings, PB_FINDING_CEREMONY, index, 0);
}

/* Verifiers take only larger numbers: two lists of one number would divide them. */
static void replay_trust(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	if (entry->count <= replay->trust_list)
		pb_findings_add(replay->findings, PB_FINDING_TRUST, index, 0);
	else
		replay->trust_list = entry->count;
	memcpy(replay->trust_digest, entry->digest, sizeof(replay->trust_digest));
}

/* From here on checkpoints have another name.  Where entries are missing the root cannot be known, and is believed. */
static void replay_restored(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	struct pb_hash root = pb_merkle_root(&replay->edge);

	if (replay->tree_lost)
		memcpy(root.bytes, entry->digest, sizeof(root.bytes));
	if (!pb_origin_begins_anew(entry, &replay->key, index, &root, &replay->key))
		pb_findings_add(replay->findings, PB_FINDING_RESTORED, index, 0);
}

static enum pb_status replay_one(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry, struct pb_err *err)
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
		replay_ceremony(replay, index, entry);
		break;
	case PB_ENTRY_RESTORED:
		replay_restored(replay, index, entry);
		break;
	case PB_ENTRY_TRUST:
		replay_trust(replay, index, entry);
		break;
	case PB_ENTRY_INTENT:
		s = replay_intent(replay, index, entry, err);
		break;
	case PB_ENTRY_ERASED:
		if (entry->serial != 0)
			from = replay_card(replay, index, entry);
		break;
	default:
		from = replay_card(replay, index, entry);
	}
	check_stock(replay, index, entry, from);
	if (!pb_approval_replay(&replay->approval, index, entry))
		pb_findings_add(replay->findings, PB_FINDING_APPROVAL, index, entry->serial);
	return s;
}

/* ---- entries */

static void check_genesis(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	if ((index == 0) != (entry->type == PB_ENTRY_GENESIS)) {
		pb_findings_add(replay->findings, PB_FINDING_GENESIS, index, entry->serial);
		return;
	}
	if (index != 0)
		return;
	replay->prefix = entry->prefix;
	replay->first_time = entry->time;
	if (!pb_note_key_parse(entry->vkey, &replay->key) || strcmp(replay->key.name, entry->origin) != 0)
		pb_findings_add(replay->findings, PB_FINDING_GENESIS, index, 0);
}

static void check_time(struct pb_replay *replay, uint64_t index, const struct pb_entry *entry)
{
	if (entry->time < replay->time)
		pb_findings_add(replay->findings, PB_FINDING_TIME, index, entry->serial);
	else
		replay->time = entry->time;
}

void pb_replay_init(struct pb_replay *replay, struct pb_findings *findings)
{
	*replay = (struct pb_replay){ .findings = findings, .time = INT64_MIN };
}

void pb_replay_finish(struct pb_replay *replay)
{
	if (replay == NULL)
		return;
	free(replay->cards);
	free(replay->slots);
	name_map_finish(&replay->chips);
	name_map_finish(&replay->jobs);
	name_map_finish(&replay->members);
	*replay = (struct pb_replay){ 0 };
}

enum pb_status pb_replay_entry(struct pb_replay *replay, uint64_t index, struct pb_view bytes, struct pb_entry *ret_entry,
			       struct pb_err *err)
{
	if (index != replay->entries) {
		pb_findings_add(replay->findings, PB_FINDING_ENTRY_MISSING, replay->entries, 0);
		replay->tree_lost = true;
	}
	replay->entries = index + 1;
	*ret_entry = (struct pb_entry){ 0 };
	if (!pb_entry_decode(bytes, ret_entry)) {
		pb_findings_add(replay->findings, PB_FINDING_ENTRY_INVALID, index, 0);
		return PB_OK;
	}
	check_genesis(replay, index, ret_entry);
	check_time(replay, index, ret_entry);
	return replay_one(replay, index, ret_entry, err);
}

bool pb_replay_leaf(struct pb_replay *replay, const struct pb_hash *leaf, pb_merkle_store_fn *store, void *ctx)
{
	return replay->tree_lost || pb_merkle_append(&replay->edge, leaf, store, ctx);
}
