/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A witness and its book: what it signs, what it refuses, and what it knows after each way of ending.  Over a holder in
 * this memory, and over the program.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "issuer/ledger/add_checkpoint.h"
#include "issuer/ledger/cosignature.h"
#include "keys/crypto/ed25519.h"
#include "keys/passphrase.h"
#include "tests/unit/keyd/counter.h"

enum { LEAVES = 40 };

static const char *program;

/* ---- a ledger of another office, and a second history of it */

struct log {
	struct pb_ed25519_private *key;
	struct pb_note_key note_key;
	struct pb_hash leaves[LEAVES];
	struct pb_merkle_edge edges[LEAVES + 1]; /* by size */
};

static void make_log(const char *origin, uint8_t flavour, struct pb_ed25519_private *key, struct log *ret_log)
{
	uint8_t public_key[32];

	*ret_log = (struct log){ .key = key };
	pb_ed25519_public(key, public_key);
	assert_true(pb_note_key_make(origin, public_key, &ret_log->note_key));
	for (unsigned i = 0; i < LEAVES; i++) {
		uint8_t entry[2] = { (uint8_t)i, i < 10 ? 0 : flavour }; /* histories part after ten */

		ret_log->leaves[i] = pb_merkle_leaf(PB_VIEW(entry));
		ret_log->edges[i + 1] = ret_log->edges[i];
		assert_true(pb_merkle_append(&ret_log->edges[i + 1], &ret_log->leaves[i], NULL, NULL));
	}
}

/* The root of a complete subtree, from its leaves. */
static bool fetch(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash)
{
	const struct log *log = ctx;
	struct pb_merkle_edge edge = { 0 };

	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		if (i >= LEAVES || !pb_merkle_append(&edge, &log->leaves[i], NULL, NULL))
			return false;
	*ret_hash = pb_merkle_root(&edge);
	return true;
}

struct ask {
	char vkey[PB_VKEY_MAX + 1], text[256];
	struct pb_merkle_proof proof;
	struct pb_cosign_order order;
};

static void prepare(struct log *log, uint64_t old, uint64_t size, struct ask *ret_ask)
{
	struct pb_checkpoint checkpoint = { .size = size, .root = pb_merkle_root(&log->edges[size]) };
	struct pb_writer out = pb_writer(ret_ask->text, sizeof(ret_ask->text));

	memcpy(checkpoint.origin, log->note_key.name, sizeof(checkpoint.origin));
	pb_checkpoint_put(&out, &checkpoint);
	pb_note_key_format(&log->note_key, ret_ask->vkey);
	ret_ask->proof.count = 0;
	if (old > 0 && old < size)
		assert_true(pb_merkle_prove_consistency(old, size, fetch, log, &ret_ask->proof));
	ret_ask->order = (struct pb_cosign_order){ .log = ret_ask->vkey, .text = pb_view(ret_ask->text, out.n), .old_size = old,
						   .proof = pb_view(ret_ask->proof.hashes, ret_ask->proof.count * PB_MERKLE_HASH) };
	pb_ed25519_sign(log->key, ret_ask->order.text, ret_ask->order.log_sig);
}

static unsigned asked(struct counter *counter, struct log *log, uint64_t old, uint64_t size, struct pb_cosign_answer *ret_answer)
{
	struct pb_err err = { 0 };
	struct ask ask;

	prepare(log, old, size, &ask);
	if (pb_keystore_cosign(counter->store, &ask.order, ret_answer, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return ret_answer->verdict;
}

static void assert_signed(struct counter *counter, struct log *log, uint64_t size, const struct pb_cosign_answer *answer)
{
	uint8_t public_key[32], message[PB_COSIGNED_MESSAGE_MAX];
	struct pb_writer out = pb_writer(message, sizeof(message));
	struct ask ask;

	prepare(log, 0, size, &ask);
	assert_true(pb_keystore_witness_public(counter->store, public_key));
	pb_cosignature_put_message(&out, answer->time, ask.order.text);
	assert_true(pb_ed25519_verify(public_key, pb_view(message, out.n), answer->sig));
}

/* ---- an office that witnesses */

static struct log honest, forked;

static enum pb_status begin_witness(struct counter *counter, bool anew)
{
	struct pb_secret passphrase = { 0 };
	char keys[128], path[128];
	enum pb_status s;

	counter_path(counter, "keys", keys);
	counter_path(counter, "passphrase", path);
	assert_int_equal(pb_passphrase_read(path, &passphrase, NULL), PB_OK);
	s = pb_witness_begin(keys, &passphrase, NULL, anew, NULL);
	pb_secret_wipe(&passphrase);
	return s;
}

static void open_witness(struct counter *counter)
{
	counter_open(counter, program);
	assert_int_equal(begin_witness(counter, false), PB_OK);
	counter_restart(counter);
}

static void it_signs_what_goes_on_from_what_it_saw(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;

	(void)state;
	open_witness(&counter);
	assert_int_equal(asked(&counter, &honest, 0, 5, &answer), PB_ADD_COSIGNED);
	assert_signed(&counter, &honest, 5, &answer);
	assert_int_equal(answer.size, 5);
	assert_int_equal(asked(&counter, &honest, 5, 20, &answer), PB_ADD_COSIGNED);
	assert_signed(&counter, &honest, 20, &answer);
	/* The answer was lost: the same is signed again. */
	assert_int_equal(asked(&counter, &honest, 20, 20, &answer), PB_ADD_COSIGNED);
	assert_signed(&counter, &honest, 20, &answer);
	counter_close(&counter);
}

static void it_never_signs_a_fork_nor_a_smaller_tree(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;

	(void)state;
	open_witness(&counter);
	assert_int_equal(asked(&counter, &honest, 0, 20, &answer), PB_ADD_COSIGNED);
	assert_int_equal(asked(&counter, &forked, 20, 20, &answer), PB_ADD_UNPROVEN);
	assert_int_equal(asked(&counter, &forked, 20, 30, &answer), PB_ADD_UNPROVEN);
	assert_int_equal(asked(&counter, &honest, 0, 10, &answer), PB_ADD_CONFLICT);
	assert_int_equal(answer.size, 20);
	assert_int_equal(asked(&counter, &honest, 10, 10, &answer), PB_ADD_CONFLICT);
	assert_int_equal(asked(&counter, &honest, 20, 19, &answer), PB_ADD_BAD_REQUEST);
	assert_int_equal(asked(&counter, &honest, 10, 30, &answer), PB_ADD_CONFLICT);
	counter_restart(&counter);
	assert_int_equal(asked(&counter, &forked, 20, 30, &answer), PB_ADD_UNPROVEN);
	assert_int_equal(asked(&counter, &honest, 20, 30, &answer), PB_ADD_COSIGNED);
	counter_close(&counter);
}

static void it_believes_the_ledgers_key_only(void **state)
{
	struct counter counter = { 0 };
	struct pb_ed25519_private *other = pb_ed25519_generate();
	struct pb_cosign_answer answer;
	struct log impostor;
	struct ask ask;

	(void)state;
	open_witness(&counter);
	make_log(honest.note_key.name, 0, other, &impostor);
	assert_int_equal(asked(&counter, &honest, 0, 5, &answer), PB_ADD_COSIGNED);
	assert_int_equal(asked(&counter, &impostor, 5, 8, &answer), PB_ADD_FORBIDDEN);
	prepare(&honest, 5, 8, &ask);
	ask.order.log_sig[0] ^= 1;
	assert_int_equal(pb_keystore_cosign(counter.store, &ask.order, &answer, NULL), PB_OK);
	assert_int_equal(answer.verdict, PB_ADD_FORBIDDEN);
	prepare(&honest, 5, 8, &ask);
	ask.vkey[0] ^= 1; /* another ledger's key for this text */
	assert_int_equal(pb_keystore_cosign(counter.store, &ask.order, &answer, NULL), PB_OK);
	assert_int_equal(answer.verdict, PB_ADD_BAD_REQUEST);
	counter_close(&counter);
	pb_ed25519_private_destroy(other);
}

static void each_ledger_has_its_own_page(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;
	struct log others[3];

	(void)state;
	open_witness(&counter);
	for (unsigned i = 0; i < 3; i++) {
		char origin[32];

		(void)snprintf(origin, sizeof(origin), "profbilet.example/office/%u", i);
		make_log(origin, (uint8_t)i, honest.key, &others[i]);
		assert_int_equal(asked(&counter, &others[i], 0, 11 + i, &answer), PB_ADD_COSIGNED);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(asked(&counter, &others[i], 0, 1, &answer), PB_ADD_CONFLICT);
		assert_int_equal(answer.size, 11 + i);
	}
	counter_close(&counter);
}

static void its_key_signs_nothing_else_and_no_other_key_cosigns(void **state)
{
	struct counter counter = { 0 };
	uint8_t sig[64];

	(void)state;
	if (program != NULL)
		skip();
	open_witness(&counter);
	assert_int_equal(pb_keystore_sign_cosignature(counter.keys, pb_view_text("origin\n1\nAAAA\n"), sig, NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_keystore_sign_cosignature(counter.keys, pb_view_text("cosignature/v1\ntime 1"), sig, NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_keystore_sign_cosignature(counter.keys, pb_view_text("cosignature/v1\ntime 1\na\n1\nAAAA\n"), sig, NULL),
			 PB_OK);
	assert_int_equal(pb_keystore_sign_checkpoint(counter.keys, pb_view_text("cosignature/v1\ntime 1\na\n1\nAAAA\n"), sig, NULL),
			 PB_KEYS_REFUSED);
	/* Over the messages there is no way to it but the book. */
	assert_int_equal(pb_keystore_sign_cosignature(counter.store, pb_view_text("cosignature/v1\ntime 1\na\n1\nAAAA\n"), sig, NULL),
			 PB_NOT_ALLOWED);
	counter_close(&counter);
}

static void an_office_is_no_witness_until_it_begins(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;
	uint8_t public_key[32], second[32];
	struct ask ask;

	(void)state;
	counter_open(&counter, program);
	prepare(&honest, 0, 5, &ask);
	assert_false(pb_keystore_witness_public(counter.store, public_key));
	assert_int_equal(pb_keystore_cosign(counter.store, &ask.order, &answer, NULL), PB_NOT_FOUND);
	assert_int_equal(begin_witness(&counter, false), PB_OK);
	assert_int_equal(begin_witness(&counter, false), PB_CONFLICT);
	counter_restart(&counter);
	assert_true(pb_keystore_witness_public(counter.store, public_key));
	assert_int_equal(asked(&counter, &honest, 0, 5, &answer), PB_ADD_COSIGNED);
	/* Anew: another key, and nothing is known. */
	assert_int_equal(begin_witness(&counter, true), PB_OK);
	counter_restart(&counter);
	assert_true(pb_keystore_witness_public(counter.store, second));
	assert_memory_not_equal(public_key, second, sizeof(second));
	assert_int_equal(asked(&counter, &honest, 0, 3, &answer), PB_ADD_COSIGNED);
	counter_close(&counter);
}

/* ---- the book in other hands */

static void book_path(const struct counter *counter, char ret_path[static 128])
{
	counter_path(counter, "keys/" PB_WITNESS_BOOK, ret_path);
}

static enum pb_status cosign_status(struct counter *counter, uint64_t old, uint64_t size)
{
	struct pb_cosign_answer answer;
	struct ask ask;

	prepare(&honest, old, size, &ask);
	return pb_keystore_cosign(counter->store, &ask.order, &answer, NULL);
}

static void a_book_that_is_lost_changed_or_anothers_stops_it(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;
	char path[128];
	uint8_t byte;
	int fd;

	(void)state;
	open_witness(&counter);
	assert_int_equal(asked(&counter, &honest, 0, 5, &answer), PB_ADD_COSIGNED);
	book_path(&counter, path);
	fd = open(path, O_RDWR);
	/* Slot 1, the record that was written: one digit of the size. */
	assert_true(fd >= 0 && pread(fd, &byte, 1, 3 * PB_WITNESS_RECORD + 40) == 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 3 * PB_WITNESS_RECORD + 40), 1);
	assert_int_equal(cosign_status(&counter, 5, 8), PB_KEYS_REFUSED);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 3 * PB_WITNESS_RECORD + 40), 1);
	assert_int_equal(cosign_status(&counter, 5, 8), PB_OK);
	assert_int_equal(ftruncate(fd, 4 * PB_WITNESS_RECORD), 0);
	assert_int_equal(cosign_status(&counter, 8, 9), PB_KEYS_UNAVAILABLE);
	close(fd);
	/* A key without its book, as after a backup, knows nothing and signs nothing. */
	assert_int_equal(unlink(path), 0);
	counter_restart(&counter);
	assert_int_equal(cosign_status(&counter, 0, 9), PB_NOT_FOUND);
	counter_close(&counter);
}

static void a_book_of_another_key_is_none(void **state)
{
	struct counter counter = { 0 };
	char path[128], kept[160], command[512];

	(void)state;
	open_witness(&counter);
	book_path(&counter, path);
	(void)snprintf(kept, sizeof(kept), "%s.kept", path);
	(void)snprintf(command, sizeof(command), "cp %s %s", path, kept);
	assert_int_equal(rename(path, kept), 0);
	assert_int_equal(begin_witness(&counter, true), PB_OK);
	assert_int_equal(rename(kept, path), 0);
	counter_restart(&counter);
	assert_int_equal(cosign_status(&counter, 0, 5), PB_KEYS_REFUSED);
	counter_close(&counter);
}

static void its_clock_does_not_go_back(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;

	(void)state;
	if (program != NULL)
		skip();
	open_witness(&counter);
	assert_int_equal(asked(&counter, &honest, 0, 5, &answer), PB_ADD_COSIGNED);
	counter.clock = pb_clock_at((int64_t)answer.time - 60);
	assert_int_equal(cosign_status(&counter, 5, 8), PB_CLOCK_WRONG);
	counter_close(&counter);
}

/* ---- two at once */

/* A holder of its own, which asks for one tree again and again until it is signed or refused. */
static int race(const struct counter *counter, struct log *log, uint64_t size)
{
	struct pb_keyd_options options = { .program = program, .only_witness = true };
	char keys[128], passphrase[128];
	struct pb_keystore *store = NULL;
	struct pb_cosign_answer answer;
	struct ask ask;
	enum pb_status s;

	counter_path(counter, "keys", keys);
	counter_path(counter, "passphrase", passphrase);
	options.key_directory = keys;
	options.passphrase_file = passphrase;
	prepare(log, 10, size, &ask);
	s = pb_keyd_start(&options, &store, NULL);
	if (s == PB_OK)
		s = pb_keystore_cosign(store, &ask.order, &answer, NULL);
	pb_keystore_close(store);
	return s != PB_OK ? 2 : answer.verdict == PB_ADD_COSIGNED ? 0 : 1;
}

static void of_two_histories_at_once_one_is_signed(void **state)
{
	struct counter counter = { 0 };
	struct pb_cosign_answer answer;
	int signed_for = 0, refused = 0, status;

	(void)state;
	if (program == NULL)
		skip();
	open_witness(&counter);
	assert_int_equal(asked(&counter, &honest, 0, 10, &answer), PB_ADD_COSIGNED);
	for (unsigned i = 0; i < 6; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			_exit(race(&counter, i % 2 == 0 ? &honest : &forked, 20));
	}
	for (unsigned i = 0; i < 6; i++) {
		assert_true(wait(&status) > 0 && WIFEXITED(status));
		signed_for += WEXITSTATUS(status) == 0;
		refused += WEXITSTATUS(status) == 1;
	}
	assert_int_equal(signed_for, 1);
	assert_int_equal(refused, 5);
	counter_close(&counter);
}

static void a_holder_for_witnessing_does_nothing_else(void **state)
{
	struct counter counter = { 0 };
	struct pb_keyd_options options = { .program = program, .only_witness = true };
	char keys[128], passphrase[128];
	uint8_t pseudonym[PB_PSEUDONYM_LEN], sig[64];
	struct pb_keystore *store = NULL;

	(void)state;
	if (program == NULL)
		skip();
	open_witness(&counter); /* and this one holds the accounts meanwhile */
	counter_path(&counter, "keys", keys);
	counter_path(&counter, "passphrase", passphrase);
	options.key_directory = keys;
	options.passphrase_file = passphrase;
	assert_int_equal(pb_keyd_start(&options, &store, NULL), PB_OK);
	assert_int_equal(pb_keystore_pseudonym(store, pb_view_text("a"), pseudonym, NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_keystore_sign_checkpoint(store, pb_view_text("origin\n1\nAAAA\n"), sig, NULL), PB_KEYS_REFUSED);
	pb_keystore_close(store);
	counter_close(&counter);
}

static int run_all(const char *name, const char *with)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_signs_what_goes_on_from_what_it_saw),
		cmocka_unit_test(it_never_signs_a_fork_nor_a_smaller_tree),
		cmocka_unit_test(it_believes_the_ledgers_key_only),
		cmocka_unit_test(each_ledger_has_its_own_page),
		cmocka_unit_test(its_key_signs_nothing_else_and_no_other_key_cosigns),
		cmocka_unit_test(an_office_is_no_witness_until_it_begins),
		cmocka_unit_test(a_book_that_is_lost_changed_or_anothers_stops_it),
		cmocka_unit_test(a_book_of_another_key_is_none),
		cmocka_unit_test(its_clock_does_not_go_back),
		cmocka_unit_test(of_two_histories_at_once_one_is_signed),
		cmocka_unit_test(a_holder_for_witnessing_does_nothing_else),
	};

	program = with;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	struct pb_ed25519_private *key = pb_ed25519_generate();
	int failed;

	assert_true(argc == 2);
	(void)counter_make_keys(NULL);
	make_log("profbilet.example/office/25", 1, key, &honest);
	make_log("profbilet.example/office/25", 2, key, &forked);
	failed = run_all("here", NULL) + run_all("the program", argv[1]);
	(void)counter_remove_keys(NULL);
	pb_ed25519_private_destroy(key);
	return failed;
}
