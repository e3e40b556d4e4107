/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signed notes (C2SP signed-note: Ed25519 keys of type 01, and of type 04 for cosignature.h) and the checkpoint they
 * carry (C2SP tlog-checkpoint): the ledger's size and root, signed.
 *
 * A note is good when at least one known key signed it and no signature of a known key is wrong; what
 * unknown keys signed is passed over.  Text is to be ignored until pb_note_open has said PB_NOTE_GOOD.
 *
 * Not for: holding private keys (keys/keystore.h signs the text).
 */
#ifndef PROFBILET_ISSUER_LEDGER_NOTE_H
#define PROFBILET_ISSUER_LEDGER_NOTE_H

#include "issuer/ledger/entry.h"
#include "issuer/ledger/merkle.h"

enum {
	PB_NOTE_MAX = 65536,	  /* bytes of a note that is looked at */
	PB_NOTE_SIGNATURES = 100, /* lines that are accepted */
	PB_NOTE_KEY_ID = 4,
};

/* What a key of that name signs; the number is part of its id. */
enum pb_note_key_type {
	PB_NOTE_SIGNER = 0x01,	 /* the text */
	PB_NOTE_COSIGNER = 0x04, /* a time and the text (cosignature.h) */
};

/* Who signs: a name and an Ed25519 key.  Written as "name+keyid+base64". */
struct pb_note_key {
	enum pb_note_key_type type;
	char name[PB_ORIGIN_MAX + 1];
	uint8_t id[PB_NOTE_KEY_ID]; /* SHA-256(name LF type key), first bytes */
	uint8_t public_key[32];
};

/* False when the name is empty, too long, not UTF-8, or has a space or a plus in it. */
bool pb_note_key_make(const char *name, const uint8_t public_key[static 32], struct pb_note_key *ret_key);
/* Refuses a key id that is not that of the name and the key, and keys that are not Ed25519. */
bool pb_note_key_parse(const char *vkey, struct pb_note_key *ret_key);
/* The same two for a witness's key (cosignature.h). */
bool pb_cosigner_make(const char *name, const uint8_t public_key[static 32], struct pb_note_key *ret_key);
bool pb_cosigner_parse(const char *vkey, struct pb_note_key *ret_key);
/* Of either. */
void pb_note_key_format(const struct pb_note_key *key, char ret_vkey[static PB_VKEY_MAX + 1]);

enum pb_note_verdict {
	PB_NOTE_GOOD,
	PB_NOTE_MALFORMED,
	PB_NOTE_UNKNOWN, /* well made, but no key we know signed it */
	PB_NOTE_FORGED,	 /* a signature in the name of a key we know is not that key's */
};

/* ret_text: with its last LF, borrowed from `note`; only when good.  count: at most 64.  ret_signers (NULL
 * allowed): bit i is set when keys[i] signed. */
enum pb_note_verdict pb_note_open(struct pb_view note, const struct pb_note_key *keys, size_t count,
				  struct pb_view *ret_text, uint64_t *ret_signers);
/* One signature line; the note is text, LF, and the lines. */
void pb_note_put_signature(struct pb_writer *writer, const struct pb_note_key *key, const uint8_t sig[static 64]);

/* Whether this is its first line: of a checkpoint the origin.  Nothing is believed yet. */
bool pb_note_is_headed(struct pb_view note, const char *line);

struct pb_checkpoint {
	char origin[PB_ORIGIN_MAX + 1];
	uint64_t size;
	struct pb_hash root;
};

/* Three lines, with the last LF. */
void pb_checkpoint_put(struct pb_writer *writer, const struct pb_checkpoint *checkpoint);
/* Exactly what pb_checkpoint_put writes: extension lines, which nobody could audit, are refused. */
bool pb_checkpoint_parse(struct pb_view text, struct pb_checkpoint *ret_checkpoint);

#endif
