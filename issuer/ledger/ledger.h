/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger of an office: an append-only list of entries that proves itself (Merkle tree, signed
 * checkpoints), and beside it the card table, which is only an index of the entries and is rebuilt and
 * compared by the audit.  docs/ledger.md tells a stranger how to verify it without this program.
 *
 * What holds:
 *   - A serial belongs to one card for ever, a chip and a member have at most one live card, a status slot
 *     is used once, the same idempotency key always names the same card.
 *   - A card's signed credentials are durable before a byte of them may be written to a chip
 *     (pb_ledger_reserve_commit), so that a torn card holds only what the ledger has.
 *   - Every commit that issues or revokes carries a signed checkpoint in the same transaction.
 *   - received = issued + spoiled + left.
 *
 * Threads: N stations may call any function at once; between pb_ledger_reserve_begin and its commit or
 * abandon the calling thread holds the store, so only sign in between.
 *
 * Not for: members and their data (issuer/register), deciding to issue (issuer/core), the card itself.
 */
#ifndef PROFBILET_ISSUER_LEDGER_LEDGER_H
#define PROFBILET_ISSUER_LEDGER_LEDGER_H

#include "base/clock.h"
#include "base/err.h"
#include "issuer/ledger/entry.h"
#include "issuer/ledger/lifecycle.h"
#include "issuer/ledger/merkle.h"
#include "issuer/store/store.h"

struct pb_keystore; /* keys/keystore.h */
struct pb_ledger;

enum {
	PB_IDEMPOTENCY_MAX = 64, /* bytes, without NUL */
	PB_LEDGER_MEMBER_MAX = 32,
	PB_ACTOR_MAX = 64,
	PB_CHIP_TOKEN_MAX = 128,
	PB_FACE_TOKEN_MAX = 1024,
	PB_CHIP_POINT = 65,
	PB_ANCHOR_ROOT = 16,
	PB_CHECKPOINT_MAX = 1024,
	PB_COSIGNED_MAX = 8192,	 /* a checkpoint with what its witnesses have signed, and NUL */
};

/* ---- Opening */

/* Lays down the tables, GENESIS and its checkpoint.  `origin` names the ledger for ever
 * ("profbilet.example/office/75"); `prefix`, 1 to 9999, are the first four digits of its serials. */
PB_MUST_USE enum pb_status pb_ledger_create(struct pb_store *store, const struct pb_keystore *ks, const char *origin,
					    uint32_t prefix, const struct pb_clock *clock, struct pb_err *err);
/* To write: recomputes the right edge of the tree, compares it with the last checkpoint and audits the last
 * 1000 entries; PB_LEDGER_CORRUPT names the entry, PB_KEYS_REFUSED: another office's keys.
 * With ks == NULL, or a store opened for reading, to look only: then only the first entry must be whole, for
 * a damaged ledger is what an audit is for, and the totals are those at opening.
 * Borrows store, ks and clock. */
PB_MUST_USE enum pb_status pb_ledger_open(struct pb_store *store, const struct pb_keystore *ks,
					  const struct pb_clock *clock, struct pb_ledger **ret_ledger,
					  struct pb_err *err);
void pb_ledger_close(struct pb_ledger *ledger); /* accepts NULL */

/* The checkpoint key by the ledger's own first entry, as a C2SP verifier key.  An auditor compares it with
 * the one he was given on paper. */
const char *pb_ledger_vkey(const struct pb_ledger *ledger);
/* Its name; another one than in the first entry once the ledger began anew. */
const char *pb_ledger_origin(const struct pb_ledger *ledger);
/* After a backup was restored, before anything else is written: RESTORED, and from its checkpoint on a new name (origin.h).
 * The old one is never signed for again. */
PB_MUST_USE enum pb_status pb_ledger_begin_anew(struct pb_ledger *ledger, const char *actor, struct pb_err *err);

/* ---- Ordering: what is reserved afterwards draws on the newest order (approval.h), and with none, or none left,
 * pb_ledger_reserve_begin is PB_NOT_ALLOWED.  An order ends with the process that gave it. */

/* `job`: what is ordered, of 1 to PB_IDEMPOTENCY_MAX bytes; stored, as the actor, as a pseudonym. */
PB_MUST_USE enum pb_status pb_ledger_approve(struct pb_ledger *ledger, const char *job, uint64_t count, const char *actor,
					     struct pb_err *err);

/* ---- Reserving: begin, sign, commit */

struct pb_reserve {
	const char *idempotency_key; /* of the job and member: same key, same card */
	const char *member_number;
	struct pb_view uid;	      /* of the chip, as read */
	uint8_t point[PB_CHIP_POINT]; /* the public key made in the chip: 04 || X || Y; zeroes: it has none, and is known by `uid` */
	uint64_t replaces;	      /* reissue: the member's revoked or spoiled serial; 0 for none */
	const char *actor;	      /* who asked; stored as a pseudonym; NULL for the system */
};

/* The last signed checkpoint, carried by the card as a witness against rollback. */
struct pb_anchor {
	uint64_t size;
	uint8_t root[PB_ANCHOR_ROOT];
};

struct pb_reservation {
	uint64_t serial;
	uint32_t sequence; /* 1: the member's first card, 2: the first replacement ... */
	struct pb_status_slot status;
	struct pb_anchor anchor;
	bool existing; /* reserved before: nothing is open, read pb_ledger_card_by_serial and go on from its state */
};

/* What the signer made of a reservation; borrowed. */
struct pb_signed_tokens {
	struct pb_view chip, face; /* face may be empty */
	uint8_t kid[PB_ENTRY_KID];
};

/* Refuses with PB_CARD_EXISTS (the member has a live card), PB_CARD_LIVE or PB_CARD_RESERVED (the chip has),
 * PB_STOCK_EMPTY, PB_CLOCK_WRONG, PB_NOT_ALLOWED (nothing is ordered; replaces a card that is not dead, or another's),
 * PB_CONFLICT (the key was used for another member or chip).  The same key, or the same member and chip
 * still reserved, gives the card there is: existing, and no transaction is open. */
PB_MUST_USE enum pb_status pb_ledger_reserve_begin(struct pb_ledger *ledger, const struct pb_reserve *reserve,
						   struct pb_reservation *ret_reservation, struct pb_err *err);
/* INTENT and the card with its token bytes, in one durable commit.  Ends the transaction in every case. */
PB_MUST_USE enum pb_status pb_ledger_reserve_commit(struct pb_ledger *ledger, const struct pb_reservation *reservation,
						    const struct pb_signed_tokens *tokens, struct pb_err *err);
void pb_ledger_reserve_abandon(struct pb_ledger *ledger);

/* ---- The rest of a card's life.  Each is one durable commit with a checkpoint.  PB_NOT_FOUND: no such
 * serial; PB_NOT_ALLOWED: lifecycle.h has no such move. */

/* `kvn`: of the keys that the card was given.  `late`: closed after an interruption.  Of a card that is issued
 * already: PB_OK, nothing written. */
PB_MUST_USE enum pb_status pb_ledger_issued(struct pb_ledger *ledger, uint64_t serial, uint8_t kvn, bool late,
					    struct pb_err *err);
/* A live card that is issued was given keys of a newer generation.  Of a card that is noted under `kvn` already:
 * PB_OK, nothing written. */
PB_MUST_USE enum pb_status pb_ledger_rekeyed(struct pb_ledger *ledger, uint64_t serial, uint8_t kvn, struct pb_err *err);
/* All in one commit, or none; those printed already are passed over. */
PB_MUST_USE enum pb_status pb_ledger_printed(struct pb_ledger *ledger, const uint64_t *serials, size_t count,
					     struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_void(struct pb_ledger *ledger, uint64_t serial, enum pb_reason reason,
					  const char *actor, struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_spoil(struct pb_ledger *ledger, uint64_t serial, enum pb_reason reason,
					   const char *actor, struct pb_err *err);
/* Lost, stolen, damaged, returned, name change, other. */
PB_MUST_USE enum pb_status pb_ledger_revoke(struct pb_ledger *ledger, uint64_t serial, enum pb_reason reason,
					    const char *actor, struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_suspend(struct pb_ledger *ledger, uint64_t serial, const char *actor,
					     struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_resume(struct pb_ledger *ledger, uint64_t serial, const char *actor,
					    struct pb_err *err);

/* Which of the cards of a key are ended. */
enum pb_ledger_which {
	PB_LEDGER_UNFINISHED, /* the half-written ones */
	PB_LEDGER_EVERY_LIVE,
};

/* Ends cards that this key signed, for PB_REASON_ISSUER_KEY, all in one commit or none: the half-written are
 * spoiled, the others revoked.  *ret_ended says how many; when there are none, nothing is written. */
PB_MUST_USE enum pb_status pb_ledger_end_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
						   enum pb_ledger_which which, const char *actor, uint64_t *ret_ended,
						   struct pb_err *err);

/* ---- Forgetting a person: begin, destroy the rest of it in the same transaction, commit */

struct pb_erasing {
	const char *member_number;
	enum pb_reason reason;		   /* PB_REASON_CONSENT and after */
	uint8_t commitment[PB_ENTRY_HASH]; /* HMAC-SHA-256(a code that the act alone shows, member number) */
	const char *actor;		   /* stored as a pseudonym; NULL for the system */
};

/* The entries ERASED: one for each card, or one for a person who had none. */
struct pb_erased {
	uint64_t first, count;
};

/* The ledger's part: number, salt and credentials of each of the member's cards, and the entries that say so.  A
 * transaction is open afterwards.  PB_CARD_EXISTS: a card of the member is live or half-written. */
PB_MUST_USE enum pb_status pb_ledger_erase_begin(struct pb_ledger *ledger, const struct pb_erasing *erasing,
						 struct pb_erased *ret_erased, struct pb_err *err);
/* With a checkpoint, durable.  Ends the transaction in every case. */
PB_MUST_USE enum pb_status pb_ledger_erase_commit(struct pb_ledger *ledger, struct pb_err *err);
void pb_ledger_erase_abandon(struct pb_ledger *ledger);

/* ---- Cards */

struct pb_ledger_card {
	uint64_t serial;
	enum pb_card_state state;
	enum pb_reason reason;			      /* of the end */
	char member_number[PB_LEDGER_MEMBER_MAX + 1]; /* "" once the member was forgotten */
	uint32_t sequence;
	uint64_t replaces, replaced_by; /* 0: none */
	struct pb_status_slot status;
	struct pb_anchor anchor;
	uint64_t intent;				      /* index of its INTENT entry */
	uint8_t kvn;					      /* of its keys; 0 until it is issued */
	int64_t reserved_at, issued_at, printed_at, ended_at; /* Unix seconds, 0: not yet */
	uint8_t point[PB_CHIP_POINT]; /* as reserved */
	uint8_t kid[PB_ENTRY_KID];
	uint8_t chip_token[PB_CHIP_TOKEN_MAX], face_token[PB_FACE_TOKEN_MAX];
	size_t chip_token_n, face_token_n;
};

/* What stands in `kvn` of a card that was given no keys, because its chip has none: anybody can copy it. */
enum { PB_LEDGER_KVN_NONE = 1 };

/* All: *ret_found false when there is none, ret_card untouched then. */
PB_MUST_USE enum pb_status pb_ledger_card_by_serial(struct pb_ledger *ledger, uint64_t serial,
						    struct pb_ledger_card *ret_card, bool *ret_found,
						    struct pb_err *err);
/* The live or reserved card on this chip.  Needs the key store. */
PB_MUST_USE enum pb_status pb_ledger_card_by_uid(struct pb_ledger *ledger, struct pb_view uid,
						 struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err);
/* The live or reserved card of this member. */
PB_MUST_USE enum pb_status pb_ledger_card_of_member(struct pb_ledger *ledger, const char *member_number,
						    struct pb_ledger_card *ret_card, bool *ret_found,
						    struct pb_err *err);

/* The newest card of this member, in whatever state. */
PB_MUST_USE enum pb_status pb_ledger_last_card_of_member(struct pb_ledger *ledger, const char *member_number,
							 struct pb_ledger_card *ret_card, bool *ret_found,
							 struct pb_err *err);
/* The card reserved under this key.  Needs the key store. */
PB_MUST_USE enum pb_status pb_ledger_card_by_key(struct pb_ledger *ledger, const char *idempotency_key,
						 struct pb_ledger_card *ret_card, bool *ret_found, struct pb_err *err);

/* Every card of the state, in order of serials; PB_CARD_IS_UNKNOWN means every card.  Return false to stop.
 * The callback may call the ledger, for it is between queries. */
typedef bool pb_ledger_card_fn(void *ctx, const struct pb_ledger_card *card);
PB_MUST_USE enum pb_status pb_ledger_each_card(struct pb_ledger *ledger, enum pb_card_state state,
					       pb_ledger_card_fn *each, void *ctx, struct pb_err *err);

/* Every card that the issuer key of this kid signed, whatever became of it; else as pb_ledger_each_card. */
PB_MUST_USE enum pb_status pb_ledger_each_card_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
							 pb_ledger_card_fn *each, void *ctx, struct pb_err *err);
/* How many of them are live: whoever has such a card in hand depends on that key. */
PB_MUST_USE enum pb_status pb_ledger_count_signed_by(struct pb_ledger *ledger, const uint8_t kid[static PB_ENTRY_KID],
						     uint64_t *ret_live, struct pb_err *err);

/* How many live issued cards are under each key version. */
PB_MUST_USE enum pb_status pb_ledger_count_by_kvn(struct pb_ledger *ledger, uint64_t ret_live[static PB_LEDGER_KVNS],
						  struct pb_err *err);

/* The published bits of one status list: slot i is bit i % 8 of byte i / 8, 1 = refuse
 * (draft-ietf-oauth-status-list, 1 bit).  *ret_lists: how many lists are in use. */
PB_MUST_USE enum pb_status pb_ledger_status_list(struct pb_ledger *ledger, uint32_t list,
						 uint8_t ret_bits[static PB_STATUS_SLOTS / 8], struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_status_lists(struct pb_ledger *ledger, uint32_t *ret_lists, struct pb_err *err);

/* ---- Stock, start, totals */

/* `batch`: printable ASCII, the supplier's number. */
PB_MUST_USE enum pb_status pb_ledger_receive_blanks(struct pb_ledger *ledger, uint64_t count, const char *batch,
						    const char *actor, struct pb_err *err);
/* Writes RECOVER when reservations are open (a program calls it once at its start). */
PB_MUST_USE enum pb_status pb_ledger_note_start(struct pb_ledger *ledger, uint64_t *ret_open, struct pb_err *err);

/* ---- Trust lists */

/* Number and SHA-256 of a list that is about to be given out; `actor`: who publishes it, NULL: not said.
 * PB_CONFLICT when a list of that number or a larger one was entered. */
PB_MUST_USE enum pb_status pb_ledger_note_trust_list(struct pb_ledger *ledger, uint64_t sequence,
						     const uint8_t digest[static PB_ENTRY_HASH], const char *actor,
						     struct pb_err *err);
/* 0: none was. */
PB_MUST_USE enum pb_status pb_ledger_last_trust_list(struct pb_ledger *ledger, uint64_t *ret_sequence, struct pb_err *err);

/* ---- Ceremonies */

/* One step; which fields it has says the table of docs/ledger.md. */
struct pb_ceremony_step {
	enum pb_key_step step;
	int64_t at; /* Unix seconds, by the clock of the machine it was done on */
	uint8_t digest[PB_ENTRY_HASH];
	uint32_t kvn;
	uint8_t kcv[PB_ENTRY_KCV];
	uint32_t needed, count; /* shares */
};

/* All in one commit, with a checkpoint.  PB_CLOCK_WRONG when one lies in the future. */
PB_MUST_USE enum pb_status pb_ledger_note_ceremony(struct pb_ledger *ledger, const struct pb_ceremony_step *steps,
						   size_t count, struct pb_err *err);
/* The last of that kind; *ret_found false when there is none, ret_step untouched then. */
/* Of the CARD_MASTER steps whose KVN is from `first` to `last`: the last one. */
PB_MUST_USE enum pb_status pb_ledger_last_card_master(struct pb_ledger *ledger, uint8_t first, uint8_t last,
						      struct pb_ceremony_step *ret_step, bool *ret_found, struct pb_err *err);
/* Of the steps of a card master key whose KVN is from `first` to `last`, which is one family's (keys/master_keys.h): the
 * last one. */
PB_MUST_USE enum pb_status pb_ledger_last_card_master(struct pb_ledger *ledger, uint8_t first, uint8_t last,
						      struct pb_ceremony_step *ret_step, bool *ret_found, struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_last_ceremony_step(struct pb_ledger *ledger, enum pb_key_step step,
							struct pb_ceremony_step *ret_step, bool *ret_found,
							struct pb_err *err);

/* That any of them, however old, has this digest. */
PB_MUST_USE enum pb_status pb_ledger_has_ceremony_step(struct pb_ledger *ledger, enum pb_key_step step,
						       const uint8_t digest[static PB_ENTRY_HASH], bool *ret_found,
						       struct pb_err *err);

struct pb_ledger_counts {
	uint64_t entries;
	uint64_t received, issued, spoiled; /* blanks */
	uint64_t left;			    /* received - issued - spoiled */
	uint64_t open;			    /* of those left, bound to a reservation */
};

void pb_ledger_counts(struct pb_ledger *ledger, struct pb_ledger_counts *ret_counts);
/* The last checkpoint, a C2SP signed note, with NUL. */
PB_MUST_USE enum pb_status pb_ledger_checkpoint(struct pb_ledger *ledger, char ret_text[static PB_CHECKPOINT_MAX],
						struct pb_err *err);
/* The checkpoint of `size` with all that its witnesses have signed, a C2SP signed note, with NUL; PB_NOT_FOUND when there is
 * no checkpoint of that size.  size 0: the last one. */
PB_MUST_USE enum pb_status pb_ledger_cosigned(struct pb_ledger *ledger, uint64_t size, char ret_text[static PB_COSIGNED_MAX],
					      struct pb_err *err);
/* The bytes of entry `index`, for export; PB_NOT_FOUND past the end. */
PB_MUST_USE enum pb_status pb_ledger_entry(struct pb_ledger *ledger, uint64_t index,
					   uint8_t ret_bytes[static PB_ENTRY_MAX], size_t *ret_n, struct pb_err *err);
/* That entry `index` is in the tree of `size` entries, and that the tree of size2 begins with that of size1. */
PB_MUST_USE enum pb_status pb_ledger_prove_inclusion(struct pb_ledger *ledger, uint64_t index, uint64_t size,
						     struct pb_merkle_proof *ret_proof, struct pb_err *err);
PB_MUST_USE enum pb_status pb_ledger_prove_consistency(struct pb_ledger *ledger, uint64_t size1, uint64_t size2,
						       struct pb_merkle_proof *ret_proof, struct pb_err *err);

#endif
