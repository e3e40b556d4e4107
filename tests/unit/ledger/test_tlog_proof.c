/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof files: the published ones are judged as published, and every change of a letter is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/tlog_proof.h"
#include "issuer/ledger/witness_policy.h"
#include "tests/lib/vectors.h"

static struct vectors *v;

static int load(void **state)
{
	(void)state;
	v = vectors_load("ledger/tlog_proofs.json");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	vectors_free(v);
	return 0;
}

static bool is_proven(size_t i, struct pb_view text)
{
	struct pb_tlog_proof proof;
	struct pb_note_key log;
	struct pb_checkpoint checkpoint;
	uint8_t entry[256];
	size_t n = vector_bytes(v, i, "entry", entry, sizeof(entry));

	assert_true(pb_note_key_parse(vector_text(v, i, "log"), &log));
	return pb_tlog_proof_parse(text, &proof) &&
	       pb_tlog_proof_check(&proof, pb_view(entry, n), &log, &checkpoint) == PB_TLOG_PROVEN;
}

static void published_proofs_are_judged_as_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		bool proven = is_proven(i, pb_view_text(vector_text(v, i, "proof")));

		if (proven != vector_is(v, i, "by_log", "yes"))
			fail_msg("%s: said %d", vector_text(v, i, "id"), proven);
	}
}

/* The vector's policy, as the file that a reader would have. */
static void read_policy(size_t i, struct pb_witness_policy *ret_policy)
{
	size_t witnesses = vector_length(v, i, "witnesses");
	char room[2048], path[32];
	int n = snprintf(room, sizeof(room), "log %s\n", vector_text(v, i, "log"));
	unsigned line;

	for (size_t k = 0; k < witnesses; k++) {
		(void)snprintf(path, sizeof(path), "witnesses.%zu", k);
		n += snprintf(room + n, sizeof(room) - (size_t)n, "witness w%zu %s\n", k, vector_text(v, i, path));
	}
	n += snprintf(room + n, sizeof(room) - (size_t)n, "group g %s", vector_text(v, i, "quorum"));
	for (size_t k = 0; k < witnesses; k++)
		n += snprintf(room + n, sizeof(room) - (size_t)n, " w%zu", k);
	(void)snprintf(room + n, sizeof(room) - (size_t)n, "\nquorum g\n");
	if (!pb_witness_policy_parse(pb_view_text(room), ret_policy, &line))
		fail_msg("line %u of %s", line, room);
}

static void published_proofs_with_their_quorum_are_judged_as_published(void **state)
{
	static struct pb_witness_policy policy;
	static struct pb_tlog_proof proof;
	struct pb_checkpoint checkpoint;

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		struct pb_view text = pb_view_text(vector_text(v, i, "proof"));
		bool good = is_proven(i, text) && pb_tlog_proof_parse(text, &proof);

		read_policy(i, &policy);
		good = good && pb_witness_policy_judge(&policy, proof.note, &checkpoint, NULL) == PB_POLICY_WITNESSED;
		if (good != vector_is(v, i, "valid", "yes"))
			fail_msg("%s: said %d", vector_text(v, i, "id"), good);
	}
}

static struct pb_view put(const struct pb_tlog_proof *proof, char room[static PB_TLOG_PROOF_MAX])
{
	struct pb_writer out = pb_writer(room, PB_TLOG_PROOF_MAX);
	struct pb_view text;

	pb_tlog_proof_put(&out, proof);
	assert_true(pb_writer_view(&out, &text));
	return text;
}

static void a_proof_is_written_back_byte_for_byte(void **state)
{
	static char room[PB_TLOG_PROOF_MAX];
	struct pb_tlog_proof proof, again;

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		struct pb_view text = pb_view_text(vector_text(v, i, "proof"));

		if (pb_tlog_proof_parse(text, &proof))
			assert_true(pb_view_equal(put(&proof, room), text));
	}
	assert_true(pb_tlog_proof_parse(pb_view_text(vector_text(v, 0, "proof")), &proof));
	for (proof.extra_n = 1; proof.extra_n <= PB_TLOG_EXTRA_MAX; proof.extra_n += 273) {
		memset(proof.extra, (int)proof.extra_n, proof.extra_n);
		assert_true(pb_tlog_proof_parse(put(&proof, room), &again));
		assert_int_equal(again.extra_n, proof.extra_n);
		assert_memory_equal(again.extra, proof.extra, proof.extra_n);
	}
}

/* Up to the end of the log's own signature: what witnesses signed is another matter (note.h passes over unknown keys). */
static void no_change_of_a_byte_goes_unnoticed(void **state)
{
	char copy[4096];
	const char *text = vector_text(v, 0, "proof"), *lines = strstr(text, "\n\n\xE2\x80\x94 ");
	size_t n = strlen(text), log_end = (size_t)(strchr(lines + 2, '\n') - text);

	(void)state;
	assert_true(n < sizeof(copy));
	for (size_t at = 0; at < log_end; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, text, n);
			copy[at] = (char)(copy[at] ^ 1 << bit);
			if (is_proven(0, pb_view(copy, n)))
				fail_msg("byte %zu, bit %u", at, bit);
		}
	for (size_t cut = 0; cut < log_end; cut++)
		assert_false(is_proven(0, pb_view(text, cut)));
}

static void assert_refused(const char *head)
{
	static char room[PB_TLOG_PROOF_MAX + 64];
	const char *note = strstr(vector_text(v, 0, "proof"), "\n\n") + 1;
	struct pb_tlog_proof proof;

	(void)snprintf(room, sizeof(room), "%s%s", head, note);
	if (pb_tlog_proof_parse(pb_view_text(room), &proof))
		fail_msg("taken: %s", head);
}

static void what_is_not_spelt_as_specified_is_refused(void **state)
{
	static const char *const heads[] = {
		"",
		"c2sp.org/tlog-proof@v2\nindex 1\n",
		"c2sp.org/tlog-proof@v1 \nindex 1\n",
		"c2sp.org/tlog-proof@v1\r\nindex 1\n",
		"c2sp.org/tlog-proof@v1\n",
		"c2sp.org/tlog-proof@v1\nindex\n",
		"c2sp.org/tlog-proof@v1\nindex \n",
		"c2sp.org/tlog-proof@v1\nindex  1\n",
		"c2sp.org/tlog-proof@v1\nindex 01\n",
		"c2sp.org/tlog-proof@v1\nindex +1\n",
		"c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nextra AA==\n",
		"c2sp.org/tlog-proof@v1\nextra \nindex 1\n",
		"c2sp.org/tlog-proof@v1\nextra AA\nindex 1\n",
		"c2sp.org/tlog-proof@v1\nextra AB==\nindex 1\n",
		"c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 1\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		assert_refused(heads[i]);
}

static void no_proof_is_longer_than_any_tree_is_high(void **state)
{
	static char head[PB_TLOG_PROOF_MAX];
	struct pb_writer out = pb_writer(head, sizeof(head));
	struct pb_tlog_proof proof = { .path.count = PB_MERKLE_PROOF_MAX }, again;
	struct pb_view text;

	(void)state;
	pb_tlog_proof_put(&out, &proof);
	assert_true(pb_writer_view(&out, &text));
	assert_true(pb_tlog_proof_parse(text, &again));
	assert_int_equal(again.path.count, PB_MERKLE_PROOF_MAX);
	out.n--;
	pb_put_view(&out, pb_view_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"));
	assert_true(pb_writer_view(&out, &text));
	assert_false(pb_tlog_proof_parse(text, &again));
	assert_false(pb_tlog_proof_parse(pb_view(head, sizeof(head) + 1), &again));
}

static void the_verdict_says_what_is_wrong(void **state)
{
	static const struct {
		const char *id;
		enum pb_tlog_verdict verdict;
	} wrong[] = {
		{ "good, 3 of 3", PB_TLOG_PROVEN },	    { "log signature missing", PB_TLOG_NOTE_UNKNOWN },
		{ "wrong leaf (serial edited)", PB_TLOG_NOT_THERE }, { "wrong index", PB_TLOG_NOT_THERE },
		{ "proof short by one", PB_TLOG_NOT_THERE }, { "other origin", PB_TLOG_NOTE_FORGED },
	};

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++)
		for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			struct pb_checkpoint checkpoint;
			struct pb_tlog_proof proof;
			struct pb_note_key log;
			uint8_t entry[256];
			size_t n;

			if (!vector_is(v, i, "id", wrong[k].id))
				continue;
			n = vector_bytes(v, i, "entry", entry, sizeof(entry));
			assert_true(pb_note_key_parse(vector_text(v, i, "log"), &log));
			assert_true(pb_tlog_proof_parse(pb_view_text(vector_text(v, i, "proof")), &proof));
			assert_int_equal(pb_tlog_proof_check(&proof, pb_view(entry, n), &log, &checkpoint), wrong[k].verdict);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_proofs_are_judged_as_published),
		cmocka_unit_test(published_proofs_with_their_quorum_are_judged_as_published),
		cmocka_unit_test(a_proof_is_written_back_byte_for_byte),
		cmocka_unit_test(no_change_of_a_byte_goes_unnoticed),
		cmocka_unit_test(what_is_not_spelt_as_specified_is_refused),
		cmocka_unit_test(no_proof_is_longer_than_any_tree_is_high),
		cmocka_unit_test(the_verdict_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
