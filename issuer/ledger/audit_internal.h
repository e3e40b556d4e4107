/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the audit share: its state while it walks the ledger.  Nobody else includes this;
 * what an audit finds is in audit.h.
 */
#ifndef PROFBILET_ISSUER_LEDGER_AUDIT_INTERNAL_H
#define PROFBILET_ISSUER_LEDGER_AUDIT_INTERNAL_H

#include "issuer/ledger/approval.h"
#include "issuer/ledger/audit.h"
#include "issuer/ledger/internal.h"

/* What the entries say about one card; its INTENT is read again when the card's row is compared. */
struct shadow {
	uint64_t intent, replaces, replaced_by;
	int64_t reserved_at, issued_at, printed_at, ended_at;
	enum pb_card_state state;
	enum pb_reason reason;
	uint32_t kvn; /* 0 until it is issued */
	bool erased;
};

/* Pseudonym -> number of the card (from 1).  Open addressing, at most half full. */
struct name_map {
	struct name_slot {
		uint8_t name[PB_PSEUDONYM];
		uint32_t card; /* 0: free */
	} *slots;
	size_t size, used; /* size: power of two */
};

struct audit {
	struct pb_ledger *ledger;
	void (*finding)(void *ctx, const struct pb_finding *finding);
	void *ctx;
	struct pb_audit_summary summary;
	uint64_t told[PB_FINDING_COUNT];
	struct pb_note_key key;
	struct pb_merkle_edge edge;
	bool tree_lost;	      /* an entry is missing: nothing more can be said about hashes */
	bool root_wrong;      /* said once: every later checkpoint is wrong for the same reason */
	uint64_t good_size;   /* of the last checkpoint whose root was right */
	uint64_t signed_size; /* of the last checkpoint */
	uint64_t unsigned_from; /* the first entry after the last checkpoint that had to be covered */
	int64_t time;
	uint64_t trust_list; /* number of the last one published */
	struct pb_entry_counters counters;
	struct pb_approval approval;
	struct shadow *cards; /* cards[n - 1] is serial prefix * 1000000 + n */
	size_t card_count, card_cap;
	struct name_map chips, jobs;
	uint8_t *slots; /* bitmaps of the status lists, one after the other */
	uint32_t lists;
};

void audit_report(struct audit *audit, enum pb_finding_code code, uint64_t entry, uint64_t serial);

/* The card's place in `map`, added when new; NULL when memory is short. */
uint32_t *name_map_at(struct name_map *map, const uint8_t name[static PB_PSEUDONYM]);
void name_map_finish(struct name_map *map);

/* audit_replay.c: what one entry does to the cards and the stock. */
enum pb_status audit_replay(struct audit *audit, uint64_t index, const struct pb_entry *entry, struct pb_err *err);
/* audit_cards.c: the card table against what was replayed. */
enum pb_status audit_card_table(struct audit *audit, struct pb_err *err);

#endif
