/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening and closing an office's file, its settings, its schema, and the meaning of SQLite's results.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "issuer/store/internal.h"

enum {
	APPLICATION_ID = 0x50424C54, /* "PBLT", in the file's header, so that file(1) can know it */
	STORE_VERSION = 1,	     /* of what this folder lays down: the table `part` */
	BUSY_MS = 2000,		     /* a reader recovering the log holds us for a moment */
};

enum pb_status store_fail(struct pb_store *store, int result, const char *what, struct pb_err *err)
{
	const char *words = sqlite3_errmsg(store->db);
	int os_errno = sqlite3_system_errno(store->db);

	switch (result & 0xFF) {
	case SQLITE_FULL:
		return pb_fail(err, PB_DISK_FULL, "%s: %s", store->path, words);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return pb_fail(err, PB_LEDGER_BUSY, "%s: %s", store->path, words);
	case SQLITE_NOMEM:
		return pb_fail(err, PB_NO_MEMORY, "%s: %s", store->path, words);
	case SQLITE_CONSTRAINT:
		if (result == SQLITE_CONSTRAINT_TRIGGER)
			return pb_fail(err, PB_NOT_ALLOWED, "%s", words);
		return pb_fail(err, PB_CONFLICT, "%s", words);
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		return pb_fail(err, PB_NOT_ALLOWED, "%s: %s", what, words);
	case SQLITE_TOOBIG:
		return pb_fail(err, PB_INPUT_TOO_LARGE, "%s", words);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		store->dead = true;
		if (store->opening)
			return pb_fail(err, PB_LEDGER_CORRUPT, "%s: %s", store->path, words);
		return pb_fail(err, PB_LEDGER_IO,
			       "%s: %s (a failed read can look like damage: open it again and check)", store->path,
			       words);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
		store->dead = true;
		return pb_fail_errno(err, PB_LEDGER_IO, os_errno, "%s: %s (%d)", store->path, words, result);
	default:
		return pb_fail(err, PB_LEDGER_IO, "%s: %s (%d)", what, words, result);
	}
}

enum pb_status store_is_alive(const struct pb_store *store, struct pb_err *err)
{
	if (!store->dead)
		return PB_OK;
	return pb_fail(err, PB_LEDGER_IO, "%s: the disk failed; nothing more until it is opened again", store->path);
}

enum pb_status store_check_same_file(struct pb_store *store, struct pb_err *err)
{
	struct stat now;

	if (stat(store->path, &now) == 0 && now.st_dev == store->device && now.st_ino == store->inode)
		return PB_OK;
	store->dead = true;
	return pb_fail(err, PB_LEDGER_IO, "%s was replaced or removed while it was open", store->path);
}

/* Nothing that removes or renames tables, whatever statement is run; new ones only while upgrading.
 * Triggers keep rows append-only, but DROP TABLE would get round them. */
int store_authorise(void *ctx, int action, const char *a, const char *b, const char *database, const char *trigger)
{
	const struct pb_store *store = ctx;

	(void)a, (void)b, (void)database, (void)trigger;
	switch (action) {
	case SQLITE_DROP_TABLE:
	case SQLITE_DROP_INDEX:
	case SQLITE_DROP_TRIGGER:
	case SQLITE_DROP_VIEW:
	case SQLITE_DROP_VTABLE:
	case SQLITE_CREATE_VTABLE:
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return SQLITE_DENY;
	case SQLITE_CREATE_TABLE:
	case SQLITE_CREATE_INDEX:
	case SQLITE_CREATE_TRIGGER:
	case SQLITE_CREATE_VIEW:
	case SQLITE_ALTER_TABLE:
		return store->upgrading ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_OK;
	}
}

static int on_commit(void *ctx, sqlite3 *db, const char *database, int pages)
{
	struct pb_store *store = ctx;

	(void)db, (void)database;
	store->wal_pages = pages;
	return SQLITE_OK;
}

static void set_limits(sqlite3 *db)
{
	static const struct {
		int id, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 8 * 1024 * 1024 },
		{ SQLITE_LIMIT_SQL_LENGTH, 64 * 1024 },
		{ SQLITE_LIMIT_COLUMN, 64 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 8 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 16 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 512 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 64 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 4 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db, limits[i].id, limits[i].value);
}

/* A file may be handed to us by anyone (an auditor's stick): its schema is not trusted with anything. */
static void set_defences(sqlite3 *db)
{
	static const struct {
		int option, on;
	} options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		(void)sqlite3_db_config(db, options[i].option, options[i].on, NULL);
}

static enum pb_status exec(struct pb_store *store, const char *sql, struct pb_err *err)
{
	int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return result == SQLITE_OK ? PB_OK : store_fail(store, result, sql, err);
}

static enum pb_status read_number(struct pb_store *store, const char *sql, int64_t *ret_value, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = pb_query(store, sql, &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_value = row ? pb_column_int(&q, 0) : 0;
	return s;
}

static enum pb_status configure(struct pb_store *store, struct pb_err *err)
{
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	set_limits(store->db);
	set_defences(store->db);
	sqlite3_wal_hook(store->db, on_commit, store);
	if (store->mode == PB_STORE_READ) {
		(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		return exec(store, "PRAGMA query_only=ON; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0", err);
	}
	return exec(store,
		    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
		    "PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY",
		    err);
}

static enum pb_status check_identity(struct pb_store *store, struct pb_err *err)
{
	int64_t id = 0, version = 0;
	enum pb_status s = read_number(store, "PRAGMA application_id", &id, err);

	if (s == PB_OK)
		s = read_number(store, "PRAGMA user_version", &version, err);
	if (s != PB_OK)
		return s;
	if (id != APPLICATION_ID)
		return pb_fail(err, PB_INPUT_INVALID, "%s is not an office's file", store->path);
	if (version != STORE_VERSION)
		return pb_fail(err, PB_INPUT_INVALID, "%s has format %lld, this program knows %d", store->path,
			       (long long)version, STORE_VERSION);
	return PB_OK;
}

static enum pb_status remember_file(struct pb_store *store, struct pb_err *err)
{
	struct stat file;

	if (stat(store->path, &file) != 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", store->path);
	if (!S_ISREG(file.st_mode))
		return pb_fail(err, PB_FILE_UNREADABLE, "%s is not a file", store->path);
	store->device = file.st_dev;
	store->inode = file.st_ino;
	return PB_OK;
}

static struct pb_store *allocate(const char *path, enum pb_store_mode mode)
{
	struct pb_store *store = calloc(1, sizeof(*store));
	pthread_mutexattr_t kind;

	if (store == NULL)
		return NULL;
	store->path = strdup(path);
	if (store->path == NULL) {
		free(store);
		return NULL;
	}
	store->mode = mode;
	store->opening = true;
	store->lock_fd = -1;
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&store->mutex, &kind);
	pthread_mutexattr_destroy(&kind);
	return store;
}

/* "file:" URI of a path: the three characters that mean something there are escaped. */
static bool immutable_uri(const char *path, char *ret_uri, size_t cap)
{
	struct pb_writer out = pb_writer(ret_uri, cap);

	pb_put_view(&out, pb_view_text("file:"));
	for (const char *p = path; *p != '\0'; p++)
		switch (*p) {
		case '%':
			pb_put_view(&out, pb_view_text("%25"));
			break;
		case '?':
			pb_put_view(&out, pb_view_text("%3F"));
			break;
		case '#':
			pb_put_view(&out, pb_view_text("%23"));
			break;
		default:
			pb_put_u8(&out, (uint8_t)*p);
		}
	pb_put_view(&out, pb_view_text("?immutable=1"));
	pb_put_u8(&out, 0);
	return !out.full;
}

static bool has_unfinished_log(const char *path)
{
	char name[PATH_MAX];
	struct stat file;

	return snprintf(name, sizeof(name), "%s-wal", path) >= (int)sizeof(name) ||
	       (stat(name, &file) == 0 && file.st_size > 0);
}

/* Reading a WAL database needs its -shm file.  On a read-only medium there can be none: without a log the
 * file alone is the whole truth and may be read as one that nobody changes. */
static int open_reader(struct pb_store *store)
{
	char uri[3 * PATH_MAX];
	int result = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	if ((result & 0xFF) != SQLITE_CANTOPEN || has_unfinished_log(store->path) ||
	    !immutable_uri(store->path, uri, sizeof(uri)))
		return result;
	sqlite3_close(store->db);
	store->db = NULL;
	return sqlite3_open_v2(uri, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
}

static enum pb_status connect(struct pb_store *store, struct pb_err *err)
{
	int result;

	if (store->mode == PB_STORE_READ)
		result = open_reader(store);
	else
		result = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (store->db == NULL)
		return pb_fail(err, PB_NO_MEMORY, "%s", store->path);
	if (result != SQLITE_OK)
		return store_fail(store, result, "open", err);
	return configure(store, err);
}

static enum pb_status lay_foundation(struct pb_store *store, struct pb_err *err)
{
	return exec(store,
		    "BEGIN IMMEDIATE; PRAGMA application_id=0x50424C54; PRAGMA user_version=1;"
		    "CREATE TABLE part(name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID; COMMIT",
		    err);
}

static enum pb_status sync_directory(const char *path, struct pb_err *err)
{
	char copy[PATH_MAX];
	int fd, failed;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "the folder of %s", path);
	failed = fsync(fd) != 0 ? errno : 0;
	close(fd);
	return failed == 0 ? PB_OK : pb_fail_errno(err, PB_LEDGER_IO, failed, "the folder of %s", path);
}

static enum pb_status make_file(const char *path, struct pb_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", path);
	close(fd);
	return PB_OK;
}

/* The end of opening: the store is the caller's, or is closed again. */
static enum pb_status hand_over(struct pb_store *store, enum pb_status s, struct pb_store **ret_store)
{
	if (s != PB_OK) {
		pb_store_close(store);
		return s;
	}
	store->opening = false;
	sqlite3_set_authorizer(store->db, store_authorise, store);
	*ret_store = store;
	return PB_OK;
}

enum pb_status pb_store_create(const char *path, struct pb_store **ret_store, struct pb_err *err)
{
	struct pb_store *store = allocate(path, PB_STORE_WRITE);
	enum pb_status s;

	if (store == NULL)
		return pb_fail(err, PB_NO_MEMORY, "%s", path);
	s = store_lock_file(path, &store->lock_fd, err);
	if (s == PB_OK)
		s = make_file(path, err);
	if (s == PB_OK)
		s = remember_file(store, err);
	if (s == PB_OK)
		s = connect(store, err);
	if (s == PB_OK) {
		store->upgrading = true;
		s = lay_foundation(store, err);
		store->upgrading = false;
	}
	if (s == PB_OK)
		s = sync_directory(path, err);
	return hand_over(store, s, ret_store);
}

enum pb_status pb_store_open(const char *path, enum pb_store_mode mode, struct pb_store **ret_store, struct pb_err *err)
{
	struct pb_store *store = allocate(path, mode);
	enum pb_status s;

	if (store == NULL)
		return pb_fail(err, PB_NO_MEMORY, "%s", path);
	s = remember_file(store, err); /* first, so that a mistyped name leaves no lock file behind */
	if (s == PB_OK && mode == PB_STORE_WRITE)
		s = store_lock_file(path, &store->lock_fd, err);
	if (s == PB_OK)
		s = connect(store, err);
	if (s == PB_OK)
		s = check_identity(store, err);
	return hand_over(store, s, ret_store);
}

void pb_store_close(struct pb_store *store)
{
	if (store == NULL)
		return;
	if (store->in_transaction)
		PB_BUG("the store is closed inside a transaction");
	store_drop_statements(store);
	sqlite3_close(store->db);
	if (store->lock_fd >= 0)
		close(store->lock_fd); /* gives the lock back */
	pthread_mutex_destroy(&store->mutex);
	free(store->path);
	free(store);
}

const char *pb_store_path(const struct pb_store *store)
{
	return store->path;
}

bool pb_store_writes(const struct pb_store *store)
{
	return store->mode == PB_STORE_WRITE;
}

bool pb_store_is_dead(const struct pb_store *store)
{
	return store->dead;
}

enum pb_status pb_store_check_space(const struct pb_store *store, uint64_t bytes, struct pb_err *err)
{
	struct statvfs disk;
	uint64_t free_bytes;

	if (statvfs(store->path, &disk) != 0)
		return pb_fail_errno(err, PB_LEDGER_IO, errno, "%s", store->path);
	free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (free_bytes >= bytes)
		return PB_OK;
	return pb_fail(err, PB_DISK_FULL, "%s: %llu MB free, %llu MB wanted", store->path,
		       (unsigned long long)(free_bytes >> 20), (unsigned long long)(bytes >> 20));
}

enum pb_status pb_store_check_integrity(struct pb_store *store, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	char words[256];
	bool row = false;
	enum pb_status s = pb_query(store, "PRAGMA integrity_check(1)", &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	if (row && pb_column_text(&q, 0, words, sizeof(words)) && strcmp(words, "ok") == 0)
		return PB_OK;
	return pb_fail(err, PB_LEDGER_CORRUPT, "%s: %s", store->path, row ? words : "no answer");
}

static enum pb_status part_version(struct pb_store *store, const char *name, int64_t *ret_version, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = pb_query(store, "SELECT version FROM part WHERE name=?1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, name);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_version = row ? pb_column_int(&q, 0) : 0;
	return s;
}

static enum pb_status apply_steps(struct pb_store *store, const struct pb_store_part *part, int64_t from, int64_t to,
				  struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = PB_OK;

	store->upgrading = true;
	for (int64_t i = from; i < to && s == PB_OK; i++)
		s = exec(store, part->steps[i], err);
	store->upgrading = false;
	if (s == PB_OK)
		s = pb_query(store,
			     "INSERT INTO part(name,version) VALUES(?1,?2)"
			     " ON CONFLICT(name) DO UPDATE SET version=excluded.version",
			     &q, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "tables of the part %s", part->name);
	pb_bind_text(&q, 1, part->name);
	pb_bind_int(&q, 2, to);
	return pb_query_run(&q, err);
}

enum pb_status pb_store_upgrade(struct pb_store *store, const struct pb_store_part *part, struct pb_err *err)
{
	int64_t have = 0, last = 0;
	enum pb_status s = part_version(store, part->name, &have, err);

	while (part->steps[last] != NULL)
		last++;
	if (s != PB_OK || have == last)
		return s;
	if (have > last || store->mode == PB_STORE_READ)
		return pb_fail(err, PB_INPUT_INVALID, "%s: the part %s has version %lld, this program needs %lld",
			       store->path, part->name, (long long)have, (long long)last);
	s = pb_store_begin(store, err);
	if (s != PB_OK)
		return s;
	s = apply_steps(store, part, have, last, err);
	if (s != PB_OK) {
		pb_store_rollback(store);
		return s;
	}
	return pb_store_commit(store, err);
}
