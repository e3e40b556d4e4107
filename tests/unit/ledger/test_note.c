/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signed notes and checkpoints: the published ones, the rules of the specification one by one, base64.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/base64.h"
#include "issuer/ledger/note.h"
#include "keys/crypto/ed25519.h"
#include "tests/lib/vectors.h"

static void notes_are_judged_as_published(void **state)
{
	struct vectors *v = vectors_load("ledger/notes.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(v); i++) {
		struct pb_note_key key;
		struct pb_view text;
		bool good = pb_note_key_parse(vector_text(v, i, "vkey"), &key) &&
			    pb_note_open(pb_view_text(vector_text(v, i, "note")), &key, 1, &text, NULL) == PB_NOTE_GOOD;

		if (good != vector_is(v, i, "valid", "yes"))
			fail_msg("%s: said %d", vector_text(v, i, "id"), good);
	}
	vectors_free(v);
}

/* The checkpoints of a real log: each parses, is written back byte for byte, and has the root that our
 * tree gives over its leaves. */
static void checkpoints_of_a_published_log_have_our_roots(void **state)
{
	struct vectors *v = vectors_load("ledger/checkpoints.json"), *trees = vectors_load("ledger/trees.json");
	struct pb_merkle_edge edge = { 0 };
	size_t tree = 0;

	(void)state;
	while (!vector_is(trees, tree, "id", "tessera"))
		tree++;
	for (size_t i = 0; i < vectors_count(v); i++) {
		const char *note = vector_text(v, i, "note");
		char path[32], back[PB_NOTE_MAX / 64];
		struct pb_checkpoint checkpoint;
		struct pb_writer out = pb_writer(back, sizeof(back));
		struct pb_view text, written;
		struct pb_note_key key;
		struct pb_hash root = pb_merkle_root(&edge), leaf;
		uint8_t bytes[64];

		assert_true(pb_note_key_parse(vector_text(v, i, "vkey"), &key));
		assert_int_equal(pb_note_open(pb_view_text(note), &key, 1, &text, NULL), PB_NOTE_GOOD);
		assert_true(pb_checkpoint_parse(text, &checkpoint));
		assert_int_equal(checkpoint.size, i);
		assert_memory_equal(checkpoint.root.bytes, root.bytes, PB_MERKLE_HASH);
		pb_checkpoint_put(&out, &checkpoint);
		assert_true(pb_writer_view(&out, &written));
		assert_true(pb_view_equal(written, text));
		(void)snprintf(path, sizeof(path), "leaves.%zu", i);
		if (!vector_has(trees, tree, path))
			break;
		leaf = pb_merkle_leaf(pb_view(bytes, vector_bytes(trees, tree, path, bytes, sizeof(bytes))));
		assert_true(pb_merkle_append(&edge, &leaf, NULL, NULL));
	}
	assert_int_equal(edge.size, 15);
	vectors_free(v);
	vectors_free(trees);
}

/* ---- rules */

struct signer {
	struct pb_ed25519_private *private_key;
	struct pb_note_key key;
};

static struct signer signer(const char *name, uint8_t seed)
{
	uint8_t bytes[PB_ED25519_SEED] = { seed }, public_key[PB_ED25519_PUBLIC];
	struct signer made = { .private_key = pb_ed25519_from_seed(bytes) };

	pb_ed25519_public(made.private_key, public_key);
	assert_true(pb_note_key_make(name, public_key, &made.key));
	return made;
}

static void sign(struct pb_writer *out, const struct signer *by, const char *text)
{
	uint8_t sig[PB_ED25519_SIG];

	pb_ed25519_sign(by->private_key, pb_view_text(text), sig);
	pb_note_put_signature(out, &by->key, sig);
}

static const char body[] = "profbilet.example/office/75\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

static void sixteen_signatures_and_more_are_taken(void **state)
{
	char note[32768];
	struct pb_writer out = pb_writer(note, sizeof(note));
	struct signer ours = signer("profbilet.example/office/75", 1), other = signer("witness.example", 2);
	struct pb_view view, text;
	uint64_t signers;

	(void)state;
	pb_put_view(&out, pb_view_text(body));
	pb_put_u8(&out, '\n');
	for (unsigned i = 0; i < 99; i++)
		sign(&out, &other, body);
	sign(&out, &ours, body);
	assert_true(pb_writer_view(&out, &view));
	assert_int_equal(pb_note_open(view, &ours.key, 1, &text, &signers), PB_NOTE_GOOD);
	assert_int_equal(signers, 1);
	assert_true(pb_view_equal(text, pb_view_text(body)));
	sign(&out, &ours, body);
	assert_true(pb_writer_view(&out, &view));
	assert_int_equal(pb_note_open(view, &ours.key, 1, &text, &signers), PB_NOTE_MALFORMED);
	pb_ed25519_private_destroy(ours.private_key);
	pb_ed25519_private_destroy(other.private_key);
}

static void one_forged_line_spoils_the_note(void **state)
{
	char note[4096];
	struct pb_writer out = pb_writer(note, sizeof(note));
	struct signer a = signer("a.example", 1), b = signer("b.example", 2);
	struct pb_note_key keys[] = { a.key, b.key };
	struct pb_view view, text;
	uint64_t signers;

	(void)state;
	pb_put_view(&out, pb_view_text(body));
	pb_put_u8(&out, '\n');
	sign(&out, &a, body);
	sign(&out, &b, "another text\n");
	assert_true(pb_writer_view(&out, &view));
	assert_int_equal(pb_note_open(view, keys, 2, &text, &signers), PB_NOTE_FORGED);
	assert_int_equal(pb_note_open(view, keys, 1, &text, &signers), PB_NOTE_GOOD);
	assert_int_equal(pb_note_open(view, keys, 0, &text, &signers), PB_NOTE_UNKNOWN);
	pb_ed25519_private_destroy(a.private_key);
	pb_ed25519_private_destroy(b.private_key);
}

static void malformed_notes_are_told_apart(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		"text\n",
		"text\n\n",
		"text\n\nno dash\n",
		"text\n\n\xE2\x80\x94 name\n",
		"text\n\n\xE2\x80\x94  AAAAAAA=\n",
		"text\n\n\xE2\x80\x94 na+me AAAAAAA=\n",
		"text\n\n\xE2\x80\x94 name AAAAAA==\n" /* a key id and nothing after it */,
		"text\n\n\xE2\x80\x94 name AAAAAAB=\n" /* stray bits */,
		"text\n\n\xE2\x80\x94 name AAAAAAA\n",
		"te\txt\n\n\xE2\x80\x94 name AAAAAAA=\n",
		"te\xFFxt\n\n\xE2\x80\x94 name AAAAAAA=\n",
		"text\n\n\xE2\x80\x94 na\xC2\xA0me AAAAAAA=\n",
	};
	struct signer ours = signer("name", 1);
	struct pb_view text;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pb_note_open(pb_view_text(bad[i]), &ours.key, 1, &text, NULL) != PB_NOTE_MALFORMED)
			fail_msg("note %zu", i);
	assert_int_equal(pb_note_open(pb_view_text("text\n\n\xE2\x80\x94 name AAAAAAA=\n"), &ours.key, 1, &text, NULL),
			 PB_NOTE_UNKNOWN);
	pb_ed25519_private_destroy(ours.private_key);
}

static void keys_are_written_as_they_are_read(void **state)
{
	static const char vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char *const bad[] = {
		"",
		"a",
		"a+b",
		"a+b+c",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		/* type 04, a witness */
		"witness.profbilet.example/centre+5cc622b0+BK8VQU59hF/o69BJhvsSTxa8oQrSH8Vg1K1e/4VdKpb/",
	};
	struct pb_note_key key;
	char text[PB_VKEY_MAX + 1];

	(void)state;
	assert_true(pb_note_key_parse(vkey, &key));
	pb_note_key_format(&key, text);
	assert_string_equal(text, vkey);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pb_note_key_parse(bad[i], &key))
			fail_msg("%s", bad[i]);
}

static void checkpoints_have_three_lines_and_one_form(void **state)
{
	static const char *const bad[] = {
		"",
		"o\n",
		"o\n7\n",
		"\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"o\n07\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"o\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"o\n-7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"o\n9223372036854775808\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"o\n99999999999999999999\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"o\n7\nAAAA\n",
		"o\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"o\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
	};
	struct pb_checkpoint checkpoint;

	(void)state;
	assert_true(pb_checkpoint_parse(pb_view_text(body), &checkpoint));
	assert_string_equal(checkpoint.origin, "profbilet.example/office/75");
	assert_int_equal(checkpoint.size, 7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pb_checkpoint_parse(pb_view_text(bad[i]), &checkpoint))
			fail_msg("checkpoint %zu", i);
}

/* RFC 4648 10 */
static void base64_is_the_one_of_the_rfc(void **state)
{
	static const char *const rfc[][2] = { { "", "" },
					      { "f", "Zg==" },
					      { "fo", "Zm8=" },
					      { "foo", "Zm9v" },
					      { "foob", "Zm9vYg==" },
					      { "fooba", "Zm9vYmE=" },
					      { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Z",	   "Zg",       "Zg=",  "Zg===",	 "Zh==", "Zm9=",
					   "=Zg=", "Zg==Zg==", "Zm-v", "Zm9v\n", "====" };
	uint8_t bytes[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		char text[16];
		struct pb_writer out = pb_writer(text, sizeof(text));
		struct pb_view view;

		pb_base64_put(&out, pb_view_text(rfc[i][0]));
		assert_true(pb_writer_view(&out, &view));
		assert_true(pb_view_equal(view, pb_view_text(rfc[i][1])));
		assert_true(pb_base64_decode(pb_view_text(rfc[i][1]), bytes, sizeof(bytes), &n));
		assert_true(pb_view_equal(pb_view(bytes, n), pb_view_text(rfc[i][0])));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pb_base64_decode(pb_view_text(bad[i]), bytes, sizeof(bytes), &n))
			fail_msg("%s", bad[i]);
	assert_false(pb_base64_decode(pb_view_text("Zm9vYmFy"), bytes, 5, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_judged_as_published),
		cmocka_unit_test(checkpoints_of_a_published_log_have_our_roots),
		cmocka_unit_test(sixteen_signatures_and_more_are_taken),
		cmocka_unit_test(one_forged_line_spoils_the_note),
		cmocka_unit_test(malformed_notes_are_told_apart),
		cmocka_unit_test(keys_are_written_as_they_are_read),
		cmocka_unit_test(checkpoints_have_three_lines_and_one_form),
		cmocka_unit_test(base64_is_the_one_of_the_rfc),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
