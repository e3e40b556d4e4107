/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Creating and opening.  Opening to write trusts nothing: the right edge is fetched and its root compared
 * with the last signed checkpoint, and the last entries are read again; the rest is the audit's work.
 * Opening to look must succeed on a damaged ledger too, or nobody could audit it.
 */
#include <stdlib.h>
#include <string.h>

#include "issuer/ledger/internal.h"

enum { OPEN_AUDIT = 1000 };

static struct pb_ledger *allocate(struct pb_store *store, const struct pb_keystore *ks, const struct pb_clock *clock)
{
	struct pb_ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		return NULL;
	ledger->store = store;
	ledger->ks = pb_store_writes(store) ? ks : NULL;
	ledger->clock = clock;
	return ledger;
}

void pb_ledger_close(struct pb_ledger *ledger)
{
	free(ledger);
}

const char *pb_ledger_vkey(const struct pb_ledger *ledger)
{
	return ledger->vkey;
}

const char *pb_ledger_origin(const struct pb_ledger *ledger)
{
	return ledger->key.name;
}

/* ---- create */

static enum pb_status append_genesis(struct pb_ledger *ledger, struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_GENESIS, .prefix = ledger->prefix };
	uint64_t index;
	enum pb_status s = ledger_begin(ledger, err);

	if (s != PB_OK)
		return s;
	memcpy(entry.origin, ledger->key.name, sizeof(entry.origin));
	memcpy(entry.vkey, ledger->vkey, sizeof(entry.vkey));
	s = ledger_append(ledger, &entry, &index, err);
	if (s == PB_OK)
		return ledger_commit_signed(ledger, err);
	ledger_rollback(ledger);
	return s;
}

static enum pb_status is_empty(struct pb_store *store, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(store, "SELECT 1 FROM entry LIMIT 1", &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s == PB_OK && row)
		return pb_fail(err, PB_CONFLICT, "%s has a ledger", pb_store_path(store));
	return s;
}

enum pb_status pb_ledger_create(struct pb_store *store, const struct pb_keystore *ks, const char *origin,
				uint32_t prefix, const struct pb_clock *clock, struct pb_err *err)
{
	struct pb_ledger *ledger;
	uint8_t public_key[32];
	enum pb_status s;

	if (prefix < 1 || prefix > 9999)
		return pb_fail(err, PB_INPUT_INVALID, "the office prefix is 1 to 9999, not %u", prefix);
	s = pb_store_upgrade(store, &ledger_part, err);
	if (s == PB_OK)
		s = is_empty(store, err);
	if (s != PB_OK)
		return s;
	ledger = allocate(store, ks, clock);
	if (ledger == NULL)
		return pb_fail(err, PB_NO_MEMORY, "the ledger");
	ledger->prefix = prefix;
	pb_keystore_checkpoint_public(ks, public_key);
	if (pb_note_key_make(origin, public_key, &ledger->key)) {
		pb_note_key_format(&ledger->key, ledger->vkey);
		s = append_genesis(ledger, err);
	} else {
		s = pb_fail(err, PB_INPUT_INVALID, "the ledger's name \"%s\"", origin);
	}
	pb_ledger_close(ledger);
	return s;
}

/* ---- open */

enum pb_status ledger_read_number(struct pb_store *store, const char *sql, uint64_t *ret_value, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(store, sql, &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_value = row ? (uint64_t)pb_column_int(&q, 0) : 0;
	return s;
}

/* Under which name the ledger goes on, when it once began anew. */
static enum pb_status read_last_beginning(struct pb_ledger *ledger, struct pb_err *err)
{
	struct pb_note_key key;
	struct pb_entry entry;
	uint64_t index = 0;
	enum pb_status s = ledger_read_number(ledger->store, "SELECT max(idx) FROM beginning", &index, err);

	if (s != PB_OK || index == 0)
		return s;
	s = ledger_read_entry(ledger->store, index, &entry, err);
	if (s != PB_OK)
		return s;
	if (entry.type != PB_ENTRY_RESTORED || !pb_note_key_parse(entry.vkey, &key) || strcmp(key.name, entry.origin) != 0 ||
	    !pb_view_equal(PB_VIEW(key.public_key), PB_VIEW(ledger->first_key.public_key)))
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is not a new beginning", (unsigned long long)index);
	ledger->key = key;
	memcpy(ledger->vkey, entry.vkey, sizeof(entry.vkey));
	return PB_OK;
}

static enum pb_status read_genesis(struct pb_ledger *ledger, struct pb_err *err)
{
	struct pb_entry entry;
	uint8_t public_key[32];
	enum pb_status s = ledger_read_entry(ledger->store, 0, &entry, err);

	if (s != PB_OK)
		return s;
	if (entry.type != PB_ENTRY_GENESIS || !pb_note_key_parse(entry.vkey, &ledger->key) ||
	    strcmp(ledger->key.name, entry.origin) != 0)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry 0 is not a beginning");
	ledger->first_key = ledger->key;
	ledger->prefix = entry.prefix;
	memcpy(ledger->vkey, entry.vkey, sizeof(entry.vkey));
	s = read_last_beginning(ledger, err);
	if (s != PB_OK)
		return s;
	if (ledger->ks == NULL)
		return PB_OK;
	pb_keystore_checkpoint_public(ledger->ks, public_key);
	if (!pb_view_equal(PB_VIEW(public_key), PB_VIEW(ledger->key.public_key)))
		return pb_fail(err, PB_KEYS_REFUSED, "these are not the keys of the ledger %s", entry.origin);
	return PB_OK;
}

/* What appending needs: the right edge, and the totals and time of the last entry. */
static enum pb_status read_head(struct pb_ledger *ledger, struct pb_err *err)
{
	struct ledger_fetch fetch = { ledger->store, err, PB_OK };
	struct ledger_head *head = &ledger->head;
	struct pb_entry last;
	uint64_t size = 0, serial = 0;
	enum pb_status s = ledger_read_number(ledger->store, "SELECT max(idx)+1 FROM entry", &size, err);

	if (s == PB_OK && size == 0)
		s = pb_fail(err, PB_LEDGER_CORRUPT, "there is no entry");
	if (s == PB_OK)
		s = ledger_read_entry(ledger->store, size - 1, &last, err);
	if (s == PB_OK)
		s = ledger_read_number(ledger->store, "SELECT max(serial) FROM card", &serial, err);
	if (s != PB_OK)
		return s;
	if (!pb_merkle_edge_fetch(size, ledger_fetch, &fetch, &head->edge))
		return fetch.status;
	head->time = last.time;
	head->counters = last.counters;
	head->last_serial = serial % PB_SERIALS;
	return PB_OK;
}

/* The last checkpoint is signed by the ledger's key, and what it says is what the tables hold. */
static enum pb_status check_checkpoint(struct pb_ledger *ledger, struct pb_err *err)
{
	struct ledger_fetch fetch = { ledger->store, err, PB_OK };
	char note[PB_CHECKPOINT_MAX];
	struct pb_checkpoint checkpoint;
	struct pb_merkle_edge edge;
	struct pb_hash root;
	struct pb_view text;
	uint64_t size;
	enum pb_status s = ledger_last_checkpoint(ledger->store, note, &size, err);

	if (s != PB_OK)
		return s;
	if (pb_note_open(pb_view_text(note), &ledger->key, 1, &text, NULL) != PB_NOTE_GOOD ||
	    !pb_checkpoint_parse(text, &checkpoint) || checkpoint.size != size ||
	    strcmp(checkpoint.origin, ledger->key.name) != 0)
		return pb_fail(err, PB_LEDGER_CORRUPT, "the last checkpoint is not this ledger's");
	if (size > ledger->head.edge.size)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is missing: it was signed for",
			       (unsigned long long)ledger->head.edge.size);
	if (!pb_merkle_edge_fetch(size, ledger_fetch, &fetch, &edge))
		return fetch.status;
	root = pb_merkle_root(&edge);
	if (!pb_hash_equal(&root, &checkpoint.root))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the first %llu entries are not those that were signed for",
			       (unsigned long long)size);
	ledger->head.anchor.size = size;
	memcpy(ledger->head.anchor.root, root.bytes, PB_ANCHOR_ROOT);
	return PB_OK;
}

/* The last entries: strict, hashed as stored, in order of time; none but reservations unsigned for. */
static enum pb_status check_tail(struct pb_ledger *ledger, struct pb_err *err)
{
	uint64_t size = ledger->head.edge.size, index = size > OPEN_AUDIT ? size - OPEN_AUDIT : 0;
	int64_t time = INT64_MIN;

	for (; index < size; index++) {
		struct pb_entry entry;
		enum pb_status s = ledger_read_entry(ledger->store, index, &entry, err);

		if (s != PB_OK)
			return s;
		if (entry.time < time)
			return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is older than the one before it",
				       (unsigned long long)index);
		if (index >= ledger->head.anchor.size && entry.type != PB_ENTRY_INTENT)
			return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu has no checkpoint",
				       (unsigned long long)index);
		time = entry.time;
	}
	return PB_OK;
}

static enum pb_status load_to_write(struct pb_ledger *ledger, struct pb_err *err)
{
	enum pb_status s = read_head(ledger, err);

	if (s == PB_OK)
		s = check_checkpoint(ledger, err);
	if (s == PB_OK)
		s = check_tail(ledger, err);
	return s;
}

/* The totals, as far as they can be read. */
static enum pb_status load_to_look(struct pb_ledger *ledger, struct pb_err *err)
{
	enum pb_status s = read_head(ledger, err);

	if (s != PB_LEDGER_CORRUPT)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

static enum pb_status load(struct pb_ledger *ledger, struct pb_err *err)
{
	enum pb_status s = pb_store_upgrade(ledger->store, &ledger_part, err);

	if (s != PB_OK)
		return s;
	s = pb_store_begin_reading(ledger->store, err);
	if (s != PB_OK)
		return s;
	s = read_genesis(ledger, err);
	if (s == PB_OK)
		s = ledger->ks != NULL ? load_to_write(ledger, err) : load_to_look(ledger, err);
	pb_store_rollback(ledger->store);
	return s;
}

enum pb_status pb_ledger_open(struct pb_store *store, const struct pb_keystore *ks, const struct pb_clock *clock,
			      struct pb_ledger **ret_ledger, struct pb_err *err)
{
	struct pb_ledger *ledger = allocate(store, ks, clock);
	enum pb_status s;

	if (ledger == NULL)
		return pb_fail(err, PB_NO_MEMORY, "the ledger");
	s = load(ledger, err);
	if (s != PB_OK) {
		pb_ledger_close(ledger);
		return s;
	}
	*ret_ledger = ledger;
	return PB_OK;
}
