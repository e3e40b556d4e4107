/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger begins anew, after a backup: one entry, and a checkpoint under the new name in the same commit.
 */
#include <string.h>

#include "issuer/ledger/internal.h"
#include "issuer/ledger/origin.h"
#include "keys/crypto/hash.h"

/* Everything but time and counters. */
static enum pb_status describe(const struct pb_ledger *ledger, const char *actor, struct pb_entry *ret_entry, struct pb_err *err)
{
	struct pb_entry entry = { .type = PB_ENTRY_RESTORED, .count = ledger->next.edge.size };
	struct pb_hash root = pb_merkle_root(&ledger->next.edge);
	uint8_t chance[PB_ORIGIN_CHANCE];
	struct pb_note_key key;

	pb_random(chance, sizeof(chance));
	if (!pb_origin_next(ledger->key.name, chance, entry.origin) ||
	    !pb_note_key_make(entry.origin, ledger->key.public_key, &key))
		return pb_fail(err, PB_INPUT_INVALID, "no name follows \"%s\": it is too long", ledger->key.name);
	pb_note_key_format(&key, entry.vkey);
	memcpy(entry.old_origin, ledger->key.name, sizeof(entry.old_origin));
	memcpy(entry.digest, root.bytes, sizeof(entry.digest));
	*ret_entry = entry;
	return ledger_set_actor(ledger, actor, ret_entry, err);
}

static enum pb_status append(struct pb_ledger *ledger, struct pb_entry *entry, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	uint64_t index;
	enum pb_status s = ledger_append(ledger, entry, &index, err);

	if (s == PB_OK)
		s = pb_query(ledger->store, "INSERT INTO beginning(idx) VALUES(?1)", &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)index);
	return pb_query_run(&q, err);
}

static void go_by(struct pb_ledger *ledger, const struct pb_note_key *key)
{
	ledger->key = *key;
	pb_note_key_format(key, ledger->vkey);
}

enum pb_status pb_ledger_begin_anew(struct pb_ledger *ledger, const char *actor, struct pb_err *err)
{
	const struct pb_note_key before = ledger->key;
	struct pb_note_key after;
	struct pb_entry entry;
	enum pb_status s = ledger_begin(ledger, err);

	if (s != PB_OK)
		return s;
	s = describe(ledger, actor, &entry, err);
	if (s == PB_OK)
		s = append(ledger, &entry, err);
	if (s != PB_OK) {
		ledger_rollback(ledger);
		return s;
	}
	if (!pb_note_key_parse(entry.vkey, &after))
		PB_BUG("a key that was made a moment ago");
	go_by(ledger, &after);
	s = ledger_commit_signed(ledger, err);
	if (s != PB_OK)
		go_by(ledger, &before);
	return s;
}
