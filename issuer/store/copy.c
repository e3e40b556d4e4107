/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One state of the file as another file, while somebody writes: SQLite's backup interface, in one step, so that no
 * commit of a writer makes it begin again.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "issuer/store/internal.h"

static enum pb_status copy_into(struct pb_store *store, sqlite3 *to, const char *path, struct pb_err *err)
{
	sqlite3_backup *backup;
	int result;

	/* The copy counts only when it is whole: it needs no journal and no syncs. */
	if (sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL) != SQLITE_OK)
		return pb_fail(err, PB_FILE_UNWRITABLE, "%s: %s", path, sqlite3_errmsg(to));
	backup = sqlite3_backup_init(to, "main", store->db, "main");
	if (!backup)
		return pb_fail(err, PB_FILE_UNWRITABLE, "%s: %s", path, sqlite3_errmsg(to));
	result = sqlite3_backup_step(backup, -1);
	(void)sqlite3_backup_finish(backup);
	if (result == SQLITE_DONE)
		return PB_OK;
	if ((result & 0xFF) == SQLITE_FULL)
		return pb_fail(err, PB_DISK_FULL, "%s", path);
	return pb_fail(err, PB_LEDGER_IO, "%s: %s", path, sqlite3_errstr(result));
}

enum pb_status pb_store_copy(struct pb_store *store, const char *path, struct pb_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	sqlite3 *to = NULL;
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", path);
	close(fd);
	pb_store_lock(store);
	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
		s = copy_into(store, to, path, err);
	else
		s = pb_fail(err, PB_FILE_UNWRITABLE, "%s", path);
	sqlite3_close(to);
	pb_store_unlock(store);
	if (s != PB_OK)
		(void)unlink(path);
	return s;
}
