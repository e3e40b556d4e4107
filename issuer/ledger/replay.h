/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The replay: from the bytes of the entries alone, in their order, what became of every card, chip, status slot and
 * blank; and every entry that contradicts those before it, as a finding.  It has a memory of its own and asks nobody:
 * wherever the entries come from, a database (audit.c) or the files of an export, the answer is the same.
 *
 *     pb_replay_init(&replay, &findings)
 *     per entry:  pb_replay_entry(...), then pb_replay_leaf(...), which grows the tree
 *     then whatever is asked of it, and pb_replay_finish
 *
 * Not for: hashes and checkpoints, which are compared by whoever has them.
 */
#ifndef PROFBILET_ISSUER_LEDGER_REPLAY_H
#define PROFBILET_ISSUER_LEDGER_REPLAY_H

#include <stddef.h>

#include "base/err.h"
#include "issuer/ledger/approval.h"
#include "issuer/ledger/finding.h"
#include "issuer/ledger/lifecycle.h"
#include "issuer/ledger/merkle.h"
#include "issuer/ledger/note.h"

/* What the entries say about one card. */
struct pb_replay_card {
	uint64_t intent; /* index: the hashes of its credentials are there */
	uint64_t replaces, replaced_by;
	int64_t reserved_at, issued_at, printed_at, ended_at;
	int64_t moved_at; /* its last move, of whatever kind, and ... */
	uint64_t moved;	  /* ... the entry that made it */
	enum pb_card_state state;
	enum pb_reason reason;
	uint32_t kvn; /* 0 until it is issued */
	bool erased;  /* its member was forgotten */
	struct pb_status_slot status;
};

/* Pseudonym -> number of the card (from 1).  Open addressing, at most half full. */
struct pb_name_map {
	struct pb_name_slot {
		uint8_t name[PB_PSEUDONYM];
		uint32_t card; /* 0: free */
	} *slots;
	size_t size, used; /* size: power of two */
};

/* To be read by its owner; changed by the functions below. */
struct pb_replay {
	struct pb_findings *findings;
	struct pb_note_key key; /* of the checkpoints, by the last beginning; no name: there was none */
	uint32_t prefix;
	uint64_t entries; /* index of the last one, and one */
	int64_t first_time, time; /* of the last entry */
	struct pb_merkle_edge edge;
	bool tree_lost; /* an entry is missing: nothing more can be said about hashes */
	struct pb_entry_counters counters;
	struct pb_approval approval;
	uint64_t trust_list; /* number of the last one published */
	uint8_t trust_digest[PB_ENTRY_HASH]; /* of its file */
	struct pb_replay_card *cards; /* cards[n - 1] is serial prefix * PB_SERIALS + n */
	size_t card_count, card_cap;
	struct pb_name_map chips, jobs, members;
	uint8_t *slots; /* bitmaps of the status lists, one after the other */
	uint32_t lists;
};

void pb_replay_init(struct pb_replay *replay, struct pb_findings *findings); /* borrows the findings */
void pb_replay_finish(struct pb_replay *replay); /* accepts NULL and zero */

/* `index`: the entry's number; a gap before it is a finding.  *ret_entry: what the bytes say; its type is 0 where they are
 * no entry, which is a finding and nothing else.  PB_NO_MEMORY is the only failure. */
PB_MUST_USE enum pb_status pb_replay_entry(struct pb_replay *replay, uint64_t index, struct pb_view bytes,
					   struct pb_entry *ret_entry, struct pb_err *err);
/* The leaf of the entry that was replayed last.  False only where `store` (NULL allowed) said so. */
PB_MUST_USE bool pb_replay_leaf(struct pb_replay *replay, const struct pb_hash *leaf, pb_merkle_store_fn *store, void *ctx);

uint64_t pb_replay_serial(const struct pb_replay *replay, size_t n); /* of cards[n - 1] */
/* NULL when the entries have not reserved this serial. */
const struct pb_replay_card *pb_replay_card(const struct pb_replay *replay, uint64_t serial);

#endif
