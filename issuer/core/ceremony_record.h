/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of a ceremony when it is over: who took part by number, when each step was done, what the keys
 * are.  The paper protocol says it to people; this says it to programs, as a file protocol.note beside the
 * backup: INI text (base/ini.h) inside a C2SP signed note, signed by the checkpoint key that the ceremony
 * made.  So it belongs to these keys and to no others, and nobody has changed a word of it since.
 *
 * Whoever restores keys compares them with it; an office that is set up from a ceremony takes it into its ledger.
 *
 * Not for: the paper (print/paper.h), names of people: none is in it.
 */
#ifndef PROFBILET_ISSUER_CORE_CEREMONY_RECORD_H
#define PROFBILET_ISSUER_CORE_CEREMONY_RECORD_H

#include "issuer/core/key_facts.h"
#include "issuer/ledger/ledger.h"
#include "keys/shares.h"

#define PB_CEREMONY_RECORD_FILE "protocol.note"

enum {
	PB_CEREMONY_NAME = 2 * PB_SHARE_SET + 1,
	PB_CEREMONY_RECORD_MAX = 4096,
	PB_CEREMONY_DIGEST = 2 * 32 + 1, /* hex of a SHA-256 */
	PB_CEREMONY_STEPS_MAX = 16,
};

enum pb_ceremony_moment { PB_MOMENT_KEYS, PB_MOMENT_SHARES, PB_MOMENT_READ, PB_MOMENT_SEALED, PB_MOMENTS };

struct pb_ceremony_record {
	char name[PB_CEREMONY_NAME];
	uint8_t needed, count; /* shares */
	int64_t at[PB_MOMENTS]; /* Unix seconds, by the clock of that machine */
	char backup[PB_CEREMONY_DIGEST], paper[PB_CEREMONY_DIGEST]; /* keys.backup, and the PDF that was printed */
	struct pb_key_facts facts;
};

/* Signed with the checkpoint key of `store`; ret_note is text with its NUL. */
PB_MUST_USE enum pb_status pb_ceremony_record_sign(const struct pb_ceremony_record *record, const struct pb_keystore *store,
						   char ret_note[static PB_CEREMONY_RECORD_MAX], struct pb_err *err);
/* PB_KEYS_UNAVAILABLE when it is not such a record, or another key's. */
PB_MUST_USE enum pb_status pb_ceremony_record_open(struct pb_view note, const uint8_t checkpoint_public[static 32],
						   struct pb_ceremony_record *ret_record, struct pb_err *err);
/* As entries of the ledger; returns how many. */
size_t pb_ceremony_record_steps(const struct pb_ceremony_record *record,
				struct pb_ceremony_step ret_steps[static PB_CEREMONY_STEPS_MAX]);

#endif
