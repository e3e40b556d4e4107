/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Appending: one entry, the subtrees it completes, and the signed checkpoint of the commit.  The right edge
 * of the tree is kept in memory, so that an append reads nothing: two INSERTs on average.
 */
#include <string.h>

#include "issuer/ledger/internal.h"

int64_t ledger_clock_behind(const struct pb_ledger *ledger)
{
	int64_t now = pb_clock_now(ledger->clock);

	return now < ledger->head.time ? ledger->head.time - now : 0;
}

static enum pb_status note_clock(struct pb_ledger *ledger, struct pb_err *err)
{
	int64_t behind = ledger_clock_behind(ledger);
	struct pb_entry entry = { .type = PB_ENTRY_CLOCK, .clock = ledger->head.time - behind };
	uint64_t index;

	return behind > LEDGER_CLOCK_SLACK ? ledger_append(ledger, &entry, &index, err) : PB_OK;
}

enum pb_status ledger_begin(struct pb_ledger *ledger, struct pb_err *err)
{
	enum pb_status s;
	int64_t now;

	if (ledger->ks == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "the ledger was opened for looking only");
	s = pb_store_begin(ledger->store, err);
	if (s != PB_OK)
		return s;
	now = pb_clock_now(ledger->clock);
	ledger->now = now > ledger->head.time ? now : ledger->head.time;
	ledger->next = ledger->head;
	s = note_clock(ledger, err);
	if (s != PB_OK)
		ledger_rollback(ledger);
	return s;
}

void ledger_rollback(struct pb_ledger *ledger)
{
	pb_store_rollback(ledger->store);
}

/* The store's lock is held once more around the commit, so that no thread sees the file ahead of `head`. */
enum pb_status ledger_commit(struct pb_ledger *ledger, struct pb_err *err)
{
	enum pb_status s;

	pb_store_lock(ledger->store);
	s = pb_store_commit(ledger->store, err);
	if (s == PB_OK)
		ledger->head = ledger->next;
	pb_store_unlock(ledger->store);
	return s;
}

struct node_sink {
	struct pb_query *query;
	struct pb_err *err;
	enum pb_status status;
};

static bool store_node(void *ctx, unsigned level, uint64_t index, const struct pb_hash *hash)
{
	struct node_sink *sink = ctx;

	pb_bind_int(sink->query, 1, level);
	pb_bind_int(sink->query, 2, (int64_t)index);
	pb_bind_bytes(sink->query, 3, PB_VIEW(hash->bytes));
	sink->status = pb_query_run(sink->query, sink->err);
	return sink->status == PB_OK;
}

static enum pb_status grow_tree(struct pb_ledger *ledger, const struct pb_hash *leaf, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct node_sink sink = { &q, err, PB_OK };

	/* Every other leaf completes no subtree and needs no statement. */
	if ((ledger->next.edge.size & 1) != 0)
		sink.status = pb_query(ledger->store, "INSERT INTO node(lv,ix,h) VALUES(?1,?2,?3)", &q, err);
	if (sink.status != PB_OK || pb_merkle_append(&ledger->next.edge, leaf, store_node, &sink))
		return sink.status;
	return sink.status != PB_OK ? sink.status : pb_fail(err, PB_NOT_ALLOWED, "the ledger is full");
}

static enum pb_status store_entry(struct pb_ledger *ledger, struct pb_view bytes, const struct pb_hash *leaf,
				  struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(ledger->store, "INSERT INTO entry(idx,rec,lh) VALUES(?1,?2,?3)", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)ledger->next.edge.size);
	pb_bind_bytes(&q, 2, bytes);
	pb_bind_bytes(&q, 3, PB_VIEW(leaf->bytes));
	return pb_query_run(&q, err);
}

enum pb_status ledger_append(struct pb_ledger *ledger, struct pb_entry *entry, uint64_t *ret_index, struct pb_err *err)
{
	uint8_t bytes[PB_ENTRY_MAX];
	uint64_t index = ledger->next.edge.size;
	struct pb_hash leaf;
	enum pb_status s;
	size_t n;

	entry->time = ledger->now;
	entry->counters = ledger->next.counters;
	if (!pb_entry_encode(entry, bytes, &n))
		return pb_fail(err, PB_INPUT_INVALID, "a text of the entry is too long or not plain ASCII");
	leaf = pb_merkle_leaf(pb_view(bytes, n));
	s = store_entry(ledger, pb_view(bytes, n), &leaf, err);
	if (s == PB_OK)
		s = grow_tree(ledger, &leaf, err);
	if (s != PB_OK)
		return s;
	ledger->next.time = ledger->now;
	(void)pb_approval_replay(&ledger->next.approval, index, entry);
	*ret_index = index;
	return PB_OK;
}

static enum pb_status sign_checkpoint(struct pb_ledger *ledger, const struct pb_checkpoint *checkpoint,
				      char ret_note[static PB_CHECKPOINT_MAX], struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_note, PB_CHECKPOINT_MAX);
	struct pb_view text;
	uint8_t sig[64];
	enum pb_status s;

	pb_checkpoint_put(&out, checkpoint);
	if (!pb_writer_view(&out, &text))
		PB_BUG("a checkpoint is three short lines");
	s = pb_keystore_sign_checkpoint(ledger->ks, text, sig, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(&out, '\n');
	pb_note_put_signature(&out, &ledger->key, sig);
	pb_put_u8(&out, 0);
	return PB_OK;
}

enum pb_status ledger_commit_signed(struct pb_ledger *ledger, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct pb_checkpoint checkpoint = { .size = ledger->next.edge.size,
					    .root = pb_merkle_root(&ledger->next.edge) };
	char note[PB_CHECKPOINT_MAX];
	enum pb_status s;

	memcpy(checkpoint.origin, ledger->key.name, sizeof(checkpoint.origin));
	s = ledger_tell(ledger, checkpoint.size, err);
	if (s == PB_OK)
		s = sign_checkpoint(ledger, &checkpoint, note, err);
	if (s == PB_OK)
		s = pb_query(ledger->store, "INSERT INTO checkpoint(size,note) VALUES(?1,?2)", &q, err);
	if (s == PB_OK) {
		pb_bind_int(&q, 1, (int64_t)checkpoint.size);
		pb_bind_text(&q, 2, note);
		s = pb_query_run(&q, err);
	}
	if (s != PB_OK) {
		pb_query_finish(&q);
		ledger_rollback(ledger);
		return s;
	}
	pb_query_finish(&q);
	ledger->next.anchor.size = checkpoint.size;
	memcpy(ledger->next.anchor.root, checkpoint.root.bytes, PB_ANCHOR_ROOT);
	return ledger_commit(ledger, err);
}

enum pb_status ledger_pseudonym(const struct pb_ledger *ledger, const char *kind, const char *text,
				uint8_t ret_pseudonym[static PB_PSEUDONYM], struct pb_err *err)
{
	uint8_t room[128];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_view name;

	pb_put(&out, kind, strlen(kind) + 1); /* the NUL parts kind and text */
	pb_put_view(&out, pb_view_text(text));
	if (!pb_writer_view(&out, &name))
		PB_BUG("the text to be named was not measured");
	return pb_keystore_pseudonym(ledger->ks, name, ret_pseudonym, err);
}

enum pb_status ledger_set_actor(const struct pb_ledger *ledger, const char *actor, struct pb_entry *entry,
				struct pb_err *err)
{
	entry->has_actor = actor != NULL;
	return actor != NULL ? ledger_pseudonym(ledger, "actor", actor, entry->actor, err) : PB_OK;
}
