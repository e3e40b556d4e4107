/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What it costs that the ledger proves itself: appends a second against SQLite doing the bare minimum in a
 * file beside it (one row of the same size, one durable commit), with and without a signed checkpoint,
 * and the whole of an issue against its commits and its signature.  Rounds are interleaved and the ratio
 * of each round is taken, so that a machine that grows slower meanwhile slows both.
 *
 * Not a test of correctness, and the one file outside issuer/store/ that calls SQLite.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "issuer/ledger/internal.h"
#include "keys/crypto/ed25519.h"
#include "tests/bench/rounds.h"
#include "tests/unit/ledger/office.h"

enum { ROUNDS = 9, SLICES = 50, COMMITS = 10, BEFORE = 1000 };

/* The largest entry there is in daily work. */
static const struct pb_entry intent = {
	.type = PB_ENTRY_INTENT, .time = OFFICE_NOW, .serial = 7501000001, .has_actor = true
};

/* ---- the bare minimum */

struct bare {
	sqlite3 *db;
	sqlite3_stmt *insert;
	struct pb_ed25519_private *key;
	int64_t rows;
	size_t row_bytes; /* as long as an INTENT */
};

static void bare_open(struct bare *bare, const char *folder)
{
	char path[128];
	uint8_t encoded[PB_ENTRY_MAX];

	(void)snprintf(path, sizeof(path), "%s/bare.db", folder);
	bench_expect(sqlite3_open(path, &bare->db) == SQLITE_OK, "open");
	bench_expect(sqlite3_exec(bare->db,
			    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			    "CREATE TABLE plain(idx INTEGER PRIMARY KEY, rec BLOB NOT NULL) STRICT",
			    NULL, NULL, NULL) == SQLITE_OK, "create");
	bench_expect(sqlite3_prepare_v2(bare->db, "INSERT INTO plain(idx,rec) VALUES(?1,?2)", -1, &bare->insert, NULL) == SQLITE_OK, "prepare");
	bare->key = pb_ed25519_generate();
	bench_expect(pb_entry_encode(&intent, encoded, &bare->row_bytes), "encode");
}

static void bare_commit(struct bare *bare)
{
	uint8_t bytes[PB_ENTRY_MAX];

	memset(bytes, (int)bare->rows, bare->row_bytes);
	sqlite3_bind_int64(bare->insert, 1, bare->rows++);
	sqlite3_bind_blob(bare->insert, 2, bytes, (int)bare->row_bytes, SQLITE_STATIC);
	bench_expect(sqlite3_step(bare->insert) == SQLITE_DONE, "insert");
	sqlite3_reset(bare->insert);
}

static void bare_sign(struct bare *bare)
{
	static const char text[] = "profbilet.example/office/75\n41873\n9vK0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n";
	uint8_t sig[PB_ED25519_SIG];

	pb_ed25519_sign(bare->key, pb_view_text(text), sig);
}

/* ---- the ledger */

static void append(struct office *office, bool sign)
{
	struct pb_entry entry = intent;
	struct pb_err err = { 0 };
	uint64_t index;

	office_must(ledger_begin(office->ledger, &err), &err, "begin");
	office_must(ledger_append(office->ledger, &entry, &index, &err), &err, "append");
	office_must(sign ? ledger_commit_signed(office->ledger, &err) : ledger_commit(office->ledger, &err), &err,
		    "commit");
}

struct pair {
	const char *name;
	void (*ours)(struct office *office, unsigned n);
	void (*limit)(struct bare *bare);
	double ratios[ROUNDS], ours_rate[ROUNDS], limit_rate[ROUNDS];
};

static void ours_append(struct office *office, unsigned n)
{
	(void)n;
	append(office, false);
}

static void ours_signed(struct office *office, unsigned n)
{
	(void)n;
	append(office, true);
}

static void limit_signed(struct bare *bare)
{
	bare_commit(bare);
	bare_sign(bare);
}

static void ours_issue(struct office *office, unsigned n)
{
	(void)office_issue(office, n);
}

/* An issue is two durable commits and one checkpoint. */
static void limit_issue(struct bare *bare)
{
	bare_commit(bare);
	bare_commit(bare);
	bare_sign(bare);
}

static void report(struct pair *pair)
{
	double ratio = bench_median(pair->ratios, ROUNDS);

	(void)printf("%-28s %7.0f/s of %7.0f/s: %.2f (%.2f to %.2f)\n", pair->name, bench_median(pair->ours_rate, ROUNDS),
		     bench_median(pair->limit_rate, ROUNDS), ratio, pair->ratios[0], pair->ratios[ROUNDS - 1]);
}

/* A few commits of each in turn, so that both meet the same weather. */
static void run_round(struct pair *pair, struct office *office, struct bare *bare, int round, unsigned *member)
{
	double ours = 0, limit = 0;

	for (int slice = 0; slice < SLICES; slice++) {
		double start = bench_now();

		for (int i = 0; i < COMMITS; i++)
			pair->ours(office, ++*member);
		ours += bench_now() - start;
		start = bench_now();
		for (int i = 0; i < COMMITS; i++)
			pair->limit(bare);
		limit += bench_now() - start;
	}
	pair->ours_rate[round] = SLICES * COMMITS / ours;
	pair->limit_rate[round] = SLICES * COMMITS / limit;
	pair->ratios[round] = limit / ours;
}

static void run_pair(struct pair *pair, struct bare *bare, struct office *office)
{
	unsigned member = 0;

	office_fresh(office, 100000);
	for (int i = 0; i < BEFORE; i++) {
		pair->ours(office, ++member);
		pair->limit(bare);
	}
	for (int round = 0; round < ROUNDS; round++)
		run_round(pair, office, bare, round, &member);
	report(pair);
}

int main(void)
{
	static struct pair pairs[] = {
		{ .name = "append / row", .ours = ours_append, .limit = bare_commit },
		{ .name = "append, signed / row, sign", .ours = ours_signed, .limit = limit_signed },
		{ .name = "issue / 2 rows, sign", .ours = ours_issue, .limit = limit_issue },
	};
	struct bare bare = { 0 };
	struct office office;

	office_create(&office);
	bare_open(&bare, office.folder);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		run_pair(&pairs[i], &bare, &office);
	sqlite3_finalize(bare.insert);
	sqlite3_close(bare.db);
	pb_ed25519_private_destroy(bare.key);
	office_destroy(&office);
	return 0;
}
