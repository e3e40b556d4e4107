/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The record first, described once for both directions, then the file.
 */
#include "keys/keyd/counter_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cbor.h"
#include "base/secret.h"
#include "keys/keystore_remote.h"

#define RECORD "profbilet-signing-counter-v3"

enum { RECORD_LEN = PB_KEYD_SLOT - PB_SHA256_LEN, COUNTS = 11, TREE_COUNTS = 8, LOCK_TRIES = 40, LOCK_WAIT_MS = 50, FOR_OTHERS = 077 };

_Static_assert(sizeof(struct pb_keyd_given) == 1 + PB_SHA256_LEN, "written as it is");

/* ---- the record */

static struct pb_view given_of(const struct pb_keyd_count *count)
{
	return pb_view(count->given, (size_t)count->signatures * sizeof(count->given[0]));
}

static void counts_of(struct pb_keyd_count *count, uint64_t *ret_fields[static COUNTS])
{
	uint64_t *const fields[COUNTS] = { &count->generation, &count->highest,	     &count->signatures, &count->total,
					   &count->hour,       &count->in_hour,	     &count->vouched,	 &count->acknowledged,
					   &count->steps_back, &count->back_hour,    &count->back_in_hour };

	memcpy(ret_fields, fields, sizeof(fields));
}

static void tree_counts_of(struct pb_keyd_tree *tree, uint64_t *ret_fields[static TREE_COUNTS])
{
	uint64_t *const fields[TREE_COUNTS] = { &tree->edge.size,      &tree->last_serial,    &tree->intents,
						&tree->approval.index, &tree->approval.count, &tree->approval.begun,
						&tree->approval.given_back, &tree->prefix };

	memcpy(ret_fields, fields, sizeof(fields));
}

static size_t edge_bytes(const struct pb_keyd_tree *tree)
{
	return (size_t)__builtin_popcountll(tree->edge.size) * PB_MERKLE_HASH;
}

static void put_tree(struct pb_writer *out, struct pb_keyd_tree *tree)
{
	uint64_t *fields[TREE_COUNTS];

	tree_counts_of(tree, fields);
	pb_cbor_put_array(out, TREE_COUNTS + 3);
	for (size_t i = 0; i < TREE_COUNTS; i++)
		pb_cbor_put_uint(out, *fields[i]);
	pb_cbor_put_int(out, tree->time);
	pb_cbor_put_text(out, tree->origin);
	pb_cbor_put_bytes(out, pb_view(tree->edge.roots, edge_bytes(tree)));
}

static enum pb_status encode(const struct pb_keystore *store, const struct pb_keyd_record *record,
			     uint8_t ret_slot[static PB_KEYD_SLOT], struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_slot, RECORD_LEN);
	struct pb_keyd_record copy = *record; /* the lists of fields serve reading too */
	uint64_t *fields[COUNTS];

	memset(ret_slot, 0, PB_KEYD_SLOT);
	counts_of(&copy.count, fields);
	pb_cbor_put_array(&out, 1 + COUNTS + 4);
	pb_cbor_put_text(&out, RECORD);
	for (size_t i = 0; i < COUNTS; i++)
		pb_cbor_put_uint(&out, *fields[i]);
	pb_cbor_put_bytes(&out, PB_VIEW(copy.count.kid));
	pb_cbor_put_bytes(&out, given_of(&copy.count));
	put_tree(&out, &copy.kept);
	put_tree(&out, &copy.before);
	if (out.full)
		PB_BUG("two edges of 63 hashes, eight more and a few numbers");
	return pb_keystore_record_mac(store, pb_view(ret_slot, RECORD_LEN), ret_slot + RECORD_LEN, err);
}

static bool take_tree(struct pb_cbor *in, struct pb_keyd_tree *ret_tree)
{
	uint64_t *fields[TREE_COUNTS];
	struct pb_view roots;

	tree_counts_of(ret_tree, fields);
	if (!pb_cbor_array_of(in, TREE_COUNTS + 3))
		return false;
	for (size_t i = 0; i < TREE_COUNTS; i++)
		if (!pb_cbor_uint(in, PB_MERKLE_SIZE_MAX, fields[i]))
			return false;
	if (!pb_cbor_int(in, &ret_tree->time) || !pb_cbor_text_copy(in, 0, ret_tree->origin, sizeof(ret_tree->origin)) ||
	    !pb_cbor_bytes(in, edge_bytes(ret_tree), edge_bytes(ret_tree), &roots))
		return false;
	if (roots.n > 0)
		memcpy(ret_tree->edge.roots, roots.p, roots.n);
	return true;
}

static bool take_record(struct pb_cbor *in, struct pb_keyd_record *ret_record)
{
	struct pb_keyd_count *count = &ret_record->count;
	uint64_t *fields[COUNTS];
	struct pb_view words;

	counts_of(count, fields);
	if (!pb_cbor_array_of(in, 1 + COUNTS + 4) || !pb_cbor_text(in, 1, sizeof(RECORD), &words) ||
	    !pb_view_equal(words, pb_view_text(RECORD)))
		return false;
	for (size_t i = 0; i < COUNTS; i++)
		if (!pb_cbor_uint(in, UINT64_MAX, fields[i]))
			return false;
	if (!pb_cbor_bytes(in, sizeof(count->kid), sizeof(count->kid), &words))
		return false;
	memcpy(count->kid, words.p, sizeof(count->kid));
	if (count->signatures > PB_KEYD_PER_SERIAL || !pb_cbor_bytes(in, given_of(count).n, given_of(count).n, &words))
		return false;
	if (words.n > 0)
		memcpy(count->given, words.p, words.n);
	return take_tree(in, &ret_record->kept) && take_tree(in, &ret_record->before);
}

/* *ret_ours: the record is one of this store's.  A store that cannot say so fails: its silence is no verdict. */
static enum pb_status decode(const struct pb_keystore *store, const uint8_t slot[static PB_KEYD_SLOT],
			     struct pb_keyd_record *ret_record, bool *ret_ours, struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(pb_view(slot, RECORD_LEN)); /* with zeros to its end */
	struct pb_keyd_record record = { .count.generation = 0 };
	uint8_t mac[PB_SHA256_LEN];
	enum pb_status s = pb_keystore_record_mac(store, pb_view(slot, RECORD_LEN), mac, err);

	*ret_ours = s == PB_OK && pb_ct_equal(mac, slot + RECORD_LEN, sizeof(mac)) && take_record(&in, &record);
	if (*ret_ours)
		*ret_record = record;
	return s;
}

/* ---- the file */

/* In as many writes as it takes, so that a disk that is full can say so. */
static bool write_slot(int fd, const uint8_t slot[static PB_KEYD_SLOT], off_t at)
{
	for (size_t n = 0; n < PB_KEYD_SLOT;) {
		ssize_t written = pwrite(fd, slot + n, PB_KEYD_SLOT - n, at + (off_t)n);

		if (written <= 0)
			return false;
		n += (size_t)written;
	}
	return fdatasync(fd) == 0;
}

/* Over the slot of the generation before the last. */
enum pb_status pb_keyd_file_write(struct pb_keyd_file *file, const struct pb_keyd_record *record, struct pb_err *err)
{
	struct pb_keyd_record next = *record;
	uint8_t slot[PB_KEYD_SLOT];
	enum pb_status s;

	next.count.generation = file->record.count.generation + 1;
	s = encode(file->store, &next, slot, err);
	if (s != PB_OK)
		return s;
	errno = EIO;
	if (!write_slot(file->fd, slot, (off_t)(next.count.generation % 2) * PB_KEYD_SLOT))
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, PB_KEYD_COUNTER);
	file->record = next;
	return PB_OK;
}

static enum pb_status read_record(struct pb_keyd_file *file, bool *ret_found, struct pb_err *err)
{
	*ret_found = false;
	for (int i = 0; i < 2; i++) {
		struct pb_keyd_record record;
		uint8_t slot[PB_KEYD_SLOT];
		bool ours = false;
		enum pb_status s = PB_OK;

		if (pread(file->fd, slot, sizeof(slot), (off_t)i * PB_KEYD_SLOT) == sizeof(slot))
			s = decode(file->store, slot, &record, &ours, err);
		if (s != PB_OK)
			return s;
		if (!ours)
			continue;
		if (!*ret_found || record.count.generation > file->record.count.generation)
			file->record = record;
		*ret_found = true;
	}
	return PB_OK;
}

/* A process that was killed a moment ago may still be leaving. */
static bool lock(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_WAIT_MS * 1000000L }, NULL);
	}
	return false;
}

static enum pb_status open_locked(const char *dir, int flags, int *ret_fd, struct pb_err *err)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, failed;
	struct stat st;

	if (dir_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", dir);
	fd = openat(dir_fd, PB_KEYD_COUNTER, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	failed = fd < 0 || (flags != 0 && fsync(dir_fd) != 0) ? errno : 0;
	(void)close(dir_fd);
	if (failed != 0) {
		if (fd >= 0)
			(void)close(fd);
		return pb_fail_errno(err, failed == EEXIST ? PB_CONFLICT : PB_KEYS_UNAVAILABLE, failed,
				     "%s/" PB_KEYD_COUNTER, dir);
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & FOR_OTHERS) == 0 && lock(fd)) {
		*ret_fd = fd;
		return PB_OK;
	}
	(void)close(fd);
	return pb_fail(err, PB_KEYS_UNAVAILABLE,
		       "%s/" PB_KEYD_COUNTER " is open to others, or another process that holds these keys is running", dir);
}

/* Both slots are written, so that what comes later needs no room on the disk. */
enum pb_status pb_keyd_file_create(const struct pb_keystore *store, const char *dir, struct pb_keyd_file *ret_file,
				   struct pb_err *err)
{
	struct pb_keyd_file file = { .store = store };
	enum pb_status s = open_locked(dir, O_CREAT | O_EXCL, &file.fd, err);

	if (s != PB_OK)
		return s;
	for (int i = 0; i < 2 && s == PB_OK; i++)
		s = pb_keyd_file_write(&file, &file.record, err);
	if (s != PB_OK) {
		pb_keyd_file_close(&file);
		return s;
	}
	*ret_file = file;
	return PB_OK;
}

enum pb_status pb_keyd_file_open(const struct pb_keystore *store, const char *dir, bool anew, struct pb_keyd_file *ret_file,
				 struct pb_err *err)
{
	struct pb_keyd_file file = { .store = store };
	enum pb_status s = open_locked(dir, anew ? O_CREAT : 0, &file.fd, err);
	bool found = false;

	if (s != PB_OK)
		return s;
	s = read_record(&file, &found, err);
	if (s == PB_OK && !found && !anew)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE,
			    "%s/" PB_KEYD_COUNTER " was changed or damaged: compare with the ledger, then acknowledge it"
			    " (profbilet-keyd --acknowledge)",
			    dir);
	if (s != PB_OK) {
		pb_keyd_file_close(&file);
		return s;
	}
	*ret_file = file;
	return PB_OK;
}

void pb_keyd_file_close(struct pb_keyd_file *file)
{
	(void)close(file->fd);
	file->fd = -1;
}
