/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The office's file: who may open it, what commits and what does not, and what the file's owner cannot do to
 * it through this door.
 */
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

#include "issuer/store/store.h"

static const char *const steps[] = {
	"CREATE TABLE thing(id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER CHECK(n>=0)) STRICT;"
	"CREATE TRIGGER thing_delete BEFORE DELETE ON thing BEGIN SELECT RAISE(ABORT,'things stay'); END;",
	"CREATE TABLE more(id INTEGER PRIMARY KEY, bytes BLOB) STRICT;",
	NULL,
};
static const struct pb_store_part part = { "test", steps };
static const char *const first_step[] = { "CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT;", NULL };

static char folder[32], path[64];
static struct pb_store *store;
static struct pb_err err;

static int setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/profbilet-store-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/office.db", folder);
	err = (struct pb_err){ 0 };
	if (pb_store_create(path, &store, &err) != PB_OK)
		return -1;
	return pb_store_upgrade(store, &part, &err) == PB_OK ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "", "-wal", "-shm", ".lock", ".old" };
	char name[96];

	(void)state;
	pb_store_close(store);
	store = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, names[i]);
		(void)unlink(name);
	}
	return rmdir(folder);
}

static enum pb_status change(const char *sql)
{
	enum pb_status s = pb_store_begin(store, &err);

	if (s != PB_OK)
		return s;
	s = pb_store_run(store, sql, &err);
	if (s == PB_OK)
		return pb_store_commit(store, &err);
	pb_store_rollback(store);
	return s;
}

static int64_t count_in(struct pb_store *in)
{
	PB_QUERY q = { 0 };
	bool row = false;

	assert_int_equal(pb_query(in, "SELECT count(*) FROM thing", &q, &err), PB_OK);
	assert_int_equal(pb_query_step(&q, &row, &err), PB_OK);
	assert_true(row);
	return pb_column_int(&q, 0);
}

static void there_is_one_writer_and_it_is_named(void **state)
{
	struct pb_store *second = NULL;
	char number[32];

	(void)state;
	assert_int_equal(pb_store_open(path, PB_STORE_WRITE, &second, &err), PB_LEDGER_BUSY);
	(void)snprintf(number, sizeof(number), " %ld ", (long)getpid());
	assert_non_null(strstr(err.msg, number));
	assert_null(second);
	pb_store_close(store);
	assert_int_equal(pb_store_open(path, PB_STORE_WRITE, &store, &err), PB_OK);
}

static void a_reader_sees_what_was_committed(void **state)
{
	struct pb_store *reader = NULL;

	(void)state;
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &reader, &err), PB_OK);
	assert_int_equal(pb_store_upgrade(reader, &part, &err), PB_OK);
	assert_int_equal(pb_store_begin(store, &err), PB_OK);
	assert_int_equal(pb_store_run(store, "INSERT INTO thing VALUES(1,'a',1)", &err), PB_OK);
	assert_int_equal(count_in(reader), 0);
	assert_int_equal(pb_store_commit(store, &err), PB_OK);
	assert_int_equal(count_in(reader), 1);
	assert_int_equal(pb_store_begin(reader, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_store_run(reader, "INSERT INTO thing VALUES(2,'b',1)", &err), PB_NOT_ALLOWED);
	pb_store_close(reader);
}

/* Root may write anywhere; the case is real only for others, and harmless for root. */
static void a_reader_needs_no_right_to_write(void **state)
{
	struct pb_store *reader = NULL;

	(void)state;
	assert_int_equal(change("INSERT INTO thing VALUES(1,'a',1)"), PB_OK);
	pb_store_close(store);
	store = NULL;
	assert_int_equal(chmod(folder, 0500), 0);
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &reader, &err), PB_OK);
	assert_int_equal(count_in(reader), 1);
	pb_store_close(reader);
	assert_int_equal(chmod(folder, 0700), 0);
}

static void a_snapshot_stays_as_it_was(void **state)
{
	struct pb_store *reader = NULL;

	(void)state;
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &reader, &err), PB_OK);
	assert_int_equal(pb_store_begin_reading(reader, &err), PB_OK);
	assert_int_equal(count_in(reader), 0);
	assert_int_equal(change("INSERT INTO thing VALUES(1,'a',1)"), PB_OK);
	assert_int_equal(count_in(reader), 0);
	pb_store_rollback(reader);
	assert_int_equal(count_in(reader), 1);
	pb_store_close(reader);
}

static void what_was_rolled_back_is_gone(void **state)
{
	(void)state;
	assert_int_equal(pb_store_begin(store, &err), PB_OK);
	assert_int_equal(pb_store_run(store, "INSERT INTO thing VALUES(1,'a',1)", &err), PB_OK);
	assert_int_equal(pb_store_last_id(store), 1);
	assert_int_equal(pb_store_changes(store), 1);
	pb_store_rollback(store);
	assert_int_equal(count_in(store), 0);
	assert_false(pb_store_in_transaction(store));
}

static void broken_rules_are_conflicts_and_refusals(void **state)
{
	(void)state;
	assert_int_equal(change("INSERT INTO thing VALUES(1,'a',1)"), PB_OK);
	assert_int_equal(change("INSERT INTO thing VALUES(2,'a',1)"), PB_CONFLICT);
	assert_int_equal(change("INSERT INTO thing VALUES(2,'b',-1)"), PB_CONFLICT);
	assert_int_equal(change("INSERT INTO thing VALUES(2,x'00',1)"), PB_CONFLICT); /* STRICT */
	assert_int_equal(change("DELETE FROM thing"), PB_NOT_ALLOWED);
	assert_int_equal(change("REPLACE INTO thing VALUES(1,'z',1)"), PB_NOT_ALLOWED);
	assert_int_equal(change("DROP TABLE thing"), PB_NOT_ALLOWED);
	assert_int_equal(change("DROP TRIGGER thing_delete"), PB_NOT_ALLOWED);
	assert_int_equal(change("CREATE TABLE other(a)"), PB_NOT_ALLOWED);
	assert_int_equal(change("ALTER TABLE thing RENAME TO thong"), PB_NOT_ALLOWED);
	assert_int_equal(pb_store_run(store, "ATTACH ':memory:' AS other", &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_store_check_integrity(store, &err), PB_OK);
}

static void values_come_back_as_they_went_in(void **state)
{
	static const uint8_t bytes[] = { 0, 1, 255 };
	PB_QUERY q = { 0 };
	uint8_t back[3];
	char text[4];
	bool row = false;

	(void)state;
	assert_int_equal(pb_query(store, "SELECT ?1,?2,?3,?4,?5", &q, &err), PB_OK);
	pb_bind_int(&q, 1, INT64_MIN);
	pb_bind_text(&q, 2, "abc");
	pb_bind_bytes(&q, 3, PB_VIEW(bytes));
	pb_bind_null(&q, 4);
	pb_bind_bytes(&q, 5, pb_view(NULL, 0));
	assert_int_equal(pb_query_step(&q, &row, &err), PB_OK);
	assert_true(row);
	assert_true(pb_column_int(&q, 0) == INT64_MIN);
	assert_true(pb_column_text(&q, 1, text, sizeof(text)));
	assert_string_equal(text, "abc");
	assert_false(pb_column_text(&q, 1, text, 3));
	assert_false(pb_column_text(&q, 2, text, sizeof(text))); /* a NUL inside */
	assert_true(pb_column_copy(&q, 2, back, 3));
	assert_memory_equal(back, bytes, 3);
	assert_false(pb_column_copy(&q, 2, back, 2));
	assert_true(pb_column_is_null(&q, 3));
	assert_false(pb_column_is_null(&q, 4));
	assert_int_equal(pb_query_step(&q, &row, &err), PB_OK);
	assert_false(row);
	pb_bind_int(&q, 9, 1);
	assert_int_equal(pb_query_step(&q, &row, &err), PB_LEDGER_IO); /* there is no position 9 */
}

static void more_statements_than_are_kept_still_work(void **state)
{
	static char texts[300][32];

	(void)state;
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 300; i++) {
			PB_QUERY q = { 0 };
			bool row = false;

			(void)snprintf(texts[i], sizeof(texts[i]), "SELECT %u", i);
			assert_int_equal(pb_query(store, texts[i], &q, &err), PB_OK);
			assert_int_equal(pb_query_step(&q, &row, &err), PB_OK);
			assert_int_equal(pb_column_int(&q, 0), i);
		}
}

static void the_same_statement_may_run_inside_itself(void **state)
{
	static const char sql[] = "SELECT id FROM thing ORDER BY id";
	PB_QUERY outer = { 0 };
	bool row = true;
	unsigned seen = 0;

	(void)state;
	assert_int_equal(change("INSERT INTO thing VALUES(1,'a',1),(2,'b',1),(3,'c',1)"), PB_OK);
	assert_int_equal(pb_query(store, sql, &outer, &err), PB_OK);
	while (pb_query_step(&outer, &row, &err) == PB_OK && row) {
		PB_QUERY inner = { 0 };
		bool again = false;

		assert_int_equal(pb_query(store, sql, &inner, &err), PB_OK);
		assert_int_equal(pb_query_step(&inner, &again, &err), PB_OK);
		assert_int_equal(pb_column_int(&inner, 0), 1);
		assert_int_equal(pb_column_int(&outer, 0), ++seen);
	}
	assert_int_equal(seen, 3);
}

static void a_file_that_was_replaced_is_noticed(void **state)
{
	char old[96];
	FILE *other;

	(void)state;
	(void)snprintf(old, sizeof(old), "%s.old", path);
	assert_int_equal(rename(path, old), 0);
	other = fopen(path, "w");
	assert_non_null(other);
	(void)fclose(other);
	assert_int_equal(pb_store_begin(store, &err), PB_LEDGER_IO);
	assert_true(pb_store_is_dead(store));
	assert_int_equal(pb_store_run(store, "SELECT 1", &err), PB_LEDGER_IO);
}

static void what_is_not_an_offices_file_is_told(void **state)
{
	struct pb_store *other = NULL;
	FILE *file;

	(void)state;
	assert_int_equal(pb_store_create(path, &other, &err), PB_LEDGER_BUSY);
	pb_store_close(store);
	store = NULL;
	assert_int_equal(pb_store_create(path, &other, &err), PB_CONFLICT);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 5000; i++)
		(void)fputc('x', file);
	(void)fclose(file);
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &other, &err), PB_LEDGER_CORRUPT);
	assert_int_equal(pb_store_open(path, PB_STORE_WRITE, &other, &err), PB_LEDGER_CORRUPT);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &other, &err), PB_INPUT_INVALID);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(pb_store_open(path, PB_STORE_WRITE, &other, &err), PB_FILE_UNREADABLE);
	assert_int_equal(pb_store_open(folder, PB_STORE_READ, &other, &err), PB_FILE_UNREADABLE);
}

static void tables_of_a_newer_program_are_left_alone(void **state)
{
	static const struct pb_store_part older = { "test", first_step };
	static const struct pb_store_part absent = { "absent", first_step };
	struct pb_store *reader = NULL;

	(void)state;
	assert_int_equal(pb_store_upgrade(store, &older, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &reader, &err), PB_OK);
	assert_int_equal(pb_store_upgrade(reader, &absent, &err), PB_INPUT_INVALID);
	/* A step that fails leaves nothing: "thing" is there already. */
	assert_int_not_equal(pb_store_upgrade(store, &absent, &err), PB_OK);
	assert_int_equal(pb_store_upgrade(store, &part, &err), PB_OK);
	pb_store_close(reader);
}

static void the_log_does_not_grow_for_ever(void **state)
{
	char log[80];
	struct stat info;

	(void)state;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(change("INSERT INTO more(bytes) VALUES(zeroblob(3000))"), PB_OK);
	(void)snprintf(log, sizeof(log), "%s-wal", path);
	assert_int_equal(stat(log, &info), 0);
	assert_true(info.st_size < 8 << 20);
}

/* ---- deleting for good */

/* Whether these bytes are in the office's file or its log. */
static bool lies_about(const char *what)
{
	static const char *const names[] = { "", "-wal" };
	bool found = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char name[96], *bytes;
		FILE *file;
		size_t n;

		(void)snprintf(name, sizeof(name), "%s%s", path, names[i]);
		file = fopen(name, "r");
		bytes = malloc(64 << 20);
		assert_true(file != NULL && bytes != NULL);
		n = fread(bytes, 1, 64 << 20, file);
		found = found || memmem(bytes, n, what, strlen(what)) != NULL;
		free(bytes);
		(void)fclose(file);
	}
	return found;
}

#define PERSON "Wassilissa the Wise"

static void a_deleted_row_is_overwritten_where_it_lay(void **state)
{
	(void)state;
	assert_int_equal(change("INSERT INTO more(bytes) VALUES(CAST('" PERSON "' AS BLOB))"), PB_OK);
	assert_int_equal(pb_store_empty_log(store, &err), PB_OK);
	assert_true(lies_about(PERSON));
	assert_int_equal(change("DELETE FROM more"), PB_OK);
	assert_int_equal(pb_store_empty_log(store, &err), PB_OK);
	assert_false(lies_about(PERSON));
}

enum { ROWS = 400, PERSON_ID = ROWS / 2, SEED_FIRST = 11, SEEDS = 200 };

static unsigned draw(uint32_t *seed, unsigned below)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % below;
}

static void replace_row(int id, int size)
{
	PB_QUERY q = { 0 };

	assert_int_equal(pb_query(store, "INSERT OR REPLACE INTO more(id,bytes) VALUES(?1,zeroblob(?2))", &q, &err), PB_OK);
	pb_bind_int(&q, 1, id);
	pb_bind_int(&q, 2, size);
	assert_int_equal(pb_query_run(&q, &err), PB_OK);
}

/* A person among rows that come and grow, and so push each other from page to page; then she goes. */
static void live_and_be_deleted(uint32_t seed)
{
	static const int sizes[] = { 20, 100, 400, 900, 3000 };

	assert_int_equal(pb_store_begin(store, &err), PB_OK);
	for (int i = 0; i < ROWS; i++) {
		int id = (int)draw(&seed, ROWS);

		if (i == ROWS / 4)
			assert_int_equal(pb_store_run(store, "INSERT INTO more(id,bytes) VALUES(200,CAST('" PERSON "' AS BLOB))", &err),
					 PB_OK);
		if (id != PERSON_ID)
			replace_row(id, sizes[draw(&seed, sizeof(sizes) / sizeof(sizes[0]))]);
	}
	assert_int_equal(pb_store_commit(store, &err), PB_OK);
	assert_int_equal(change("DELETE FROM more WHERE id=200"), PB_OK);
	assert_int_equal(pb_store_empty_log(store, &err), PB_OK);
}

/* Of SQLite 3.40 it is so with this seed; with another version another may show it, or none. */
static void what_rows_left_behind_is_scrubbed(void **state)
{
	uint32_t seed = SEED_FIRST;

	for (live_and_be_deleted(seed); !lies_about(PERSON); live_and_be_deleted(seed)) {
		if (++seed == SEED_FIRST + SEEDS)
			skip();
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
	assert_int_equal(pb_store_scrub(store, &err), PB_OK);
	assert_false(lies_about(PERSON));
	assert_int_equal(pb_store_check_integrity(store, &err), PB_OK);
}

static void a_reader_keeps_the_log_and_the_door_stays_shut(void **state)
{
	struct pb_store *reader;

	(void)state;
	assert_int_equal(change("INSERT INTO more(bytes) VALUES(zeroblob(9))"), PB_OK);
	assert_int_equal(pb_store_open(path, PB_STORE_READ, &reader, &err), PB_OK);
	assert_int_equal(pb_store_begin_reading(reader, &err), PB_OK);
	(void)count_in(reader);
	assert_int_equal(pb_store_scrub(store, &err), PB_LEDGER_BUSY);
	pb_store_rollback(reader);
	pb_store_close(reader);
	assert_int_equal(pb_store_scrub(store, &err), PB_OK);
	assert_int_equal(change("DROP TABLE more"), PB_NOT_ALLOWED);
	assert_int_equal(change("ATTACH ':memory:' AS other"), PB_NOT_ALLOWED);
}

static void space_is_asked_for_beforehand(void **state)
{
	(void)state;
	assert_int_equal(pb_store_check_space(store, 1, &err), PB_OK);
	assert_int_equal(pb_store_check_space(store, UINT64_MAX, &err), PB_DISK_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_is_one_writer_and_it_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_sees_what_was_committed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_needs_no_right_to_write, setup, teardown),
		cmocka_unit_test_setup_teardown(a_snapshot_stays_as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_rolled_back_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_rules_are_conflicts_and_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(values_come_back_as_they_went_in, setup, teardown),
		cmocka_unit_test_setup_teardown(more_statements_than_are_kept_still_work, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_statement_may_run_inside_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_was_replaced_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_an_offices_file_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(tables_of_a_newer_program_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_log_does_not_grow_for_ever, setup, teardown),
		cmocka_unit_test_setup_teardown(a_deleted_row_is_overwritten_where_it_lay, setup, teardown),
		cmocka_unit_test_setup_teardown(what_rows_left_behind_is_scrubbed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_keeps_the_log_and_the_door_stays_shut, setup, teardown),
		cmocka_unit_test_setup_teardown(space_is_asked_for_beforehand, setup, teardown),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
