/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cosignatures, requests to witnesses and policies: as published, and rule by rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/add_checkpoint.h"
#include "issuer/ledger/cosignature.h"
#include "issuer/ledger/tlog_proof.h"
#include "issuer/ledger/witness_policy.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"
#include "tests/lib/vectors.h"

/* ---- cosignatures */

/* Two of the three witnesses that the vectors name. */
static void policy_of(const struct vectors *v, size_t i, struct pb_witness_policy *ret_policy)
{
	char text[2048];
	unsigned line;
	int n = snprintf(text, sizeof(text),
			 "log %s\nwitness a %s\nwitness b %s\nwitness c %s\ngroup two 2 a b c\nquorum two\n",
			 vector_text(v, i, "log"), vector_text(v, i, "witnesses.0"),
			 vector_text(v, i, "witnesses.1"), vector_text(v, i, "witnesses.2"));

	assert_true(n > 0 && (size_t)n < sizeof(text));
	if (!pb_witness_policy_parse(pb_view_text(text), ret_policy, &line))
		fail_msg("line %u of the policy", line);
}

static bool is_accepted(const struct vectors *v, size_t i)
{
	static struct pb_tlog_proof proof;
	static struct pb_witness_policy policy;
	struct pb_checkpoint checkpoint;
	uint8_t leaf[1024];
	size_t n = vector_bytes(v, i, "entry", leaf, sizeof(leaf));

	policy_of(v, i, &policy);
	return pb_tlog_proof_parse(pb_view_text(vector_text(v, i, "proof")), &proof) &&
	       pb_tlog_proof_check(&proof, pb_view(leaf, n), &policy.logs[0], &checkpoint) == PB_TLOG_PROVEN &&
	       pb_witness_policy_judge(&policy, proof.note, &checkpoint, NULL) == PB_POLICY_WITNESSED;
}

static void proofs_are_witnessed_as_published(void **state)
{
	struct vectors *v = vectors_load("ledger/tlog_proofs.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++)
		if (is_accepted(v, i) != vector_is(v, i, "valid", "yes"))
			fail_msg("%s", vector_text(v, i, "id"));
	vectors_free(v);
}

/* The keys of the vectors are made from words; Ed25519 signs the same bytes with the same bytes. */
static void a_published_cosignature_is_made_again(void **state)
{
	struct vectors *v = vectors_load("ledger/tlog_proofs.json");
	const char *proof = vector_text(v, 0, "proof"), *note = strstr(proof, "\n\n") + 2, *lines = strstr(note, "\n\n") + 2;
	const char *line = strstr(lines, "\xE2\x80\x94 witness.profbilet.example/centre");
	struct pb_view text = pb_view(note, (size_t)(lines - note) - 1);
	uint8_t seed[PB_SHA256_LEN], message[PB_COSIGNED_MESSAGE_MAX], sig[64];
	char made[512];
	struct pb_writer to_sign = pb_writer(message, sizeof(message)), out = pb_writer(made, sizeof(made));
	struct pb_ed25519_private *key;
	struct pb_note_key cosigner;
	uint64_t time;

	(void)state;
	pb_sha256(pb_view_text("profbilet test key w-centre"), seed);
	key = pb_ed25519_from_seed(seed);
	assert_true(pb_cosigner_parse(vector_text(v, 0, "witnesses.0"), &cosigner));
	assert_int_equal(pb_cosignature_open(pb_view(line, strcspn(line, "\n")), &cosigner, text, &time), PB_NOTE_GOOD);
	pb_cosignature_put_message(&to_sign, time, text);
	pb_ed25519_sign(key, pb_view(message, to_sign.n), sig);
	pb_cosignature_put_line(&out, &cosigner, time, sig);
	assert_true(pb_view_equal(pb_view(made, out.n), pb_view(line, strcspn(line, "\n") + 1)));
	pb_ed25519_private_destroy(key);
	vectors_free(v);
}

struct witness {
	struct pb_ed25519_private *private_key;
	struct pb_note_key key;
};

static struct witness make_witness(const char *name)
{
	struct witness made = { .private_key = pb_ed25519_generate() };
	uint8_t public_key[32];

	pb_ed25519_public(made.private_key, public_key);
	assert_true(pb_cosigner_make(name, public_key, &made.key));
	return made;
}

static const char TEXT[] = "profbilet.example/office/75\n28\nYxZ1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

static size_t cosign(const struct witness *witness, uint64_t time, char ret_line[static 512])
{
	uint8_t message[PB_COSIGNED_MESSAGE_MAX], sig[64];
	struct pb_writer to_sign = pb_writer(message, sizeof(message)), out = pb_writer(ret_line, 512);

	pb_cosignature_put_message(&to_sign, time, pb_view_text(TEXT));
	pb_ed25519_sign(witness->private_key, pb_view(message, to_sign.n), sig);
	pb_cosignature_put_line(&out, &witness->key, time, sig);
	return out.n - 1; /* without LF */
}

static void a_cosignature_is_of_one_key_one_time_and_one_text(void **state)
{
	struct witness witness = make_witness("witness.example/w1"), other = make_witness("witness.example/w1");
	struct pb_note_key same_name_other_use;
	char line[512];
	uint64_t time = 7;
	size_t n = cosign(&witness, 1790000000, line);

	(void)state;
	assert_int_equal(pb_cosignature_open(pb_view(line, n), &witness.key, pb_view_text(TEXT), &time), PB_NOTE_GOOD);
	assert_int_equal(time, 1790000000);
	assert_int_equal(pb_cosignature_open(pb_view(line, n), &witness.key, pb_view_text("another\n"), &time), PB_NOTE_FORGED);
	assert_int_equal(pb_cosignature_open(pb_view(line, n), &other.key, pb_view_text(TEXT), &time), PB_NOTE_UNKNOWN);
	assert_int_equal(pb_cosignature_open(pb_view(line, n - 1), &witness.key, pb_view_text(TEXT), &time), PB_NOTE_MALFORMED);
	/* A key of the other type has another id, so it never is the same signer. */
	assert_true(pb_note_key_make("witness.example/w1", witness.key.public_key, &same_name_other_use));
	assert_int_equal(pb_cosignature_open(pb_view(line, n), &same_name_other_use, pb_view_text(TEXT), &time), PB_NOTE_UNKNOWN);
	n = cosign(&witness, 0, line);
	assert_int_equal(pb_cosignature_open(pb_view(line, n), &witness.key, pb_view_text(TEXT), &time), PB_NOTE_FORGED);
	n = cosign(&witness, (uint64_t)INT64_MAX + 1, line);
	assert_int_equal(pb_cosignature_open(pb_view(line, n), &witness.key, pb_view_text(TEXT), &time), PB_NOTE_FORGED);
	assert_int_equal(time, 1790000000);
	pb_ed25519_private_destroy(witness.private_key);
	pb_ed25519_private_destroy(other.private_key);
}

static void a_key_is_a_ledgers_or_a_witnesses(void **state)
{
	struct vectors *v = vectors_load("ledger/tlog_proofs.json");
	struct pb_note_key key;
	char back[PB_VKEY_MAX + 1];

	(void)state;
	assert_true(pb_cosigner_parse(vector_text(v, 0, "witnesses.0"), &key));
	pb_note_key_format(&key, back);
	assert_string_equal(back, vector_text(v, 0, "witnesses.0"));
	assert_false(pb_note_key_parse(vector_text(v, 0, "witnesses.0"), &key));
	assert_false(pb_cosigner_parse(vector_text(v, 0, "log"), &key));
	vectors_free(v);
}

/* ---- requests */

/* The example of C2SP tlog-witness, with fewer signatures. */
#define EXAMPLE_NOTE                                                                             \
	"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" \
	"\xE2\x80\x94 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"           \
	"Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
#define HASH_LINE "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"

static void the_published_request_is_read_and_written_back(void **state)
{
	static const char body[] = "old 20852014\n" HASH_LINE HASH_LINE "\n" EXAMPLE_NOTE;
	struct pb_add_checkpoint request;
	char back[sizeof(body)];
	struct pb_writer out = pb_writer(back, sizeof(back));

	(void)state;
	assert_true(pb_add_checkpoint_parse(pb_view_text(body), &request));
	assert_int_equal(request.old_size, 20852014);
	assert_int_equal(request.proof.count, 2);
	assert_true(pb_view_equal(request.note, pb_view_text(EXAMPLE_NOTE)));
	pb_add_checkpoint_put(&out, &request);
	assert_true(pb_view_equal(pb_view(back, out.n), pb_view_text(body)));
	assert_true(pb_add_checkpoint_parse(pb_view_text("old 0\n\n" EXAMPLE_NOTE), &request));
}

static void a_mangled_request_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "\n", "old 1", "old 1\n", "old 1\n\n", "old \n\n" EXAMPLE_NOTE, "old 01\n\n" EXAMPLE_NOTE, "old -1\n\n" EXAMPLE_NOTE,
		"old  1\n\n" EXAMPLE_NOTE, "Old 1\n\n" EXAMPLE_NOTE, "old 1 \n\n" EXAMPLE_NOTE, "old 1\r\n\r\n" EXAMPLE_NOTE,
		"old 9223372036854775808\n\n" EXAMPLE_NOTE, "old 1\nAAAA\n\n" EXAMPLE_NOTE, "old 1\n" EXAMPLE_NOTE,
		"old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\n" EXAMPLE_NOTE, /* stray bits */
		"1\n\n" EXAMPLE_NOTE, HASH_LINE "\n" EXAMPLE_NOTE,
	};
	char long_proof[64 * sizeof(HASH_LINE) + 1024];
	struct pb_writer out = pb_writer(long_proof, sizeof(long_proof));
	struct pb_add_checkpoint request;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pb_add_checkpoint_parse(pb_view_text(bad[i]), &request))
			fail_msg("taken: %s", bad[i]);
	pb_put_view(&out, pb_view_text("old 1\n"));
	for (size_t i = 0; i < PB_ADD_CHECKPOINT_PROOF_MAX; i++)
		pb_put_view(&out, pb_view_text(HASH_LINE));
	pb_put_view(&out, pb_view_text("\n" EXAMPLE_NOTE));
	assert_true(pb_add_checkpoint_parse(pb_view(long_proof, out.n), &request));
	out = pb_writer(long_proof, sizeof(long_proof));
	pb_put_view(&out, pb_view_text("old 1\n"));
	for (size_t i = 0; i <= PB_ADD_CHECKPOINT_PROOF_MAX; i++)
		pb_put_view(&out, pb_view_text(HASH_LINE));
	pb_put_view(&out, pb_view_text("\n" EXAMPLE_NOTE));
	assert_false(pb_add_checkpoint_parse(pb_view(long_proof, out.n), &request));
}

/* "origin+..." of the published log, with the signature of the vectors or a spoiled one. */
static void whose_checkpoint_it_is_decides_before_what_it_says(void **state)
{
	struct vectors *v = vectors_load("ledger/tlog_proofs.json");
	const char *good = strstr(vector_text(v, 0, "proof"), "\n\n") + 2;
	struct pb_add_checkpoint request = { .note = pb_view_text(good) };
	struct pb_note_key logs[2];
	const struct pb_note_key *log;
	struct pb_checkpoint checkpoint;
	struct pb_view text;
	char forged[2048];
	char *letter;

	(void)state;
	assert_true(pb_note_key_parse(vector_text(v, 0, "log"), &logs[1]));
	assert_true(pb_note_key_make(logs[1].name, (const uint8_t[32]){ 1 }, &logs[0]));
	assert_int_equal(pb_add_checkpoint_open(&request, logs, 2, &log, &checkpoint, &text), PB_ADD_COSIGNED);
	assert_ptr_equal(log, &logs[1]);
	assert_int_equal(checkpoint.size, 1000);
	assert_int_equal(pb_add_checkpoint_open(&request, logs, 1, &log, &checkpoint, &text), PB_ADD_FORBIDDEN);
	assert_int_equal(pb_add_checkpoint_open(&request, logs, 0, &log, &checkpoint, &text), PB_ADD_UNKNOWN_LOG);
	(void)snprintf(forged, sizeof(forged), "%s", good);
	letter = strstr(forged, "D8aUunQ8") + 8;
	*letter = *letter == 'A' ? 'B' : 'A';
	request.note = pb_view_text(forged);
	assert_int_equal(pb_add_checkpoint_open(&request, &logs[1], 1, &log, &checkpoint, &text), PB_ADD_FORBIDDEN);
	request.note = pb_view(good, strlen(good) - 1);
	assert_int_equal(pb_add_checkpoint_open(&request, &logs[1], 1, &log, &checkpoint, &text), PB_ADD_BAD_REQUEST);
	vectors_free(v);
}

static void a_witness_answers_each_story_as_published(void **state)
{
	struct vectors *v = vectors_load("ledger/witness_stories.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		struct pb_seen_tree seen = { .size = (uint64_t)vector_number(v, i, "seen_size") };
		struct pb_checkpoint checkpoint = { .size = (uint64_t)vector_number(v, i, "size") };
		struct pb_merkle_proof proof = { .count = vector_length(v, i, "proof") };
		char path[32], answer[8];

		(void)vector_bytes(v, i, "seen_root", seen.root.bytes, sizeof(seen.root.bytes));
		(void)vector_bytes(v, i, "root", checkpoint.root.bytes, sizeof(checkpoint.root.bytes));
		for (size_t h = 0; h < proof.count; h++) {
			(void)snprintf(path, sizeof(path), "proof.%zu", h);
			(void)vector_bytes(v, i, path, proof.hashes[h].bytes, sizeof(proof.hashes[h].bytes));
		}
		(void)snprintf(answer, sizeof(answer), "%d",
			       pb_add_checkpoint_judge((uint64_t)vector_number(v, i, "old"), &proof, &checkpoint, &seen));
		if (!vector_is(v, i, "answer", answer))
			fail_msg("%s: %s", vector_text(v, i, "id"), answer);
	}
	vectors_free(v);
}

static void the_empty_tree_needs_no_proof_and_has_one_root(void **state)
{
	const struct pb_merkle_edge nothing = { 0 };
	const struct pb_seen_tree none = { 0 };
	struct pb_seen_tree empty = { .root = pb_merkle_root(&nothing) };
	struct pb_checkpoint checkpoint = { .size = 0, .root = empty.root };
	struct pb_merkle_proof proof = { 0 };

	(void)state;
	assert_int_equal(pb_add_checkpoint_judge(0, &proof, &checkpoint, &none), PB_ADD_COSIGNED);
	assert_int_equal(pb_add_checkpoint_judge(0, &proof, &checkpoint, &empty), PB_ADD_COSIGNED);
	checkpoint.root.bytes[0] ^= 1;
	assert_int_equal(pb_add_checkpoint_judge(0, &proof, &checkpoint, &none), PB_ADD_UNPROVEN);
	checkpoint = (struct pb_checkpoint){ .size = 3, .root = { { 7 } } };
	assert_int_equal(pb_add_checkpoint_judge(0, &proof, &checkpoint, &none), PB_ADD_COSIGNED);
	assert_int_equal(pb_add_checkpoint_judge(1, &proof, &checkpoint, &none), PB_ADD_CONFLICT);
	assert_int_equal(pb_add_checkpoint_judge(4, &proof, &checkpoint, &none), PB_ADD_BAD_REQUEST);
	proof.count = 1;
	assert_int_equal(pb_add_checkpoint_judge(0, &proof, &checkpoint, &none), PB_ADD_UNPROVEN);
}

/* ---- policies */

static char policy_keys[6][PB_VKEY_MAX + 1]; /* two ledgers, four witnesses */

static void make_policy_keys(void)
{
	for (unsigned i = 0; i < 6; i++) {
		struct pb_note_key key;
		uint8_t public_key[32] = { (uint8_t)(1 + i) };
		char name[32];

		(void)snprintf(name, sizeof(name), "example/%u", i);
		assert_true(i < 2 ? pb_note_key_make(name, public_key, &key) : pb_cosigner_make(name, public_key, &key));
		pb_note_key_format(&key, policy_keys[i]);
	}
}

/* $0 to $5 stand for the keys.  Returns 0 when it is taken, else the line, or 99 for a missing quorum. */
static unsigned read_policy(const char *template, struct pb_witness_policy *ret_policy)
{
	char text[4096];
	struct pb_writer out = pb_writer(text, sizeof(text));
	unsigned line;

	for (; *template != '\0'; template++)
		if (*template == '$')
			pb_put_view(&out, pb_view_text(policy_keys[*++template - '0']));
		else
			pb_put_u8(&out, (uint8_t)*template);
	if (pb_witness_policy_parse(pb_view(text, out.n), ret_policy, &line))
		return 0;
	return line == 0 ? 99 : line;
}

static void a_policy_is_read_line_by_line(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} cases[] = {
		{ "quorum none\n", 0 },
		{ "log $0\nlog $1 https://example/75\n\n# a comment of\tmany words\n  \t\nwitness a $2\n\twitness  b $3 https://b \nquorum a\n", 0 },
		{ "witness a $2\nwitness b $3\nwitness c $4\ngroup g 2 a b\ngroup h all g c\nquorum h\n", 0 },
		{ "quorum none\nlog $0\n", 0 },
		{ "", 99 },
		{ "log $0\n", 99 },
		{ "quorum none", 1 },
		{ "quorum none\r\n", 1 },
		{ "quorum none\nquorum none\n", 2 },
		{ "quorum a\nwitness a $2\n", 1 },
		{ "quorum\n", 1 },
		{ "log $2\nquorum none\n", 1 },
		{ "log $0\nlog $0\nquorum none\n", 2 },
		{ "log $0 a b\nquorum none\n", 1 },
		{ "witness a $0\nquorum a\n", 1 },
		{ "witness a\nquorum a\n", 1 },
		{ "witness none $2\nquorum none\n", 1 },
		{ "witness a $2\nwitness a $3\nquorum a\n", 2 },
		{ "witness a $2\nwitness b $2\nquorum a\n", 2 },
		{ "witness a $2\ngroup a any a\nquorum a\n", 2 },
		{ "witness a $2\ngroup g any a b\nquorum g\n", 2 },
		{ "witness a $2\ngroup g any none\nquorum g\n", 2 },
		{ "witness a $2\ngroup g 0 a\nquorum g\n", 2 },
		{ "witness a $2\ngroup g 2 a\nquorum g\n", 2 },
		{ "witness a $2\ngroup g 01 a\nquorum g\n", 2 },
		{ "witness a $2\ngroup g some a\nquorum g\n", 2 },
		{ "witness a $2\ngroup g any\nquorum g\n", 2 },
		{ "witness a $2\ngroup g 2 a a\nquorum g\n", 2 },
		{ "witness a $2\nwitness b $3\ngroup g any a b\ngroup h any a\nquorum g\n", 4 },
		{ "group g any g\nquorum g\n", 1 },
		{ "Quorum none\n", 1 },
		{ "# \x01\nquorum none\n", 1 },
	};
	static struct pb_witness_policy policy;

	(void)state;
	make_policy_keys();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned line = read_policy(cases[i].text, &policy);

		if (line != cases[i].line)
			fail_msg("line %u, not %u: %s", line, cases[i].line, cases[i].text);
	}
}

static void a_quorum_counts_groups_of_groups(void **state)
{
	static struct pb_witness_policy policy;
	enum { A = 1, B = 2, C = 4, D = 8 };

	(void)state;
	make_policy_keys();
	assert_int_equal(read_policy("witness a $2\nwitness b $3\nwitness c $4\nwitness d $5\ngroup ab any a b\n"
				     "group cd all c d\ngroup q all ab cd\nquorum q\n", &policy), 0);
	assert_false(pb_witness_policy_is_met(&policy, 0));
	assert_false(pb_witness_policy_is_met(&policy, A | B));
	assert_false(pb_witness_policy_is_met(&policy, A | B | C));
	assert_false(pb_witness_policy_is_met(&policy, C | D));
	assert_true(pb_witness_policy_is_met(&policy, B | C | D));
	assert_int_equal(read_policy("witness a $2\nwitness b $3\nquorum b\n", &policy), 0);
	assert_false(pb_witness_policy_is_met(&policy, A));
	assert_true(pb_witness_policy_is_met(&policy, B));
	assert_int_equal(read_policy("witness a $2\nquorum none\n", &policy), 0);
	assert_true(pb_witness_policy_is_met(&policy, 0));
	assert_string_equal(pb_witness_policy_find(&policy, "a")->key.name, "example/2");
	assert_null(pb_witness_policy_find(&policy, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proofs_are_witnessed_as_published),
		cmocka_unit_test(a_published_cosignature_is_made_again),
		cmocka_unit_test(a_cosignature_is_of_one_key_one_time_and_one_text),
		cmocka_unit_test(a_key_is_a_ledgers_or_a_witnesses),
		cmocka_unit_test(the_published_request_is_read_and_written_back),
		cmocka_unit_test(a_mangled_request_is_refused),
		cmocka_unit_test(whose_checkpoint_it_is_decides_before_what_it_says),
		cmocka_unit_test(a_witness_answers_each_story_as_published),
		cmocka_unit_test(the_empty_tree_needs_no_proof_and_has_one_root),
		cmocka_unit_test(a_policy_is_read_line_by_line),
		cmocka_unit_test(a_quorum_counts_groups_of_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
