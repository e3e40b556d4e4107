/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packing a key folder and unpacking it.  Nothing of a backup is believed, not even its names, before its MAC
 * has been checked.
 */
#include "issuer/core/key_backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/crypto/hash.h"
#include "keys/crypto/sealed.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keyd/accounts.h"
#include "keys/keyd/counter_file.h"
#include "keys/keyd/witness_book.h"

enum { FILES_MAX = 32, NAME_MAX_BYTES = 64, MAC = PB_SHA256_LEN, FLAG_TEST = 1, PATH_ROOM = 4096 };

static const uint8_t magic[] = { 'P', 'B', 'K', 'E', 'Y', 'S', 1 };

/* The two folders of a key directory, open. */
struct folders {
	int fd[2]; /* by enum pb_key_file_kind */
};

static void close_folders(struct folders *folders)
{
	for (size_t i = 0; i < 2; i++)
		if (folders->fd[i] >= 0)
			(void)close(folders->fd[i]);
}

static enum pb_status open_folders(const char *directory, struct folders *ret_folders, struct pb_err *err)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

	ret_folders->fd[PB_KEY_FILE_PRIVATE] = open(directory, FLAGS);
	ret_folders->fd[PB_KEY_FILE_PUBLIC] = openat(ret_folders->fd[PB_KEY_FILE_PRIVATE], PB_KEY_DIR_PUBLIC, FLAGS);
	if (ret_folders->fd[PB_KEY_FILE_PUBLIC] >= 0)
		return PB_OK;
	return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", directory);
}

static void sealed_purpose(bool test, char *ret_purpose, size_t cap)
{
	(void)snprintf(ret_purpose, cap, "passphrase of keys%s", test ? " TEST" : "");
}

static void mac_of(const struct pb_secret *secret, struct pb_view bytes, uint8_t ret_mac[static MAC])
{
	PB_SECRET key = { .n = MAC };

	pb_hmac_sha256(pb_secret_view(secret), pb_view_text("profbilet key backup"), key.bytes);
	pb_hmac_sha256(pb_secret_view(&key), bytes, ret_mac);
}

/* ---- packing */

static int is_visible(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* A witness's key and its book are in no backup: who comes back from one does not know what was signed since
 * (keys/keyd/witness_book.h). */
static bool is_of_witness(const char *name)
{
	char key[PB_KEY_DIR_KEY_NAME];

	pb_key_dir_key_name(pb_key_role_row(PB_ROLE_WITNESS)->name, key);
	return strcmp(name, PB_WITNESS_BOOK) == 0 || strcmp(name, key) == 0;
}

static enum pb_status put_file(struct pb_writer *out, const struct folders *folders, enum pb_key_file_kind kind,
			       const char *name, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	enum pb_status s;
	size_t n;

	if (strlen(name) > NAME_MAX_BYTES)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: no key file has such a name", name);
	s = pb_key_file_read(folders->fd[kind], name, kind, content, &n, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(out, (uint8_t)kind);
	pb_put_u8(out, (uint8_t)strlen(name));
	pb_put_view(out, pb_view_text(name));
	pb_put_be(out, n, 2);
	pb_put(out, content, n);
	return PB_OK;
}

/* In the order of their names, so that the same folder packs the same. */
static enum pb_status put_folder(struct pb_writer *out, const struct folders *folders, enum pb_key_file_kind kind,
				 unsigned *files, struct pb_err *err)
{
	struct dirent **entry;
	int n = scandirat(folders->fd[kind], ".", &entry, is_visible, versionsort);
	enum pb_status s = PB_OK;

	if (n < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "key folder");
	for (int i = 0; i < n; i++) {
		bool is_public = kind == PB_KEY_FILE_PRIVATE && strcmp(entry[i]->d_name, PB_KEY_DIR_PUBLIC) == 0;

		if (s == PB_OK && !is_public && !is_of_witness(entry[i]->d_name)) {
			s = put_file(out, folders, kind, entry[i]->d_name, err);
			++*files;
		}
		free(entry[i]);
	}
	free(entry);
	return s;
}

static void put_head(struct pb_writer *out, const struct pb_key_backup_head *head, const struct pb_secret *passphrase,
		     const struct pb_secret *secret)
{
	char purpose[PB_SEALED_PURPOSE_MAX];
	uint8_t sealed[PB_SEALED_MAX];
	size_t n;

	sealed_purpose(head->test, purpose, sizeof(purpose));
	n = pb_seal(purpose, passphrase, secret, sealed);
	pb_put(out, magic, sizeof(magic));
	pb_put_u8(out, head->test ? FLAG_TEST : 0);
	pb_put(out, head->set, PB_SHARE_SET);
	pb_put_u8(out, head->needed);
	pb_put_u8(out, head->count);
	pb_put_be(out, n, 2);
	pb_put(out, sealed, n);
}

enum pb_status pb_key_backup_make(const char *key_directory, const struct pb_secret *passphrase,
				  const struct pb_secret *secret, const struct pb_key_backup_head *head,
				  uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	uint8_t *bytes = malloc(PB_KEY_BACKUP_MAX), mac[MAC];
	struct pb_writer out = pb_writer(bytes, PB_KEY_BACKUP_MAX);
	struct folders folders = { { -1, -1 } };
	unsigned files = 0;
	size_t count_at;
	enum pb_status s;

	if (!bytes)
		return pb_fail(err, PB_NO_MEMORY, "key backup");
	put_head(&out, head, passphrase, secret);
	count_at = out.n;
	pb_put_u8(&out, 0);
	s = open_folders(key_directory, &folders, err);
	for (int kind = 0; s == PB_OK && kind < 2; kind++)
		s = put_folder(&out, &folders, (enum pb_key_file_kind)kind, &files, err);
	close_folders(&folders);
	if (s == PB_OK && (out.full || files > FILES_MAX))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the key folder is larger than any");
	if (s != PB_OK) {
		free(bytes);
		return s;
	}
	bytes[count_at] = (uint8_t)files;
	mac_of(secret, pb_view(bytes, out.n), mac);
	pb_put(&out, mac, MAC);
	*ret_bytes = bytes;
	*ret_n = out.n;
	return out.full ? pb_fail(err, PB_KEYS_UNAVAILABLE, "the key folder is larger than any") : PB_OK;
}

/* ---- unpacking */

static bool take_head(struct pb_cursor *in, struct pb_key_backup_head *ret_head)
{
	struct pb_view start;
	uint8_t flags;

	if (!pb_take(in, sizeof(magic), &start) || !pb_view_equal(start, PB_VIEW(magic)) || !pb_take_u8(in, &flags) ||
	    flags > FLAG_TEST || !pb_take_copy(in, ret_head->set, PB_SHARE_SET) || !pb_take_u8(in, &ret_head->needed) ||
	    !pb_take_u8(in, &ret_head->count))
		return false;
	ret_head->test = flags == FLAG_TEST;
	return ret_head->needed >= PB_SHARES_MIN && ret_head->needed <= ret_head->count && ret_head->count <= PB_SHARES_MAX;
}

bool pb_key_backup_read_head(struct pb_view backup, struct pb_key_backup_head *ret_head)
{
	struct pb_cursor in = pb_cursor(backup);

	return backup.n <= PB_KEY_BACKUP_MAX && take_head(&in, ret_head);
}

/* A name that cannot lead elsewhere. */
static bool name_good(struct pb_view name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '\0' || strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", name.p[i]) == NULL)
			return false;
	return name.n > 0 && name.n <= NAME_MAX_BYTES && name.p[0] != '.';
}

/* Of the root and of its spare, and the one that reads backups. */
static bool is_custodians_key(enum pb_key_file_kind kind, const char *name)
{
	static const char *const stems[] = { PB_KEY_DIR_ROOT, PB_KEY_DIR_ROOT_SPARE, PB_KEY_DIR_BACKUP };
	char root[PB_KEY_DIR_KEY_NAME];
	bool found = false;

	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
		pb_key_dir_key_name(stems[i], root);
		found = found || strcmp(name, root) == 0;
	}
	return found && kind == PB_KEY_FILE_PRIVATE;
}

static enum pb_status take_file(struct pb_cursor *in, const struct folders *folders, bool with_root, struct pb_err *err)
{
	char text[NAME_MAX_BYTES + 1];
	struct pb_view name, content;
	uint64_t n;
	uint8_t kind, name_n;

	if (!pb_take_u8(in, &kind) || kind > PB_KEY_FILE_PUBLIC || !pb_take_u8(in, &name_n) || !pb_take(in, name_n, &name) ||
	    !name_good(name) || !pb_take_be(in, 2, &n) || !pb_take(in, (size_t)n, &content))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the backup holds no key file where one should be");
	(void)snprintf(text, sizeof(text), "%.*s", (int)name.n, (const char *)name.p);
	if (!with_root && is_custodians_key((enum pb_key_file_kind)kind, text))
		return PB_OK;
	return pb_key_file_write(folders->fd[kind], text, (enum pb_key_file_kind)kind, content, err);
}

/* PB_OK, or nothing is there. */
static enum pb_status make_folders(const char *directory, struct folders *ret_folders, struct pb_err *err)
{
	char public[PATH_ROOM];
	enum pb_status s = PB_OK;

	if (snprintf(public, sizeof(public), "%s/" PB_KEY_DIR_PUBLIC, directory) >= (int)sizeof(public))
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	if (mkdir(directory, 0700) != 0)
		return pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", directory);
	if (mkdir(public, 0755) != 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", public);
	if (s == PB_OK)
		s = open_folders(directory, ret_folders, err);
	if (s == PB_OK)
		return PB_OK;
	(void)rmdir(public);
	(void)rmdir(directory);
	return s;
}

static enum pb_status take_files(struct pb_cursor *in, const char *directory, bool with_root, struct pb_err *err)
{
	struct folders folders = { { -1, -1 } };
	uint8_t files = 0;
	enum pb_status s = make_folders(directory, &folders, err);

	if (s != PB_OK)
		return s;
	if (!pb_take_u8(in, &files) || files > FILES_MAX)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the backup is cut short");
	for (unsigned i = 0; s == PB_OK && i < files; i++)
		s = take_file(in, &folders, with_root, err);
	if (s == PB_OK && in->left != 0)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the backup is longer than its files");
	close_folders(&folders);
	if (s != PB_OK)
		pb_key_folder_remove(directory);
	return s;
}

enum pb_status pb_key_backup_restore(struct pb_view backup, const struct pb_secret *secret, bool with_root,
				     const char *key_directory, struct pb_secret *ret_passphrase, struct pb_err *err)
{
	struct pb_key_backup_head head;
	struct pb_view sealed;
	struct pb_cursor in;
	char purpose[PB_SEALED_PURPOSE_MAX];
	uint8_t mac[MAC];
	uint64_t n;
	PB_SECRET passphrase = { 0 };
	enum pb_status s;

	if (backup.n < MAC || !pb_key_backup_read_head(backup, &head))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "not a key backup");
	backup.n -= MAC;
	mac_of(secret, backup, mac);
	if (!pb_ct_equal(mac, backup.p + backup.n, MAC))
		return pb_fail(err, PB_KEYS_PASSPHRASE, "these shares do not open this backup, or it was changed");
	in = pb_cursor(backup);
	if (!take_head(&in, &head) || !pb_take_be(&in, 2, &n) || !pb_take(&in, (size_t)n, &sealed))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the backup is cut short");
	sealed_purpose(head.test, purpose, sizeof(purpose));
	s = pb_unseal(purpose, sealed, secret, &passphrase, err);
	if (s == PB_OK)
		s = take_files(&in, key_directory, with_root, err);
	if (s == PB_OK)
		*ret_passphrase = passphrase;
	return s;
}

/* ---- copying */

static enum pb_status copy_file(const struct folders *from, const struct folders *to, enum pb_key_file_kind kind,
				const char *name, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
	enum pb_status s = pb_key_file_read(from->fd[kind], name, kind, content, &n, err);

	return s == PB_OK ? pb_key_file_write(to->fd[kind], name, kind, pb_view(content, n), err) : s;
}

/* The count of signatures stays behind: the office that takes the keys begins one with its ledger. */
static bool is_key(const char *name)
{
	return strcmp(name, PB_KEY_DIR_PUBLIC) != 0 && strcmp(name, PB_KEYD_COUNTER) != 0 && !is_of_witness(name);
}

static enum pb_status copy_kind(const struct folders *from, const struct folders *to, enum pb_key_file_kind kind,
				struct pb_err *err)
{
	struct dirent **entry;
	int n = scandirat(from->fd[kind], ".", &entry, is_visible, versionsort);
	enum pb_status s = PB_OK;

	if (n < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "key folder");
	for (int i = 0; i < n; i++) {
		if (s == PB_OK && (kind == PB_KEY_FILE_PUBLIC || is_key(entry[i]->d_name)))
			s = copy_file(from, to, kind, entry[i]->d_name, err);
		free(entry[i]);
	}
	free(entry);
	return s;
}

enum pb_status pb_key_folder_copy(const char *from, const char *to, struct pb_err *err)
{
	struct folders source = { { -1, -1 } }, target = { { -1, -1 } };
	enum pb_status s = open_folders(from, &source, err);
	bool made = false;

	if (s == PB_OK) {
		s = make_folders(to, &target, err);
		made = s == PB_OK;
	}
	for (int kind = 0; s == PB_OK && kind < 2; kind++)
		s = copy_kind(&source, &target, (enum pb_key_file_kind)kind, err);
	close_folders(&source);
	close_folders(&target);
	if (s != PB_OK && made)
		pb_key_folder_remove(to);
	return s;
}

/* ---- removing */

static void empty_folder(int fd)
{
	struct dirent **entry;
	int n = scandirat(fd, ".", &entry, is_visible, versionsort);

	for (int i = 0; i < n; i++) {
		(void)unlinkat(fd, entry[i]->d_name, 0);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

void pb_key_folder_remove(const char *key_directory)
{
	struct folders folders = { { -1, -1 } };

	(void)open_folders(key_directory, &folders, NULL);
	for (size_t i = 2; i-- > 0;)
		if (folders.fd[i] >= 0)
			empty_folder(folders.fd[i]);
	if (folders.fd[PB_KEY_FILE_PRIVATE] >= 0)
		(void)unlinkat(folders.fd[PB_KEY_FILE_PRIVATE], PB_KEY_DIR_PUBLIC, AT_REMOVEDIR);
	close_folders(&folders);
	(void)rmdir(key_directory);
}
