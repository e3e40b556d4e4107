/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit's walk along the entries: bytes, hashes, subtrees, checkpoints, time.  When a hash differs from
 * the stored one, the finding is made and the stored one is carried on, so that one edit gives one finding
 * and not one for each entry after it.
 */
#include <string.h>

#include "issuer/ledger/audit_internal.h"

/* ---- tree */

struct node_check {
	struct audit *audit;
	struct ledger_fetch fetch;
};

/* Each subtree is hashed from what is carried, and said when it is not what is stored. */
static bool check_node(void *ctx, unsigned level, uint64_t index, const struct pb_hash *hash)
{
	struct node_check *check = ctx;
	struct pb_hash stored;

	if (!ledger_fetch(&check->fetch, level, index, &stored)) {
		if (check->fetch.status != PB_LEDGER_CORRUPT)
			return false;
		pb_findings_add(&check->audit->findings, PB_FINDING_NODE, ((index + 1) << level) - 1, 0);
		return true;
	}
	if (!pb_hash_equal(&stored, hash))
		pb_findings_add(&check->audit->findings, PB_FINDING_NODE, ((index + 1) << level) - 1, 0);
	return true;
}

static enum pb_status grow(struct audit *audit, const struct pb_hash *leaf, struct pb_err *err)
{
	struct node_check check = { audit, { audit->ledger->store, err, PB_OK } };

	if (pb_replay_leaf(&audit->replay, leaf, check_node, &check))
		return PB_OK;
	return check.fetch.status;
}

/* Every subtree there ought to be was looked at; more of them would be strange. */
static enum pb_status count_nodes(struct audit *audit, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	uint64_t expected = 0;
	bool row = false;
	enum pb_status s = pb_query(audit->ledger->store, "SELECT count(*) FROM node", &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s != PB_OK || audit->replay.tree_lost)
		return s;
	for (uint64_t size = audit->replay.edge.size >> 1; size > 0; size >>= 1)
		expected += size;
	if ((uint64_t)pb_column_int(&q, 0) != expected)
		pb_findings_add(&audit->findings, PB_FINDING_NODE, audit->replay.edge.size - 1, 0);
	return PB_OK;
}

/* ---- checkpoints */

static bool read_checkpoint(const struct audit *audit, const struct pb_query *q, struct pb_checkpoint *ret_checkpoint)
{
	char note[PB_CHECKPOINT_MAX];
	struct pb_view text;

	return pb_column_text(q, 1, note, sizeof(note)) &&
	       pb_note_open(pb_view_text(note), &audit->replay.key, 1, &text, NULL) == PB_NOTE_GOOD &&
	       pb_checkpoint_parse(text, ret_checkpoint) && ret_checkpoint->size == (uint64_t)pb_column_int(q, 0) &&
	       strcmp(ret_checkpoint->origin, audit->replay.key.name) == 0;
}

static void check_checkpoint(struct audit *audit, const struct pb_query *q)
{
	uint64_t size = (uint64_t)pb_column_int(q, 0);
	struct pb_checkpoint checkpoint;
	struct pb_hash root = pb_merkle_root(&audit->replay.edge);

	audit->summary.checkpoints++;
	audit->signed_size = size;
	audit->unsigned_from = UINT64_MAX;
	if (!read_checkpoint(audit, q, &checkpoint)) {
		pb_findings_add(&audit->findings, PB_FINDING_CHECKPOINT_INVALID, size - 1, 0);
		return;
	}
	if (audit->replay.tree_lost || audit->root_wrong)
		return;
	if (pb_hash_equal(&root, &checkpoint.root) && audit->replay.edge.size == size) {
		audit->good_size = size;
		return;
	}
	audit->root_wrong = true;
	pb_findings_add(&audit->findings, PB_FINDING_CHECKPOINT_ROOT, audit->good_size, 0);
}

/* The checkpoints in order of size, met by the walk along the entries. */
struct checkpoints {
	struct pb_query query;
	bool more;
};

static enum pb_status next_checkpoint(struct checkpoints *checkpoints, struct pb_err *err)
{
	return pb_query_step(&checkpoints->query, &checkpoints->more, err);
}

static enum pb_status meet_checkpoints(struct audit *audit, struct checkpoints *checkpoints, uint64_t size,
				       struct pb_err *err)
{
	enum pb_status s = PB_OK;

	while (s == PB_OK && checkpoints->more && (uint64_t)pb_column_int(&checkpoints->query, 0) <= size) {
		check_checkpoint(audit, &checkpoints->query);
		s = next_checkpoint(checkpoints, err);
	}
	return s;
}

/* ---- entries */

static bool needs_checkpoint(const struct pb_entry *entry)
{
	return entry->type != 0 && entry->type != PB_ENTRY_INTENT;
}

/* One row (idx, rec, lh). */
static enum pb_status check_row(struct audit *audit, const struct pb_query *q, struct pb_err *err)
{
	uint64_t index = (uint64_t)pb_column_int(q, 0);
	struct pb_view bytes = pb_column_bytes(q, 1);
	struct pb_hash leaf = pb_merkle_leaf(bytes), stored = leaf;
	struct pb_entry entry;
	enum pb_status s = pb_replay_entry(&audit->replay, index, bytes, &entry, err);

	if (s != PB_OK)
		return s;
	if (!pb_column_copy(q, 2, stored.bytes, sizeof(stored.bytes)) || !pb_hash_equal(&leaf, &stored))
		pb_findings_add(&audit->findings, PB_FINDING_LEAF_HASH, index, 0);
	if (needs_checkpoint(&entry) && audit->unsigned_from > index)
		audit->unsigned_from = index;
	return grow(audit, &stored, err);
}

static enum pb_status walk(struct audit *audit, struct checkpoints *checkpoints, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(audit->ledger->store, "SELECT idx,rec,lh FROM entry ORDER BY idx", &q, err);

	if (s == PB_OK)
		s = next_checkpoint(checkpoints, err);
	while (s == PB_OK && (s = pb_query_step(&q, &row, err)) == PB_OK && row) {
		s = check_row(audit, &q, err);
		if (s == PB_OK)
			s = meet_checkpoints(audit, checkpoints, audit->replay.entries, err);
	}
	/* Signed for, but not there. */
	if (s == PB_OK && checkpoints->more)
		pb_findings_add(&audit->findings, PB_FINDING_ENTRY_MISSING, audit->replay.entries, 0);
	if (s == PB_OK && audit->unsigned_from != UINT64_MAX)
		pb_findings_add(&audit->findings, PB_FINDING_CHECKPOINT_MISSING, audit->unsigned_from, 0);
	return s;
}

static enum pb_status audit_entries(struct audit *audit, struct pb_err *err)
{
	struct checkpoints checkpoints = { 0 };
	enum pb_status s = pb_query(audit->ledger->store, "SELECT size,note FROM checkpoint ORDER BY size",
				    &checkpoints.query, err);

	if (s == PB_OK)
		s = walk(audit, &checkpoints, err);
	pb_query_finish(&checkpoints.query);
	if (s == PB_OK)
		s = count_nodes(audit, err);
	/* Who opens the ledger goes by the table of beginnings. */
	if (s == PB_OK && strcmp(audit->replay.key.name, audit->ledger->key.name) != 0)
		pb_findings_add(&audit->findings, PB_FINDING_RESTORED, audit->replay.entries - 1, 0);
	return s;
}

static void check_key(struct audit *audit, const char *trusted_vkey)
{
	struct pb_note_key trusted;

	if (trusted_vkey == NULL)
		return;
	if (pb_note_key_parse(trusted_vkey, &trusted) && strcmp(trusted_vkey, audit->ledger->vkey) == 0)
		return;
	pb_findings_add(&audit->findings, PB_FINDING_KEY, 0, 0);
}

static void sum_up(struct audit *audit)
{
	const struct pb_replay *replay = &audit->replay;
	struct pb_audit_summary *summary = &audit->summary;

	summary->entries = replay->entries;
	summary->findings = audit->findings.total;
	summary->root = pb_merkle_root(&replay->edge);
	summary->first_time = replay->first_time;
	summary->last_time = replay->time;
	summary->blanks = replay->counters;
	for (size_t n = 0; n < replay->card_count; n++)
		summary->by_state[replay->cards[n].state]++;
	memcpy(summary->origin, audit->ledger->key.name, sizeof(summary->origin));
}

enum pb_status pb_ledger_audit(struct pb_ledger *ledger, const char *trusted_vkey, pb_finding_fn *finding, void *ctx,
			       struct pb_audit_summary *ret_summary, struct pb_err *err)
{
	struct audit audit = { .ledger = ledger, .findings = { .tell = finding, .ctx = ctx }, .unsigned_from = UINT64_MAX };
	enum pb_status s = pb_store_begin_reading(ledger->store, err);

	if (s != PB_OK)
		return s;
	pb_replay_init(&audit.replay, &audit.findings);
	check_key(&audit, trusted_vkey);
	s = pb_store_check_integrity(ledger->store, err);
	if (s == PB_OK)
		s = audit_entries(&audit, err);
	if (s == PB_OK)
		s = audit_cosigned(&audit, err);
	if (s == PB_OK)
		s = audit_card_table(&audit, err);
	pb_store_rollback(ledger->store);
	if (s == PB_OK) {
		sum_up(&audit);
		*ret_summary = audit.summary;
	}
	pb_replay_finish(&audit.replay);
	return s;
}
