/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forgetting a person (152-FZ, articles 20 and 21): first a durable intent, then the destruction of everything in one
 * commit, then the papers that prove it.  A crash anywhere leaves an intent, and whoever calls again goes on from it;
 * it ends with the person gone and the papers on the disk.
 *
 *     intend  ─ the row of issuer/register/erasure.h ─  destroy  ─ papers ─  forget, end
 *
 * The ledger keeps its entries: what they hold of a person are commitments whose salts are destroyed.
 * Not for: files of the person beside the database, and scrubbing the database itself (issuer/app/erase.h).
 */
#ifndef PROFBILET_ISSUER_CORE_ERASURE_H
#define PROFBILET_ISSUER_CORE_ERASURE_H

#include "issuer/core/office.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/erasure.h"
#include "print/paper.h"

struct pb_erasure_order {
	const char *member_number; /* as pb_member_number_parse gives it */
	enum pb_reason reason;	   /* PB_REASON_CONSENT and after */
	const char *actor;	   /* who asked; stored as a pseudonym */
	const char *executor;	   /* name and post of who destroys it, for the act; may be empty */
	const char *papers;	   /* absolute path of the folder for act and extract */
	const char *photos;	   /* of a folder where the person's photo may lie; may be empty */
};

/* PB_NOT_FOUND; PB_CARD_EXISTS while a card of the member is live; PB_CONFLICT when an erasure is under way. */
PB_MUST_USE enum pb_status pb_erasure_intend(const struct pb_office *office, const struct pb_erasure_order *order,
					     struct pb_err *err);
/* What was intended, in one commit of register and ledger. */
PB_MUST_USE enum pb_status pb_erasure_carry_out(const struct pb_office *office, struct pb_erasure *erasure, struct pb_err *err);

/* What the papers say of the operator. */
struct pb_erasure_operator {
	const char *name, *address, *system;
	bool test;
};

struct pb_erasure_papers {
	uint8_t *act, *extract; /* the caller frees both */
	size_t act_n, extract_n;
};

/* Of what was destroyed.  The same erasure gives the same bytes. */
PB_MUST_USE enum pb_status pb_erasure_print(const struct pb_office *office, const struct pb_erasure *erasure,
					    const struct pb_erasure_operator *by, const struct pb_paper *paper,
					    struct pb_erasure_papers *ret_papers, struct pb_err *err);

#endif
