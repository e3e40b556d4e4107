/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One entry of the ledger as bytes: a deterministic CBOR map with small integer keys (docs/ledger.md), at
 * most PB_ENTRY_MAX bytes.  These bytes are what is hashed into the tree, stored, and shown to auditors.
 *
 * An entry never holds personal data.  People, chips and jobs appear as pseudonyms (keyed hashes) and
 * as salted commitments: when the salt is destroyed the person is forgotten, and the tree is unharmed.
 *
 * Not for: which entry may follow which (lifecycle.h), where entries are kept (ledger.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_ENTRY_H
#define PROFBILET_ISSUER_LEDGER_ENTRY_H

#include "base/bytes.h"

enum {
	PB_ENTRY_MAX = 1024,
	PB_ENTRY_VERSION = 1,
	PB_PSEUDONYM = 16, /* bytes of a keyed hash that stands for a chip, a job, an actor */
	PB_ENTRY_HASH = 32,
	PB_ENTRY_KID = 8,
	PB_BATCH_MAX = 64,  /* bytes of a stock batch's name, without NUL */
	PB_ORIGIN_MAX = 96, /* bytes of the ledger's name, without NUL */
	PB_VKEY_MAX = 256,
	PB_ENTRY_KCV = 3, /* bytes of a check value */
	PB_SERIALS = 1000000, /* serials of a prefix: serial = prefix * PB_SERIALS + n, n from 1 */
	PB_SERIAL_TEXT = 11, /* ten digits and NUL */
	PB_STATUS_SLOTS = 65536, /* of one status list */
	PB_LEDGER_KVNS = 128, /* key versions there can be */
};

/* Written into entries: never renumbered. */
enum pb_entry_type {
	PB_ENTRY_GENESIS = 1,   /* the ledger's name, office prefix and checkpoint key */
	PB_ENTRY_STOCK_IN = 2,  /* blanks received */
	PB_ENTRY_INTENT = 3,    /* a serial reserved, with the hashes of what will be written */
	PB_ENTRY_ISSUED = 4,    /* the chip is complete and locked */
	PB_ENTRY_PRINTED = 5,   /* its face is printed */
	PB_ENTRY_VOID = 6,      /* the serial is dead, the blank still usable */
	PB_ENTRY_SPOILED = 7,   /* the blank is waste */
	PB_ENTRY_REVOKE = 8,
	PB_ENTRY_REISSUE = 9,   /* serial replaces old_serial */
	PB_ENTRY_RECOVER = 10,  /* what a start found open */
	PB_ENTRY_CLOCK = 11,    /* the clock was seen to stand before the last entry */
	PB_ENTRY_SUSPEND = 12,
	PB_ENTRY_RESUME = 13,
	PB_ENTRY_CEREMONY = 14, /* one step of a key ceremony or of a drill */
	PB_ENTRY_APPROVED = 15, /* an order of so many cards (approval.h) */
	PB_ENTRY_TRUST = 16,    /* a trust list published */
	PB_ENTRY_REKEYED = 17,  /* the card has keys of a newer generation */
	PB_ENTRY_ERASED = 18,   /* a person's data was destroyed: of this card, or without one of who had none */
	PB_ENTRY_RESTORED = 19, /* the ledger came back from a backup, and goes on under another name (origin.h) */
};

/* What an entry of PB_ENTRY_CEREMONY says; written into entries: never renumbered.  The last entry of a key's
 * step is what the office's keys are held against. */
enum pb_key_step {
	PB_STEP_NONE = 0,
	PB_STEP_ROOT = 1,	 /* digest: SHA-256 of the certificate, as of the other certificates */
	PB_STEP_ROOT_SPARE = 2,
	PB_STEP_ISSUER = 3,
	PB_STEP_STATUS_LIST = 4,
	PB_STEP_TRUST_LIST = 5,
	PB_STEP_CHECKPOINT = 6,	 /* digest: the public key, which is that of the ledger's first entry */
	PB_STEP_CARD_MASTER = 7, /* kvn, kcv; a later generation has an entry of its own */
	PB_STEP_SHARES = 8,	 /* the secret split; digest: SHA-256 of keys.backup */
	PB_STEP_READ_BACK = 9,	 /* every share was read from its paper */
	PB_STEP_PROTOCOL = 10,	 /* digest: SHA-256 of the protocol that was printed for signature */
	PB_STEP_DRILL = 11,	 /* a backup was opened from shares; digest: SHA-256 of it */
	PB_STEP_COUNT
};

/* Written into entries: never renumbered. */
enum pb_reason {
	PB_REASON_NONE = 0,
	PB_REASON_LOST = 1,
	PB_REASON_STOLEN = 2,
	PB_REASON_DAMAGED = 3,
	PB_REASON_RETURNED = 4,
	PB_REASON_NAME_CHANGE = 5,
	PB_REASON_CHIP_FAULT = 6,     /* while personalising */
	PB_REASON_PRINT_FAULT = 7,
	PB_REASON_NOT_PRESENTED = 8,  /* a half-written card never came back */
	PB_REASON_KEYS = 9,           /* its keys were not those expected */
	PB_REASON_OTHER = 10,
	PB_REASON_ISSUER_KEY = 11,    /* the key that signed it is in other hands */
	PB_REASON_CONSENT = 12,	      /* from here on, why a person's data was destroyed: consent withdrawn */
	PB_REASON_PURPOSE = 13,	      /* it has served its purpose */
	PB_REASON_TERM = 14,	      /* the time it may be kept is over */
	PB_REASON_UNLAWFUL = 15,      /* it should not have been kept */
	PB_REASON_COUNT
};

/* Running totals after the entry: received = issued + spoiled + left, and `open` of what is left is reserved. */
struct pb_entry_counters {
	uint64_t received, issued, spoiled, open;
};

/* A place in a published status list (draft-ietf-oauth-status-list); both below 65,536. */
struct pb_status_slot {
	uint32_t list, index;
};

/* Which of the fields an entry has follows from its type (table in entry.c); the others are zero. */
struct pb_entry {
	enum pb_entry_type type;
	int64_t time; /* Unix seconds, never before the previous entry's */
	bool has_actor;
	uint8_t actor[PB_PSEUDONYM];
	uint64_t serial;
	uint8_t uid_h[PB_PSEUDONYM];
	uint8_t job_h[PB_PSEUDONYM];
	uint8_t chip_h[PB_ENTRY_HASH]; /* SHA-256 of the chip credential */
	uint8_t face_h[PB_ENTRY_HASH]; /* SHA-256 of the credential in the printed QR */
	uint8_t kid[PB_ENTRY_KID];     /* of the key that signed them */
	uint8_t member_c[PB_ENTRY_HASH]; /* HMAC-SHA-256(salt, member number) */
	struct pb_status_slot status; /* where verifiers look the card up */
	uint64_t intent; /* index of the INTENT that this entry is about */
	enum pb_reason reason;
	bool late; /* ISSUED: closed after an interruption */
	uint64_t old_serial; /* REISSUE; INTENT of a reissue, else 0 */
	uint64_t count; /* STOCK_IN: blanks; RECOVER: open reservations; APPROVED: cards; TRUST: number of the list; RESTORED: entries before it */
	char batch[PB_BATCH_MAX + 1];
	char origin[PB_ORIGIN_MAX + 1];
	char vkey[PB_VKEY_MAX + 1];
	char old_origin[PB_ORIGIN_MAX + 1];
	uint32_t prefix;
	int64_t clock; /* CLOCK: what the clock said; CEREMONY: when it was done, by the clock of its machine */
	enum pb_key_step step;
	/* of a certificate or a file; ERASED: HMAC-SHA-256(code of the act, member number); RESTORED: root of the tree before it */
	uint8_t digest[PB_ENTRY_HASH];
	uint32_t kvn; /* CEREMONY; ISSUED, REKEYED: of the card's keys.  ISSUED, 0: from before there were generations */
	uint8_t kcv[PB_ENTRY_KCV];
	uint32_t shares[2]; /* needed, of how many */
	struct pb_entry_counters counters;
};

/* Stable name: "issued"; NULL for a number that is no type. */
const char *pb_entry_type_name(enum pb_entry_type type);
/* Stable name: "lost"; NULL for a number that is no reason. */
const char *pb_reason_name(enum pb_reason reason);
/* Stable name: "read_back"; NULL for a number that is no step. */
const char *pb_key_step_name(enum pb_key_step step);
bool pb_reason_parse(const char *name, enum pb_reason *ret_reason);

/* Serials as people see them: ten digits. */
void pb_serial_format(uint64_t serial, char ret_text[static PB_SERIAL_TEXT]);
bool pb_serial_parse(const char *text, uint64_t *ret_serial);

/* False only when a text is too long or not printable ASCII: the caller's mistake. */
bool pb_entry_encode(const struct pb_entry *entry, uint8_t ret_bytes[static PB_ENTRY_MAX], size_t *ret_n);
/* Strict: exactly the bytes pb_entry_encode would write, nothing else.  Untouched when false. */
bool pb_entry_decode(struct pb_view bytes, struct pb_entry *ret_entry);

#endif
