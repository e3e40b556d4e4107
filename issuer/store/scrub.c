/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Leaving no trace of what was deleted.  secure_delete overwrites a row where it lies; but when pages are balanced,
 * rows move, and what they leave in the space between is never overwritten, nor is the log.  So the file is written
 * anew (VACUUM, which copies only what lives), and the log is moved into it and cut to nothing.
 */
#include "issuer/store/internal.h"

/* VACUUM works in a database of its own, which it attaches for the while: so the door is opened as far. */
static int vacuum(struct pb_store *store)
{
	int result;

	sqlite3_set_authorizer(store->db, NULL, NULL);
	sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 1);
	result = sqlite3_exec(store->db, "VACUUM", NULL, NULL, NULL);
	sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_set_authorizer(store->db, store_authorise, store);
	return result;
}

static enum pb_status check(struct pb_store *store, struct pb_err *err)
{
	if (store->in_transaction)
		PB_BUG("scrubbing inside a transaction");
	if (store->mode != PB_STORE_WRITE)
		return pb_fail(err, PB_NOT_ALLOWED, "%s was opened for reading", store->path);
	return store_check_same_file(store, err);
}

static enum pb_status empty_log(struct pb_store *store, struct pb_err *err)
{
	int in_log, moved;
	int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &moved);

	store->checkpoint_owed = result != SQLITE_OK;
	return result == SQLITE_OK ? PB_OK : store_fail(store, result, "emptying the write-ahead log", err);
}

enum pb_status pb_store_empty_log(struct pb_store *store, struct pb_err *err)
{
	enum pb_status s;

	pb_store_lock(store);
	s = check(store, err);
	if (s == PB_OK)
		s = empty_log(store, err);
	pb_store_unlock(store);
	return s;
}

enum pb_status pb_store_scrub(struct pb_store *store, struct pb_err *err)
{
	enum pb_status s;
	int result;

	pb_store_lock(store);
	s = check(store, err);
	if (s == PB_OK) {
		store_drop_statements(store); /* an open one would keep VACUUM away */
		result = vacuum(store);
		s = result == SQLITE_OK ? empty_log(store, err) : store_fail(store, result, "writing the file anew", err);
	}
	pb_store_unlock(store);
	return s;
}
