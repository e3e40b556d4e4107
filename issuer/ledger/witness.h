/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office and its witnesses, from both ends: what its ledger asks of a witness and keeps of the answers, and how it
 * answers when it is the witness itself.  Requests and answers are text (add_checkpoint.h); how they travel is not asked.
 *
 * Not for: the witness's memory and key, which are with the keys (keys/keyd/witness_book.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_WITNESS_H
#define PROFBILET_ISSUER_LEDGER_WITNESS_H

#include "issuer/ledger/add_checkpoint.h"
#include "issuer/ledger/ledger.h"
#include "issuer/ledger/witness_policy.h"

/* ---- the ledger's end */

/* The largest tree under the ledger's present name that this witness has cosigned, as far as it is known here; 0: none. */
PB_MUST_USE enum pb_status pb_ledger_seen_by(struct pb_ledger *ledger, const struct pb_note_key *witness, uint64_t *ret_size,
					     struct pb_err *err);
/* A request for the last checkpoint, from `old_size`, which the witness has seen, into `writer`.  PB_NOT_FOUND when the
 * ledger is smaller than that: entries that a witness has seen are missing. */
PB_MUST_USE enum pb_status pb_ledger_ask_witness(struct pb_ledger *ledger, uint64_t old_size, struct pb_writer *writer,
						 struct pb_err *err);

/* What came of an answer. */
struct pb_witness_words {
	bool conflict;	    /* the witness has seen another size: ask again from `size` */
	bool refused;	    /* with `status`, an enum pb_add_verdict */
	uint64_t size;	    /* of the checkpoint that was cosigned, or that the witness has seen */
	unsigned status;
};

/* Stores the cosignature of this witness, on whichever checkpoint it is.  PB_INPUT_INVALID when the answer is none, or
 * has no cosignature by that key on a checkpoint of this ledger. */
PB_MUST_USE enum pb_status pb_ledger_take_answer(struct pb_ledger *ledger, const struct pb_note_key *witness,
						 struct pb_view answer, struct pb_witness_words *ret_words, struct pb_err *err);

/* The largest checkpoint that the policy calls witnessed; 0: none is. */
PB_MUST_USE enum pb_status pb_ledger_last_witnessed(struct pb_ledger *ledger, const struct pb_witness_policy *policy,
						    uint64_t *ret_size, struct pb_err *err);

/* An entry that says it is older than its ledger was without it. */
struct pb_backdated {
	uint64_t entry;	 /* 0: none was found */
	int64_t said;	 /* its time */
	uint64_t seen_at; /* when a witness of the policy signed for the tree that ends before it */
};

/* The first such, where a request may travel for `travel` seconds.  A witness signs for the tree he is shown, so what was
 * entered while the request was on its way is older than the cosignature, and no sin: only more than that is one. */
PB_MUST_USE enum pb_status pb_ledger_find_backdated(struct pb_ledger *ledger, const struct pb_witness_policy *policy,
						    int64_t travel, struct pb_backdated *ret_backdated, struct pb_err *err);

/* ---- the witness's end */

enum { PB_WITNESS_REPLY_MAX = 512 };

struct pb_witness_reply {
	unsigned status; /* enum pb_add_verdict */
	char body[PB_WITNESS_REPLY_MAX]; /* with NUL: of 200 the line, of 409 the size, else empty */
};

/* Answers one request for a ledger of the policy, as the witness `name`; nobody is a witness of his own ledger, whatever its
 * name is now.  A refusal is a reply; an error is that nothing could be said (pb_keystore_cosign). */
PB_MUST_USE enum pb_status pb_witness_answer(const struct pb_keystore *keys, const char *name,
					     const struct pb_witness_policy *policy, struct pb_view request,
					     struct pb_witness_reply *ret_reply, struct pb_err *err);
/* An answer as a file: the body of 200 and 409, and "refused STATUS" of the others. */
void pb_witness_reply_put(struct pb_writer *writer, const struct pb_witness_reply *reply);

#endif
