/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RFC 9162 2.1: hashes, the right edge, proofs made and verified.
 *
 * Proofs are made by walking down the recursive definition; a range that is a complete subtree is
 * fetched, the ragged right end is computed.  They are verified by the RFC's own loops.
 */
#include <string.h>

#include "issuer/ledger/merkle.h"
#include "keys/crypto/hash.h"

struct pb_hash pb_merkle_leaf(struct pb_view entry)
{
	static const uint8_t prefix = 0x00;
	struct pb_view parts[] = { pb_view(&prefix, 1), entry };
	struct pb_hash hash;

	pb_sha256_parts(parts, 2, hash.bytes);
	return hash;
}

struct pb_hash pb_merkle_node(const struct pb_hash *left, const struct pb_hash *right)
{
	uint8_t message[1 + 2 * PB_MERKLE_HASH] = { 0x01 };
	struct pb_hash hash;

	memcpy(message + 1, left->bytes, PB_MERKLE_HASH);
	memcpy(message + 1 + PB_MERKLE_HASH, right->bytes, PB_MERKLE_HASH);
	pb_sha256(PB_VIEW(message), hash.bytes);
	return hash;
}

bool pb_hash_equal(const struct pb_hash *a, const struct pb_hash *b)
{
	return pb_view_equal(PB_VIEW(a->bytes), PB_VIEW(b->bytes));
}

static size_t roots_of(uint64_t size)
{
	return (size_t)__builtin_popcountll(size);
}

bool pb_merkle_append(struct pb_merkle_edge *edge, const struct pb_hash *leaf, pb_merkle_store_fn *store, void *ctx)
{
	size_t count = roots_of(edge->size);
	uint64_t index = edge->size;
	struct pb_hash hash = *leaf;

	if (edge->size >= PB_MERKLE_SIZE_MAX)
		return false;
	for (unsigned level = 1; index & 1; level++) {
		hash = pb_merkle_node(&edge->roots[--count], &hash);
		index >>= 1;
		if (store != NULL && !store(ctx, level, index, &hash))
			return false;
	}
	edge->roots[count] = hash;
	edge->size++;
	return true;
}

struct pb_hash pb_merkle_root(const struct pb_merkle_edge *edge)
{
	size_t count = roots_of(edge->size);
	struct pb_hash root;

	if (count == 0) {
		pb_sha256(pb_view(NULL, 0), root.bytes);
		return root;
	}
	root = edge->roots[--count];
	while (count > 0)
		root = pb_merkle_node(&edge->roots[--count], &root);
	return root;
}

bool pb_merkle_edge_fetch(uint64_t size, pb_merkle_fetch_fn *fetch, void *ctx, struct pb_merkle_edge *ret_edge)
{
	struct pb_merkle_edge edge = { .size = size };
	uint64_t start = 0;
	size_t count = 0;

	if (size > PB_MERKLE_SIZE_MAX)
		return false;
	for (unsigned level = PB_MERKLE_LEVELS; level-- > 0;) {
		if ((size >> level & 1) == 0)
			continue;
		if (!fetch(ctx, level, start >> level, &edge.roots[count++]))
			return false;
		start += (uint64_t)1 << level;
	}
	*ret_edge = edge;
	return true;
}

/* ---- proofs */

struct range {
	uint64_t start, size;
};

/* The largest power of two below size; size > 1. */
static uint64_t split(uint64_t size)
{
	return (uint64_t)1 << (63 - __builtin_clzll(size - 1));
}

struct fetcher {
	pb_merkle_fetch_fn *fetch;
	void *ctx;
};

/* The root over a range that starts at a multiple of the power of two at or above its size. */
static bool range_root(const struct fetcher *from, struct range range, struct pb_hash *ret_root)
{
	struct pb_hash left, right;
	uint64_t k;

	if ((range.size & (range.size - 1)) == 0) {
		unsigned level = (unsigned)__builtin_ctzll(range.size);

		return from->fetch(from->ctx, level, range.start >> level, ret_root);
	}
	k = split(range.size);
	if (!range_root(from, (struct range){ range.start, k }, &left) ||
	    !range_root(from, (struct range){ range.start + k, range.size - k }, &right))
		return false;
	*ret_root = pb_merkle_node(&left, &right);
	return true;
}

/* Halves `range` towards the side where the question goes, and notes the other half.  The proof is
 * written from the leaves up, the walk goes down: hence the reversal at the end. */
static bool step_down(const struct fetcher *from, struct range *range, bool right, struct pb_merkle_proof *proof)
{
	uint64_t k = split(range->size);
	struct range left = { range->start, k }, rest = { range->start + k, range->size - k };

	if (!range_root(from, right ? left : rest, &proof->hashes[proof->count++]))
		return false;
	*range = right ? rest : left;
	return true;
}

static void reverse(struct pb_merkle_proof *proof)
{
	for (size_t i = 0, j = proof->count; i + 1 < j; i++) {
		struct pb_hash other = proof->hashes[--j];

		proof->hashes[j] = proof->hashes[i];
		proof->hashes[i] = other;
	}
}

bool pb_merkle_prove_inclusion(uint64_t index, uint64_t size, pb_merkle_fetch_fn *fetch, void *ctx,
			       struct pb_merkle_proof *ret_proof)
{
	struct fetcher from = { fetch, ctx };
	struct range range = { 0, size };
	struct pb_merkle_proof proof = { 0 };

	if (size > PB_MERKLE_SIZE_MAX || index >= size)
		return false;
	while (range.size > 1)
		if (!step_down(&from, &range, index - range.start >= split(range.size), &proof))
			return false;
	reverse(&proof);
	*ret_proof = proof;
	return true;
}

bool pb_merkle_prove_consistency(uint64_t size1, uint64_t size2, pb_merkle_fetch_fn *fetch, void *ctx,
				 struct pb_merkle_proof *ret_proof)
{
	struct fetcher from = { fetch, ctx };
	struct range range = { 0, size2 };
	struct pb_merkle_proof proof = { 0 };

	if (size2 > PB_MERKLE_SIZE_MAX || size1 > size2 || size1 == 0)
		return false;
	while (range.start + range.size != size1)
		if (!step_down(&from, &range, size1 - range.start > split(range.size), &proof))
			return false;
	/* The old tree's own root is left out when the old tree is the whole left side: the verifier has it. */
	if (range.start != 0 && !range_root(&from, range, &proof.hashes[proof.count++]))
		return false;
	reverse(&proof);
	*ret_proof = proof;
	return true;
}

bool pb_merkle_verify_inclusion(uint64_t index, uint64_t size, const struct pb_hash *leaf, const struct pb_hash *root,
				const struct pb_hash *proof, size_t count)
{
	uint64_t fn = index, sn = size - 1;
	struct pb_hash r = *leaf;

	if (size > PB_MERKLE_SIZE_MAX || index >= size)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			r = pb_merkle_node(&proof[i], &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = pb_merkle_node(&r, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && pb_hash_equal(&r, root);
}

/* RFC 9162 2.1.4.2, steps 3 to 7, once the trivial cases are gone. */
static bool verify_growth(uint64_t size1, uint64_t size2, const struct pb_hash *root1, const struct pb_hash *root2,
			  const struct pb_hash *proof, size_t count)
{
	uint64_t fn = size1 - 1, sn = size2 - 1;
	struct pb_hash fr, sr;

	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	fr = sr = proof[0];
	for (size_t i = 1; i < count; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			fr = pb_merkle_node(&proof[i], &fr);
			sr = pb_merkle_node(&proof[i], &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = pb_merkle_node(&sr, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && pb_hash_equal(&fr, root1) && pb_hash_equal(&sr, root2);
}

bool pb_merkle_verify_consistency(uint64_t size1, uint64_t size2, const struct pb_hash *root1,
				  const struct pb_hash *root2, const struct pb_hash *proof, size_t count)
{
	struct pb_hash path[PB_MERKLE_PROOF_MAX + 1];

	if (size2 > PB_MERKLE_SIZE_MAX || size1 > size2 || count > PB_MERKLE_PROOF_MAX)
		return false;
	if (size1 == size2)
		return count == 0 && pb_hash_equal(root1, root2);
	/* Every tree begins with the empty one; the RFC has no proof for it, so none is accepted. */
	if (size1 == 0 || count == 0)
		return false;
	if ((size1 & (size1 - 1)) != 0)
		return verify_growth(size1, size2, root1, root2, proof, count);
	path[0] = *root1;
	memcpy(path + 1, proof, count * sizeof(*proof));
	return verify_growth(size1, size2, root1, root2, path, count + 1);
}
