/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What grows with the ledger, and how much: the proof of an entry made and checked, a card issued, and the file opened
 * with its right edge, at a thousand entries and at a million.  Both ledgers lie in memory, where no disk hides the
 * work; rounds are interleaved, and the growth of each round is taken.
 *
 *     bench_scale [ENTRIES]
 */
#include <stdio.h>
#include <stdlib.h>

#include "issuer/ledger/internal.h"
#include "tests/bench/large_ledger.h"
#include "tests/bench/rounds.h"
#include "tests/lib/draw.h"

enum { ROUNDS = 15, SMALL = 1000, LARGE = 1000000, PROOFS = 400, CARDS = 40 };

struct sizes {
	struct office office;
	uint64_t entries;
	unsigned members;
	struct pb_checkpoint checkpoint;
	double proof[ROUNDS], issue[ROUNDS], open[ROUNDS];
};

static void read_checkpoint(struct sizes *at)
{
	char note[PB_CHECKPOINT_MAX];
	struct pb_err err = { 0 };
	struct pb_view text;

	office_must(pb_ledger_checkpoint(at->office.ledger, note, &err), &err, "checkpoint");
	bench_expect(pb_note_open(pb_view_text(note), &at->office.ledger->key, 1, &text, NULL) == PB_NOTE_GOOD &&
			     pb_checkpoint_parse(text, &at->checkpoint),
		     "open the checkpoint");
}

static void make(struct sizes *at, uint64_t entries)
{
	double start = bench_now();

	at->members = (unsigned)(entries / 2);
	large_ledger_make(&at->office, at->members);
	at->entries = at->office.ledger->head.edge.size;
	(void)printf("%llu entries made in %.0f s\n", (unsigned long long)at->entries, bench_now() - start);
}

/* Seconds of one proof of a random entry: made from the tables, and checked against the root. */
static double prove(struct sizes *at, uint64_t *seed)
{
	double start;

	read_checkpoint(at);
	start = bench_now();
	for (int i = 0; i < PROOFS; i++) {
		uint64_t index = draw_from(seed, at->checkpoint.size);
		uint8_t bytes[PB_ENTRY_MAX];
		struct pb_merkle_proof proof;
		struct pb_err err = { 0 };
		struct pb_hash leaf;
		size_t n;

		office_must(pb_ledger_entry(at->office.ledger, index, bytes, &n, &err), &err, "entry");
		office_must(pb_ledger_prove_inclusion(at->office.ledger, index, at->checkpoint.size, &proof, &err), &err, "proof");
		leaf = pb_merkle_leaf(pb_view(bytes, n));
		bench_expect(pb_merkle_verify_inclusion(index, at->checkpoint.size, &leaf, &at->checkpoint.root, proof.hashes, proof.count),
			     "the proof holds");
	}
	return (bench_now() - start) / PROOFS;
}

static double issue(struct sizes *at)
{
	double start = bench_now();

	for (int i = 0; i < CARDS; i++)
		(void)office_issue(&at->office, ++at->members);
	return (bench_now() - start) / CARDS;
}

/* To write, as an office opens it: right edge, last checkpoint, and the last thousand entries. */
static double open_again(struct sizes *at)
{
	double start, took;

	office_close(&at->office);
	start = bench_now();
	office_open(&at->office);
	took = bench_now() - start;
	office_approve(&at->office);
	return took;
}

static double growth(const double *small, const double *large)
{
	double ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratios[i] = large[i] / small[i];
	return bench_median(ratios, ROUNDS);
}

static void report(struct sizes *small, struct sizes *large)
{
	double proofs = growth(small->proof, large->proof), cards = growth(small->issue, large->issue);

	(void)printf("proof made and checked: %.1f us to %.1f us, growth %.2f (goal <= 4.5)\n", 1e6 * bench_median(small->proof, ROUNDS),
		     1e6 * bench_median(large->proof, ROUNDS), proofs);
	(void)printf("issue: %.0f/s to %.0f/s, loss %.0f %% (goal <= 30 %%)\n", 1 / bench_median(small->issue, ROUNDS),
		     1 / bench_median(large->issue, ROUNDS), 100 * (1 - 1 / cards));
	(void)printf("open with right edge and the last thousand entries: %.1f ms to %.1f ms (goal <= 50 ms)\n",
		     1e3 * bench_median(small->open, ROUNDS), 1e3 * bench_median(large->open, ROUNDS));
}

int main(int argc, char **argv)
{
	static struct sizes small, large;
	uint64_t seed = 5;

	make(&small, SMALL);
	make(&large, argc > 1 ? strtoull(argv[1], NULL, 10) : LARGE);
	for (int round = 0; round < ROUNDS; round++) {
		small.open[round] = open_again(&small);
		large.open[round] = open_again(&large);
		small.proof[round] = prove(&small, &seed);
		large.proof[round] = prove(&large, &seed);
		small.issue[round] = issue(&small);
		large.issue[round] = issue(&large);
	}
	report(&small, &large);
	office_destroy(&small.office);
	office_destroy(&large.office);
	return 0;
}
