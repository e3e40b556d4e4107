/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an office hands out is read by what a stranger has: folders of tiles, exported once, again and after a crash, and
 * proof files.
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

#include "issuer/ledger/export.h"
#include "issuer/ledger/internal.h"
#include "issuer/ledger/tile_folder.h"
#include "issuer/ledger/tlog_proof.h"
#include "tests/unit/ledger/office.h"
#include "tests/unit/ledger/tree_folder.h"

static struct office office;
static char folder[96], other[96];

static int make(void **state)
{
	(void)state;
	office_create(&office);
	(void)snprintf(folder, sizeof(folder), "%s/tiles", office.folder);
	(void)snprintf(other, sizeof(other), "%s/other", office.folder);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	tree_folder_remove(folder);
	tree_folder_remove(other);
	office_fresh(&office, 1000);
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	office_destroy(&office);
	return 0;
}

/* ---- folders */

static struct pb_ledger_exported export_to(const char *to)
{
	struct pb_ledger_exported exported;
	struct pb_err err = { 0 };

	office_must(pb_ledger_export(office.ledger, to, &exported, &err), &err, "export");
	return exported;
}

static void assert_refused(enum pb_status status, const char *words)
{
	struct pb_ledger_exported exported;
	struct pb_err err = { 0 };

	assert_int_equal(pb_ledger_export(office.ledger, folder, &exported, &err), status);
	if (strstr(err.msg, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
}

static bool see_entry(void *ctx, uint64_t index, struct pb_view bytes, const struct pb_hash *leaf)
{
	uint64_t *next = ctx;
	uint8_t own[PB_ENTRY_MAX];
	struct pb_err err = { 0 };
	size_t n;

	(void)leaf;
	assert_int_equal(index, (*next)++);
	office_must(pb_ledger_entry(office.ledger, index, own, &n, &err), &err, "entry");
	assert_true(pb_view_equal(bytes, pb_view(own, n)));
	return true;
}

static void see_fault(void *ctx, const struct pb_tiles_fault *fault)
{
	(void)ctx;
	fail_msg("%s: %s", fault->path, pb_tiles_fault_name(fault->kind));
}

/* As a stranger with the key reads it; returns the size. */
static uint64_t read_folder(const char *from)
{
	uint64_t next = 0;
	struct pb_tiles_visitor visitor = { see_entry, see_fault, &next };
	struct pb_checkpoint checkpoint;
	struct pb_merkle_edge edge;
	struct pb_note_key key;
	struct pb_tiles *tiles;
	struct pb_hash root;
	struct pb_view text;

	assert_true(pb_note_key_parse(pb_ledger_vkey(office.ledger), &key));
	assert_int_equal(pb_tiles_open(from, &tiles, NULL), PB_OK);
	assert_int_equal(pb_note_open(pb_tiles_checkpoint(tiles), &key, 1, &text, NULL), PB_NOTE_GOOD);
	assert_true(pb_checkpoint_parse(text, &checkpoint));
	pb_tiles_set_size(tiles, checkpoint.size);
	pb_tiles_walk(tiles, &visitor, &edge);
	root = pb_merkle_root(&edge);
	assert_true(pb_hash_equal(&root, &checkpoint.root));
	assert_int_equal(next, checkpoint.size);
	pb_tiles_close(tiles);
	return checkpoint.size;
}

static void a_folder_is_read_by_whoever_has_the_key(void **state)
{
	struct pb_ledger_exported exported;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		(void)office_issue(&office, i);
	exported = export_to(folder);
	assert_int_equal(exported.written, 3); /* tile/0, tile/entries, checkpoint */
	assert_int_equal(exported.kept, 0);
	assert_int_equal(read_folder(folder), exported.size);
}

/* Sizes around 256 and 512; each export goes on from the one before. */
static void an_export_over_an_older_one_only_adds(void **state)
{
	uint64_t size = 0, before;
	unsigned member = 0;

	(void)state;
	do {
		struct pb_ledger_exported exported;

		(void)office_issue(&office, ++member);
		if (member % 8 != 0 && (size < 250 || size > 520))
			continue;
		before = size;
		exported = export_to(folder);
		size = exported.size;
		assert_true(size > before);
		assert_int_equal(read_folder(folder), size);
		exported = export_to(folder);
		assert_int_equal(exported.written, 0);
		assert_true(exported.kept >= 3);
	} while (size < 530);
}

/* Reserved, not issued: there is no checkpoint over it yet. */
static void entries_without_a_checkpoint_stay_at_home(void **state)
{
	struct pb_ledger_counts counts;
	uint64_t size;

	(void)state;
	(void)office_issue(&office, 1);
	size = export_to(folder).size;
	(void)office_reserve(&office, 2, 2);
	pb_ledger_counts(office.ledger, &counts);
	assert_int_equal(counts.entries, size + 1);
	assert_int_equal(export_to(folder).size, size);
	assert_int_equal(read_folder(folder), size);
}

static void an_interrupted_export_is_finished_by_the_next(void **state)
{
	char path[128];
	static const uint8_t half[100];

	(void)state;
	for (unsigned i = 1; i <= 140; i++)
		(void)office_issue(&office, i);
	/* Killed in the middle of a file, and a power cut that left another empty. */
	tree_folder_put(folder, "tile/0/000.new", PB_VIEW(half));
	tree_folder_put(folder, "tile/entries/000", pb_view(half, 0));
	(void)export_to(folder);
	assert_true(read_folder(folder) > 256);
	(void)snprintf(path, sizeof(path), "%s/tile/0/000.new", folder);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_folder_of_another_ledger_is_left_alone(void **state)
{
	static uint8_t before[4096], after[4096];
	size_t n;

	(void)state;
	(void)office_issue(&office, 1);
	tree_folder_write(folder, 3);
	assert_refused(PB_CONFLICT, "another ledger");
	n = tree_folder_get(folder, "checkpoint", before, sizeof(before));
	assert_int_equal(n, 4);
	tree_folder_remove(folder);
	(void)export_to(folder);
	n = tree_folder_get(folder, "checkpoint", before, sizeof(before));
	/* The same key and name, and another history. */
	office_fresh(&office, 7);
	(void)office_issue(&office, 1);
	(void)office_issue(&office, 2);
	assert_refused(PB_CONFLICT, "for other entries");
	assert_int_equal(tree_folder_get(folder, "checkpoint", after, sizeof(after)), n);
	assert_memory_equal(before, after, n);
}

static void a_ledger_that_went_back_is_noticed(void **state)
{
	char kept[128], sql[256];

	(void)state;
	(void)snprintf(kept, sizeof(kept), "%s/kept.db", office.folder);
	(void)unlink(kept);
	(void)office_issue(&office, 1);
	office_close(&office);
	(void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", kept);
	office_sql(&office, sql);
	office_look(&office);
	(void)export_to(folder);
	office_close(&office);
	office_open(&office);
	office_approve(&office);
	(void)export_to(folder);
	office_close(&office);
	assert_int_equal(rename(kept, office.path), 0);
	office_look(&office);
	assert_refused(PB_CONFLICT, "and the ledger one of");
}

static void a_changed_tile_is_not_written_over(void **state)
{
	static const uint8_t junk[32];
	uint64_t size;
	char path[64];

	(void)state;
	(void)office_issue(&office, 1);
	size = export_to(folder).size;
	(void)snprintf(path, sizeof(path), "tile/0/000.p/%llu", (unsigned long long)size);
	tree_folder_put(folder, path, PB_VIEW(junk));
	(void)office_issue(&office, 2);
	(void)export_to(folder); /* it is of no use any more */
	tree_folder_remove(folder);
	size = export_to(folder).size;
	(void)snprintf(path, sizeof(path), "tile/0/000.p/%llu", (unsigned long long)size);
	tree_folder_put(folder, path, PB_VIEW(junk));
	assert_refused(PB_CONFLICT, path);
}

static void a_damaged_entry_is_named_and_not_handed_out(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 5; i++)
		(void)office_issue(&office, i);
	office_close(&office);
	office_sql(&office, "DROP TRIGGER entry_update; UPDATE entry SET rec=(SELECT rec FROM entry WHERE idx=9) WHERE idx=7");
	office_look(&office);
	assert_refused(PB_LEDGER_CORRUPT, "entry 7");
	assert_int_equal(access(folder, F_OK), 0);
	tree_folder_remove(folder);
	office_close(&office);
	office_sql(&office, "UPDATE entry SET lh=(SELECT lh FROM entry WHERE idx=9) WHERE idx=7");
	office_look(&office);
	assert_refused(PB_LEDGER_CORRUPT, "not those that were signed for");
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
	struct pb_ledger_exported exported;
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(pb_ledger_export(office.ledger, "/nonexistent/deep/folder", &exported, &err), PB_FILE_UNWRITABLE);
	tree_folder_put(office.folder, "other", pb_view_text("a file"));
	assert_int_equal(pb_ledger_export(office.ledger, other, &exported, &err), PB_FILE_UNWRITABLE);
}

/* ---- proofs */

static void assert_proven(uint64_t index)
{
	static struct pb_tlog_proof proof;
	struct pb_checkpoint checkpoint;
	struct pb_err err = { 0 };
	struct pb_note_key key;
	uint8_t own[PB_ENTRY_MAX];
	char *text;
	size_t n, own_n;

	office_must(pb_ledger_proof_file(office.ledger, index, &text, &n, &err), &err, "proof");
	assert_true(pb_note_key_parse(pb_ledger_vkey(office.ledger), &key));
	assert_true(pb_tlog_proof_parse(pb_view(text, n), &proof));
	assert_int_equal(proof.index, index);
	office_must(pb_ledger_entry(office.ledger, index, own, &own_n, &err), &err, "entry");
	assert_true(pb_view_equal(pb_view(proof.extra, proof.extra_n), pb_view(own, own_n)));
	assert_int_equal(pb_tlog_proof_check(&proof, pb_view(own, own_n), &key, &checkpoint), PB_TLOG_PROVEN);
	own[own_n - 1] ^= 1;
	assert_int_equal(pb_tlog_proof_check(&proof, pb_view(own, own_n), &key, &checkpoint), PB_TLOG_NOT_THERE);
	free(text);
}

static void every_signed_entry_has_a_proof_file(void **state)
{
	struct pb_ledger_counts counts;
	struct pb_err err = { 0 };
	char *text;
	size_t n;

	(void)state;
	for (unsigned i = 1; i <= 30; i++)
		(void)office_issue(&office, i);
	pb_ledger_counts(office.ledger, &counts);
	for (uint64_t i = 0; i < counts.entries; i++)
		assert_proven(i);
	assert_int_equal(pb_ledger_proof_file(office.ledger, counts.entries, &text, &n, &err), PB_NOT_FOUND);
	(void)office_reserve(&office, 31, 31);
	assert_int_equal(pb_ledger_proof_file(office.ledger, counts.entries, &text, &n, &err), PB_NOT_ALLOWED);
}

static void a_damaged_entry_has_no_proof_file(void **state)
{
	struct pb_err err = { 0 };
	char *text;
	size_t n;

	(void)state;
	for (unsigned i = 1; i <= 5; i++)
		(void)office_issue(&office, i);
	office_close(&office);
	office_sql(&office, "DROP TRIGGER entry_update; UPDATE entry SET rec=(SELECT rec FROM entry WHERE idx=9) WHERE idx=7");
	office_look(&office);
	assert_int_equal(pb_ledger_proof_file(office.ledger, 7, &text, &n, &err), PB_LEDGER_CORRUPT);
	assert_proven(8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_folder_is_read_by_whoever_has_the_key, begin),
		cmocka_unit_test_setup(an_export_over_an_older_one_only_adds, begin),
		cmocka_unit_test_setup(entries_without_a_checkpoint_stay_at_home, begin),
		cmocka_unit_test_setup(an_interrupted_export_is_finished_by_the_next, begin),
		cmocka_unit_test_setup(a_folder_of_another_ledger_is_left_alone, begin),
		cmocka_unit_test_setup(a_ledger_that_went_back_is_noticed, begin),
		cmocka_unit_test_setup(a_changed_tile_is_not_written_over, begin),
		cmocka_unit_test_setup(a_damaged_entry_is_named_and_not_handed_out, begin),
		cmocka_unit_test_setup(a_folder_that_cannot_be_made_is_told, begin),
		cmocka_unit_test_setup(every_signed_entry_has_a_proof_file, begin),
		cmocka_unit_test_setup(a_damaged_entry_has_no_proof_file, begin),
	};

	return cmocka_run_group_tests(tests, make, destroy);
}
