/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Telling first, then the two things that are signed.
 */
#include "keys/keyd/accounts.h"

#include <inttypes.h>
#include <string.h>

#include "base/cbor.h"
#include "base/log.h"
#include "issuer/credential/credential.h"
#include "issuer/ledger/note.h"
#include "issuer/ledger/origin.h"

#define ACKNOWLEDGE " (profbilet-keyd --acknowledge)"

enum { HOUR = 3600 };

/* Every serial that was signed stands in the tree. */
static bool all_stand(const struct pb_keyd_accounts *accounts, const struct pb_keyd_tree *tree)
{
	return accounts->file.record.count.highest == tree->last_serial;
}

/* ---- telling */

static void forget_told(struct pb_keyd_accounts *accounts)
{
	accounts->told = accounts->floor = accounts->file.record.kept;
}

void pb_keyd_accounts_restart(struct pb_keyd_accounts *accounts, struct pb_told *ret_told)
{
	forget_told(accounts);
	*ret_told = (struct pb_told){ .kept = accounts->file.record.kept.edge.size,
				      .before = accounts->file.record.before.edge.size };
}

/* The ledger's name, its prefix and its key are those of its first entry, for ever. */
static enum pb_status meet_ledger(const struct pb_keystore *store, const struct pb_entry *first, struct pb_err *err)
{
	uint8_t own[32];
	struct pb_note_key key;

	pb_keystore_checkpoint_public(store, own);
	if (first->type != PB_ENTRY_GENESIS || !pb_note_key_parse(first->vkey, &key) || strcmp(key.name, first->origin) != 0 ||
	    !pb_view_equal(PB_VIEW(key.public_key), PB_VIEW(own)))
		return pb_fail(err, PB_KEYS_REFUSED, "these are not the keys of this ledger");
	return PB_OK;
}

/* After a backup: the tree goes on, and its name is another one. */
static enum pb_status meet_new_beginning(const struct pb_keystore *store, const struct pb_keyd_tree *tree,
					 const struct pb_entry *entry, struct pb_err *err)
{
	struct pb_hash root = pb_merkle_root(&tree->edge);
	struct pb_note_key before, after;
	uint8_t own[32];

	pb_keystore_checkpoint_public(store, own);
	if (!pb_note_key_make(tree->origin, own, &before) ||
	    !pb_origin_begins_anew(entry, &before, tree->edge.size, &root, &after))
		return pb_fail(err, PB_KEYS_REFUSED, "entry %" PRIu64 " is no new beginning of this ledger", tree->edge.size);
	return PB_OK;
}

static bool was_given(const struct pb_keyd_count *count, enum pb_credential_kind kind, const uint8_t hash[static PB_SHA256_LEN])
{
	for (size_t i = 0; i < count->signatures; i++)
		if (count->given[i].kind == kind && pb_view_equal(PB_VIEW(count->given[i].hash), pb_view(hash, PB_SHA256_LEN)))
			return true;
	return false;
}

/* An INTENT says that the signatures made last are the ones that the card has. */
static enum pb_status check_begun(const struct pb_keyd_count *count, const struct pb_keyd_tree *tree,
				  const struct pb_entry *entry, struct pb_err *err)
{
	if (entry->type != PB_ENTRY_INTENT)
		return PB_OK;
	if (tree->intents < count->vouched) {
		if (tree->intents + 1 == count->vouched && entry->serial != count->highest)
			return pb_fail(err, PB_KEYS_REFUSED, "what was acknowledged ends with card %010" PRIu64 ", not %010" PRIu64,
				       count->highest, entry->serial);
		return PB_OK;
	}
	if (entry->serial != count->highest || !pb_view_equal(PB_VIEW(entry->kid), PB_VIEW(count->kid)))
		return pb_fail(err, PB_KEYS_REFUSED,
			       "entry %" PRIu64 " begins card %010" PRIu64 ", and this key signed nothing for it: an old copy of the"
			       " signing counter has come back, or the ledger was written by others" ACKNOWLEDGE,
			       tree->edge.size, entry->serial);
	if (!was_given(count, PB_CREDENTIAL_CHIP, entry->chip_h) || !was_given(count, PB_CREDENTIAL_FACE, entry->face_h))
		return pb_fail(err, PB_KEYS_REFUSED,
			       "entry %" PRIu64 " begins card %010" PRIu64 " with a credential that is none of those signed for it: an old"
			       " copy of the signing counter has come back, or the ledger was written by others" ACKNOWLEDGE,
			       tree->edge.size, entry->serial);
	return PB_OK;
}

static enum pb_status add_entry(const struct pb_keyd_file *file, struct pb_keyd_tree *told, struct pb_keyd_tree *floor,
				struct pb_view bytes, struct pb_err *err)
{
	struct pb_entry entry;
	enum pb_status s = PB_OK;

	if (!pb_entry_decode(bytes, &entry))
		return pb_fail(err, PB_KEYS_REFUSED, "entry %" PRIu64 " is no entry of a ledger", told->edge.size);
	if (told->edge.size == 0)
		s = meet_ledger(file->store, &entry, err);
	else if (entry.type == PB_ENTRY_RESTORED)
		s = meet_new_beginning(file->store, told, &entry, err);
	if (s == PB_OK)
		s = check_begun(&file->record.count, told, &entry, err);
	if (s == PB_OK)
		s = pb_keyd_tree_add(told, bytes, &entry, err);
	if (s == PB_OK && entry.type == PB_ENTRY_INTENT)
		*floor = *told;
	return s;
}

/* The last batch never became durable in the ledger. */
static enum pb_status step_back(struct pb_keyd_accounts *accounts, int64_t now, struct pb_err *err)
{
	struct pb_keyd_record next = accounts->file.record;
	struct pb_keyd_count *count = &next.count;
	uint64_t hour = (uint64_t)now / HOUR;
	enum pb_status s;

	if (hour > count->back_hour) {
		count->back_hour = hour;
		count->back_in_hour = 0;
	}
	if (count->back_in_hour >= PB_KEYD_STEPS_BACK)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "the ledger has lost its last batch %d times within an hour: find out why before going on",
			       PB_KEYD_STEPS_BACK);
	count->back_in_hour++;
	count->steps_back++;
	next.kept = next.before;
	s = pb_keyd_file_write(&accounts->file, &next, err);
	if (s != PB_OK)
		return s;
	pb_log(PB_LOG_WARNING, "the ledger goes back from %" PRIu64 " entries to %" PRIu64 ", for the %" PRIu64 ". time",
	       accounts->told.edge.size, next.kept.edge.size, count->steps_back);
	forget_told(accounts);
	return PB_OK;
}

/* So that `told` is the tree that the entries follow. */
static enum pb_status find_base(struct pb_keyd_accounts *accounts, uint64_t size, const uint8_t root[static PB_MERKLE_HASH],
				int64_t now, struct pb_err *err)
{
	const struct pb_keyd_record *record = &accounts->file.record;

	if (pb_keyd_tree_has_root(&accounts->told, size, root))
		return PB_OK;
	if (pb_keyd_tree_has_root(&record->kept, size, root)) {
		forget_told(accounts);
		return PB_OK;
	}
	if (pb_keyd_tree_has_root(&record->before, size, root))
		return step_back(accounts, now, err);
	if (size < record->kept.edge.size)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "the ledger ends with %" PRIu64 " entries, or goes on in another way, and %" PRIu64
			       " were signed for: an old copy of it has come back; bring back the newest one, or let somebody"
			       " with the passphrase acknowledge it" ACKNOWLEDGE,
			       size, record->kept.edge.size);
	return pb_fail(err, PB_KEYS_REFUSED,
		       "the first %" PRIu64 " entries are not those that were signed for, or some were not told" ACKNOWLEDGE, size);
}

enum pb_status pb_keyd_accounts_tell(struct pb_keyd_accounts *accounts, uint64_t size,
				     const uint8_t root[static PB_MERKLE_HASH], struct pb_view entries, int64_t now,
				     struct pb_err *err)
{
	enum pb_status s = find_base(accounts, size, root, now, err);
	struct pb_keyd_tree told = accounts->told, floor = accounts->floor;
	struct pb_cbor in = pb_cbor(entries);
	struct pb_view bytes;

	while (s == PB_OK && !pb_cbor_end(&in))
		s = pb_cbor_bytes(&in, 1, PB_ENTRY_MAX, &bytes) ?
			    add_entry(&accounts->file, &told, &floor, bytes, err) :
			    pb_fail(err, PB_KEYS_REFUSED, "these are no entries");
	if (s != PB_OK)
		return s;
	accounts->told = told;
	accounts->floor = floor;
	return PB_OK;
}

/* ---- what is signed */

/* Nothing is, before the ledger was told as far as somebody vouched for it. */
static enum pb_status check_vouched(const struct pb_keyd_accounts *accounts, struct pb_err *err)
{
	if (accounts->told.edge.size != 0 && accounts->told.intents >= accounts->file.record.count.vouched)
		return PB_OK;
	return pb_fail(err, PB_KEYS_REFUSED, "the ledger was told with %" PRIu64 " reservations, %" PRIu64 " were acknowledged",
		       accounts->told.intents, accounts->file.record.count.vouched);
}

static enum pb_status check_serial(const struct pb_keyd_accounts *accounts, uint64_t serial, struct pb_err *err)
{
	const struct pb_keyd_count *count = &accounts->file.record.count;
	const struct pb_keyd_tree *tree = &accounts->told;

	if (serial <= tree->last_serial)
		return pb_fail(err, PB_KEYS_REFUSED, "serial %010" PRIu64 " is begun already: the ledger has it", serial);
	if (!all_stand(accounts, tree) && serial != count->highest)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "serial %010" PRIu64 " is not the next: card %010" PRIu64 " was signed and is not in the ledger", serial,
			       count->highest);
	if (serial != pb_keyd_tree_next_serial(tree))
		return pb_fail(err, PB_KEYS_REFUSED, "serial %010" PRIu64 " is not the next after %010" PRIu64, serial,
			       tree->last_serial);
	if (pb_approval_left(&tree->approval) == 0)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "%" PRIu64 " cards were ordered, and %" PRIu64 " were begun: serial %010" PRIu64 " is beyond the order",
			       tree->approval.count, tree->approval.begun, serial);
	return PB_OK;
}

/* The count with so many more signatures for this serial, but not yet which. */
static struct pb_keyd_count charged(const struct pb_keyd_accounts *accounts, uint64_t serial, size_t signatures, int64_t now)
{
	struct pb_keyd_count count = accounts->file.record.count;
	uint64_t hour = (uint64_t)now / HOUR;

	if (serial != count.highest) {
		count.highest = serial;
		count.signatures = 0;
	}
	if (hour > count.hour) { /* a clock set back gives no new hour */
		count.hour = hour;
		count.in_hour = 0;
	}
	count.signatures += signatures;
	count.total += signatures;
	count.in_hour += signatures;
	pb_keystore_issuer_kid(accounts->file.store, count.kid);
	return count;
}

static enum pb_status check_limits(const struct pb_keyd_accounts *accounts, const struct pb_keyd_count *count, struct pb_err *err)
{
	if (count->signatures > PB_KEYD_PER_SERIAL)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "serial %010" PRIu64 " was signed %d times and still is not in the ledger; when it is known why,"
			       " acknowledge it" ACKNOWLEDGE,
			       count->highest, PB_KEYD_PER_SERIAL);
	if (accounts->per_hour != 0 && count->in_hour > accounts->per_hour)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "%" PRIu64 " signatures in an hour are the most this office allows ([keys] signatures_per_hour)",
			       accounts->per_hour);
	return PB_OK;
}

/* What was told is built upon from now on, and can be taken back to `before` at most. */
static enum pb_status keep_told(struct pb_keyd_accounts *accounts, const struct pb_keyd_count *count,
				const struct pb_keyd_tree *before, struct pb_err *err)
{
	struct pb_keyd_record next = { .count = *count, .kept = accounts->told, .before = *before };
	enum pb_status s = pb_keyd_file_write(&accounts->file, &next, err);

	if (s == PB_OK)
		forget_told(accounts);
	return s;
}

enum pb_status pb_keyd_accounts_allow_credentials(const struct pb_keyd_accounts *accounts, uint64_t serial, size_t count,
						  int64_t now, struct pb_err *err)
{
	struct pb_keyd_count next = charged(accounts, serial, count, now);
	enum pb_status s = check_vouched(accounts, err);

	if (s == PB_OK)
		s = check_serial(accounts, serial, err);
	return s == PB_OK ? check_limits(accounts, &next, err) : s;
}

enum pb_status pb_keyd_accounts_keep_credentials(struct pb_keyd_accounts *accounts, uint64_t serial,
						 const struct pb_keyd_given *given, size_t count, int64_t now,
						 struct pb_err *err)
{
	struct pb_keyd_count next = charged(accounts, serial, count, now);
	enum pb_status s = check_limits(accounts, &next, err);

	if (s != PB_OK)
		return s;
	memcpy(&next.given[next.signatures - count], given, count * sizeof(*given));
	return keep_told(accounts, &next, &accounts->told, err);
}

enum pb_status pb_keyd_accounts_allow_checkpoint(const struct pb_keyd_accounts *accounts, struct pb_view note_text,
						 struct pb_err *err)
{
	struct pb_checkpoint checkpoint;
	enum pb_status s = check_vouched(accounts, err);

	if (s != PB_OK)
		return s;
	if (!pb_checkpoint_parse(note_text, &checkpoint) || strcmp(checkpoint.origin, accounts->told.origin) != 0)
		return pb_fail(err, PB_KEYS_REFUSED, "what is to be signed is no checkpoint of this ledger");
	if (!pb_keyd_tree_has_root(&accounts->told, checkpoint.size, checkpoint.root.bytes))
		return pb_fail(err, PB_KEYS_REFUSED, "a checkpoint of %" PRIu64 " entries that are not those that were told",
			       checkpoint.size);
	return PB_OK;
}

enum pb_status pb_keyd_accounts_keep_checkpoint(struct pb_keyd_accounts *accounts, struct pb_err *err)
{
	if (accounts->told.edge.size == accounts->file.record.kept.edge.size)
		return PB_OK; /* the same note again */
	return keep_told(accounts, &accounts->file.record.count, &accounts->floor, err);
}

void pb_keyd_accounts_say(const struct pb_keyd_accounts *accounts, struct pb_account *ret_account)
{
	const struct pb_keyd_count *count = &accounts->file.record.count;

	*ret_account = (struct pb_account){ .signatures = count->total, .steps_back = count->steps_back,
					    .acknowledged = count->acknowledged };
	if (count->signatures == 0 || all_stand(accounts, &accounts->told))
		return;
	ret_account->open_serial = count->highest;
	ret_account->open_signatures = count->signatures;
}

/* ---- the beginning */

enum pb_status pb_keyd_accounts_create(const struct pb_keystore *store, const char *dir, struct pb_err *err)
{
	struct pb_keyd_file file;
	enum pb_status s = pb_keyd_file_create(store, dir, &file, err);

	if (s == PB_OK)
		pb_keyd_file_close(&file);
	return s;
}

enum pb_status pb_keyd_accounts_open(const struct pb_keystore *store, const char *dir, uint64_t per_hour,
				     struct pb_keyd_accounts *ret_accounts, struct pb_err *err)
{
	*ret_accounts = (struct pb_keyd_accounts){ .per_hour = per_hour, .file.fd = -1 };
	enum pb_status s = pb_keyd_file_open(store, dir, false, &ret_accounts->file, err);

	if (s == PB_OK)
		forget_told(ret_accounts);
	return s;
}

void pb_keyd_accounts_close(struct pb_keyd_accounts *accounts)
{
	pb_keyd_file_close(&accounts->file);
}

enum pb_status pb_keyd_accounts_acknowledge(const struct pb_keystore *store, const char *dir, uint64_t highest,
					    uint64_t intents, struct pb_err *err)
{
	struct pb_keyd_file file;
	struct pb_keyd_record next = { .count.generation = 0 };
	enum pb_status s;

	if ((highest == 0) != (intents == 0))
		return pb_fail(err, PB_INPUT_INVALID, "a ledger with reservations has a last serial");
	s = pb_keyd_file_open(store, dir, true, &file, err);
	if (s != PB_OK)
		return s;
	next.count = file.record.count; /* the totals go on where they could be read */
	next.count.highest = highest;
	next.count.vouched = intents;
	next.count.signatures = 0;
	next.count.acknowledged++;
	s = pb_keyd_file_write(&file, &next, err);
	pb_keyd_file_close(&file);
	return s;
}
