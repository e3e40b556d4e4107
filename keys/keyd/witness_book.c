/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records first, then the file, then the one question that is asked of it.
 */
#include "keys/keyd/witness_book.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cbor.h"
#include "base/secret.h"
#include "issuer/ledger/add_checkpoint.h"
#include "issuer/ledger/cosignature.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"
#include "keys/keystore_remote.h"

#define RECORD "profbilet-witness-book-v1"
#define BEGIN_ANEW " (profbilet witness begin --anew)"

enum { BODY = PB_WITNESS_RECORD - PB_SHA256_LEN, FIELDS = 8, FOR_OTHERS = 077 };

/* Of a ledger; in slot 0 without name and tree, and the key is the witness's own. */
struct record {
	uint64_t generation; /* of the slot: the higher record counts; 0: none */
	char origin[PB_ORIGIN_MAX + 1];
	uint8_t key[PB_ED25519_PUBLIC];
	struct pb_seen_tree seen;
	uint64_t time; /* of the last cosignature of a larger tree */
};

/* ---- records */

static enum pb_status encode(const struct pb_keystore *store, uint64_t slot, const struct record *record,
			     uint8_t ret_bytes[static PB_WITNESS_RECORD], struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_bytes, BODY);

	memset(ret_bytes, 0, PB_WITNESS_RECORD);
	pb_cbor_put_array(&out, FIELDS);
	pb_cbor_put_text(&out, RECORD);
	pb_cbor_put_uint(&out, slot);
	pb_cbor_put_uint(&out, record->generation);
	pb_cbor_put_text(&out, record->origin);
	pb_cbor_put_bytes(&out, PB_VIEW(record->key));
	pb_cbor_put_uint(&out, record->seen.size);
	pb_cbor_put_bytes(&out, PB_VIEW(record->seen.root.bytes));
	pb_cbor_put_uint(&out, record->time);
	if (out.full)
		PB_BUG("a name, two hashes and a few numbers");
	return pb_keystore_record_mac(store, pb_view(ret_bytes, BODY), ret_bytes + BODY, err);
}

static bool take_record(struct pb_view bytes, uint64_t slot, struct record *ret_record)
{
	struct pb_cbor in = pb_cbor(bytes); /* with zeros to its end */
	struct pb_view word, key, root;
	uint64_t number;

	if (!pb_cbor_array_of(&in, FIELDS) || !pb_cbor_text(&in, 1, sizeof(RECORD), &word) ||
	    !pb_view_equal(word, pb_view_text(RECORD)) || !pb_cbor_uint(&in, PB_WITNESS_LOGS, &number) || number != slot ||
	    !pb_cbor_uint(&in, UINT64_MAX, &ret_record->generation) ||
	    !pb_cbor_text_copy(&in, 0, ret_record->origin, sizeof(ret_record->origin)) ||
	    !pb_cbor_bytes(&in, sizeof(ret_record->key), sizeof(ret_record->key), &key) ||
	    !pb_cbor_uint(&in, PB_MERKLE_SIZE_MAX, &ret_record->seen.size) ||
	    !pb_cbor_bytes(&in, PB_MERKLE_HASH, PB_MERKLE_HASH, &root) || !pb_cbor_uint(&in, INT64_MAX, &ret_record->time))
		return false;
	memcpy(ret_record->key, key.p, key.n);
	memcpy(ret_record->seen.root.bytes, root.p, root.n);
	return ret_record->generation > 0;
}

static bool is_zero(const uint8_t bytes[static PB_WITNESS_RECORD])
{
	uint8_t any = 0;

	for (size_t i = 0; i < PB_WITNESS_RECORD; i++)
		any |= bytes[i];
	return any == 0;
}

static off_t place_of(uint64_t slot, uint64_t generation)
{
	return (off_t)(2 * slot + generation % 2) * PB_WITNESS_RECORD;
}

/* The newer record of a slot; generation 0 when it is empty. */
static enum pb_status read_slot(const struct pb_witness_book *book, uint64_t slot, struct record *ret_record, struct pb_err *err)
{
	*ret_record = (struct record){ 0 };
	for (uint64_t half = 0; half < 2; half++) {
		uint8_t bytes[PB_WITNESS_RECORD], mac[PB_SHA256_LEN];
		struct record record = { 0 };
		enum pb_status s;

		if (pread(book->fd, bytes, sizeof(bytes), place_of(slot, half)) != (ssize_t)sizeof(bytes))
			return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, PB_WITNESS_BOOK " is too short, or cannot be read");
		if (is_zero(bytes))
			continue;
		s = pb_keystore_record_mac(book->store, pb_view(bytes, BODY), mac, err);
		if (s != PB_OK)
			return s;
		if (!pb_ct_equal(mac, bytes + BODY, sizeof(mac)) || !take_record(pb_view(bytes, BODY), slot, &record))
			return pb_fail(err, PB_KEYS_REFUSED, PB_WITNESS_BOOK " was changed or damaged, and nobody knows any more"
				       " what this witness has signed: it must begin anew" BEGIN_ANEW);
		if (record.generation > ret_record->generation)
			*ret_record = record;
	}
	return PB_OK;
}

/* Over the older record of the slot. */
static enum pb_status write_slot(const struct pb_witness_book *book, uint64_t slot, const struct record *record, struct pb_err *err)
{
	uint8_t bytes[PB_WITNESS_RECORD];
	enum pb_status s = encode(book->store, slot, record, bytes, err);

	if (s != PB_OK)
		return s;
	if (pwrite(book->fd, bytes, sizeof(bytes), place_of(slot, record->generation)) != (ssize_t)sizeof(bytes) ||
	    fdatasync(book->fd) != 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, PB_WITNESS_BOOK);
	return PB_OK;
}

/* ---- the file */

/* Every byte of it is written, so that what comes later needs no room on the disk. */
static enum pb_status fill(const struct pb_witness_book *book, struct pb_err *err)
{
	static const uint8_t zero[PB_WITNESS_RECORD];
	struct record owner = { .generation = 1 };

	for (off_t at = 0; at < PB_WITNESS_BOOK_SIZE; at += PB_WITNESS_RECORD)
		if (pwrite(book->fd, zero, sizeof(zero), at) != (ssize_t)sizeof(zero))
			return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, PB_WITNESS_BOOK);
	(void)pb_keystore_witness_public(book->store, owner.key);
	return write_slot(book, 0, &owner, err);
}

static enum pb_status make_beside(const struct pb_keystore *store, int dir_fd, struct pb_err *err)
{
	static const char beside[] = PB_WITNESS_BOOK ".new";
	struct pb_witness_book book = { .store = store };
	enum pb_status s;

	book.fd = openat(dir_fd, beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (book.fd < 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", beside);
	s = fill(&book, err);
	if (s == PB_OK && fsync(book.fd) != 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", beside);
	(void)close(book.fd);
	if (s == PB_OK && (renameat(dir_fd, beside, dir_fd, PB_WITNESS_BOOK) != 0 || fsync(dir_fd) != 0))
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, PB_WITNESS_BOOK);
	return s;
}

static enum pb_status make_book(const struct pb_keystore *store, const char *keys, struct pb_err *err)
{
	int dir_fd = open(keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pb_status s;

	if (dir_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", keys);
	s = make_beside(store, dir_fd, err);
	(void)close(dir_fd);
	return s;
}

/* A crash after the key leaves it beside a book of another key, or none: nothing is signed, and this is asked again. */
enum pb_status pb_witness_begin(const char *keys, const struct pb_secret *passphrase,
				const struct pb_keystore_options *options, bool anew, struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	uint8_t public_key[PB_ED25519_PUBLIC];
	enum pb_status s = pb_keystore_begin_witness(keys, passphrase, options, anew, public_key, err);

	if (s == PB_OK)
		s = pb_keystore_open(keys, passphrase, options, &store, err);
	if (s == PB_OK)
		s = make_book(store, keys, err);
	pb_keystore_close(store);
	return s;
}

enum pb_status pb_witness_book_open(const struct pb_keystore *store, const char *keys, struct pb_witness_book *ret_book,
				    struct pb_err *err)
{
	char path[4096];
	struct stat st;
	int fd;

	*ret_book = (struct pb_witness_book){ .store = store, .fd = -1 };
	if (snprintf(path, sizeof(path), "%s/" PB_WITNESS_BOOK, keys) >= (int)sizeof(path))
		return pb_fail(err, PB_INPUT_INVALID, "the name of the key folder is too long");
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return PB_OK;
	if (fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & FOR_OTHERS) != 0) {
		(void)close(fd);
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s is open to others", path);
	}
	ret_book->fd = fd;
	return PB_OK;
}

void pb_witness_book_close(struct pb_witness_book *book)
{
	if (book->store != NULL && book->fd >= 0)
		(void)close(book->fd);
	*book = (struct pb_witness_book){ .fd = -1 };
}

/* ---- cosigning */

/* What is asked, taken apart and found to be signed by the ledger's key. */
struct asked {
	struct pb_note_key log;
	struct pb_checkpoint checkpoint;
	struct pb_merkle_proof proof;
};

static enum pb_add_verdict read_order(const struct pb_cosign_order *order, struct asked *ret_asked)
{
	if (!pb_note_key_parse(order->log, &ret_asked->log) || !pb_checkpoint_parse(order->text, &ret_asked->checkpoint) ||
	    strcmp(ret_asked->checkpoint.origin, ret_asked->log.name) != 0 || order->proof.n % PB_MERKLE_HASH != 0 ||
	    order->proof.n / PB_MERKLE_HASH > PB_ADD_CHECKPOINT_PROOF_MAX)
		return PB_ADD_BAD_REQUEST;
	ret_asked->proof.count = order->proof.n / PB_MERKLE_HASH;
	for (size_t i = 0; i < ret_asked->proof.count; i++)
		memcpy(ret_asked->proof.hashes[i].bytes, order->proof.p + i * PB_MERKLE_HASH, PB_MERKLE_HASH);
	return pb_ed25519_verify(ret_asked->log.public_key, order->text, order->log_sig) ? PB_ADD_COSIGNED : PB_ADD_FORBIDDEN;
}

static enum pb_status check_owner(const struct pb_witness_book *book, struct pb_err *err)
{
	uint8_t own[PB_ED25519_PUBLIC];
	struct record owner;
	enum pb_status s = read_slot(book, 0, &owner, err);

	if (s != PB_OK)
		return s;
	if (!pb_keystore_witness_public(book->store, own) || !pb_view_equal(PB_VIEW(own), PB_VIEW(owner.key)))
		return pb_fail(err, PB_KEYS_REFUSED, PB_WITNESS_BOOK " is that of another key, so nobody knows what this witness has"
			       " signed: it must begin anew" BEGIN_ANEW);
	return PB_OK;
}

/* The ledger's slot, or the first empty one.  Every record is read: one that is damaged may be the ledger's. */
static enum pb_status find_slot(const struct pb_witness_book *book, const char *origin, uint64_t *ret_slot,
				struct record *ret_record, struct pb_err *err)
{
	uint64_t found = 0, empty = 0;

	for (uint64_t slot = 1; slot <= PB_WITNESS_LOGS; slot++) {
		struct record record;
		enum pb_status s = read_slot(book, slot, &record, err);

		if (s != PB_OK)
			return s;
		if (record.generation == 0 && empty == 0)
			empty = slot;
		if (record.generation == 0 || strcmp(record.origin, origin) != 0)
			continue;
		found = slot;
		*ret_record = record;
	}
	if (found == 0 && empty == 0)
		return pb_fail(err, PB_KEYS_REFUSED, PB_WITNESS_BOOK " is full: %d ledgers", PB_WITNESS_LOGS);
	if (found == 0)
		*ret_record = (struct record){ 0 };
	*ret_slot = found != 0 ? found : empty;
	return PB_OK;
}

static enum pb_status sign(const struct pb_witness_book *book, const struct pb_cosign_order *order, uint64_t time,
			   uint8_t ret_sig[static 64], struct pb_err *err)
{
	uint8_t message[PB_COSIGNED_MESSAGE_MAX];
	struct pb_writer out = pb_writer(message, sizeof(message));
	struct pb_view bytes;

	pb_cosignature_put_message(&out, time, order->text);
	if (!pb_writer_view(&out, &bytes))
		return pb_fail(err, PB_INPUT_INVALID, "a checkpoint of %zu bytes", order->text.n);
	return pb_keystore_sign_cosignature(book->store, bytes, ret_sig, err);
}

/* With the lock held from before the look into the book until the signature may leave. */
static enum pb_status judge_and_sign(const struct pb_witness_book *book, const struct pb_cosign_order *order,
				     const struct asked *asked, int64_t now, struct pb_cosign_answer *answer, struct pb_err *err)
{
	struct record record, next;
	uint64_t slot = 0;
	enum pb_status s = check_owner(book, err);

	if (s == PB_OK)
		s = find_slot(book, asked->log.name, &slot, &record, err);
	if (s != PB_OK)
		return s;
	answer->size = record.seen.size;
	answer->verdict = record.generation != 0 && !pb_view_equal(PB_VIEW(record.key), PB_VIEW(asked->log.public_key)) ?
				  PB_ADD_FORBIDDEN :
				  pb_add_checkpoint_judge(order->old_size, &asked->proof, &asked->checkpoint, &record.seen);
	if (answer->verdict != PB_ADD_COSIGNED)
		return PB_OK;
	if (now <= 0 || (uint64_t)now < record.time)
		return pb_fail(err, PB_CLOCK_WRONG, "the clock stands before the last cosignature for %s", record.origin);
	next = record;
	next.generation++;
	memcpy(next.origin, asked->log.name, sizeof(next.origin));
	memcpy(next.key, asked->log.public_key, sizeof(next.key));
	next.seen = (struct pb_seen_tree){ asked->checkpoint.size, asked->checkpoint.root };
	next.time = answer->time = (uint64_t)now;
	s = sign(book, order, answer->time, answer->sig, err);
	if (s == PB_OK && (record.generation == 0 || next.seen.size != record.seen.size))
		s = write_slot(book, slot, &next, err);
	answer->size = next.seen.size;
	return s;
}

static bool lock(int fd, int how)
{
	while (flock(fd, how) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

enum pb_status pb_witness_book_cosign(const struct pb_witness_book *book, const struct pb_cosign_order *order, int64_t now,
				      struct pb_cosign_answer *ret_answer, struct pb_err *err)
{
	struct pb_cosign_answer answer = { 0 };
	struct asked asked = { 0 };
	enum pb_status s;

	if (book->store == NULL || book->fd < 0)
		return pb_fail(err, PB_NOT_FOUND, "this office is no witness (profbilet witness begin)");
	answer.verdict = read_order(order, &asked);
	if (answer.verdict != PB_ADD_COSIGNED) {
		*ret_answer = answer;
		return PB_OK;
	}
	if (!lock(book->fd, LOCK_EX))
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, PB_WITNESS_BOOK);
	s = judge_and_sign(book, order, &asked, now, &answer, err);
	(void)lock(book->fd, LOCK_UN);
	if (s == PB_OK)
		*ret_answer = answer;
	return s;
}
