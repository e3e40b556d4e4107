/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transactions and the write-ahead log.  After a commit the log is moved into the file once it is
 * CHECKPOINT_PAGES long.  A commit that is durable is never reported as failed because that move failed:
 * the debt is remembered, and no new transaction begins before it is paid.
 */
#include "issuer/store/internal.h"

enum { CHECKPOINT_PAGES = 1000 };

void pb_store_lock(struct pb_store *store)
{
	if (pthread_mutex_lock(&store->mutex) != 0)
		PB_BUG("the store's lock");
}

void pb_store_unlock(struct pb_store *store)
{
	if (pthread_mutex_unlock(&store->mutex) != 0)
		PB_BUG("the store's lock is not held");
}

bool pb_store_in_transaction(const struct pb_store *store)
{
	return store->in_transaction;
}

/* A reader may keep some of the log in use: that is no failure, the rest goes next time. */
static enum pb_status checkpoint(struct pb_store *store, struct pb_err *err)
{
	int in_log, moved;
	int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);

	if (result == SQLITE_OK || result == SQLITE_BUSY) {
		store->checkpoint_owed = false;
		return PB_OK;
	}
	store->checkpoint_owed = true;
	return store_fail(store, result, "moving the write-ahead log into the file", err);
}

enum pb_status pb_store_begin(struct pb_store *store, struct pb_err *err)
{
	enum pb_status s;

	pb_store_lock(store);
	if (store->in_transaction)
		PB_BUG("transactions do not nest");
	if (store->mode != PB_STORE_WRITE)
		s = pb_fail(err, PB_NOT_ALLOWED, "%s was opened for reading", store->path);
	else
		s = store_check_same_file(store, err);
	if (s == PB_OK && store->checkpoint_owed)
		s = checkpoint(store, err);
	if (s == PB_OK)
		s = pb_store_run(store, "BEGIN IMMEDIATE", err);
	if (s != PB_OK) {
		pb_store_unlock(store);
		return s;
	}
	store->in_transaction = true;
	return PB_OK;
}

enum pb_status pb_store_begin_reading(struct pb_store *store, struct pb_err *err)
{
	enum pb_status s;

	pb_store_lock(store);
	if (store->in_transaction)
		PB_BUG("transactions do not nest");
	s = pb_store_run(store, "BEGIN", err);
	if (s != PB_OK) {
		pb_store_unlock(store);
		return s;
	}
	store->in_transaction = true;
	return PB_OK;
}

static void end(struct pb_store *store)
{
	store->in_transaction = false;
	pb_store_unlock(store);
}

void pb_store_rollback(struct pb_store *store)
{
	if (!store->in_transaction)
		PB_BUG("no transaction to roll back");
	/* SQLite may have rolled back by itself after an error; a dead store does so when it is closed. */
	if (!store->dead && !sqlite3_get_autocommit(store->db) && pb_store_run(store, "ROLLBACK", NULL) != PB_OK)
		store->dead = true;
	end(store);
}

enum pb_status pb_store_commit(struct pb_store *store, struct pb_err *err)
{
	enum pb_status s;

	if (!store->in_transaction)
		PB_BUG("no transaction to commit");
	s = store_check_same_file(store, err);
	if (s == PB_OK)
		s = pb_store_run(store, "COMMIT", err);
	if (s != PB_OK) {
		pb_store_rollback(store);
		return s;
	}
	/* Durable from here on: what fails now is heard of at the next begin. */
	if (store->wal_pages >= CHECKPOINT_PAGES)
		(void)checkpoint(store, NULL);
	end(store);
	return PB_OK;
}
