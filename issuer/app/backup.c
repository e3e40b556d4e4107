/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * File by file, part by part.
 */
#include "issuer/app/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/secret.h"
#include "issuer/app/app_inside.h"
#include "issuer/app/output.h"
#include "issuer/core/ceremony_record.h"
#include "issuer/ledger/ledger.h"
#include "issuer/store/store.h"
#include "keys/crypto/envelope.h"
#include "keys/key_dir.h"
#include "keys/keyd/counter_file.h"
#include "keys/keyd/witness_book.h"
#include "keys/roots.h"

enum { PATH_ROOM = 2 * PB_CONFIG_PATH };

static const char readme[] =
	"A backup of an office of Profbilet, encrypted to the custodians' key.  Without the program:\n\n"
	"    for f in list.cms $(find . -name '*.[0-9][0-9][0-9][0-9].cms'); do\n"
	"        openssl cms -decrypt -inform DER -in \"$f\" -inkey backup.key -out \"${f%.cms}\"; done\n"
	"    sha256sum --check list; cat office.db.???? >office.db\n\n"
	"backup.key is in what `profbilet keys restore DIR --out DIR --with-root` gives from the custodians' shares.\n"
	"With the program: profbilet restore.\n";

struct run {
	struct pb_app *app;
	char folder[PB_CONFIG_PATH]; /* half-made */
	struct pb_x509 *to;
	struct pb_backup_list list;
	struct pb_backup_result result;
	uint8_t *room; /* of one part */
};

/* ---- whom it is encrypted to */

static enum pb_status check_certified(const struct pb_app *app, const struct pb_x509 *cert, struct pb_err *err)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	struct pb_roots roots = { .count = 0 };
	int fd = open(pb_app_trust_directory(&app->config, directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pb_status s = fd >= 0 ? pb_roots_load(fd, &roots, err) : pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", directory);

	if (s == PB_OK && pb_roots_verify(&roots, cert, pb_clock_now(app->office.clock), err) != PB_OK)
		s = pb_wrap(err, PB_KEYS_REFUSED, "the root does not say that backups are encrypted to this key");
	pb_roots_finish(&roots);
	if (fd >= 0)
		close(fd);
	return s;
}

static enum pb_status read_certificate(struct run *run, const char *named, struct pb_err *err)
{
	char own[PATH_ROOM];
	uint8_t *pem, digest[PB_SHA256_LEN];
	size_t n;
	enum pb_status s;

	(void)snprintf(own, sizeof(own), "%s/" PB_KEY_DIR_PUBLIC "/" PB_KEY_DIR_PUBLIC_BACKUP, run->app->config.key_directory);
	s = pb_read_path(named ? named : own, PB_X509_PEM_MAX, &pem, &n, err);
	if (s != PB_OK)
		return s;
	s = pb_x509_from_pem(pb_view(pem, n), &run->to, err);
	free(pem);
	if (s == PB_OK && !named)
		s = check_certified(run->app, run->to, err);
	if (s != PB_OK)
		return s;
	pb_x509_fingerprint(run->to, digest);
	pb_hex_encode(PB_VIEW(digest), run->result.to);
	return PB_OK;
}

/* ---- parts */

/* Read back from the disk, whole, before it counts. */
static enum pb_status put_envelope(const struct run *run, const char *name, struct pb_view content, struct pb_err *err)
{
	char path[PATH_ROOM];
	uint8_t *der;
	size_t n;
	enum pb_status s = pb_envelope_seal(run->to, content, &der, &n, err);

	if (s != PB_OK)
		return s;
	(void)snprintf(path, sizeof(path), "%s/%s" PB_BACKUP_SUFFIX, run->folder, name);
	s = pb_output_write(path, pb_view(der, n), err);
	if (s == PB_OK && !pb_output_holds(path, pb_view(der, n)))
		s = pb_fail(err, PB_FILE_UNWRITABLE, "%s does not read back as it was written: the disk is not sound", path);
	free(der);
	return s;
}

static enum pb_status put_part(struct run *run, const char *file, unsigned number, struct pb_view content, struct pb_err *err)
{
	char name[PB_BACKUP_NAME + 8];
	enum pb_status s = pb_backup_list_add(&run->list, file, number, content, err);

	if (s != PB_OK)
		return s;
	(void)snprintf(name, sizeof(name), "%s.%04u", file, number);
	run->result.parts++;
	run->result.bytes += content.n;
	return put_envelope(run, name, content, err);
}

static bool read_part(int fd, uint8_t *room, size_t *ret_n)
{
	ssize_t n = 1;

	for (*ret_n = 0; *ret_n < PB_ENVELOPE_CONTENT_MAX && n != 0; *ret_n += n > 0 ? (size_t)n : 0) {
		n = read(fd, room + *ret_n, PB_ENVELOPE_CONTENT_MAX - *ret_n);
		if (n < 0 && errno != EINTR)
			return false;
	}
	return true;
}

/* PB_OK also when there is no such file and none need be. */
static enum pb_status put_file(struct run *run, const char *path, const char *file, bool needed, struct pb_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum pb_status s = PB_OK;
	size_t n = PB_ENVELOPE_CONTENT_MAX;

	if (fd < 0 && errno == ENOENT && !needed)
		return PB_OK;
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	for (unsigned number = 1; s == PB_OK && (n == PB_ENVELOPE_CONTENT_MAX || number == 1); number++) {
		if (!read_part(fd, run->room, &n))
			s = pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
		else if (n > 0 || number == 1)
			s = put_part(run, file, number, pb_view(run->room, n), err);
	}
	close(fd);
	return s;
}

/* ---- files */

/* The custodians' keys are not the office's, and what was signed is counted anew.  A witness that comes back from a backup does
 * not know what it has signed since: it begins anew, with another key (keys/keyd/witness_book.h). */
static bool is_left_out(const char *name)
{
	static const char *const names[] = { PB_KEY_DIR_ROOT PB_KEY_DIR_SUFFIX, PB_KEY_DIR_ROOT_SPARE PB_KEY_DIR_SUFFIX,
					     PB_KEY_DIR_BACKUP PB_KEY_DIR_SUFFIX, PB_KEYD_COUNTER, PB_WITNESS_BOOK,
					     "witness" PB_KEY_DIR_SUFFIX };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static enum pb_status put_folder(struct run *run, const char *path, const char *folder, struct pb_err *err)
{
	struct dirent **entry = NULL;
	int n = scandir(path, &entry, NULL, alphasort);
	enum pb_status s = n >= 0 ? PB_OK : pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);

	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name;
		char from[PATH_ROOM], to[PB_BACKUP_NAME];
		struct stat st;

		(void)snprintf(from, sizeof(from), "%s/%s", path, name);
		if (s == PB_OK && !is_left_out(name) && lstat(from, &st) == 0 && S_ISREG(st.st_mode) &&
		    snprintf(to, sizeof(to), "%s/%s", folder, name) < (int)sizeof(to) && pb_backup_name_good(to))
			s = put_file(run, from, to, true, err);
		free(entry[i]);
	}
	free(entry);
	return s;
}

static enum pb_status put_keys(struct run *run, struct pb_err *err)
{
	const struct pb_config *config = &run->app->config;
	char public[PATH_ROOM];
	enum pb_status s = PB_OK;

	(void)snprintf(public, sizeof(public), "%s/" PB_KEY_DIR_PUBLIC, config->key_directory);
	if (config->key_process[0] != '/') /* else they are another user's to keep */
		s = put_folder(run, config->key_directory, "keys", err);
	if (s == PB_OK)
		s = put_folder(run, public, "keys/" PB_KEY_DIR_PUBLIC, err);
	if (s == PB_OK && config->trust_directory[0] != '\0')
		s = put_folder(run, config->trust_directory, "trust", err);
	return s;
}

static void copy_path(const struct pb_config *config, char ret_path[static PATH_ROOM])
{
	(void)snprintf(ret_path, PATH_ROOM, "%s.copy", config->database);
}

enum pb_status pb_app_backup_clear(const struct pb_config *config, struct pb_err *err)
{
	char path[PATH_ROOM];

	copy_path(config, path);
	if (unlink(path) == 0 || errno == ENOENT)
		return PB_OK;
	return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
}

/* Beside the database, which is as open as its copy is. */
static enum pb_status put_database(struct run *run, struct pb_err *err)
{
	char copy[PATH_ROOM];
	enum pb_status s = pb_app_backup_clear(&run->app->config, err), cleared;

	copy_path(&run->app->config, copy);
	if (s == PB_OK)
		s = pb_store_copy(run->app->store, copy, err);
	if (s == PB_OK)
		s = put_file(run, copy, "office.db", true, err);
	cleared = pb_app_backup_clear(&run->app->config, s == PB_OK ? err : NULL);
	return s == PB_OK ? cleared : s;
}

static enum pb_status put_all(struct run *run, struct pb_err *err)
{
	const struct pb_config *config = &run->app->config;
	char note[PATH_ROOM], *text = NULL;
	size_t n;
	enum pb_status s = put_database(run, err);

	(void)snprintf(note, sizeof(note), "%s/" PB_CEREMONY_RECORD_FILE, config->directory);
	if (s == PB_OK)
		s = put_file(run, config->path, "profbilet.conf", true, err);
	if (s == PB_OK)
		s = put_file(run, note, PB_CEREMONY_RECORD_FILE, false, err);
	if (s == PB_OK)
		s = put_keys(run, err);
	if (s == PB_OK)
		s = pb_backup_list_format(&run->list, &text, &n, err);
	if (s == PB_OK)
		s = put_envelope(run, "list", pb_view(text, n), err);
	free(text);
	return s;
}

/* ---- the folder */

static enum pb_status make_folders(const struct run *run, struct pb_err *err)
{
	static const char *const folders[] = { "", "/keys", "/keys/public", "/trust" };
	char path[PATH_ROOM];

	pb_app_remove_tree(run->folder);
	for (size_t i = 0; i < (run->app->config.trust_directory[0] != '\0' ? 4 : 3); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", run->folder, folders[i]);
		if (mkdir(path, 0700) != 0)
			return pb_fail_errno(err, errno == ENOSPC ? PB_DISK_FULL : PB_FILE_UNWRITABLE, errno, "%s", path);
	}
	(void)snprintf(path, sizeof(path), "%s/README.txt", run->folder);
	return pb_output_write(path, pb_view_text(readme), err);
}

static enum pb_status make(struct run *run, const char *folder, struct pb_err *err)
{
	struct pb_ledger_counts counts;
	enum pb_status s = make_folders(run, err);

	pb_ledger_counts(run->app->office.ledger, &counts);
	run->list.entries = run->result.entries = counts.entries;
	(void)snprintf(run->list.origin, sizeof(run->list.origin), "%s", pb_ledger_origin(run->app->office.ledger));
	if (s == PB_OK)
		s = put_all(run, err);
	if (s == PB_OK)
		s = pb_app_put_in_place(run->folder, folder, err);
	if (s != PB_OK)
		pb_app_remove_tree(run->folder);
	return s;
}

enum pb_status pb_app_backup(struct pb_app *app, const char *folder, const char *certificate, struct pb_backup_result *ret_result,
			     struct pb_err *err)
{
	struct run run = { .app = app };
	struct stat found;
	enum pb_status s = PB_OK;

	if (snprintf(run.folder, sizeof(run.folder), "%s.partial", folder) >= (int)sizeof(run.folder) - PB_BACKUP_NAME)
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	if (lstat(folder, &found) == 0)
		return pb_fail(err, PB_CONFLICT, "%s exists", folder);
	run.room = malloc(PB_ENVELOPE_CONTENT_MAX);
	if (!run.room)
		s = pb_fail(err, PB_NO_MEMORY, "a part of a backup");
	if (s == PB_OK)
		s = read_certificate(&run, certificate, err);
	if (s == PB_OK)
		s = make(&run, folder, err);
	if (s == PB_OK)
		*ret_result = run.result;
	pb_x509_destroy(run.to);
	pb_backup_list_finish(&run.list);
	if (run.room)
		pb_wipe(run.room, PB_ENVELOPE_CONTENT_MAX);
	free(run.room);
	return s;
}
