/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the tree back: subtrees, entries, the last checkpoint, and proofs made of them.
 */
#include <string.h>

#include "issuer/ledger/internal.h"

bool ledger_fetch(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash)
{
	struct ledger_fetch *fetch = ctx;
	PB_QUERY q = { 0 };
	bool row = false;

	fetch->status = pb_query(fetch->store,
				 level == 0 ? "SELECT lh FROM entry WHERE idx=?1"
					    : "SELECT h FROM node WHERE ix=?1 AND lv=?2",
				 &q, fetch->err);
	if (fetch->status != PB_OK)
		return false;
	pb_bind_int(&q, 1, (int64_t)index);
	if (level > 0)
		pb_bind_int(&q, 2, level);
	fetch->status = pb_query_step(&q, &row, fetch->err);
	if (fetch->status != PB_OK)
		return false;
	if (row && pb_column_copy(&q, 0, ret_hash->bytes, PB_MERKLE_HASH))
		return true;
	fetch->status = pb_fail(fetch->err, PB_LEDGER_CORRUPT, "the subtree (%u, %llu) is missing", level,
				(unsigned long long)index);
	return false;
}

enum pb_status pb_ledger_entry(struct pb_ledger *ledger, uint64_t index, uint8_t ret_bytes[static PB_ENTRY_MAX],
			       size_t *ret_n, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct pb_view bytes;
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT rec FROM entry WHERE idx=?1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)index);
	s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	bytes = row ? pb_column_bytes(&q, 0) : pb_view(NULL, 0);
	if (!row)
		return pb_fail(err, PB_NOT_FOUND, "entry %llu", (unsigned long long)index);
	if (bytes.n > PB_ENTRY_MAX)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is too long", (unsigned long long)index);
	memcpy(ret_bytes, bytes.p, bytes.n);
	*ret_n = bytes.n;
	return PB_OK;
}

enum pb_status ledger_read_entry(struct pb_store *store, uint64_t index, struct pb_entry *ret_entry, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct pb_hash leaf, stored;
	bool row = false;
	enum pb_status s = pb_query(store, "SELECT rec,lh FROM entry WHERE idx=?1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)index);
	s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	if (!row)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is missing", (unsigned long long)index);
	leaf = pb_merkle_leaf(pb_column_bytes(&q, 0));
	if (!pb_column_copy(&q, 1, stored.bytes, sizeof(stored.bytes)) || !pb_hash_equal(&leaf, &stored))
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is not what was hashed", (unsigned long long)index);
	if (!pb_entry_decode(pb_column_bytes(&q, 0), ret_entry))
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is malformed", (unsigned long long)index);
	return PB_OK;
}

enum pb_status ledger_last_checkpoint(struct pb_store *store, char ret_text[static PB_CHECKPOINT_MAX],
				      uint64_t *ret_size, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(store, "SELECT size,note FROM checkpoint ORDER BY size DESC LIMIT 1", &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	if (row && !pb_column_text(&q, 1, ret_text, PB_CHECKPOINT_MAX))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the last checkpoint is too long");
	if (!row)
		ret_text[0] = '\0';
	*ret_size = row ? (uint64_t)pb_column_int(&q, 0) : 0;
	return PB_OK;
}

enum pb_status pb_ledger_checkpoint(struct pb_ledger *ledger, char ret_text[static PB_CHECKPOINT_MAX],
				    struct pb_err *err)
{
	uint64_t size;

	return ledger_last_checkpoint(ledger->store, ret_text, &size, err);
}

enum pb_status pb_ledger_prove_inclusion(struct pb_ledger *ledger, uint64_t index, uint64_t size,
					 struct pb_merkle_proof *ret_proof, struct pb_err *err)
{
	struct ledger_fetch fetch = { ledger->store, err, PB_OK };

	if (pb_merkle_prove_inclusion(index, size, ledger_fetch, &fetch, ret_proof))
		return PB_OK;
	return fetch.status != PB_OK ? fetch.status
				     : pb_fail(err, PB_NOT_FOUND, "no such entry in a tree of that size");
}

enum pb_status pb_ledger_prove_consistency(struct pb_ledger *ledger, uint64_t size1, uint64_t size2,
					   struct pb_merkle_proof *ret_proof, struct pb_err *err)
{
	struct ledger_fetch fetch = { ledger->store, err, PB_OK };

	if (pb_merkle_prove_consistency(size1, size2, ledger_fetch, &fetch, ret_proof))
		return PB_OK;
	return fetch.status != PB_OK ? fetch.status : pb_fail(err, PB_NOT_FOUND, "no such sizes");
}
