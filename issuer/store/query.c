/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queries: compiled statements are kept and found again by the address of their text, so that the hot path
 * costs a few comparisons.  A query holds the store's lock while it lives.
 */
#include <string.h>

#include "issuer/store/internal.h"

static struct cached *find_cached(struct pb_store *store, const char *sql)
{
	for (size_t i = 0; i < store->cached; i++)
		if (store->cache[i].sql == sql && !store->cache[i].busy)
			return &store->cache[i];
	return NULL;
}

/* A free place; the one idle for longest is emptied when there is none. */
static struct cached *make_room(struct pb_store *store)
{
	struct cached *oldest = NULL;

	if (store->cached < STORE_CACHE)
		return &store->cache[store->cached++];
	for (size_t i = 0; i < STORE_CACHE; i++)
		if (!store->cache[i].busy && (oldest == NULL || store->cache[i].used < oldest->used))
			oldest = &store->cache[i];
	if (oldest == NULL)
		PB_BUG("a hundred queries open at once");
	sqlite3_finalize(oldest->statement);
	return oldest;
}

static enum pb_status compile(struct pb_store *store, const char *sql, struct cached **ret_cached, struct pb_err *err)
{
	sqlite3_stmt *statement;
	const char *rest;
	struct cached *place;
	int result = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest);

	if (result != SQLITE_OK)
		return store_fail(store, result, sql, err);
	if (statement == NULL || rest[strspn(rest, " \t\n;")] != '\0')
		PB_BUG("a query is one SQL statement");
	place = make_room(store);
	*place = (struct cached){ .sql = sql, .statement = statement };
	*ret_cached = place;
	return PB_OK;
}

enum pb_status pb_query(struct pb_store *store, const char *sql, struct pb_query *ret_query, struct pb_err *err)
{
	struct cached *cached;
	enum pb_status s;

	pb_store_lock(store);
	s = store_is_alive(store, err);
	cached = find_cached(store, sql);
	if (s == PB_OK && cached == NULL)
		s = compile(store, sql, &cached, err);
	if (s != PB_OK) {
		pb_store_unlock(store);
		return s;
	}
	cached->busy = true;
	cached->used = ++store->tick;
	*ret_query = (struct pb_query){ .store = store, .statement = cached->statement, .bind_result = SQLITE_OK };
	return PB_OK;
}

void pb_query_reset(struct pb_query *query)
{
	/* The result only repeats what the last step said. */
	(void)sqlite3_reset(query->statement);
	(void)sqlite3_clear_bindings(query->statement);
	query->bind_result = SQLITE_OK;
}

void pb_query_finish(struct pb_query *query)
{
	struct pb_store *store = query->store;

	if (query->statement == NULL)
		return;
	pb_query_reset(query);
	for (size_t i = 0; i < store->cached; i++)
		if (store->cache[i].statement == query->statement)
			store->cache[i].busy = false;
	query->statement = NULL;
	pb_store_unlock(store);
}

void store_drop_statements(struct pb_store *store)
{
	for (size_t i = 0; i < store->cached; i++) {
		if (store->cache[i].busy)
			PB_BUG("the store is closed while a query is open");
		sqlite3_finalize(store->cache[i].statement);
	}
	store->cached = 0;
}

static void note_bind(struct pb_query *query, int result)
{
	if (query->bind_result == SQLITE_OK)
		query->bind_result = result;
}

void pb_bind_int(struct pb_query *query, int position, int64_t value)
{
	note_bind(query, sqlite3_bind_int64(query->statement, position, value));
}

void pb_bind_text(struct pb_query *query, int position, const char *text)
{
	note_bind(query, sqlite3_bind_text(query->statement, position, text, -1, SQLITE_STATIC));
}

void pb_bind_bytes(struct pb_query *query, int position, struct pb_view bytes)
{
	/* A NULL pointer would bind NULL; no bytes are still bytes. */
	note_bind(query, sqlite3_bind_blob64(query->statement, position, bytes.n > 0 ? (const void *)bytes.p : "",
					     bytes.n, SQLITE_STATIC));
}

void pb_bind_null(struct pb_query *query, int position)
{
	note_bind(query, sqlite3_bind_null(query->statement, position));
}

enum pb_status pb_query_step(struct pb_query *query, bool *ret_row, struct pb_err *err)
{
	struct pb_store *store = query->store;
	enum pb_status s = store_is_alive(store, err);
	int result = query->bind_result;

	if (s != PB_OK)
		return s;
	if (result == SQLITE_OK)
		result = sqlite3_step(query->statement);
	if (result == SQLITE_ROW) {
		*ret_row = true;
		return PB_OK;
	}
	if (result == SQLITE_DONE) {
		(void)sqlite3_reset(query->statement);
		*ret_row = false;
		return PB_OK;
	}
	return store_fail(store, result, sqlite3_sql(query->statement), err);
}

enum pb_status pb_query_run(struct pb_query *query, struct pb_err *err)
{
	bool row = true;
	enum pb_status s = PB_OK;

	while (s == PB_OK && row)
		s = pb_query_step(query, &row, err);
	return s;
}

enum pb_status pb_store_run(struct pb_store *store, const char *sql, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(store, sql, &q, err);

	return s == PB_OK ? pb_query_run(&q, err) : s;
}

int64_t pb_column_int(const struct pb_query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

bool pb_column_is_null(const struct pb_query *query, int column)
{
	return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

struct pb_view pb_column_bytes(const struct pb_query *query, int column)
{
	const void *p = sqlite3_column_blob(query->statement, column);

	return pb_view(p, p != NULL ? (size_t)sqlite3_column_bytes(query->statement, column) : 0);
}

bool pb_column_text(const struct pb_query *query, int column, char *ret_text, size_t cap)
{
	struct pb_view text = pb_column_bytes(query, column);

	if (text.n >= cap || (text.n > 0 && memchr(text.p, 0, text.n) != NULL))
		return false;
	if (text.n > 0)
		memcpy(ret_text, text.p, text.n);
	ret_text[text.n] = '\0';
	return true;
}

bool pb_column_copy(const struct pb_query *query, int column, void *ret_bytes, size_t n)
{
	struct pb_view bytes = pb_column_bytes(query, column);

	if (bytes.n != n || n == 0)
		return bytes.n == n;
	memcpy(ret_bytes, bytes.p, n);
	return true;
}

int64_t pb_store_last_id(const struct pb_store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

int64_t pb_store_changes(const struct pb_store *store)
{
	return sqlite3_changes64(store->db);
}
