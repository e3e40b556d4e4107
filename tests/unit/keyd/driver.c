/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office that asks profbilet-keyd for signatures and may be killed, with keyd, at any moment; for
 * crash-sweep.sh.
 *
 *     driver create DIR             keys, counter, passphrase
 *     driver run DIR KEYD CARDS     the cards' signatures in order; one line on stdout for each card signed
 *     driver check DIR KEYD N       N cards were signed and stand in the ledger: none of them is signed again,
 *                                   the next one is, and the one after it is not
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

/* The reservation of a card is in the ledger once it is signed: both signatures, then the next. */
static int run(struct counter *counter, uint64_t cards)
{
	for (uint64_t n = 1; n <= cards; n++) {
		struct pb_err err = { 0 };

		for (int i = 0; i < PB_KEYD_LEASE; i++)
			if (counter_sign(counter, COUNTER_FIRST + n - 1, n - 1, &err) != PB_OK)
				return report(&err);
		printf("%" PRIu64 "\n", n);
		fflush(stdout);
	}
	return 0;
}

static int check(struct counter *counter, uint64_t signed_cards)
{
	struct pb_err err = { 0 };

	for (uint64_t n = 1; n <= signed_cards; n++)
		if (counter_sign(counter, COUNTER_FIRST + n - 1, signed_cards, &err) != PB_KEYS_REFUSED) {
			fprintf(stderr, "card %" PRIu64 " was signed again\n", n);
			return 1;
		}
	if (counter_sign(counter, COUNTER_FIRST + signed_cards, signed_cards, &err) != PB_OK) {
		fprintf(stderr, "the next card: %s\n", err.msg);
		return 1;
	}
	if (counter_sign(counter, COUNTER_FIRST + signed_cards + 1, signed_cards, &err) != PB_KEYS_REFUSED) {
		fputs("a second serial was signed\n", stderr);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct counter counter;
	int code;

	if (argc == 3 && strcmp(argv[1], "create") == 0) {
		counter_create(argv[2]);
		return 0;
	}
	if (argc != 5)
		return 2;
	code = open_store(argv[2], argv[3], &counter);
	if (code != 0)
		return code;
	code = strcmp(argv[1], "run") == 0 ? run(&counter, strtoull(argv[4], NULL, 10)) : check(&counter, strtoull(argv[4], NULL, 10));
	pb_keystore_close(counter.store);
	return code;
}
