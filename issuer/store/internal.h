/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of issuer/store/ share: the store's inside and the translation of SQLite's results.
 * Nobody else includes this.
 */
#ifndef PROFBILET_ISSUER_STORE_INTERNAL_H
#define PROFBILET_ISSUER_STORE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>
#include <sys/types.h>

#include "issuer/store/store.h"

enum { STORE_CACHE = 96 };

struct cached {
	const char *sql;
	sqlite3_stmt *statement;
	uint64_t used; /* when last; the oldest makes room */
	bool busy;
};

struct pb_store {
	sqlite3 *db;
	char *path;
	enum pb_store_mode mode;
	pthread_mutex_t mutex;
	int lock_fd;  /* of "<path>.lock"; -1: none */
	dev_t device; /* of the file that was opened */
	ino_t inode;
	bool opening, dead, in_transaction, upgrading;
	int wal_pages;	      /* after the last commit */
	bool checkpoint_owed; /* the last one failed for want of space */
	struct cached cache[STORE_CACHE];
	size_t cached;
	uint64_t tick;
};

/* What an SQLite result means here; also decides whether the store is dead. */
enum pb_status store_fail(struct pb_store *store, int result, const char *what, struct pb_err *err);
enum pb_status store_is_alive(const struct pb_store *store, struct pb_err *err);
/* PB_LEDGER_IO when the path no longer leads to the file that was opened. */
enum pb_status store_check_same_file(struct pb_store *store, struct pb_err *err);
void store_drop_statements(struct pb_store *store);
/* SQLite's authorizer of every open store. */
int store_authorise(void *ctx, int action, const char *a, const char *b, const char *database, const char *trigger);

/* lock.c: the lock file of the one writer */
enum pb_status store_lock_file(const char *path, int *ret_fd, struct pb_err *err);

#endif
