/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the audit share: its state while it walks the ledger.  Nobody else includes this;
 * what an audit finds is in audit.h.
 */
#ifndef PROFBILET_ISSUER_LEDGER_AUDIT_INTERNAL_H
#define PROFBILET_ISSUER_LEDGER_AUDIT_INTERNAL_H

#include "issuer/ledger/audit.h"
#include "issuer/ledger/internal.h"
#include "issuer/ledger/replay.h"

struct audit {
	struct pb_ledger *ledger;
	struct pb_findings findings;
	struct pb_replay replay;
	struct pb_audit_summary summary;
	bool root_wrong;      /* said once: every later checkpoint is wrong for the same reason */
	uint64_t good_size;   /* of the last checkpoint whose root was right */
	uint64_t signed_size; /* of the last checkpoint */
	uint64_t unsigned_from; /* the first entry after the last checkpoint that had to be covered */
};

/* audit_cosigned.c: what witnesses have signed, as far as it can be judged without their keys. */
enum pb_status audit_cosigned(struct audit *audit, struct pb_err *err);
/* audit_cards.c: the card table against what was replayed. */
enum pb_status audit_card_table(struct audit *audit, struct pb_err *err);

#endif
