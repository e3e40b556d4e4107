/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a witness says of somebody else's checkpoint (C2SP tlog-cosignature, Ed25519): at this time, of all I have seen
 * of this ledger the largest tree has this size and root, and it goes on from what I saw before.  The signed message is
 *
 *     cosignature/v1
 *     time 1679315147
 *     profbilet.example/office/75      the text of the checkpoint, byte for byte
 *     28
 *     YxZ...=
 *
 * and the signature line holds key id, time and signature.  A witness's key (pb_cosigner_make in note.h) signs such
 * messages and nothing else; a checkpoint key never signs one.
 *
 * Not for: whether the statement is true (add_checkpoint.h), whose word is enough (witness_policy.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_COSIGNATURE_H
#define PROFBILET_ISSUER_LEDGER_COSIGNATURE_H

#include "issuer/ledger/note.h"

enum {
	PB_COSIGNATURE = 8 + 64, /* time, Ed25519 signature */
	PB_COSIGNED_MESSAGE_MAX = 512, /* of a checkpoint of three lines */
};

/* `time`: Unix seconds, 1 to 2^63 - 1. */
void pb_cosignature_put_message(struct pb_writer *writer, uint64_t time, struct pb_view text);
void pb_cosignature_put_line(struct pb_writer *writer, const struct pb_note_key *key, uint64_t time,
			     const uint8_t sig[static 64]);

/* `sig` is PB_COSIGNATURE bytes by this key over the text of a checkpoint. */
bool pb_cosignature_check(const uint8_t public_key[static 32], struct pb_view text, struct pb_view sig, uint64_t *ret_time);

/* One signature line, without its LF: PB_NOTE_GOOD, or as pb_note_open.  *ret_time only when good. */
enum pb_note_verdict pb_cosignature_open(struct pb_view line, const struct pb_note_key *key, struct pb_view text,
					 uint64_t *ret_time);

#endif
