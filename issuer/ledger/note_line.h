/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The signature lines of a note, for the files that make and check them (note.c, cosignature.c).
 * Not for readers of notes: a line says nothing until it was checked.
 */
#ifndef PROFBILET_ISSUER_LEDGER_NOTE_LINE_H
#define PROFBILET_ISSUER_LEDGER_NOTE_LINE_H

#include "issuer/ledger/note.h"

enum { PB_NOTE_SIG_MAX = 1024 };

struct pb_note_line {
	struct pb_view name; /* borrowed */
	uint8_t bytes[PB_NOTE_SIG_MAX]; /* key id, signature */
	size_t n;
};

/* Without its LF. */
bool pb_note_line_parse(struct pb_view line, struct pb_note_line *ret_line);
/* Whether it is in the name, and has the id, of that key. */
bool pb_note_line_is_by(const struct pb_note_line *line, const struct pb_note_key *key);
/* With its LF; `sig`: what comes after the key id. */
void pb_note_line_put(struct pb_writer *writer, const struct pb_note_key *key, struct pb_view sig);

#endif
