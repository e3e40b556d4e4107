/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rules first, then the file.
 */
#include "keys/keyd/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cbor.h"
#include "base/secret.h"
#include "keys/crypto/hash.h"
#include "keys/keystore_remote.h"

#define RECORD "profbilet-signing-counter-v1"

enum { RECORD_LEN = PB_KEYD_SLOT - PB_SHA256_LEN, FIELDS = 8, LOCK_TRIES = 40, LOCK_WAIT_MS = 50, HOUR = 3600, FOR_OTHERS = 077 };

/* ---- the rules */

static enum pb_status check_place(const struct pb_keyd_count *count, const struct pb_signing_order *order, struct pb_err *err)
{
	uint64_t before = count->serials - (order->serial == count->highest && count->serials > 0 ? 1 : 0);

	if (order->serial == 0 || order->serial < count->highest)
		return pb_fail(err, PB_KEYS_REFUSED, "serial %010" PRIu64 " comes after %010" PRIu64 " was signed", order->serial,
			       count->highest);
	if (count->highest != 0 && order->serial > count->highest + 1)
		return pb_fail(err, PB_KEYS_REFUSED, "serial %010" PRIu64 " is not the next after %010" PRIu64, order->serial,
			       count->highest);
	if (order->intents < before)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "the ledger holds %" PRIu64 " reservations and %" PRIu64
			       " serials were signed: an old copy of it has come back; bring back the newest one, or let somebody"
			       " with the passphrase acknowledge it (profbilet-keyd --acknowledge)",
			       order->intents, before);
	if (order->intents > before)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "the ledger holds %" PRIu64 " reservations and only %" PRIu64
			       " serials were signed here: serial %010" PRIu64 " is in it already, or an old copy of the signing"
			       " counter has come back (profbilet-keyd --acknowledge)",
			       order->intents, before, order->serial);
	return PB_OK;
}

/* What the count will be when this serial is charged for one more lease. */
static enum pb_status next_count(const struct pb_keyd_accounts *accounts, const struct pb_signing_order *order, int64_t now,
				 struct pb_keyd_count *ret_next, struct pb_err *err)
{
	struct pb_keyd_count next = accounts->count;
	uint64_t hour = (uint64_t)now / HOUR;

	if (order->serial != next.highest) {
		next.highest = order->serial;
		next.serials++;
		next.signatures = 0;
	}
	if (hour > next.hour) { /* a clock set back gives no new hour */
		next.hour = hour;
		next.in_hour = 0;
	}
	next.signatures += PB_KEYD_LEASE;
	next.total += PB_KEYD_LEASE;
	next.in_hour += PB_KEYD_LEASE;
	if (next.signatures > PB_KEYD_PER_SERIAL)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "serial %010" PRIu64 " was signed %d times and still is not in the ledger; when it is known why,"
			       " acknowledge it (profbilet-keyd --acknowledge)",
			       order->serial, PB_KEYD_PER_SERIAL);
	if (accounts->per_hour != 0 && next.in_hour > accounts->per_hour)
		return pb_fail(err, PB_KEYS_REFUSED,
			       "%" PRIu64 " signatures in an hour are the most this office allows ([keys] signatures_per_hour)",
			       accounts->per_hour);
	*ret_next = next;
	return PB_OK;
}

static enum pb_status write_count(struct pb_keyd_accounts *accounts, const struct pb_keyd_count *count, struct pb_err *err);

enum pb_status pb_keyd_accounts_charge(struct pb_keyd_accounts *accounts, const struct pb_signing_order *order, int64_t now,
				       struct pb_err *err)
{
	struct pb_keyd_count next;
	enum pb_status s = check_place(&accounts->count, order, err);

	if (s != PB_OK)
		return s;
	if (order->serial == accounts->count.highest && accounts->leased > 0) {
		accounts->leased--;
		return PB_OK;
	}
	s = next_count(accounts, order, now, &next, err);
	if (s == PB_OK)
		s = write_count(accounts, &next, err);
	if (s == PB_OK)
		accounts->leased = PB_KEYD_LEASE - 1;
	return s;
}

/* ---- the file */

static enum pb_status encode(const struct pb_keystore *store, const struct pb_keyd_count *count,
			     uint8_t ret_slot[static PB_KEYD_SLOT], struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_slot, RECORD_LEN);
	const uint64_t fields[FIELDS] = { count->generation, count->highest, count->serials, count->signatures,
					  count->total,	     count->hour,    count->in_hour, count->acknowledged };

	memset(ret_slot, 0, PB_KEYD_SLOT);
	pb_cbor_put_array(&out, 1 + FIELDS);
	pb_cbor_put_text(&out, RECORD);
	for (size_t i = 0; i < FIELDS; i++)
		pb_cbor_put_uint(&out, fields[i]);
	if (out.full)
		PB_BUG("a record of eight numbers");
	return pb_keystore_record_mac(store, pb_view(ret_slot, RECORD_LEN), ret_slot + RECORD_LEN, err);
}

static bool take_count(struct pb_cbor *in, struct pb_keyd_count *ret_count)
{
	uint64_t *const fields[FIELDS] = { &ret_count->generation, &ret_count->highest, &ret_count->serials,
					   &ret_count->signatures, &ret_count->total,	&ret_count->hour,
					   &ret_count->in_hour,	   &ret_count->acknowledged };
	struct pb_view words;

	if (!pb_cbor_array_of(in, 1 + FIELDS) || !pb_cbor_text(in, 1, sizeof(RECORD), &words) ||
	    !pb_view_equal(words, pb_view_text(RECORD)))
		return false;
	for (size_t i = 0; i < FIELDS; i++)
		if (!pb_cbor_uint(in, UINT64_MAX, fields[i]))
			return false;
	return true;
}

static bool decode(const struct pb_keystore *store, const uint8_t slot[static PB_KEYD_SLOT], struct pb_keyd_count *ret_count)
{
	struct pb_cbor in = pb_cbor(pb_view(slot, RECORD_LEN)); /* with zeros to its end */
	struct pb_keyd_count count;
	uint8_t mac[PB_SHA256_LEN];

	if (pb_keystore_record_mac(store, pb_view(slot, RECORD_LEN), mac, NULL) != PB_OK ||
	    !pb_ct_equal(mac, slot + RECORD_LEN, sizeof(mac)) || !take_count(&in, &count))
		return false;
	*ret_count = count;
	return true;
}

/* Over the slot of the generation before the last, and synced: when it fails, the last still counts. */
static enum pb_status write_count(struct pb_keyd_accounts *accounts, const struct pb_keyd_count *count, struct pb_err *err)
{
	struct pb_keyd_count next = *count;
	uint8_t slot[PB_KEYD_SLOT];
	enum pb_status s;
	off_t at;

	next.generation++;
	at = (off_t)(next.generation % 2) * PB_KEYD_SLOT;
	s = encode(accounts->store, &next, slot, err);
	if (s != PB_OK)
		return s;
	errno = EIO;
	if (pwrite(accounts->fd, slot, sizeof(slot), at) != sizeof(slot) || fdatasync(accounts->fd) != 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, PB_KEYD_COUNTER);
	accounts->count = next;
	return PB_OK;
}

static bool read_count(struct pb_keyd_accounts *accounts)
{
	bool found = false;

	for (int i = 0; i < 2; i++) {
		struct pb_keyd_count count;
		uint8_t slot[PB_KEYD_SLOT];

		if (pread(accounts->fd, slot, sizeof(slot), (off_t)i * PB_KEYD_SLOT) != sizeof(slot) ||
		    !decode(accounts->store, slot, &count))
			continue;
		if (!found || count.generation > accounts->count.generation)
			accounts->count = count;
		found = true;
	}
	return found;
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

static enum pb_status open_file(const char *dir, int flags, int *ret_fd, struct pb_err *err)
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

enum pb_status pb_keyd_accounts_create(const struct pb_keystore *store, const char *dir, struct pb_err *err)
{
	struct pb_keyd_accounts accounts = { .store = store };
	enum pb_status s = open_file(dir, O_CREAT | O_EXCL, &accounts.fd, err);

	if (s != PB_OK)
		return s;
	s = write_count(&accounts, &accounts.count, err);
	pb_keyd_accounts_close(&accounts);
	return s;
}

enum pb_status pb_keyd_accounts_open(const struct pb_keystore *store, const char *dir, uint64_t per_hour,
				     struct pb_keyd_accounts *ret_accounts, struct pb_err *err)
{
	struct pb_keyd_accounts accounts = { .store = store, .per_hour = per_hour };
	enum pb_status s = open_file(dir, 0, &accounts.fd, err);

	if (s != PB_OK)
		return s;
	if (!read_count(&accounts)) {
		pb_keyd_accounts_close(&accounts);
		return pb_fail(err, PB_KEYS_UNAVAILABLE,
			       "%s/" PB_KEYD_COUNTER " was changed or damaged: compare with the ledger, then acknowledge it"
			       " (profbilet-keyd --acknowledge)",
			       dir);
	}
	*ret_accounts = accounts;
	return PB_OK;
}

void pb_keyd_accounts_close(struct pb_keyd_accounts *accounts)
{
	(void)close(accounts->fd);
	accounts->fd = -1;
}

enum pb_status pb_keyd_accounts_acknowledge(const struct pb_keystore *store, const char *dir, uint64_t highest,
					    uint64_t intents, struct pb_err *err)
{
	struct pb_keyd_accounts accounts = { .store = store };
	struct pb_keyd_count next;
	enum pb_status s;

	if ((highest == 0) != (intents == 0))
		return pb_fail(err, PB_INPUT_INVALID, "a ledger with reservations has a last serial");
	s = open_file(dir, O_CREAT, &accounts.fd, err);
	if (s != PB_OK)
		return s;
	(void)read_count(&accounts); /* the totals go on where they can be read */
	next = accounts.count;
	next.highest = highest;
	next.serials = intents;
	next.signatures = 0;
	next.acknowledged++;
	s = write_count(&accounts, &next, err);
	pb_keyd_accounts_close(&accounts);
	return s;
}
