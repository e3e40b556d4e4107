/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One office is one SQLite file, and this is the only door to it: how it is opened, who may write, what a
 * commit promises, and what each of SQLite's errors means here.  The parts that keep tables in the file
 * (issuer/ledger, issuer/register) bring their schema and their SQL; they never see SQLite itself.
 *
 * What holds:
 *   - One process holds the file for writing, by a lock on "<file>.lock" (SQLite before 3.51.3 can damage
 *     a WAL when two connections write or checkpoint at once).  Auditors open it read-only beside it.
 *   - Several threads share the one connection: a transaction and a query hold the store's lock, which
 *     is recursive, from begin to commit and from pb_query() to pb_query_finish().
 *   - A commit that returned PB_OK is on the disk.  A commit that failed was rolled back, or, when the
 *     disk failed (PB_LEDGER_IO), is unknown: the store is then dead until it is closed and opened again,
 *     and what the file holds then is the truth.  A sync is never tried twice.
 *   - The write-ahead log is moved into the file by us (pb_store_commit), never by SQLite behind our
 *     back, so that a full disk is heard of: the next pb_store_begin says PB_DISK_FULL.
 *
 * Not for: several databases at once, SQL text made at run time (tests/repo forbids it), fork() with an
 * open store (exec a program instead).
 */
#ifndef PROFBILET_ISSUER_STORE_STORE_H
#define PROFBILET_ISSUER_STORE_STORE_H

#include "base/bytes.h"
#include "base/err.h"

struct pb_store;

enum pb_store_mode {
	PB_STORE_WRITE, /* the one writer; PB_LEDGER_BUSY names the process that is it already */
	PB_STORE_READ,	/* changes nothing, not even by checkpoint or lock; works on read-only media */
};

enum { PB_STORE_SPACE_ADVICE = 64 * 1024 * 1024 }; /* bytes to have free before work that must not stop half-way */

/* Makes a new, empty office file (mode 0600) and opens it for writing; PB_CONFLICT when the path exists. */
PB_MUST_USE enum pb_status pb_store_create(const char *path, struct pb_store **ret_store, struct pb_err *err);
/* PB_FILE_UNREADABLE when there is none, PB_INPUT_INVALID when it is not an office's file or is of a newer
 * program, PB_LEDGER_CORRUPT when SQLite cannot read it. */
PB_MUST_USE enum pb_status pb_store_open(const char *path, enum pb_store_mode mode, struct pb_store **ret_store,
					 struct pb_err *err);
/* No transaction and no query may be open.  Accepts NULL. */
void pb_store_close(struct pb_store *store);

const char *pb_store_path(const struct pb_store *store);
bool pb_store_writes(const struct pb_store *store);
/* True after an error that only closing and opening again can mend. */
bool pb_store_is_dead(const struct pb_store *store);
/* PB_DISK_FULL when fewer than `bytes` are free where the file lives. */
PB_MUST_USE enum pb_status pb_store_check_space(const struct pb_store *store, uint64_t bytes, struct pb_err *err);
/* SQLite's own `integrity_check`: PB_LEDGER_CORRUPT with its first complaint. */
PB_MUST_USE enum pb_status pb_store_check_integrity(struct pb_store *store, struct pb_err *err);

/* One committed state as a file of its own (mode 0600), while another process may write; `path` must not exist.  A part of
 * a copy does not stay. */
PB_MUST_USE enum pb_status pb_store_copy(struct pb_store *store, const char *path, struct pb_err *err);

/* ---- Deleting for good.  No transaction and no query may be open; PB_LEDGER_BUSY while somebody reads beside us. */

/* Writes the file anew without what was deleted, and cuts its log to nothing: no byte of a deleted row is in either
 * afterwards.  Needs memory for the file and space for its copy in the log. */
PB_MUST_USE enum pb_status pb_store_scrub(struct pb_store *store, struct pb_err *err);
/* The log alone: enough after a delete that moved no rows. */
PB_MUST_USE enum pb_status pb_store_empty_log(struct pb_store *store, struct pb_err *err);

/* ---- Schema.  A part's tables grow by steps, and a step that was published is never edited. */
struct pb_store_part {
	const char *name;	  /* "ledger" */
	const char *const *steps; /* steps[i], SQL, brings version i to i + 1; NULL ends the list */
};

/* Brings the part's tables to the last step, in one transaction; nothing happens when they are there.
 * A read-only store is only checked: PB_INPUT_INVALID when its version is not the last one. */
PB_MUST_USE enum pb_status pb_store_upgrade(struct pb_store *store, const struct pb_store_part *part,
					    struct pb_err *err);

/* ---- Transactions.  They do not nest; a failed begin holds nothing. */

/* Takes the lock and BEGIN IMMEDIATE.  PB_LEDGER_IO also when the file was replaced under us. */
PB_MUST_USE enum pb_status pb_store_begin(struct pb_store *store, struct pb_err *err);
/* One state of the file for many queries, also of a read-only store; ended by pb_store_rollback. */
PB_MUST_USE enum pb_status pb_store_begin_reading(struct pb_store *store, struct pb_err *err);
/* Durable when it returns PB_OK.  In every case the transaction is over and the lock given back. */
PB_MUST_USE enum pb_status pb_store_commit(struct pb_store *store, struct pb_err *err);
void pb_store_rollback(struct pb_store *store);
bool pb_store_in_transaction(const struct pb_store *store);

/* Recursive; for several queries that must see one state, and for what a part keeps in memory. */
void pb_store_lock(struct pb_store *store);
void pb_store_unlock(struct pb_store *store);

/* ---- Queries.
 *
 *     PB_QUERY q = { 0 };
 *     s = pb_query(store, "SELECT name FROM member WHERE number = ?1", &q, err);
 *     if (s != PB_OK)
 *             return s;
 *     pb_bind_text(&q, 1, number);
 *     s = pb_query_step(&q, &row, err);
 *
 * Statements are compiled once and kept.  Binding cannot fail visibly: a mistake is reported by the next
 * step.  The lock is held until pb_query_finish, which PB_QUERY does at the end of the scope. */
struct pb_query {
	struct pb_store *store;
	void *statement; /* NULL: nothing to finish */
	int bind_result;
};

#define PB_QUERY __attribute__((cleanup(pb_query_finish))) struct pb_query

/* `sql` is one statement and must live as long as the store (a literal). */
PB_MUST_USE enum pb_status pb_query(struct pb_store *store, const char *sql, struct pb_query *ret_query,
				    struct pb_err *err);
void pb_query_finish(struct pb_query *query);

/* Positions count from 1.  Text and bytes are borrowed until the query is finished or bound anew. */
void pb_bind_int(struct pb_query *query, int position, int64_t value);
void pb_bind_text(struct pb_query *query, int position, const char *text); /* NULL binds NULL */
void pb_bind_bytes(struct pb_query *query, int position, struct pb_view bytes);
void pb_bind_null(struct pb_query *query, int position);

/* Forget the rows and the bindings: for the next question in a loop. */
void pb_query_reset(struct pb_query *query);

/* Next row; false at the end, after which the query may be bound and stepped again.  A broken UNIQUE or
 * CHECK is PB_CONFLICT; an append-only table that was touched is PB_NOT_ALLOWED. */
PB_MUST_USE enum pb_status pb_query_step(struct pb_query *query, bool *ret_row, struct pb_err *err);
/* For statements without rows: step to the end and be ready for the next bindings. */
PB_MUST_USE enum pb_status pb_query_run(struct pb_query *query, struct pb_err *err);
/* Bind nothing, run, finish. */
PB_MUST_USE enum pb_status pb_store_run(struct pb_store *store, const char *sql, struct pb_err *err);

/* Columns count from 0, and are borrowed until the next step.  NULL reads as 0 and as empty. */
int64_t pb_column_int(const struct pb_query *query, int column);
bool pb_column_is_null(const struct pb_query *query, int column);
struct pb_view pb_column_bytes(const struct pb_query *query, int column);
/* With its NUL; false when it needs more than `cap` or holds a NUL itself. */
bool pb_column_text(const struct pb_query *query, int column, char *ret_text, size_t cap);
/* Exactly n bytes, else false. */
bool pb_column_copy(const struct pb_query *query, int column, void *ret_bytes, size_t n);

/* Of the last INSERT; rows changed by the last statement. */
int64_t pb_store_last_id(const struct pb_store *store);
int64_t pb_store_changes(const struct pb_store *store);

#endif
