/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of issuer/ledger/ share: the ledger in memory and how entries are appended.
 * Nobody else includes this.
 */
#ifndef PROFBILET_ISSUER_LEDGER_INTERNAL_H
#define PROFBILET_ISSUER_LEDGER_INTERNAL_H

#include "issuer/ledger/approval.h"
#include "issuer/ledger/ledger.h"
#include "issuer/ledger/note.h"
#include "keys/keystore.h"

enum {
	LEDGER_SALT = 32,
	LEDGER_CLOCK_SLACK = 5, /* seconds the clock may be set back without a word */
};

/* Everything an append needs to know, so that it reads nothing. */
struct ledger_head {
	struct pb_merkle_edge edge;
	int64_t time; /* of the last entry */
	struct pb_entry_counters counters;
	uint64_t last_serial;	 /* 0: none yet */
	struct pb_approval approval; /* of this process; an order of an earlier one has lapsed */
	struct pb_anchor anchor; /* the last checkpoint */
};

/* Between reserve_begin and its commit. */
struct ledger_pending {
	char member_number[PB_LEDGER_MEMBER_MAX + 1];
	uint8_t point[PB_CHIP_POINT];
	struct pb_entry entry; /* the INTENT, but for the hashes of the credentials */
	struct pb_reservation reservation;
	uint8_t salt[LEDGER_SALT];
};

struct pb_ledger {
	struct pb_store *store;
	const struct pb_keystore *ks; /* NULL: looking only */
	const struct pb_clock *clock;
	struct pb_note_key first_key; /* of entry 0; `key` has another name once the ledger began anew */
	struct pb_note_key key;
	char vkey[PB_VKEY_MAX + 1];
	uint32_t prefix;
	struct ledger_head head; /* as committed */
	struct ledger_head next; /* as it will be, inside a transaction */
	int64_t now;		 /* of the transaction: the clock, but never before head.time */
	bool reserving;
	bool telling;		    /* the holder of the keys was told up to `told` */
	struct pb_merkle_edge told;
	struct ledger_pending pending;
};

/* The text of the tables, for pb_store_upgrade. */
extern const struct pb_store_part ledger_part;

/* append.c.  Time and counters of the entry are filled in; the counters are ledger->next.counters. */
enum pb_status ledger_append(struct pb_ledger *ledger, struct pb_entry *entry, uint64_t *ret_index, struct pb_err *err);
/* Begins a transaction with the clock looked at; a clock that stands far back gets an entry of its own. */
enum pb_status ledger_begin(struct pb_ledger *ledger, struct pb_err *err);
/* Both end the transaction in every case.  The first signs a checkpoint over all entries. */
enum pb_status ledger_commit_signed(struct pb_ledger *ledger, struct pb_err *err);
enum pb_status ledger_commit(struct pb_ledger *ledger, struct pb_err *err);
void ledger_rollback(struct pb_ledger *ledger);
/* tell.c: lets the holder of the keys know the first `size` entries, which are in the tables. */
enum pb_status ledger_tell(struct pb_ledger *ledger, uint64_t size, struct pb_err *err);
/* Seconds the clock stands before the last entry; 0 when it does not. */
int64_t ledger_clock_behind(const struct pb_ledger *ledger);

/* open.c: the first column of the first row, 0 when there is none.  `sql` is a literal without parameters. */
enum pb_status ledger_read_number(struct pb_store *store, const char *sql, uint64_t *ret_value, struct pb_err *err);

/* proof.c: the root of a complete subtree, from the tables. */
struct ledger_fetch {
	struct pb_store *store;
	struct pb_err *err;
	enum pb_status status; /* why a fetch failed */
};
bool ledger_fetch(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash);
/* Reads and decodes entry `index`; *ret_leaf is the stored hash.  PB_LEDGER_CORRUPT when it is no entry. */
enum pb_status ledger_read_entry(struct pb_store *store, uint64_t index, struct pb_entry *ret_entry,
				 struct pb_err *err);
/* Empty text when there is none. */
enum pb_status ledger_last_checkpoint(struct pb_store *store, char ret_text[static PB_CHECKPOINT_MAX],
				      uint64_t *ret_size, struct pb_err *err);

/* cards.c: the few columns a move needs. */
struct ledger_brief {
	enum pb_card_state state;
	bool printed;
	uint64_t intent, replaces, replaced_by;
	uint8_t kvn;
	char member_number[PB_LEDGER_MEMBER_MAX + 1];
};
/* PB_NOT_FOUND when there is no such serial. */
enum pb_status ledger_brief(struct pb_ledger *ledger, uint64_t serial, struct ledger_brief *ret_brief,
			    struct pb_err *err);

/* append.c: what stands for a job or an actor in entries. */
PB_MUST_USE enum pb_status ledger_pseudonym(const struct pb_ledger *ledger, const char *kind, const char *text,
					    uint8_t ret_pseudonym[static PB_PSEUDONYM], struct pb_err *err);
PB_MUST_USE enum pb_status ledger_set_actor(const struct pb_ledger *ledger, const char *actor, struct pb_entry *entry,
					    struct pb_err *err);

_Static_assert((int)PB_PSEUDONYM == (int)PB_PSEUDONYM_LEN && (int)PB_ENTRY_KID == (int)PB_ISSUER_KID_LEN,
	       "one length each");

#endif
