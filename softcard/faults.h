/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults on demand: what can befall a card on a reader, at a chosen command.  They change what a host
 * sees, never the rules of the card: a torn write leaves the old state or the new one, as the
 * specification promises, and never a mixture.
 */
#ifndef PROFBILET_SOFTCARD_FAULTS_H
#define PROFBILET_SOFTCARD_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum softcard_fault_kind {
	SOFTCARD_NO_FAULT,
	SOFTCARD_VANISH_BEFORE, /* leaves the field with the command unread */
	SOFTCARD_VANISH_AFTER,	/* executes it, and leaves before the answer */
	SOFTCARD_TORN_OLD,	/* leaves within the first write of the command; the write is undone */
	SOFTCARD_TORN_NEW,	/* the same; the write is completed.  Without a write both are VANISH_AFTER */
	SOFTCARD_STAY_SILENT,	/* executes nothing, answers nothing, stays */
	SOFTCARD_STATUS_WORD,	/* executes nothing, answers `sw` */
	SOFTCARD_SWAPPED,	/* from here on another card answers, a blank that was just powered */
	SOFTCARD_FOREIGN,	/* from the next power-on: another ATR, none of the applications */
	SOFTCARD_WRONG_KEYS,	/* at once and for good: keys of an unknown batch in the security domain */
};

enum { SOFTCARD_FAULTS_MAX = 8 };

struct softcard_fault {
	enum softcard_fault_kind kind;
	unsigned long at; /* command number from arming, from 1; not used by the last two kinds */
	uint16_t sw;
};

/* "vanish-before@3", "vanish-after@3", "torn-old@7", "torn-new@7", "silent@5", "sw=6F00@2", "swapped@4",
 * "foreign", "wrong-keys" */
bool softcard_fault_parse(const char *text, struct softcard_fault *ret_fault);

/* Those that wait on one card. */
struct softcard_faults {
	struct softcard_fault waiting[SOFTCARD_FAULTS_MAX];
};

void softcard_faults_add(struct softcard_faults *faults, const struct softcard_fault *fault);
/* Counts one command; what befalls it is taken out and returned. */
struct softcard_fault softcard_faults_next(struct softcard_faults *faults);

#endif
