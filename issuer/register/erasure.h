/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The erasure of a person that is under way: one row that says what was decided and how far it has come, so that a
 * crash at any moment leaves something to finish.  It holds the person's name until the act is on the disk, for the
 * act must say whose data it was, and then no more.
 *
 *     intended     decided, and nothing destroyed
 *     destroyed    the register and the ledger have nobody any more; the act is due
 *     forgotten    the act is on the disk, and this row names nobody; the log is still to be emptied
 *
 * Not for: the order of the steps (issuer/core/erasure.h), the paper (print/act.h), the ledger's entries.
 */
#ifndef PROFBILET_ISSUER_REGISTER_ERASURE_H
#define PROFBILET_ISSUER_REGISTER_ERASURE_H

#include "issuer/register/register.h"

enum { PB_ERASURE_CODE = 16, PB_ERASURE_PATH = 1024, PB_ERASURE_ACTOR = 65 };

/* Stored: never renumbered. */
enum pb_erasure_state { PB_ERASURE_INTENDED = 1, PB_ERASURE_DESTROYED, PB_ERASURE_FORGOTTEN };

struct pb_erasure {
	enum pb_erasure_state state;
	int64_t member; /* id */
	char number[PB_MEMBER_NUMBER_CAP];
	char surname[PB_NAME_CAP], name[PB_NAME_CAP], patronymic[PB_NAME_CAP];
	unsigned categories; /* of what there was: bits by enum pb_act_category (print/act.h) */
	int reason;	     /* enum pb_reason (issuer/ledger/entry.h) */
	char actor[PB_ERASURE_ACTOR];
	uint8_t code[PB_ERASURE_CODE]; /* of the act: opens the commitment of the ledger's entries */
	char papers[PB_ERASURE_PATH], photos[PB_ERASURE_PATH]; /* folders; the last may be empty */
	char executor[PB_TITLE_CAP];			       /* who destroys it, for the act; may be empty */
	uint64_t first, count;				       /* the ledger's entries, once there are any */
	int64_t at;					       /* Unix seconds: decided, then destroyed */
};

/* In a transaction of its own, durable.  PB_CONFLICT when another one is under way. */
PB_MUST_USE enum pb_status pb_erasure_put(struct pb_register *reg, const struct pb_erasure *erasure, struct pb_err *err);
/* *ret_found false when none is under way, ret_erasure untouched then. */
PB_MUST_USE enum pb_status pb_erasure_find(struct pb_register *reg, struct pb_erasure *ret_erasure, bool *ret_found,
					   struct pb_err *err);
/* Photo, history and row of the member, and the state: destroyed, by these entries.  In a transaction of the caller's. */
PB_MUST_USE enum pb_status pb_erasure_destroy(struct pb_register *reg, const struct pb_erasure *erasure, struct pb_err *err);
/* The row names nobody any more, and: it is over.  Each in a transaction of its own. */
PB_MUST_USE enum pb_status pb_erasure_forget(struct pb_register *reg, struct pb_err *err);
PB_MUST_USE enum pb_status pb_erasure_end(struct pb_register *reg, struct pb_err *err);

#endif
