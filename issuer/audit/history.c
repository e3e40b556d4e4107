/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The entries are read once, replayed, and the tree is grown from them; then the checkpoint is asked whether this is what
 * was signed.  The size that is walked to is the checkpoint's word before it is believed: what is not there
 * is not read, so a large number costs nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/message.h"
#include "base/text.h"
#include "issuer/audit/inside.h"
#include "issuer/ledger/note.h"
#include "issuer/ledger/witness_policy.h"

/* ---- reading */

struct walk {
	struct stick *stick;
	struct pb_err *err;
	enum pb_status status;
};

static bool keep_kid(struct stick *stick, const uint8_t kid[static PB_ENTRY_KID])
{
	for (size_t i = 0; i < stick->kid_count; i++)
		if (pb_view_equal(PB_VIEW(stick->kids[i]), pb_view(kid, PB_ENTRY_KID)))
			return true;
	if (stick->kid_count == STICK_KEYS)
		return false;
	memcpy(stick->kids[stick->kid_count++], kid, PB_ENTRY_KID);
	return true;
}

/* The hashes of the card that this INTENT has begun, when it has. */
static bool keep_record(struct stick *stick, const struct pb_entry *intent)
{
	size_t count = stick->replay.card_count;
	struct record *records;

	if (count == 0 || intent->serial != pb_replay_serial(&stick->replay, count))
		return true;
	if (count > stick->record_cap) {
		size_t cap = stick->record_cap == 0 ? 1024 : stick->record_cap * 2;

		records = realloc(stick->records, cap * sizeof(*records));
		if (records == NULL)
			return false;
		stick->records = records;
		stick->record_cap = cap;
	}
	memcpy(stick->records[count - 1].chip_h, intent->chip_h, PB_ENTRY_HASH);
	memcpy(stick->records[count - 1].face_h, intent->face_h, PB_ENTRY_HASH);
	(void)keep_kid(stick, intent->kid);
	return true;
}

static bool take_entry(void *ctx, uint64_t index, struct pb_view bytes, const struct pb_hash *leaf)
{
	struct walk *walk = ctx;
	struct pb_entry entry;

	walk->status = pb_replay_entry(&walk->stick->replay, index, bytes, &entry, walk->err);
	if (walk->status != PB_OK)
		return false;
	if (!pb_replay_leaf(&walk->stick->replay, leaf, NULL, NULL))
		walk->status = pb_fail(walk->err, PB_INPUT_INVALID, "more entries than a tree can have");
	else if (entry.type == PB_ENTRY_INTENT && !keep_record(walk->stick, &entry))
		walk->status = pb_fail(walk->err, PB_NO_MEMORY, "the audit of %zu cards", walk->stick->replay.card_count);
	return walk->status == PB_OK;
}

static void take_fault(void *ctx, const struct pb_tiles_fault *fault)
{
	struct walk *walk = ctx;

	pb_findings_add_about(&walk->stick->findings, fault->kind == PB_TILES_LEAF ? PB_FINDING_LEAF_HASH : PB_FINDING_TILE, fault->entry,
			      0, fault->path);
}

/* ---- the checkpoint */

/* What the note says, whoever signed it. */
static bool read_unverified(struct pb_view note, struct pb_checkpoint *ret_checkpoint)
{
	if (!pb_text_valid(note))
		return false;
	for (size_t i = 0; i + 1 < note.n; i++)
		if (note.p[i] == '\n' && note.p[i + 1] == '\n')
			return pb_checkpoint_parse(pb_view(note.p, i + 1), ret_checkpoint);
	return false;
}

/* The keys that may have signed: the one the auditor brought, else those that the trust list certifies. */
static size_t trusted_keys(const struct stick *stick, struct pb_note_key ret_keys[static STICK_KEYS])
{
	size_t count = 0;

	if (stick->options->key != NULL)
		return pb_note_key_parse(stick->options->key, &ret_keys[0]) ? 1 : 0;
	for (size_t i = 0; stick->given.trust != NULL && i < pb_trust_count(stick->given.trust) && count < STICK_KEYS; i++) {
		const char *vkey = pb_trust_issuer(stick->given.trust, i)->entry->checkpoint;

		if (vkey[0] != '\0' && pb_note_key_parse(vkey, &ret_keys[count]))
			count++;
	}
	return count;
}

static const struct pb_note_key *signer_of(struct pb_view note, const struct pb_note_key *keys, size_t count,
					   struct pb_checkpoint *ret_checkpoint)
{
	for (size_t i = 0; i < count; i++) {
		struct pb_view text;

		if (pb_note_open(note, &keys[i], 1, &text, NULL) == PB_NOTE_GOOD && pb_checkpoint_parse(text, ret_checkpoint) &&
		    strcmp(ret_checkpoint->origin, keys[i].name) == 0)
			return &keys[i];
	}
	return NULL;
}

/* The hashes are those of the tiles where the entries behind them are missing, which is a finding already. */
static void check_root(struct stick *stick, const struct pb_checkpoint *checkpoint, uint64_t size)
{
	struct pb_stick_report *report = &stick->report;
	bool same = size == checkpoint->size && pb_hash_equal(&report->root, &checkpoint->root);

	if (!same)
		stick_find(stick, PB_FINDING_CHECKPOINT_ROOT, "checkpoint");
	report->signed_well = same && stick->replay.entries == size && !stick->replay.tree_lost;
}

/* Signed by a key that is trusted, for these entries, whose first one names the same key.  `size`: of the
 * tree that was walked. */
static void check_checkpoint(struct stick *stick, struct pb_view note, uint64_t size)
{
	struct pb_note_key keys[STICK_KEYS];
	size_t count = trusted_keys(stick, keys);
	const struct pb_note_key *signer;
	struct pb_checkpoint checkpoint;

	if (count == 0)
		stick_find(stick, PB_FINDING_KEY, "checkpoint");
	signer = signer_of(note, count > 0 ? keys : &stick->replay.key, count > 0 ? count : 1, &checkpoint);
	if (signer == NULL) {
		stick_find(stick, PB_FINDING_CHECKPOINT_INVALID, "checkpoint");
		return;
	}
	pb_note_key_format(signer, stick->report.key);
	check_root(stick, &checkpoint, size);
	if (!pb_view_equal(PB_VIEW(signer->public_key), PB_VIEW(stick->replay.key.public_key)) ||
	    strcmp(signer->name, stick->replay.key.name) != 0)
		pb_findings_add(&stick->findings, PB_FINDING_KEY, 0, 0);
}

/* ---- cosignatures */

static enum pb_status judge_cosignatures(struct stick *stick, struct pb_view text, struct pb_view note, struct pb_err *err)
{
	struct pb_witness_policy *policy = malloc(sizeof(*policy));
	struct pb_checkpoint checkpoint;
	uint64_t witnesses = 0;
	unsigned line = 0;
	enum pb_policy_verdict verdict;

	if (policy == NULL)
		return pb_fail(err, PB_NO_MEMORY, "policy");
	if (!pb_witness_policy_parse(text, policy, &line)) {
		free(policy);
		return pb_fail(err, PB_INPUT_INVALID, "the policy of witnesses: line %u", line);
	}
	verdict = pb_witness_policy_judge(policy, note, &checkpoint, &witnesses);
	free(policy);
	stick->report.has_policy = true;
	for (; witnesses != 0; witnesses &= witnesses - 1)
		stick->report.witnesses++;
	if (verdict != PB_POLICY_WITNESSED)
		stick_find(stick, PB_FINDING_COSIGNATURES, "checkpoint");
	return PB_OK;
}

static enum pb_status check_cosignatures(struct stick *stick, struct pb_view note, struct pb_err *err)
{
	const char *named = stick->options->policy;
	char path[STICK_PATH];
	uint8_t *text = NULL;
	size_t n = 0;
	enum pb_status s;

	if (named == NULL && !stick_path(stick, "", "policy", path))
		return PB_OK;
	s = pb_read_path(named != NULL ? named : path, PB_POLICY_FILE_MAX, &text, &n, err);
	if (s != PB_OK && named == NULL && s != PB_NO_MEMORY) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s == PB_OK)
		s = judge_cosignatures(stick, pb_view(text, n), note, err);
	free(text);
	return s;
}

/* ---- all of it */

static bool has_ledger(const char *folder)
{
	char path[STICK_PATH + sizeof("/checkpoint")];
	struct stat file;

	(void)snprintf(path, sizeof(path), "%s/checkpoint", folder);
	return stat(path, &file) == 0;
}

static enum pb_status open_tiles(struct stick *stick, struct pb_err *err)
{
	char folder[STICK_PATH];

	if (stick_path(stick, "ledger", "", folder) && has_ledger(folder))
		return pb_tiles_open(folder, &stick->tiles, err);
	return pb_tiles_open(stick->options->folder, &stick->tiles, err);
}

enum pb_status stick_check_history(struct stick *stick, struct pb_err *err)
{
	struct walk walk = { stick, err, PB_OK };
	const struct pb_tiles_visitor visitor = { take_entry, take_fault, &walk };
	struct pb_checkpoint said = { 0 };
	struct pb_merkle_edge edge;
	struct pb_view note;
	enum pb_status s = open_tiles(stick, err);

	if (s != PB_OK)
		return s;
	note = pb_tiles_checkpoint(stick->tiles);
	(void)read_unverified(note, &said);
	pb_tiles_set_size(stick->tiles, said.size);
	pb_tiles_walk(stick->tiles, &visitor, &edge);
	if (walk.status != PB_OK)
		return walk.status;
	if (stick->replay.entries < said.size)
		pb_findings_add(&stick->findings, PB_FINDING_ENTRY_MISSING, stick->replay.entries, 0);
	memcpy(stick->report.origin, said.origin, sizeof(stick->report.origin));
	stick->report.size = said.size;
	stick->report.root = pb_merkle_root(&edge);
	check_checkpoint(stick, note, edge.size);
	return check_cosignatures(stick, note, err);
}

bool stick_root_at(struct stick *stick, uint64_t size, struct pb_hash *ret_root)
{
	struct pb_merkle_edge edge;

	if (size > stick->report.size || !pb_merkle_edge_fetch(size, pb_tiles_fetch, stick->tiles, &edge))
		return false;
	*ret_root = pb_merkle_root(&edge);
	return true;
}
