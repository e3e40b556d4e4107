/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of a ceremony in memory, and the way back from shares to a key folder.
 */
#include "issuer/core/ceremony.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/crypto/hash.h"
#include "keys/key_file.h"
#include "keys/keyd/accounts.h"
#include "keys/keystore.h"

enum { PATH_ROOM = 4096, PASSPHRASE_RANDOM = 16 };

struct pb_ceremony {
	struct pb_key_backup_head head;
	struct pb_share share[PB_SHARES_MAX];
	bool read[PB_SHARES_MAX];
	struct pb_key_facts facts;
	struct pb_keystore *store; /* opened from the folder while there was one; signs the record */
	uint8_t *backup;
	size_t backup_n;
};

/* Hex, so that it can be a line of a file. */
static void make_passphrase(struct pb_secret *ret_passphrase)
{
	PB_SECRET random = { .n = PASSPHRASE_RANDOM };
	char text[2 * PASSPHRASE_RANDOM + 1];

	pb_random(random.bytes, random.n);
	pb_hex_encode(pb_secret_view(&random), text);
	pb_secret_set(ret_passphrase, text, 2 * PASSPHRASE_RANDOM);
	pb_wipe(text, sizeof(text));
}

/* The folder is on the disk only between these calls, and encrypted under what is not. */
static enum pb_status make_keys(struct pb_ceremony *ceremony, const struct pb_ceremony_plan *plan,
				const struct pb_secret *secret, struct pb_err *err)
{
	const struct pb_keystore_terms terms = { .issuer_code = plan->issuer_code, .issuer_name = plan->issuer_name,
						 .test = plan->test };
	const struct pb_keystore_options options = { .clock = plan->clock };
	PB_SECRET passphrase = { 0 };
	enum pb_status s;

	make_passphrase(&passphrase);
	s = pb_keystore_create(plan->workspace, &passphrase, &terms, plan->clock, err);
	if (s != PB_OK)
		return s;
	s = pb_keystore_open(plan->workspace, &passphrase, &options, &ceremony->store, err);
	if (s == PB_OK)
		s = pb_key_facts_of(ceremony->store, plan->workspace, &ceremony->facts, err);
	ceremony->head.test = ceremony->facts.test;
	if (s == PB_OK)
		s = pb_key_backup_make(plan->workspace, &passphrase, secret, &ceremony->head, &ceremony->backup,
				       &ceremony->backup_n, err);
	pb_key_folder_remove(plan->workspace);
	return s;
}

enum pb_status pb_ceremony_begin(const struct pb_ceremony_plan *plan, struct pb_ceremony **ret_ceremony,
				 struct pb_err *err)
{
	struct pb_ceremony *ceremony = calloc(1, sizeof(*ceremony));
	PB_SECRET secret = { .n = PB_SHARE_SECRET };
	enum pb_status s;

	if (!ceremony)
		return pb_fail(err, PB_NO_MEMORY, "ceremony");
	pb_random(secret.bytes, secret.n);
	pb_random(ceremony->head.set, PB_SHARE_SET);
	ceremony->head.needed = plan->needed;
	ceremony->head.count = plan->count;
	s = pb_shares_split(&secret, ceremony->head.set, plan->needed, plan->count, ceremony->share, err);
	if (s == PB_OK)
		s = make_keys(ceremony, plan, &secret, err);
	if (s == PB_OK)
		*ret_ceremony = ceremony;
	else
		pb_ceremony_end(ceremony);
	return s;
}

void pb_ceremony_end(struct pb_ceremony *ceremony)
{
	if (!ceremony)
		return;
	pb_keystore_close(ceremony->store);
	free(ceremony->backup);
	pb_wipe(ceremony, sizeof(*ceremony));
	free(ceremony);
}

void pb_ceremony_name(const struct pb_ceremony *ceremony, char ret_name[static PB_CEREMONY_NAME])
{
	pb_hex_encode(PB_VIEW(ceremony->head.set), ret_name);
}

const struct pb_key_facts *pb_ceremony_facts(const struct pb_ceremony *ceremony)
{
	return &ceremony->facts;
}

const struct pb_share *pb_ceremony_share(const struct pb_ceremony *ceremony, unsigned index)
{
	if (index < 1 || index > ceremony->head.count)
		PB_BUG("number of a share");
	return &ceremony->share[index - 1];
}

enum pb_read_back pb_ceremony_read_back(struct pb_ceremony *ceremony, const struct pb_share *share)
{
	const struct pb_share *own;

	if (!pb_view_equal(PB_VIEW(share->set), PB_VIEW(ceremony->head.set)))
		return PB_READ_OTHER_CEREMONY;
	if (share->needed != ceremony->head.needed || share->count != ceremony->head.count || share->index < 1 ||
	    share->index > share->count)
		return PB_READ_CHANGED;
	own = &ceremony->share[share->index - 1];
	if (!pb_ct_equal(own->value.bytes, share->value.bytes, PB_SHARE_SECRET))
		return PB_READ_CHANGED;
	if (ceremony->read[share->index - 1])
		return PB_READ_BEFORE;
	ceremony->read[share->index - 1] = true;
	return PB_READ_COUNTED;
}

enum pb_status pb_ceremony_finish(const struct pb_ceremony *ceremony, struct pb_view *ret_backup, struct pb_err *err)
{
	for (size_t i = 0; i < ceremony->head.count; i++)
		if (!ceremony->read[i])
			return pb_fail(err, PB_NOT_ALLOWED, "share %zu has not been read back", i + 1);
	*ret_backup = pb_view(ceremony->backup, ceremony->backup_n);
	return PB_OK;
}

enum pb_status pb_ceremony_record(const struct pb_ceremony *ceremony, const int64_t at[static PB_MOMENTS],
				  struct pb_view paper, char ret_note[static PB_CEREMONY_RECORD_MAX], struct pb_err *err)
{
	struct pb_ceremony_record record = { .needed = ceremony->head.needed, .count = ceremony->head.count,
					     .facts = ceremony->facts };
	struct pb_view backup;
	uint8_t digest[PB_SHA256_LEN];
	enum pb_status s = pb_ceremony_finish(ceremony, &backup, err);

	if (s != PB_OK)
		return s;
	pb_ceremony_name(ceremony, record.name);
	memcpy(record.at, at, sizeof(record.at));
	pb_sha256(backup, digest);
	pb_hex_encode(PB_VIEW(digest), record.backup);
	pb_sha256(paper, digest);
	pb_hex_encode(PB_VIEW(digest), record.paper);
	return pb_ceremony_record_sign(&record, ceremony->store, ret_note, err);
}

enum pb_status pb_ceremony_equip(const struct pb_ceremony *ceremony, struct pb_view record, const struct pb_clock *clock,
				 const char *directory, struct pb_err *err)
{
	struct pb_key_facts facts;
	struct pb_view backup;
	enum pb_status s = pb_ceremony_finish(ceremony, &backup, err);

	if (s != PB_OK)
		return s;
	return pb_ceremony_restore(backup, record, ceremony->share, ceremony->head.needed, false, clock, directory, &facts, err);
}

/* ---- the way back */

static enum pb_status write_beside(const char *directory, const struct pb_secret *passphrase, struct pb_view record,
				   struct pb_err *err)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pb_status s = pb_key_file_write(fd, "passphrase", PB_KEY_FILE_PRIVATE, pb_secret_view(passphrase), err);

	if (s == PB_OK)
		s = pb_key_file_write(fd, PB_CEREMONY_RECORD_FILE, PB_KEY_FILE_PRIVATE, record, err);

	if (fd >= 0)
		(void)close(fd);
	return s;
}

/* The record must be signed by these very keys, and of them. */
static enum pb_status compare(struct pb_view note, const struct pb_key_facts *found, struct pb_err *err)
{
	struct pb_ceremony_record record;
	uint8_t checkpoint[32] = { 0 };
	size_t n;
	enum pb_status s;

	if (!pb_hex_decode(found->text[PB_KEY_FACT_CHECKPOINT], checkpoint, sizeof(checkpoint), &n) || n != sizeof(checkpoint))
		PB_BUG("a fingerprint of our own");
	s = pb_ceremony_record_open(note, checkpoint, &record, err);
	return s == PB_OK ? pb_key_facts_compare(&record.facts, found, err) : s;
}

/* What the restored keys sign from now on is accounted for from nothing; of a ledger that has cards already somebody
 * must vouch for them first (keys/keyd/accounts.h). */
static enum pb_status begin_accounts(const char *keys, const struct pb_secret *passphrase, const struct pb_clock *clock,
				     struct pb_err *err)
{
	struct pb_keystore_options options = { .clock = clock };
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(keys, passphrase, &options, &store, err);

	if (s == PB_OK)
		s = pb_keyd_accounts_create(store, keys, err);
	pb_keystore_close(store);
	return s;
}

/* Into a folder that does not yet have its name. */
static enum pb_status fill(struct pb_view backup, struct pb_view record, const struct pb_secret *secret, bool with_root,
			   const struct pb_clock *clock, const char *staging, struct pb_key_facts *ret_facts,
			   struct pb_err *err)
{
	char keys[PATH_ROOM + sizeof("/keys")];
	PB_SECRET passphrase = { 0 };
	enum pb_status s;

	(void)snprintf(keys, sizeof(keys), "%s/keys", staging);
	s = pb_key_backup_restore(backup, secret, with_root, keys, &passphrase, err);
	if (s == PB_OK)
		s = pb_key_facts_read(keys, &passphrase, clock, ret_facts, err);
	if (s == PB_OK)
		s = compare(record, ret_facts, err);
	if (s == PB_OK)
		s = begin_accounts(keys, &passphrase, clock, err);
	if (s == PB_OK)
		s = write_beside(staging, &passphrase, record, err);
	return s;
}

void pb_ceremony_discard(const char *directory)
{
	static const char *const names[] = { "passphrase", PB_CEREMONY_RECORD_FILE };
	char path[PATH_ROOM + sizeof("/" PB_CEREMONY_RECORD_FILE)];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/keys", directory);
	pb_key_folder_remove(path);
	(void)rmdir(directory);
}

enum pb_status pb_ceremony_restore(struct pb_view backup, struct pb_view record, const struct pb_share *shares,
				   size_t count, bool with_root, const struct pb_clock *clock, const char *directory,
				   struct pb_key_facts *ret_facts, struct pb_err *err)
{
	char staging[PATH_ROOM];
	PB_SECRET secret = { 0 };
	enum pb_status s = pb_shares_combine(shares, count, &secret, err);

	if (s != PB_OK)
		return s;
	if (snprintf(staging, sizeof(staging), "%s.XXXXXX", directory) >= (int)sizeof(staging))
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	if (!mkdtemp(staging))
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", directory);
	s = fill(backup, record, &secret, with_root, clock, staging, ret_facts, err);
	if (s == PB_OK && renameat2(AT_FDCWD, staging, AT_FDCWD, directory, RENAME_NOREPLACE) != 0)
		s = pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", directory);
	if (s != PB_OK)
		pb_ceremony_discard(staging);
	return s;
}
