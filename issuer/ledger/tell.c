/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Telling the holder of the keys what is in the ledger, so that he signs: the entries since he was told last.
 * Where he stands is asked once, and again after anything went wrong, for he may have been told of entries
 * that a rollback undid.
 */
#include "base/cbor.h"
#include "issuer/ledger/internal.h"

/* From the last state that he and the tables have in common, if there is one. */
static enum pb_status meet(struct pb_ledger *ledger, struct pb_err *err)
{
	struct ledger_fetch fetch = { ledger->store, err, PB_OK };
	uint64_t size = ledger->head.edge.size;
	struct pb_told stands;
	struct pb_hash root;
	enum pb_status s = pb_keystore_restart_telling(ledger->ks, &stands, err);

	if (s != PB_OK)
		return s;
	if (stands.kept <= size)
		size = stands.kept;
	else if (stands.before <= size)
		size = stands.before;
	if (!pb_merkle_edge_fetch(size, ledger_fetch, &fetch, &ledger->told))
		return fetch.status;
	ledger->telling = true;
	if (size == stands.kept)
		return PB_OK;
	root = pb_merkle_root(&ledger->told); /* so that he goes back, also when there is nothing new */
	return pb_keystore_tell(ledger->ks, size, root.bytes, pb_view(NULL, 0), err);
}

/* As many of the entries as one message takes; *ret_next is the tree after them. */
static enum pb_status collect(struct pb_ledger *ledger, uint64_t size, struct pb_writer *out, struct pb_merkle_edge *ret_next,
			      struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(ledger->store, "SELECT rec FROM entry WHERE idx>=?1 AND idx<?2 ORDER BY idx", &q, err);

	*ret_next = ledger->told;
	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)ledger->told.size);
	pb_bind_int(&q, 2, (int64_t)size);
	while ((s = pb_query_step(&q, &row, err)) == PB_OK && row) {
		struct pb_view bytes = pb_column_bytes(&q, 0);
		struct pb_hash leaf = pb_merkle_leaf(bytes);

		if (out->n + 3 + bytes.n > PB_TELL_MAX)
			break;
		pb_cbor_put_bytes(out, bytes);
		(void)pb_merkle_append(ret_next, &leaf, NULL, NULL);
	}
	if (s == PB_OK && ret_next->size == ledger->told.size)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is missing", (unsigned long long)ledger->told.size);
	return s;
}

static enum pb_status tell_some(struct pb_ledger *ledger, uint64_t size, struct pb_err *err)
{
	uint8_t room[PB_TELL_MAX];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_hash root = pb_merkle_root(&ledger->told);
	struct pb_merkle_edge next;
	enum pb_status s = collect(ledger, size, &out, &next, err);

	if (s == PB_OK)
		s = pb_keystore_tell(ledger->ks, ledger->told.size, root.bytes, pb_view(room, out.n), err);
	if (s == PB_OK)
		ledger->told = next;
	return s;
}

enum pb_status ledger_tell(struct pb_ledger *ledger, uint64_t size, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (!pb_keystore_keeps_accounts(ledger->ks))
		return PB_OK;
	if (!ledger->telling || ledger->told.size > ledger->head.edge.size)
		s = meet(ledger, err);
	while (s == PB_OK && ledger->told.size < size)
		s = tell_some(ledger, size, err);
	if (s != PB_OK)
		ledger->telling = false;
	return s;
}
