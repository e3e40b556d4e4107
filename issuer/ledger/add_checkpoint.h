/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a ledger asks of a witness (C2SP tlog-witness, add-checkpoint), as text that goes over HTTP or on a stick, and
 * how the witness judges it:
 *
 *     old 20                                     the size that the witness has seen
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=   consistency proof from there, one hash a line
 *
 *     the checkpoint, a signed note
 *
 * Pure: whoever judges brings what he has seen, and must check and store it as one step before he answers.
 *
 * Not for: keeping what was seen and signing (keys/keyd/witness_book.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_ADD_CHECKPOINT_H
#define PROFBILET_ISSUER_LEDGER_ADD_CHECKPOINT_H

#include "issuer/ledger/note.h"

enum {
	PB_ADD_CHECKPOINT_PROOF_MAX = 63,   /* hashes */
	PB_ADD_CHECKPOINT_MAX = 16 * 1024,  /* bytes of a request that is looked at */
};

#define PB_SIZE_CONTENT_TYPE "text/x.tlog.size" /* of the answer 409: the size the witness has, and LF */

struct pb_add_checkpoint {
	uint64_t old_size;
	struct pb_merkle_proof proof;
	struct pb_view note; /* borrowed; of any content until it is opened */
};

void pb_add_checkpoint_put(struct pb_writer *writer, const struct pb_add_checkpoint *request);
/* Strict: what is taken, pb_add_checkpoint_put writes back byte for byte. */
bool pb_add_checkpoint_parse(struct pb_view body, struct pb_add_checkpoint *ret_request);

/* The answers, by their HTTP statuses. */
enum pb_add_verdict {
	PB_ADD_COSIGNED = 200,
	PB_ADD_BAD_REQUEST = 400,
	PB_ADD_FORBIDDEN = 403,	    /* not signed by the ledger's key, or a signature in its name is not its */
	PB_ADD_UNKNOWN_LOG = 404,
	PB_ADD_CONFLICT = 409,	    /* the witness has seen another size; he answers with it */
	PB_ADD_UNPROVEN = 422,	    /* the tree does not go on from what the witness has seen: maybe a fork */
};

/* Whose checkpoint it is, of `logs`, and that it is signed: PB_ADD_COSIGNED means so far.  *ret_log, *ret_checkpoint and
 * ret_text (borrowed from the note) only then. */
enum pb_add_verdict pb_add_checkpoint_open(const struct pb_add_checkpoint *request, const struct pb_note_key *logs, size_t count,
					   const struct pb_note_key **ret_log, struct pb_checkpoint *ret_checkpoint,
					   struct pb_view *ret_text);

/* The largest tree that a witness has signed for; size 0 and no root: none yet. */
struct pb_seen_tree {
	uint64_t size;
	struct pb_hash root;
};

/* Whether the checkpoint may be signed for by one who has seen that. */
enum pb_add_verdict pb_add_checkpoint_judge(uint64_t old_size, const struct pb_merkle_proof *proof,
					    const struct pb_checkpoint *checkpoint, const struct pb_seen_tree *seen);

#endif
