/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Merkle tree of RFC 9162 (Certificate Transparency 2.0), pure: hashes in, hashes out.
 * Leaves are SHA-256(00 || bytes), nodes SHA-256(01 || left || right); sizes up to 2^63 - 1.
 *
 * A subtree is named (level, index): the root over the leaves [index << level, (index + 1) << level).  It is
 * complete and never changes once its last leaf is there, so it can be stored once.
 *
 * Not for: where hashes are kept (ledger.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_MERKLE_H
#define PROFBILET_ISSUER_LEDGER_MERKLE_H

#include "base/bytes.h"

enum { PB_MERKLE_HASH = 32, PB_MERKLE_LEVELS = 63, PB_MERKLE_PROOF_MAX = 64 };
#define PB_MERKLE_SIZE_MAX ((uint64_t)INT64_MAX)

struct pb_hash {
	uint8_t bytes[PB_MERKLE_HASH];
};

struct pb_hash pb_merkle_leaf(struct pb_view entry);
struct pb_hash pb_merkle_node(const struct pb_hash *left, const struct pb_hash *right);
bool pb_hash_equal(const struct pb_hash *a, const struct pb_hash *b);

/* The right edge of a growing tree ("compact range"): the roots of its complete subtrees, largest first,
 * one for each bit of size.  Enough to append and to compute the root. */
struct pb_merkle_edge {
	uint64_t size;
	struct pb_hash roots[PB_MERKLE_LEVELS];
};

/* Called for each complete subtree of level > 0 that the leaf finished. */
typedef bool pb_merkle_store_fn(void *ctx, unsigned level, uint64_t index, const struct pb_hash *hash);
/* False when `store` (NULL allowed) said false; the edge is then unchanged. */
bool pb_merkle_append(struct pb_merkle_edge *edge, const struct pb_hash *leaf, pb_merkle_store_fn *store, void *ctx);
/* Of the empty tree: SHA-256 of nothing. */
struct pb_hash pb_merkle_root(const struct pb_merkle_edge *edge);

/* Fetches the root of a complete subtree; false when it cannot. */
typedef bool pb_merkle_fetch_fn(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash);
/* The edge of the first `size` leaves: at most 63 fetches. */
bool pb_merkle_edge_fetch(uint64_t size, pb_merkle_fetch_fn *fetch, void *ctx, struct pb_merkle_edge *ret_edge);

struct pb_merkle_proof {
	size_t count;
	struct pb_hash hashes[PB_MERKLE_PROOF_MAX];
};

/* RFC 9162 2.1.3.1 and 2.1.4.1; false when index or size are impossible or a fetch failed. */
bool pb_merkle_prove_inclusion(uint64_t index, uint64_t size, pb_merkle_fetch_fn *fetch, void *ctx,
			       struct pb_merkle_proof *ret_proof);
bool pb_merkle_prove_consistency(uint64_t size1, uint64_t size2, pb_merkle_fetch_fn *fetch, void *ctx,
				 struct pb_merkle_proof *ret_proof);

/* RFC 9162 2.1.3.2: the leaf is at `index` in the tree of `size` leaves with this root. */
bool pb_merkle_verify_inclusion(uint64_t index, uint64_t size, const struct pb_hash *leaf, const struct pb_hash *root,
				const struct pb_hash *proof, size_t count);
/* RFC 9162 2.1.4.2: the tree of size2 begins with the tree of size1. */
bool pb_merkle_verify_consistency(uint64_t size1, uint64_t size2, const struct pb_hash *root1,
				  const struct pb_hash *root2, const struct pb_hash *proof, size_t count);

#endif
