/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders of tiles: the published example, every size around the powers of two, and each way in which a folder can lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "issuer/ledger/note.h"
#include "issuer/ledger/tile_folder.h"
#include "keys/crypto/hash.h"
#include "tests/lib/vectors.h"
#include "tests/unit/ledger/tree_folder.h"

enum { SIZE = 600, FAULTS = 32 };

static char folder[64];

/* ---- what a walk says */

struct seen {
	uint64_t entries, stop_at; /* 0: does not stop */
	bool in_order;
	struct pb_tiles_fault faults[FAULTS];
	size_t fault_count;
	struct pb_merkle_edge edge;
};

static bool see_entry(void *ctx, uint64_t index, struct pb_view bytes, const struct pb_hash *leaf)
{
	struct seen *seen = ctx;
	struct pb_hash again = pb_merkle_leaf(bytes);
	char text[32];

	if (!pb_view_equal(bytes, tree_folder_leaf(index, text)) || !pb_hash_equal(&again, leaf))
		seen->in_order = false;
	return ++seen->entries != seen->stop_at;
}

static void see_fault(void *ctx, const struct pb_tiles_fault *fault)
{
	struct seen *seen = ctx;

	assert_true(seen->fault_count < FAULTS);
	seen->faults[seen->fault_count++] = *fault;
}

static struct pb_tiles *open_tiles(uint64_t size)
{
	struct pb_tiles *tiles = NULL;
	struct pb_err err = { 0 };

	assert_int_equal(pb_tiles_open(folder, &tiles, &err), PB_OK);
	pb_tiles_set_size(tiles, size);
	return tiles;
}

static struct seen walk(uint64_t size)
{
	struct seen seen = { .in_order = true };
	struct pb_tiles_visitor visitor = { see_entry, see_fault, &seen };
	struct pb_tiles *tiles = open_tiles(size);

	pb_tiles_walk(tiles, &visitor, &seen.edge);
	pb_tiles_close(tiles);
	return seen;
}

static void assert_sound(uint64_t size)
{
	struct seen seen = walk(size);
	struct pb_hash root = pb_merkle_root(&seen.edge), right;

	if (seen.fault_count > 0)
		fail_msg("%llu: %s: %s", (unsigned long long)size, seen.faults[0].path, pb_tiles_fault_name(seen.faults[0].kind));
	assert_int_equal(seen.entries, size);
	assert_true(seen.in_order);
	assert_int_equal(seen.edge.size, size);
	if (size == 0)
		return;
	right = tree_folder_root(0, size);
	assert_memory_equal(root.bytes, right.bytes, PB_MERKLE_HASH);
}

static void assert_one_fault(const struct seen *seen, enum pb_tiles_fault_kind kind, const char *path, uint64_t entry)
{
	assert_int_equal(seen->fault_count, 1);
	assert_string_equal(pb_tiles_fault_name(seen->faults[0].kind), pb_tiles_fault_name(kind));
	assert_string_equal(seen->faults[0].path, path);
	assert_int_equal(seen->faults[0].entry, entry);
}

static int make(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/profbilet-tiles-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int make_tree(void **state)
{
	if (make(state) != 0)
		return -1;
	tree_folder_write(folder, SIZE);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	tree_folder_remove(folder);
	return 0;
}

static void path_of(const char *name, char ret_path[static 128])
{
	(void)snprintf(ret_path, 128, "%s/%s", folder, name);
}

static void drop(const char *name)
{
	char path[128];

	path_of(name, path);
	assert_int_equal(unlink(path), 0);
}

/* ---- which tiles there are */

static void a_tile_is_named_as_the_specification_names_it(void **state)
{
	static const struct {
		struct pb_tile tile;
		const char *path;
	} names[] = {
		{ { .width = 256 }, "tile/0/000" },
		{ { .level = 1, .index = 1, .width = 17 }, "tile/1/001.p/17" },
		{ { .index = 999, .width = 255 }, "tile/0/999.p/255" },
		{ { .index = 1000, .width = 1 }, "tile/0/x001/000.p/1" },
		{ { .index = 1234067, .width = 256 }, "tile/0/x001/x234/067" },
		{ { .entries = true, .index = 1234067, .width = 3 }, "tile/entries/x001/x234/067.p/3" },
		{ { .entries = true, .index = UINT64_C(36028797018963967), .width = 255 },
		  "tile/entries/x036/x028/x797/x018/x963/967.p/255" },
	};
	char path[PB_TILE_PATH];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pb_tile_path(&names[i].tile, path);
		assert_string_equal(path, names[i].path);
	}
}

static void the_largest_tree_has_tiles_of_eight_levels(void **state)
{
	const uint64_t most = PB_MERKLE_SIZE_MAX;

	(void)state;
	assert_int_equal(pb_tile_width(7, 0, most), 127);
	assert_int_equal(pb_tile_width(7, 1, most), 0);
	assert_int_equal(pb_tile_width(8, 0, most), 0);
	assert_int_equal(pb_tile_width(0, most >> 8, most), 255);
	assert_int_equal(pb_tile_width(0, (most >> 8) + 1, most), 0);
	assert_int_equal(pb_tile_width(0, UINT64_MAX, most), 0);
	assert_int_equal(pb_tile_width(0, 0, most + 1), 0);
	assert_int_equal(pb_tile_width(0, 0, 0), 0);
	assert_int_equal(pb_tile_width(0, 0, 256), 256);
	assert_int_equal(pb_tile_width(1, 0, 256), 1);
	assert_int_equal(pb_tile_width(1, 0, 255), 0);
}

static void compare_with_vector(const struct vectors *v, size_t i, const struct pb_tile *tile)
{
	static uint8_t bytes[PB_TILE_BYTES + 1];
	uint8_t digest[PB_SHA256_LEN], expected[PB_SHA256_LEN];
	char path[PB_TILE_PATH];

	pb_tile_path(tile, path);
	assert_string_equal(path, vector_text(v, i, "id"));
	assert_int_equal(tile->width, strtoul(vector_text(v, i, "width"), NULL, 10));
	pb_sha256(pb_view(bytes, tree_folder_get(folder, path, bytes, sizeof(bytes))), digest);
	assert_int_equal(vector_bytes(v, i, "sha256", expected, sizeof(expected)), PB_SHA256_LEN);
	assert_memory_equal(digest, expected, PB_SHA256_LEN);
}

static void the_example_of_70000_leaves_has_the_published_tiles_and_root(void **state)
{
	struct vectors *v = vectors_load("ledger/tiles.json");
	uint64_t size = strtoull(vector_text(v, 0, "size"), NULL, 10);
	struct pb_tile tile = { 0 };
	struct pb_hash root, expected;
	struct seen seen;
	size_t i = 1;

	(void)state;
	tree_folder_write(folder, size);
	for (; tile.level < PB_TILE_LEVELS; tile.level++)
		for (tile.index = 0; (tile.width = pb_tile_width(tile.level, tile.index, size)) > 0; tile.index++)
			compare_with_vector(v, i++, &tile);
	assert_int_equal(i, vectors_count(v));
	seen = walk(size);
	root = pb_merkle_root(&seen.edge);
	assert_int_equal(vector_bytes(v, 0, "root", expected.bytes, sizeof(expected.bytes)), PB_MERKLE_HASH);
	assert_memory_equal(root.bytes, expected.bytes, PB_MERKLE_HASH);
	assert_int_equal(seen.fault_count, 0);
	assert_int_equal(seen.entries, size);
	vectors_free(v);
}

/* ---- honest folders */

static void the_empty_tree_and_sizes_around_powers_of_two_are_walked(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 511, 512, 513, 1024, 65535, 65536, 65537 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		tree_folder_remove(folder);
		tree_folder_write(folder, sizes[i]);
		assert_sound(sizes[i]);
	}
}

static void proofs_are_made_of_tiles_alone(void **state)
{
	struct pb_tiles *tiles = open_tiles(SIZE);
	struct pb_hash root = tree_folder_root(0, SIZE);
	struct pb_merkle_proof proof;
	char text[32];

	(void)state;
	for (uint64_t i = 0; i < SIZE; i++) {
		struct pb_hash leaf = pb_merkle_leaf(tree_folder_leaf(i, text));

		assert_true(pb_merkle_prove_inclusion(i, SIZE, pb_tiles_fetch, tiles, &proof));
		assert_true(pb_merkle_verify_inclusion(i, SIZE, &leaf, &root, proof.hashes, proof.count));
	}
	for (uint64_t size = 1; size <= SIZE; size++) {
		struct pb_hash old = tree_folder_root(0, size);

		assert_true(pb_merkle_prove_consistency(size, SIZE, pb_tiles_fetch, tiles, &proof));
		assert_true(pb_merkle_verify_consistency(size, SIZE, &old, &root, proof.hashes, proof.count));
	}
	pb_tiles_close(tiles);
}

/* An exporter may take partial tiles away once they are full; and an older checkpoint is still good then. */
static void full_tiles_stand_in_for_partial_ones(void **state)
{
	(void)state;
	tree_folder_write(folder, 300);
	assert_sound(300);
	drop("tile/0/001.p/44");
	drop("tile/entries/001.p/44");
	assert_sound(300);
	assert_sound(SIZE);
}

/* ---- folders that lie */

static void flip(const char *name, size_t at)
{
	static uint8_t bytes[PB_BUNDLE_BYTES];
	size_t n = tree_folder_get(folder, name, bytes, sizeof(bytes));

	assert_true(at < n);
	bytes[at] ^= 1;
	tree_folder_put(folder, name, pb_view(bytes, n));
}

static void an_edited_entry_is_told_with_its_number(void **state)
{
	struct seen seen;
	struct pb_hash root, right = tree_folder_root(0, SIZE);

	(void)state;
	flip("tile/entries/001", 2 + 8 + 2 + 5); /* a digit of "leaf 257" */
	seen = walk(SIZE);
	assert_int_equal(seen.fault_count, 2);
	assert_int_equal(seen.faults[0].kind, PB_TILES_LEAF);
	assert_string_equal(seen.faults[0].path, "tile/0/001");
	assert_int_equal(seen.faults[0].entry, 257);
	assert_int_equal(seen.faults[1].kind, PB_TILES_NODE);
	assert_string_equal(seen.faults[1].path, "tile/1/000.p/2");
	assert_int_equal(seen.faults[1].entry, 256);
	root = pb_merkle_root(&seen.edge);
	assert_memory_not_equal(root.bytes, right.bytes, PB_MERKLE_HASH);
}

static void an_entry_edited_with_its_leaf_hash_shows_in_the_tile_above(void **state)
{
	static uint8_t bytes[PB_TILE_BYTES];
	struct pb_hash leaf = pb_merkle_leaf(pb_view_text("leaf 357")); /* the '2' with its last bit turned */
	struct seen seen;

	(void)state;
	flip("tile/entries/001", 2 + 8 + 2 + 5);
	assert_int_equal(tree_folder_get(folder, "tile/0/001", bytes, sizeof(bytes)), sizeof(bytes));
	memcpy(bytes + PB_MERKLE_HASH, leaf.bytes, PB_MERKLE_HASH);
	tree_folder_put(folder, "tile/0/001", PB_VIEW(bytes));
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_NODE, "tile/1/000.p/2", 256);
}

static void a_wrong_hash_in_a_tile_is_told_once_for_each_file(void **state)
{
	struct seen seen;

	(void)state;
	flip("tile/0/002.p/88", 3 * PB_MERKLE_HASH);
	flip("tile/0/002.p/88", 5 * PB_MERKLE_HASH);
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_LEAF, "tile/0/002.p/88", 515);
	assert_int_equal(seen.entries, SIZE);
}

static void missing_entries_are_told_and_the_tree_goes_on_with_their_hashes(void **state)
{
	struct pb_hash root, right = tree_folder_root(0, SIZE);
	struct seen seen;

	(void)state;
	drop("tile/entries/001");
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_MISSING, "tile/entries/001", 256);
	assert_int_equal(seen.entries, SIZE - 256);
	root = pb_merkle_root(&seen.edge);
	assert_memory_equal(root.bytes, right.bytes, PB_MERKLE_HASH);
}

static void missing_hashes_are_told_and_made_of_the_entries(void **state)
{
	struct seen seen;

	(void)state;
	drop("tile/0/001");
	drop("tile/1/000.p/2");
	seen = walk(SIZE);
	assert_int_equal(seen.fault_count, 2);
	assert_string_equal(seen.faults[0].path, "tile/1/000.p/2");
	assert_string_equal(seen.faults[1].path, "tile/0/001");
	assert_int_equal(seen.entries, SIZE);
	assert_int_equal(seen.edge.size, SIZE);
}

static void the_walk_ends_where_entries_and_hashes_are_missing(void **state)
{
	struct seen seen;

	(void)state;
	drop("tile/0/001");
	drop("tile/entries/001");
	seen = walk(PB_MERKLE_SIZE_MAX);
	assert_int_equal(seen.edge.size, 256);
	assert_int_equal(seen.entries, 256);
	assert_int_equal(seen.faults[seen.fault_count - 1].entry, 256);
}

static void a_bundle_that_does_not_hold_its_entries_is_told(void **state)
{
	static const struct {
		size_t length_at;
		const char *file;
		uint64_t entry;
	} lies[] = {
		{ 1, "tile/entries/001", 257 },	      /* the first entry is one byte longer: the second has no length */
		{ 0, "tile/entries/001", 256 },	      /* 264 bytes: the length of the third is in the middle of a name */
		{ 1, "tile/entries/002.p/88", 513 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct seen seen;
		bool told = false;

		flip(lies[i].file, lies[i].length_at);
		seen = walk(SIZE);
		for (size_t k = 0; k < seen.fault_count; k++)
			if (seen.faults[k].kind == PB_TILES_ENTRIES && strcmp(seen.faults[k].path, lies[i].file) == 0)
				told = true;
		assert_true(told);
		assert_int_equal(seen.edge.size, SIZE);
		flip(lies[i].file, lies[i].length_at);
	}
	assert_sound(SIZE);
}

static void bytes_after_the_last_entry_are_told(void **state)
{
	uint8_t bytes[4096];
	size_t n = tree_folder_get(folder, "tile/entries/002.p/88", bytes, sizeof(bytes));
	struct seen seen;

	(void)state;
	bytes[n] = 0;
	tree_folder_put(folder, "tile/entries/002.p/88", pb_view(bytes, n + 1));
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_ENTRIES, "tile/entries/002.p/88", 599);
}

static void a_tile_of_another_length_is_told(void **state)
{
	static const uint8_t bytes[PB_TILE_BYTES + 32];
	struct seen seen;

	(void)state;
	tree_folder_put(folder, "tile/1/000.p/2", pb_view(bytes, 65));
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_LENGTH, "tile/1/000.p/2", 0);
	tree_folder_put(folder, "tile/0/001", PB_VIEW(bytes));
	tree_folder_put(folder, "tile/1/000.p/2", pb_view(bytes, 0));
	seen = walk(SIZE);
	assert_int_equal(seen.fault_count, 2);
	assert_int_equal(seen.faults[1].kind, PB_TILES_LENGTH);
	assert_string_equal(seen.faults[1].path, "tile/0/001");
}

/* A pipe would hold the auditor's program for ever, a link would lead it out of the folder. */
static void what_is_no_plain_file_is_not_read(void **state)
{
	char path[128], other[128];
	struct seen seen;

	(void)state;
	path_of("tile/1/000.p/2", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_UNREADABLE, "tile/1/000.p/2", 0);
	assert_int_equal(unlink(path), 0);
	path_of("tile/0/000", other);
	assert_int_equal(symlink(other, path), 0);
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_UNREADABLE, "tile/1/000.p/2", 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	seen = walk(SIZE);
	assert_one_fault(&seen, PB_TILES_UNREADABLE, "tile/1/000.p/2", 0);
}

static void a_proof_of_a_missing_tile_says_which(void **state)
{
	struct pb_tiles *tiles = open_tiles(SIZE);
	struct pb_merkle_proof proof;

	(void)state;
	drop("tile/0/001");
	for (int twice = 0; twice < 2; twice++) {
		assert_false(pb_merkle_prove_inclusion(300, SIZE, pb_tiles_fetch, tiles, &proof));
		assert_int_equal(pb_tiles_last_fault(tiles)->kind, PB_TILES_MISSING);
		assert_string_equal(pb_tiles_last_fault(tiles)->path, "tile/0/001");
	}
	assert_true(pb_merkle_prove_inclusion(0, 256, pb_tiles_fetch, tiles, &proof));
	pb_tiles_close(tiles);
}

static void a_visitor_may_stop(void **state)
{
	struct seen seen = { .in_order = true, .stop_at = 300 };
	struct pb_tiles_visitor visitor = { see_entry, see_fault, &seen };
	struct pb_tiles *tiles = open_tiles(SIZE);

	(void)state;
	pb_tiles_walk(tiles, &visitor, &seen.edge);
	pb_tiles_close(tiles);
	assert_int_equal(seen.entries, 300);
	assert_int_equal(seen.edge.size, 300);
	assert_int_equal(seen.fault_count, 0);
}

/* ---- the checkpoint */

static void the_checkpoint_is_given_as_it_stands_within_bounds(void **state)
{
	static uint8_t longest[PB_NOTE_MAX + 1];
	struct pb_tiles *tiles = NULL;
	struct pb_err err = { 0 };
	char path[128];

	(void)state;
	assert_int_equal(pb_tiles_open("/nonexistent/folder", &tiles, &err), PB_FILE_UNREADABLE);
	assert_int_equal(pb_tiles_open(folder, &tiles, &err), PB_FILE_UNREADABLE);
	tree_folder_put(folder, "checkpoint", PB_VIEW(longest));
	assert_int_equal(pb_tiles_open(folder, &tiles, &err), PB_INPUT_TOO_LARGE);
	tree_folder_put(folder, "checkpoint", pb_view(longest, PB_NOTE_MAX));
	tiles = open_tiles(0);
	assert_true(pb_view_equal(pb_tiles_checkpoint(tiles), pb_view(longest, PB_NOTE_MAX)));
	pb_tiles_close(tiles);
	path_of("checkpoint", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pb_tiles_open(folder, &tiles, &err), PB_FILE_UNREADABLE);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, clean)
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tile_is_named_as_the_specification_names_it),
		cmocka_unit_test(the_largest_tree_has_tiles_of_eight_levels),
		WITH_FOLDER(the_example_of_70000_leaves_has_the_published_tiles_and_root),
		WITH_FOLDER(the_empty_tree_and_sizes_around_powers_of_two_are_walked),
		WITH_TREE(proofs_are_made_of_tiles_alone),
		WITH_TREE(full_tiles_stand_in_for_partial_ones),
		WITH_TREE(an_edited_entry_is_told_with_its_number),
		WITH_TREE(an_entry_edited_with_its_leaf_hash_shows_in_the_tile_above),
		WITH_TREE(a_wrong_hash_in_a_tile_is_told_once_for_each_file),
		WITH_TREE(missing_entries_are_told_and_the_tree_goes_on_with_their_hashes),
		WITH_TREE(missing_hashes_are_told_and_made_of_the_entries),
		WITH_TREE(the_walk_ends_where_entries_and_hashes_are_missing),
		WITH_TREE(a_bundle_that_does_not_hold_its_entries_is_told),
		WITH_TREE(bytes_after_the_last_entry_are_told),
		WITH_TREE(a_tile_of_another_length_is_told),
		WITH_TREE(what_is_no_plain_file_is_not_read),
		WITH_TREE(a_proof_of_a_missing_tile_says_which),
		WITH_TREE(a_visitor_may_stop),
		WITH_FOLDER(the_checkpoint_is_given_as_it_stands_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
