/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name of a ledger after it was restored.  An origin is one append-only history for ever: who comes back from
 * a backup has lost entries that somebody may have seen signed, so he must not sign another history under that name.  He
 * goes on with the entries he has under a new one, and an entry (RESTORED) says so:
 *
 *     profbilet.example/office/75                  before
 *     profbilet.example/office/75/r2-5f3a9c01      the second beginning
 *     profbilet.example/office/75/r3-d0417be2      the third
 *
 * The eight digits are chance: one backup that is restored twice gives two names, and not one name for two histories.
 *
 * Not for: deciding that a ledger was restored (pb_ledger_begin_anew in ledger.h is told so).
 */
#ifndef PROFBILET_ISSUER_LEDGER_ORIGIN_H
#define PROFBILET_ISSUER_LEDGER_ORIGIN_H

#include "issuer/ledger/note.h"

enum { PB_ORIGIN_CHANCE = 4 };

/* False when the name would be longer than PB_ORIGIN_MAX. */
bool pb_origin_next(const char *origin, const uint8_t chance[static PB_ORIGIN_CHANCE],
		    char ret_origin[static PB_ORIGIN_MAX + 1]);

/* Whether `entry`, which is RESTORED and comes after `index` entries with this root, begins the ledger of `before` anew:
 * it names the old origin, its size and its root, a new origin that pb_origin_next can have made, and the same key.
 * *ret_key: who signs from now on. */
bool pb_origin_begins_anew(const struct pb_entry *entry, const struct pb_note_key *before, uint64_t index,
			   const struct pb_hash *root, struct pb_note_key *ret_key);

#endif
