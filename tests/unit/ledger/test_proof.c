/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a stranger is given of a ledger: signed checkpoints, proofs that an entry is in one, and proofs that one
 * goes on from another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "issuer/ledger/note.h"
#include "tests/unit/ledger/office.h"

static struct office office;

static int make(void **state)
{
	(void)state;
	office_create(&office);
	office_fresh(&office, 100);
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	office_destroy(&office);
	return 0;
}

static struct pb_checkpoint signed_checkpoint(void)
{
	char note[PB_CHECKPOINT_MAX];
	struct pb_checkpoint checkpoint;
	struct pb_note_key key;
	struct pb_err err = { 0 };
	struct pb_view text;

	office_must(pb_ledger_checkpoint(office.ledger, note, &err), &err, "checkpoint");
	assert_true(pb_note_key_parse(pb_ledger_vkey(office.ledger), &key));
	assert_int_equal(pb_note_open(pb_view_text(note), &key, 1, &text, NULL), PB_NOTE_GOOD);
	assert_true(pb_checkpoint_parse(text, &checkpoint));
	assert_string_equal(checkpoint.origin, OFFICE_ORIGIN);
	return checkpoint;
}

static void every_entry_is_proven_to_be_in_the_checkpoint(void **state)
{
	struct pb_ledger_counts counts;
	struct pb_checkpoint checkpoint;
	struct pb_merkle_proof proof;
	struct pb_err err = { 0 };
	uint8_t bytes[PB_ENTRY_MAX];
	struct pb_hash leaf;
	size_t n;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		(void)office_issue(&office, i);
	checkpoint = signed_checkpoint();
	pb_ledger_counts(office.ledger, &counts);
	assert_int_equal(checkpoint.size, counts.entries);
	for (uint64_t i = 0; i < checkpoint.size; i++) {
		assert_int_equal(pb_ledger_entry(office.ledger, i, bytes, &n, &err), PB_OK);
		leaf = pb_merkle_leaf(pb_view(bytes, n));
		assert_int_equal(pb_ledger_prove_inclusion(office.ledger, i, checkpoint.size, &proof, &err), PB_OK);
		assert_true(pb_merkle_verify_inclusion(i, checkpoint.size, &leaf, &checkpoint.root, proof.hashes,
						       proof.count));
	}
	assert_int_equal(pb_ledger_prove_inclusion(office.ledger, 0, checkpoint.size + 5, &proof, &err),
			 PB_LEDGER_CORRUPT);
	assert_int_equal(pb_ledger_prove_inclusion(office.ledger, 9, 9, &proof, &err), PB_NOT_FOUND);
	assert_int_equal(pb_ledger_entry(office.ledger, checkpoint.size, bytes, &n, &err), PB_NOT_FOUND);
}

static void every_checkpoint_is_proven_to_go_on_from_the_earlier_ones(void **state)
{
	enum { KEPT = 9 };
	struct pb_checkpoint kept[KEPT];
	struct pb_merkle_proof proof;
	struct pb_err err = { 0 };

	(void)state;
	for (unsigned i = 0; i < KEPT; i++) {
		(void)office_issue(&office, 30 + i);
		kept[i] = signed_checkpoint();
	}
	for (unsigned i = 0; i < KEPT; i++)
		for (unsigned j = i + 1; j < KEPT; j++) {
			assert_int_equal(pb_ledger_prove_consistency(office.ledger, kept[i].size, kept[j].size, &proof, &err), PB_OK);
			assert_true(pb_merkle_verify_consistency(kept[i].size, kept[j].size, &kept[i].root, &kept[j].root,
								 proof.hashes, proof.count));
			assert_false(pb_merkle_verify_consistency(kept[i].size, kept[j].size, &kept[j].root, &kept[j].root,
								  proof.hashes, proof.count));
		}
	assert_int_equal(pb_ledger_prove_consistency(office.ledger, kept[1].size, kept[0].size, &proof, &err), PB_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_is_proven_to_be_in_the_checkpoint),
		cmocka_unit_test(every_checkpoint_is_proven_to_go_on_from_the_earlier_ones),
	};

	return cmocka_run_group_tests(tests, make, destroy);
}
