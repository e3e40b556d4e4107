/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From envelopes to a working office.
 */
#include "issuer/app/restore.h"

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
#include "issuer/app/backup.h"
#include "issuer/app/open_keys.h"
#include "issuer/app/output.h"
#include "issuer/ledger/audit.h"
#include "issuer/ledger/ledger.h"
#include "issuer/store/store.h"
#include "keys/crypto/envelope.h"
#include "keys/crypto/pkcs8.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keyd/accounts.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"

enum { PATH_ROOM = 2 * PB_CONFIG_PATH };

struct run {
	const char *backup;
	char folder[PB_CONFIG_PATH]; /* half-made */
	struct pb_secret passphrase;
	struct pb_p256_private *key;
	struct pb_backup_list list;
	const struct pb_pin_prompt *prompt;
	struct pb_restore_result result;
};

/* ---- decrypting */

static enum pb_status open_key(struct run *run, const char *keys, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	char path[PATH_ROOM];
	size_t n;
	enum pb_status s;

	(void)snprintf(path, sizeof(path), "%s/passphrase", keys);
	s = pb_passphrase_read(path, &run->passphrase, err);
	(void)snprintf(path, sizeof(path), "%s/keys/" PB_KEY_DIR_BACKUP PB_KEY_DIR_SUFFIX, keys);
	if (s == PB_OK)
		s = pb_key_file_read(AT_FDCWD, path, PB_KEY_FILE_PRIVATE, content, &n, err);
	return s == PB_OK ? pb_pkcs8_open_p256(pb_view(content, n), &run->passphrase, &run->key, err) : s;
}

static enum pb_status open_envelope(const struct run *run, const char *name, uint8_t **ret_content, size_t *ret_n, struct pb_err *err)
{
	char path[PATH_ROOM];
	uint8_t *der;
	size_t n;
	enum pb_status s;

	(void)snprintf(path, sizeof(path), "%s/%s" PB_BACKUP_SUFFIX, run->backup, name);
	s = pb_read_path(path, PB_ENVELOPE_MAX, &der, &n, err);
	if (s != PB_OK)
		return s;
	s = pb_envelope_open(run->key, pb_view(der, n), ret_content, ret_n, err);
	free(der);
	return s == PB_OK ? s : pb_wrap(err, s, "%s", path);
}

static enum pb_status read_list(struct run *run, struct pb_err *err)
{
	uint8_t *text;
	size_t n;
	enum pb_status s = open_envelope(run, "list", &text, &n, err);

	if (s != PB_OK)
		return s;
	s = pb_backup_list_parse(pb_view(text, n), &run->list, err);
	free(text);
	return s;
}

static bool write_whole(int fd, struct pb_view content)
{
	for (size_t at = 0; at < content.n;) {
		ssize_t n = write(fd, content.p + at, content.n - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* The first part makes the file, the others go to its end. */
static enum pb_status write_part(const struct run *run, const struct pb_backup_part *part, struct pb_view content, struct pb_err *err)
{
	bool is_public = strncmp(part->file, "keys/" PB_KEY_DIR_PUBLIC "/", 12) == 0 || strncmp(part->file, "trust/", 6) == 0;
	char path[PATH_ROOM];
	enum pb_status s = PB_OK;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", run->folder, part->file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_APPEND | (part->number == 1 ? O_CREAT | O_EXCL : 0),
		  is_public ? 0644 : 0600);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	if (!write_whole(fd, content) || fsync(fd) != 0)
		s = pb_fail_errno(err, errno == ENOSPC ? PB_DISK_FULL : PB_FILE_UNWRITABLE, errno, "%s", path);
	close(fd);
	return s;
}

static enum pb_status take_part(const struct run *run, const struct pb_backup_part *part, struct pb_err *err)
{
	char name[PB_BACKUP_NAME + 8];
	uint8_t *content, digest[PB_SHA256_LEN];
	size_t n;
	enum pb_status s;

	(void)snprintf(name, sizeof(name), "%s.%04u", part->file, part->number);
	s = open_envelope(run, name, &content, &n, err);
	if (s != PB_OK)
		return s;
	pb_sha256(pb_view(content, n), digest);
	if (!pb_view_equal(PB_VIEW(digest), PB_VIEW(part->digest)))
		s = pb_fail(err, PB_KEYS_REFUSED, "%s is not the part that the list names", name);
	if (s == PB_OK)
		s = write_part(run, part, pb_view(content, n), err);
	pb_wipe(content, n);
	free(content);
	return s;
}

static bool has_trust_folder(const struct pb_backup_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->part[i].file, "trust/", 6) == 0)
			return true;
	return false;
}

static enum pb_status make_folders(const struct run *run, struct pb_err *err)
{
	static const char *const folders[] = { "", "/keys", "/keys/" PB_KEY_DIR_PUBLIC, "/trust" };
	char path[PATH_ROOM];

	pb_app_remove_tree(run->folder);
	for (size_t i = 0; i < (has_trust_folder(&run->list) ? 4 : 3); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", run->folder, folders[i]);
		if (mkdir(path, strstr(folders[i], PB_KEY_DIR_PUBLIC) ? 0755 : 0700) != 0)
			return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	}
	return PB_OK;
}

static enum pb_status write_passphrase(const struct run *run, struct pb_err *err)
{
	char path[PATH_ROOM];

	(void)snprintf(path, sizeof(path), "%s/passphrase", run->folder);
	return pb_output_write(path, pb_secret_view(&run->passphrase), err);
}

static enum pb_status take_files(struct run *run, struct pb_err *err)
{
	enum pb_status s = make_folders(run, err);

	for (size_t i = 0; s == PB_OK && i < run->list.count; i++)
		s = take_part(run, &run->list.part[i], err);
	return s == PB_OK ? write_passphrase(run, err) : s;
}

/* ---- a working office */

static bool lies_in(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* Nothing of another office is touched because a configuration names it. */
static enum pb_status load_config(const struct run *run, struct pb_config *ret_config, struct pb_err *err)
{
	char path[PATH_ROOM], office_db[PATH_ROOM], keys[PATH_ROOM], passphrase[PATH_ROOM];
	enum pb_status s;

	(void)snprintf(path, sizeof(path), "%s/profbilet.conf", run->folder);
	(void)snprintf(office_db, sizeof(office_db), "%s/office.db", run->folder);
	(void)snprintf(keys, sizeof(keys), "%s/keys", run->folder);
	(void)snprintf(passphrase, sizeof(passphrase), "%s/passphrase", run->folder);
	s = pb_config_load(path, ret_config, err);
	if (s == PB_OK && (strcmp(ret_config->database, office_db) != 0 || strcmp(ret_config->key_directory, keys) != 0 ||
			   strcmp(ret_config->passphrase_file, passphrase) != 0 ||
			   (ret_config->trust_directory[0] != '\0' && !lies_in(ret_config->trust_directory, run->folder))))
		return pb_fail(err, PB_CONFIG_INVALID, "the configuration of the backup keeps its files elsewhere: take the backup apart"
			       " as its README.txt says, and put them there");
	return s;
}

struct cards {
	uint64_t count, highest;
};

static bool count_card(void *context, const struct pb_ledger_card *card)
{
	struct cards *cards = context;

	cards->count++;
	if (card->serial > cards->highest)
		cards->highest = card->serial;
	return true;
}

/* Against nobody's word but the ledger's own: it comes from outside. */
static enum pb_status audit(struct pb_ledger *ledger, struct pb_restore_result *result, struct pb_err *err)
{
	struct pb_audit_summary summary;
	enum pb_status s = pb_ledger_audit(ledger, NULL, NULL, NULL, &summary, err);

	if (s == PB_OK && summary.findings > 0)
		return pb_fail(err, PB_LEDGER_CORRUPT, "%llu findings in the backup", (unsigned long long)summary.findings);
	if (s == PB_OK)
		result->last_time = summary.last_time;
	return s;
}

/* As an auditor: nothing is written yet. */
static enum pb_status look(const struct pb_config *config, struct pb_restore_result *result, struct cards *ret_cards,
			   struct pb_err *err)
{
	struct pb_ledger *ledger = NULL;
	struct pb_store *store = NULL;
	enum pb_status s = pb_store_open(config->database, PB_STORE_READ, &store, err);

	if (s == PB_OK)
		s = pb_store_check_integrity(store, err);
	if (s == PB_OK)
		s = pb_ledger_open(store, NULL, &pb_clock_system, &ledger, err);
	if (s == PB_OK)
		s = audit(ledger, result, err);
	if (s == PB_OK)
		s = pb_ledger_each_card(ledger, PB_CARD_IS_UNKNOWN, count_card, ret_cards, err);
	pb_ledger_close(ledger);
	pb_store_close(store);
	result->last_serial = ret_cards->highest;
	return s;
}

/* The keys take the ledger's word for the cards it has: somebody who has the custodians' key stands for it. */
static enum pb_status vouch(const struct run *run, struct pb_key_way *way, const struct cards *cards, struct pb_err *err)
{
	const char *directory = way->config->key_directory;
	struct pb_keystore_options options = { .token = pb_key_way_token(way) };
	struct pb_keystore *store = NULL;
	enum pb_status s;

	if (way->config->key_process[0] == '/') /* where the keys are: profbilet-keyd --acknowledge */
		return PB_OK;
	s = pb_keystore_open(directory, &run->passphrase, &options, &store, err);
	if (s == PB_OK)
		s = pb_keyd_accounts_acknowledge(store, directory, cards->highest, cards->count, err);
	pb_keystore_close(store);
	return s;
}

static enum pb_status begin_anew(struct run *run, const struct pb_config *config, struct pb_err *err)
{
	struct pb_app app;
	enum pb_status s = pb_app_open_asking(config, PB_APP_PUBLISH, run->prompt, &app, err);
	struct pb_ledger_counts counts;

	if (s != PB_OK)
		return s;
	(void)snprintf(run->result.before, sizeof(run->result.before), "%s", pb_ledger_origin(app.office.ledger));
	s = pb_ledger_begin_anew(app.office.ledger, NULL, err);
	if (s == PB_OK) {
		(void)snprintf(run->result.after, sizeof(run->result.after), "%s", pb_ledger_origin(app.office.ledger));
		pb_ledger_counts(app.office.ledger, &counts);
		run->result.entries = counts.entries;
		s = pb_store_empty_log(app.store, err); /* the folder moves: all of it in one file */
	}
	pb_app_close(&app);
	return s;
}

static enum pb_status set_to_work(struct run *run, struct pb_err *err)
{
	struct pb_pin_memory memory;
	struct cards cards = { 0 };
	struct pb_config config;
	struct pb_key_way way;
	enum pb_status s = load_config(run, &config, err);

	if (s == PB_OK)
		s = look(&config, &run->result, &cards, err);
	if (s != PB_OK)
		return s;
	pb_pin_memory_init(&memory, run->prompt);
	pb_key_way_init(&way, &config, &memory.prompt);
	run->prompt = &memory.prompt;
	s = vouch(run, &way, &cards, err);
	if (s == PB_OK)
		s = begin_anew(run, &config, err);
	pb_pin_memory_finish(&memory);
	return s;
}

enum pb_status pb_app_restore(const char *backup, const char *keys, const char *folder, const struct pb_pin_prompt *prompt,
			      struct pb_restore_result *ret_result, struct pb_err *err)
{
	struct run run = { .backup = backup, .prompt = prompt };
	enum pb_status s;

	if (snprintf(run.folder, sizeof(run.folder), "%s.restoring", folder) >= (int)sizeof(run.folder) - PB_BACKUP_NAME ||
	    strlen(backup) >= PB_CONFIG_PATH || strlen(keys) >= PB_CONFIG_PATH)
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	if (rmdir(folder) != 0 && errno != ENOENT)
		return pb_fail_errno(err, PB_CONFLICT, errno, "%s", folder);
	s = open_key(&run, keys, err);
	if (s == PB_OK)
		s = read_list(&run, err);
	if (s == PB_OK)
		s = take_files(&run, err);
	if (s == PB_OK)
		s = set_to_work(&run, err);
	if (s == PB_OK)
		s = pb_app_put_in_place(run.folder, folder, err);
	if (s == PB_OK)
		*ret_result = run.result;
	else if (run.list.count > 0)
		pb_app_remove_tree(run.folder);
	pb_p256_private_destroy(run.key);
	pb_backup_list_finish(&run.list);
	pb_secret_wipe(&run.passphrase);
	return s;
}
