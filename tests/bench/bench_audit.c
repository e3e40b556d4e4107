/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The whole audit of a ledger in which every card was issued by itself, so that every second entry has its checkpoint,
 * against the least that any auditor must do with the same file: a bare SQLite loop reads the entries, OpenSSL hashes
 * each leaf, and verifies each checkpoint's signature.  And against the leaf hashes alone, of entries in memory, for
 * whoever wonders what the rest costs.  Rounds are interleaved, and the ratio of each is taken.
 *
 *     bench_audit [CARDS]
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/ledger/internal.h"
#include "tests/bench/rounds.h"
#include "tests/unit/ledger/office.h"

enum { ROUNDS = 7, CARDS = 5000 };

struct least {
	sqlite3 *db;
	uint64_t entries;
	uint8_t *bytes; /* of all entries, one after the other */
	uint32_t *lengths;
};

static sqlite3_stmt *prepare(const struct least *least, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	bench_expect(sqlite3_prepare_v2(least->db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
	return statement;
}

/* Seconds; the root is the reader's affair, here only the hashes are made. */
static double read_and_hash(struct least *least)
{
	double start = bench_now();
	sqlite3_stmt *rows = prepare(least, "SELECT rec FROM entry ORDER BY idx");

	while (sqlite3_step(rows) == SQLITE_ROW)
		(void)pb_merkle_leaf(pb_view(sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)));
	sqlite3_finalize(rows);
	return bench_now() - start;
}

static double verify_signatures(struct least *least, const struct pb_note_key *key)
{
	double start = bench_now();
	sqlite3_stmt *rows = prepare(least, "SELECT note FROM checkpoint ORDER BY size");
	struct pb_view text;

	while (sqlite3_step(rows) == SQLITE_ROW)
		bench_expect(pb_note_open(pb_view(sqlite3_column_text(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)), key, 1, &text,
					  NULL) == PB_NOTE_GOOD,
			     "a signature");
	sqlite3_finalize(rows);
	return bench_now() - start;
}

static void load(struct least *least)
{
	sqlite3_stmt *rows = prepare(least, "SELECT rec FROM entry ORDER BY idx");
	size_t n = 0;

	least->bytes = malloc(least->entries * PB_ENTRY_MAX);
	least->lengths = calloc(least->entries, sizeof(*least->lengths));
	bench_expect(least->bytes != NULL && least->lengths != NULL, "memory");
	for (size_t i = 0; sqlite3_step(rows) == SQLITE_ROW && i < least->entries; i++) {
		least->lengths[i] = (uint32_t)sqlite3_column_bytes(rows, 0);
		memcpy(least->bytes + n, sqlite3_column_blob(rows, 0), least->lengths[i]);
		n += least->lengths[i];
	}
	sqlite3_finalize(rows);
}

static double hash_alone(const struct least *least)
{
	double start = bench_now();
	const uint8_t *at = least->bytes;

	for (size_t i = 0; i < least->entries; at += least->lengths[i++])
		(void)pb_merkle_leaf(pb_view(at, least->lengths[i]));
	return bench_now() - start;
}

static double audit(struct office *office)
{
	double start = bench_now();

	office_assert_sound(office);
	return bench_now() - start;
}

static void run(struct office *office, struct least *least)
{
	double by_least[ROUNDS], by_hashes[ROUNDS], rates[ROUNDS], signatures[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double read = read_and_hash(least), verify = verify_signatures(least, &office->ledger->key), whole = audit(office),
		       alone = hash_alone(least);

		by_least[round] = (read + verify) / whole;
		by_hashes[round] = alone / whole;
		signatures[round] = verify / whole;
		rates[round] = (double)least->entries / whole;
	}
	(void)printf("audit: %.0f entries/s\n", bench_median(rates, ROUNDS));
	(void)printf("of reading, leaf hashes and signatures alone: %.2f (goal >= 0.4); signatures are %.2f of an audit\n",
		     bench_median(by_least, ROUNDS), bench_median(signatures, ROUNDS));
	(void)printf("of leaf hashes alone, in memory: %.3f\n", bench_median(by_hashes, ROUNDS));
}

int main(int argc, char **argv)
{
	unsigned cards = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : CARDS;
	struct pb_ledger_counts counts;
	struct least least = { 0 };
	struct office office;

	office_create(&office);
	office_fresh(&office, cards);
	for (unsigned i = 1; i <= cards; i++)
		(void)office_issue(&office, i);
	office_look(&office);
	pb_ledger_counts(office.ledger, &counts);
	least.entries = counts.entries;
	bench_expect(sqlite3_open_v2(office.path, &least.db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, "open");
	load(&least);
	run(&office, &least);
	sqlite3_close(least.db);
	free(least.bytes);
	free(least.lengths);
	office_destroy(&office);
	return 0;
}
