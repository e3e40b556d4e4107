/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office that asks profbilet-keyd for signatures and may be killed, with keyd, at any moment; for
 * crash-sweep.sh.
 *
 *     driver create DIR             keys, counter, passphrase, a ledger that has begun
 *     driver run DIR KEYD CARDS     the cards in order, as an office issues them; on stdout a line "begun" for
 *                                   each card whose INTENT is in the ledger (what it names is in DIR/begun-N),
 *                                   "issued" when its checkpoint is
 *     driver check DIR KEYD BEGUN ISSUED  the ledger has these: none of them is signed again, the next one is,
 *                                   and the one after it is not
 *
 * Exit 1: a rule was broken, 3: an error was reported.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/keyd/counter.h"

static int report(const struct pb_err *err)
{
	fprintf(stderr, "%s\n", err->msg);
	return 3;
}

static int open_store(const char *directory, const char *keyd, struct counter *ret_counter)
{
	struct pb_keyd_options options = { .program = keyd };
	char keys[128], passphrase[128];
	struct pb_err err = { 0 };

	*ret_counter = (struct counter){ .program = keyd };
	snprintf(ret_counter->directory, sizeof(ret_counter->directory), "%s", directory);
	counter_path(ret_counter, "keys", keys);
	counter_path(ret_counter, "passphrase", passphrase);
	options.key_directory = keys;
	options.passphrase_file = passphrase;
	return pb_keyd_start(&options, &ret_counter->store, &err) == PB_OK ? 0 : report(&err);
}

static void say(const char *what)
{
	puts(what);
	fflush(stdout);
}

static FILE *open_begun(const struct counter *counter, uint64_t n, const char *mode)
{
	char name[32], path[128];
	FILE *file;

	snprintf(name, sizeof(name), "begun-%" PRIu64, n);
	counter_path(counter, name, path);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

/* The ledger's disk. */
static void keep_begun(const struct counter *counter, uint64_t n)
{
	FILE *file = open_begun(counter, n, "w");

	assert_int_equal(fwrite(counter->chip_h, 1, PB_SHA256_LEN, file), PB_SHA256_LEN);
	assert_int_equal(fwrite(counter->face_h, 1, PB_SHA256_LEN, file), PB_SHA256_LEN);
	assert_int_equal(fclose(file), 0);
}

static void read_begun(struct counter *counter, uint64_t n)
{
	FILE *file = open_begun(counter, n, "r");

	assert_int_equal(fread(counter->chip_h, 1, PB_SHA256_LEN, file), PB_SHA256_LEN);
	assert_int_equal(fread(counter->face_h, 1, PB_SHA256_LEN, file), PB_SHA256_LEN);
	assert_int_equal(fclose(file), 0);
}

static int run(struct counter *counter, uint64_t cards)
{
	for (uint64_t n = 1; n <= cards; n++) {
		uint64_t serial = COUNTER_FIRST + n - 1;
		struct pb_err err = { 0 };

		if (counter_tell(counter, &err) != PB_OK || counter_sign_face(counter, serial, &err) != PB_OK ||
		    counter_sign(counter, serial, &err) != PB_OK)
			return report(&err);
		book_begin(counter, &counter->book, serial);
		keep_begun(counter, n);
		say("begun");
		book_finish(&counter->book, serial);
		if (counter_checkpoint(counter, &err) != PB_OK)
			return report(&err);
		say("issued");
	}
	return 0;
}

static int check(struct counter *counter, uint64_t begun)
{
	struct pb_err err = { 0 };

	if (counter_checkpoint(counter, &err) != PB_OK) {
		fprintf(stderr, "the checkpoint: %s\n", err.msg);
		return 1;
	}
	for (uint64_t n = 1; n <= begun; n++)
		if (counter_sign(counter, COUNTER_FIRST + n - 1, &err) != PB_KEYS_REFUSED) {
			fprintf(stderr, "card %" PRIu64 " was signed again\n", n);
			return 1;
		}
	if (counter_sign(counter, COUNTER_FIRST + begun, &err) != PB_OK) {
		fprintf(stderr, "the next card: %s\n", err.msg);
		return 1;
	}
	if (counter_sign(counter, COUNTER_FIRST + begun + 1, &err) != PB_KEYS_REFUSED) {
		fputs("a second serial was signed\n", stderr);
		return 1;
	}
	return 0;
}

/* The ledger as it was left: but for the signatures, entries are the same in every run. */
static void rebuild(struct counter *counter, uint64_t begun, uint64_t issued)
{
	book_add(&counter->book, book_first(counter));
	book_order(&counter->book, 100);
	for (uint64_t n = 1; n <= begun; n++) {
		read_begun(counter, n);
		book_begin(counter, &counter->book, COUNTER_FIRST + n - 1);
		if (n <= issued)
			book_finish(&counter->book, COUNTER_FIRST + n - 1);
	}
	counter_meet(counter);
}

int main(int argc, char **argv)
{
	static struct counter counter;
	uint64_t begun = argc > 4 ? strtoull(argv[4], NULL, 10) : 0, issued = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
	bool checks = argc == 6 && strcmp(argv[1], "check") == 0;
	int code;

	if (argc == 3 && strcmp(argv[1], "create") == 0) {
		counter_create(argv[2]);
		return 0;
	}
	if (argc != 5 && !checks)
		return 2;
	code = open_store(argv[2], argv[3], &counter);
	if (code != 0)
		return code;
	rebuild(&counter, checks ? begun : 0, issued);
	code = checks ? check(&counter, begun) : run(&counter, begun);
	pb_keystore_close(counter.store);
	return code;
}
