/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A proof that an entry is in the ledger, as a file that is verified with public keys only (C2SP tlog-proof): the
 * entry's index, its inclusion proof, and the checkpoint with whatever witnesses have signed.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64          the entry itself, so that its hash can be made; left out where the reader has the entry
 *     index 417
 *     BASE64                the inclusion proof, from the leaf upwards, one hash a line
 *
 *     the checkpoint, a signed note
 *
 * Not for: whether enough witnesses have signed.  The note is given as it is, for whoever has a policy.
 */
#ifndef PROFBILET_ISSUER_LEDGER_TLOG_PROOF_H
#define PROFBILET_ISSUER_LEDGER_TLOG_PROOF_H

#include "issuer/ledger/note.h"

enum {
	PB_TLOG_EXTRA_MAX = 4096, /* bytes before base64 */
	PB_TLOG_PROOF_MAX = PB_NOTE_MAX + 16384,
};

struct pb_tlog_proof {
	uint8_t extra[PB_TLOG_EXTRA_MAX]; /* nobody has signed it */
	size_t extra_n;			  /* 0: none */
	uint64_t index;
	struct pb_merkle_proof path;
	struct pb_view note; /* borrowed; of any content until it is opened */
};

/* What pb_tlog_proof_parse takes; an overrun is the writer's to tell. */
void pb_tlog_proof_put(struct pb_writer *writer, const struct pb_tlog_proof *proof);
/* Strict: what is taken, pb_tlog_proof_put writes back byte for byte.  The note is borrowed from `text`. */
bool pb_tlog_proof_parse(struct pb_view text, struct pb_tlog_proof *ret_proof);

enum pb_tlog_verdict {
	PB_TLOG_PROVEN,
	PB_TLOG_NOTE_MALFORMED, /* what is below the proof is no signed note, or not of a checkpoint */
	PB_TLOG_NOTE_UNKNOWN,	/* not signed by the ledger's key */
	PB_TLOG_NOTE_FORGED,	/* a signature of a known key is not that key's */
	PB_TLOG_ORIGIN,		/* signed by that key, but of a ledger of another name */
	PB_TLOG_NOT_THERE,	/* the proof does not lead from this entry to the checkpoint's root */
};

/* That `entry` is in the tree of the proof's checkpoint, which `log` has signed.  *ret_checkpoint only when proven. */
enum pb_tlog_verdict pb_tlog_proof_check(const struct pb_tlog_proof *proof, struct pb_view entry,
					 const struct pb_note_key *log, struct pb_checkpoint *ret_checkpoint);

#endif
