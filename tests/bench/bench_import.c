/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list of 100,000 members against SQLite's own limit: the import (reading, repairing, recognising,
 * numbering) and then the bare INSERTs of the very rows it made, into the same tables with the same indices
 * and commits, by SQLite alone.  Also the time and the memory of one import, which have bounds of their own.
 *
 * The list is generated: windows-1251, 200 organisations, every twentieth row in need of a repair.
 */
#include <fcntl.h>
#include <iconv.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "issuer/register/import.h"
#include "tests/bench/rounds.h"

enum { ROWS = 100000, ROUNDS = 3, BATCH = 1000, COLUMNS = 14, EVENT_COLUMNS = 6 };

static void write_row(FILE *out, int i)
{
	static const char *const surnames[] = { "Иванова", "Цыренова", "Семёнова-Доржиева", "КУЗНЕЦОВА", "Гантимурова" };
	static const char *const names[] = { "Анна", "Сэсэг", "Мария-Луиза", "Людмила" };
	const char *surname = surnames[i % 20 == 3 ? 3 : i % 3];

	fprintf(out, "%s;%s;%s;ж;%02d.%02d.%d;МБОУ «Средняя школа № %d» г. Чита;учитель математики;%02d.09.%d;+7 914 %03d-%02d-%02d;member%d@example.org;\r\n",
		surname, names[i / 3 % 4], i % 7 == 0 ? "" : "Дмитриевна", i / 60 % 28 + 1, i / 1680 % 12 + 1,
		1950 + i / 20160 * 7 + i / 12 % 5, i % 200 + 1, i % 28 + 1, 2000 + i % 20, i % 1000, i / 1000 % 100, i % 100, i);
}

/* An open file with the list in windows-1251. */
static int make_list(void)
{
	char *text = NULL, *bytes, *in, *out;
	size_t n = 0, left;
	FILE *stream = open_memstream(&text, &n);
	iconv_t converter = iconv_open("CP1251", "UTF-8");
	int fd = memfd_create("list", MFD_CLOEXEC);

	bench_expect(stream && fd >= 0 && converter != (iconv_t)-1, "no memory");
	fputs("Фамилия;Имя;Отчество;Пол;Дата рождения;Первичная организация;Должность;Дата вступления;Телефон;E-mail;Фото\r\n", stream);
	for (int i = 0; i < ROWS; i++)
		write_row(stream, i);
	fclose(stream);
	left = n;
	bytes = malloc(n);
	in = text;
	out = bytes;
	bench_expect(bytes && iconv(converter, &in, &n, &out, &left) == 0, "windows-1251");
	bench_expect(write(fd, bytes, (size_t)(out - bytes)) == out - bytes, "no memory");
	iconv_close(converter);
	free(bytes);
	free(text);
	return fd;
}

static struct pb_store *make_office(const char *path, struct pb_register **ret_register)
{
	static const struct pb_number_rule rule = { .prefix = "96439075" };
	struct pb_clock clock = pb_clock_at(1788264000);
	struct pb_store *store;
	struct pb_err err = { 0 };

	bench_expect(pb_store_create(path, &store, &err) == PB_OK && pb_register_open(store, &rule, &clock, ret_register, &err) == PB_OK,
	       err.msg);
	return store;
}

static double import_list(const char *path, int list)
{
	const struct pb_import_options options = { .photos_fd = -1 };
	struct pb_import_totals totals;
	struct pb_register *reg;
	struct pb_store *store = make_office(path, &reg);
	struct pb_err err = { 0 };
	double start = bench_now(), took;

	bench_expect(pb_register_import(reg, list, &options, &totals, &err) == PB_OK, err.msg);
	took = bench_now() - start;
	bench_expect(totals.rows == ROWS && totals.outcome[PB_IMPORT_REFUSED] == 0, "rows were refused");
	bench_expect(totals.outcome[PB_IMPORT_ADDED] > ROWS * 98 / 100, "the list repeats itself too often");
	pb_register_close(reg);
	pb_store_close(store);
	return took;
}

/* ---- the same rows by SQLite alone */

static void run(sqlite3 *db, const char *sql)
{
	bench_expect(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	bench_expect(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) == SQLITE_OK, sql);
	return statement;
}

/* Every value of a query, row after row, in memory. */
static size_t load(sqlite3 *db, const char *sql, int columns, sqlite3_value ***ret_values)
{
	sqlite3_value **values = malloc(sizeof(*values) * (size_t)columns * ROWS);
	sqlite3_stmt *statement = prepare(db, sql);
	size_t n = 0;

	bench_expect(values != NULL, "no memory");
	while (sqlite3_step(statement) == SQLITE_ROW)
		for (int i = 0; i < columns; i++)
			values[n++] = sqlite3_value_dup(sqlite3_column_value(statement, i));
	sqlite3_finalize(statement);
	*ret_values = values;
	return n / (size_t)columns;
}

static void unload(sqlite3_value **values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sqlite3_value_free(values[i]);
	free(values);
}

static void insert(sqlite3_stmt *statement, sqlite3_value **values, int columns)
{
	for (int i = 0; i < columns; i++)
		sqlite3_bind_value(statement, i + 1, values[i]);
	bench_expect(sqlite3_step(statement) == SQLITE_DONE, "insert");
	sqlite3_reset(statement);
}

static double insert_all(sqlite3 *db, sqlite3_value **members, sqlite3_value **events, size_t n)
{
	sqlite3_stmt *member = prepare(db, "INSERT INTO member VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	sqlite3_stmt *event = prepare(db, "INSERT INTO member_event VALUES (?,?,?,?,?,?)");
	double start = bench_now();

	run(db, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < n; i++) {
		insert(member, members + i * COLUMNS, COLUMNS);
		insert(event, events + i * EVENT_COLUMNS, EVENT_COLUMNS);
		if (i % BATCH == BATCH - 1)
			run(db, "COMMIT; BEGIN IMMEDIATE");
	}
	run(db, "COMMIT");
	sqlite3_finalize(member);
	sqlite3_finalize(event);
	return bench_now() - start;
}

/* Copies the members of one office into the empty tables of another. */
static double insert_same(const char *from, const char *to)
{
	struct pb_register *reg;
	struct pb_store *store = make_office(to, &reg);
	sqlite3_value **members, **events;
	sqlite3 *db;
	size_t n;
	double took;

	pb_register_close(reg);
	pb_store_close(store);
	bench_expect(sqlite3_open(from, &db) == SQLITE_OK, from);
	n = load(db, "SELECT * FROM member ORDER BY id", COLUMNS, &members);
	bench_expect(load(db, "SELECT * FROM member_event ORDER BY member", EVENT_COLUMNS, &events) == n, "events");
	sqlite3_close(db);
	bench_expect(sqlite3_open(to, &db) == SQLITE_OK, to);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=OFF");
	took = insert_all(db, members, events, n);
	sqlite3_close(db);
	unload(members, n * COLUMNS);
	unload(events, n * EVENT_COLUMNS);
	return took;
}

static void remove_office(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char whole[256];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(whole, sizeof(whole), "%s%s", path, ends[i]);
		(void)unlink(whole);
	}
}

int main(void)
{
	char folder[] = "/tmp/profbilet-bench-XXXXXX", ours[64], bare[64];
	double took[ROUNDS], ratio[ROUNDS];
	struct rusage usage;
	long peak = 0;
	int list = make_list();

	bench_expect(mkdtemp(folder) != NULL, "mkdtemp");
	snprintf(ours, sizeof(ours), "%s/ours.db", folder);
	snprintf(bare, sizeof(bare), "%s/bare.db", folder);
	for (int i = 0; i < ROUNDS; i++) {
		took[i] = import_list(ours, list);
		/* Before the rows are loaded for SQLite, and with the list itself, which lies in memory here. */
		if (i == 0 && getrusage(RUSAGE_SELF, &usage) == 0)
			peak = usage.ru_maxrss / 1024;
		ratio[i] = insert_same(ours, bare) / took[i];
		remove_office(ours);
		remove_office(bare);
	}
	rmdir(folder);
	close(list);
	printf("import of %d rows: %.2f s (goal < 10), %ld MB (goal < 200)\n", ROWS, bench_median(took, ROUNDS), peak);
	printf("ratio to SQLite inserting the same rows: %.2f (goal >= 0.50)\n", bench_median(ratio, ROUNDS));
	return took[ROUNDS / 2] < 10 && peak < 200 && ratio[ROUNDS / 2] >= 0.5 ? 0 : 1;
}
