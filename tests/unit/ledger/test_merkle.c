/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tree against published roots and proofs, proofs it makes against its own verifier, and what a
 * tampered proof does.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/merkle.h"
#include "tests/lib/vectors.h"

enum { LEAVES = 300, LEVELS = 10 };

/* Some refused cases hold a "hash" of another length.  Our types have no place for one, so the case is
 * refused before it begins. */
static bool unspeakable;

static struct pb_hash hash_at(const struct vectors *v, size_t i, const char *path)
{
	struct pb_hash hash = { 0 };

	if (vector_bytes(v, i, path, hash.bytes, sizeof(hash.bytes)) != PB_MERKLE_HASH)
		unspeakable = true;
	return hash;
}

static uint64_t size_at(const struct vectors *v, size_t i, const char *path)
{
	return strtoull(vector_text(v, i, path), NULL, 10);
}

static size_t proof_at(const struct vectors *v, size_t i, struct pb_hash ret_hashes[static PB_MERKLE_PROOF_MAX])
{
	size_t count = vector_length(v, i, "proof");
	char path[32];

	assert_true(count <= PB_MERKLE_PROOF_MAX);
	for (size_t k = 0; k < count; k++) {
		(void)snprintf(path, sizeof(path), "proof.%zu", k);
		ret_hashes[k] = hash_at(v, i, path);
	}
	return count;
}

static void grow_and_compare(const struct vectors *v, size_t i)
{
	size_t leaves = vector_length(v, i, "leaves"), roots = vector_length(v, i, "roots");
	struct pb_merkle_edge edge = { 0 };
	char path[32];

	for (size_t n = 0; n <= leaves; n++) {
		struct pb_hash root = pb_merkle_root(&edge), leaf;
		uint8_t bytes[256];

		(void)snprintf(path, sizeof(path), "roots.%zu", n);
		if (n < roots) {
			struct pb_hash expected = hash_at(v, i, path);

			assert_memory_equal(root.bytes, expected.bytes, PB_MERKLE_HASH);
		}
		if (n == leaves)
			break;
		(void)snprintf(path, sizeof(path), "leaves.%zu", n);
		leaf = pb_merkle_leaf(pb_view(bytes, vector_bytes(v, i, path, bytes, sizeof(bytes))));
		(void)snprintf(path, sizeof(path), "leaf_hashes.%zu", n);
		if (vector_has(v, i, path)) {
			struct pb_hash expected = hash_at(v, i, path);

			assert_memory_equal(leaf.bytes, expected.bytes, PB_MERKLE_HASH);
		}
		assert_true(pb_merkle_append(&edge, &leaf, NULL, NULL));
	}
}

static void leaves_and_roots_are_the_published_ones(void **state)
{
	struct vectors *v = vectors_load("ledger/trees.json");
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		if (vector_is(v, i, "op", "tree")) {
			grow_and_compare(v, i);
		} else if (vector_is(v, i, "op", "leaf")) {
			size_t n = vector_bytes(v, i, "data", bytes, sizeof(bytes));
			struct pb_hash leaf = pb_merkle_leaf(pb_view(bytes, n)), expected = hash_at(v, i, "hash");

			assert_memory_equal(leaf.bytes, expected.bytes, PB_MERKLE_HASH);
		}
	}
	vectors_free(v);
}

static void inclusion_proofs_are_judged_as_published(void **state)
{
	struct vectors *v = vectors_load("ledger/inclusion.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		bool valid;
		struct pb_hash proof[PB_MERKLE_PROOF_MAX], leaf = hash_at(v, i, "leaf"), root = hash_at(v, i, "root");
		size_t count = proof_at(v, i, proof);

		valid = pb_merkle_verify_inclusion(size_at(v, i, "index"), size_at(v, i, "size"), &leaf, &root, proof,
						   count) &&
			!unspeakable;
		if (valid != vector_is(v, i, "valid", "yes"))
			fail_msg("%s: said %d", vector_text(v, i, "id"), valid);
		unspeakable = false;
	}
	vectors_free(v);
}

static void consistency_proofs_are_judged_as_published(void **state)
{
	struct vectors *v = vectors_load("ledger/consistency.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		bool valid;
		struct pb_hash proof[PB_MERKLE_PROOF_MAX], root1 = hash_at(v, i, "root1"),
							   root2 = hash_at(v, i, "root2");
		size_t count = proof_at(v, i, proof);

		valid = pb_merkle_verify_consistency(size_at(v, i, "size1"), size_at(v, i, "size2"), &root1, &root2,
						     proof, count) &&
			!unspeakable;
		if (valid != vector_is(v, i, "valid", "yes"))
			fail_msg("%s: said %d", vector_text(v, i, "id"), valid);
		unspeakable = false;
	}
	vectors_free(v);
}

/* A tree whose subtrees are all kept, and counted to be written once. */
struct forest {
	struct pb_hash nodes[LEVELS][LEAVES];
	unsigned written[LEVELS][LEAVES];
	struct pb_hash roots[LEAVES + 1];
};

static bool keep(void *ctx, unsigned level, uint64_t index, const struct pb_hash *hash)
{
	struct forest *forest = ctx;

	assert_true(level < LEVELS && index < LEAVES);
	forest->nodes[level][index] = *hash;
	forest->written[level][index]++;
	return true;
}

static bool fetch(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash)
{
	struct forest *forest = ctx;

	if (level >= LEVELS || index >= LEAVES || forest->written[level][index] != 1)
		return false;
	*ret_hash = forest->nodes[level][index];
	return true;
}

static int plant(void **state)
{
	struct forest *forest = calloc(1, sizeof(*forest));
	struct pb_merkle_edge edge = { 0 };

	forest->roots[0] = pb_merkle_root(&edge);
	for (unsigned i = 0; i < LEAVES; i++) {
		struct pb_hash leaf = pb_merkle_leaf(pb_view(&i, sizeof(i)));

		(void)keep(forest, 0, i, &leaf);
		if (!pb_merkle_append(&edge, &leaf, keep, forest))
			return -1;
		forest->roots[i + 1] = pb_merkle_root(&edge);
	}
	*state = forest;
	return 0;
}

static int fell(void **state)
{
	free(*state);
	return 0;
}

static void the_edge_can_be_fetched_again(void **state)
{
	struct forest *forest = *state;

	for (uint64_t size = 0; size <= LEAVES; size++) {
		struct pb_merkle_edge edge;
		struct pb_hash root;

		assert_true(pb_merkle_edge_fetch(size, fetch, forest, &edge));
		root = pb_merkle_root(&edge);
		assert_true(pb_hash_equal(&root, &forest->roots[size]));
	}
}

static void proofs_made_for_every_pair_are_accepted(void **state)
{
	struct forest *forest = *state;
	struct pb_merkle_proof proof;

	for (uint64_t size = 1; size <= LEAVES; size += 1 + size / 16)
		for (uint64_t i = 0; i < size; i++) {
			assert_true(pb_merkle_prove_inclusion(i, size, fetch, forest, &proof));
			assert_true(pb_merkle_verify_inclusion(i, size, &forest->nodes[0][i], &forest->roots[size],
							       proof.hashes, proof.count));
			assert_true(pb_merkle_prove_consistency(i + 1, size, fetch, forest, &proof));
			assert_true(pb_merkle_verify_consistency(i + 1, size, &forest->roots[i + 1],
								 &forest->roots[size], proof.hashes, proof.count));
		}
}

static void a_changed_proof_is_refused(void **state)
{
	struct forest *forest = *state;
	struct pb_merkle_proof proof;
	unsigned refused = 0;

	for (uint64_t i = 0; i < LEAVES; i++) {
		assert_true(pb_merkle_prove_inclusion(i, LEAVES, fetch, forest, &proof));
		for (size_t at = 0; at < proof.count * PB_MERKLE_HASH; at += 5) {
			uint8_t *byte = &proof.hashes[at / PB_MERKLE_HASH].bytes[at % PB_MERKLE_HASH];

			*byte ^= 1;
			assert_false(pb_merkle_verify_inclusion(i, LEAVES, &forest->nodes[0][i], &forest->roots[LEAVES],
								proof.hashes, proof.count));
			*byte ^= 1;
			refused++;
		}
		assert_false(pb_merkle_verify_inclusion(i, LEAVES, &forest->nodes[0][(i + 1) % LEAVES],
							&forest->roots[LEAVES], proof.hashes, proof.count));
		assert_false(pb_merkle_verify_inclusion(i, LEAVES, &forest->nodes[0][i], &forest->roots[LEAVES],
							proof.hashes, proof.count - 1));
	}
	assert_true(refused > 10000);
}

static void impossible_questions_have_no_proof(void **state)
{
	struct pb_merkle_proof proof;
	struct pb_merkle_edge edge;

	assert_false(pb_merkle_prove_inclusion(5, 5, fetch, *state, &proof));
	assert_false(pb_merkle_prove_inclusion(0, 0, fetch, *state, &proof));
	assert_false(pb_merkle_prove_inclusion(0, UINT64_MAX, fetch, *state, &proof));
	assert_false(pb_merkle_prove_inclusion(0, LEAVES + 1, fetch, *state, &proof));
	assert_false(pb_merkle_prove_consistency(0, 5, fetch, *state, &proof));
	assert_false(pb_merkle_prove_consistency(6, 5, fetch, *state, &proof));
	assert_false(pb_merkle_edge_fetch(UINT64_MAX, fetch, *state, &edge));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_and_roots_are_the_published_ones),
		cmocka_unit_test(inclusion_proofs_are_judged_as_published),
		cmocka_unit_test(consistency_proofs_are_judged_as_published),
		cmocka_unit_test_setup_teardown(the_edge_can_be_fetched_again, plant, fell),
		cmocka_unit_test_setup_teardown(proofs_made_for_every_pair_are_accepted, plant, fell),
		cmocka_unit_test_setup_teardown(a_changed_proof_is_refused, plant, fell),
		cmocka_unit_test_setup_teardown(impossible_questions_have_no_proof, plant, fell),
	};

	return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
