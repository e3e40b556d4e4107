/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hopper of cards before one reader: it takes blanks from a tray, one file each, and drops finished
 * cards into another folder.  The change happens when the reader takes the power away, as a feeder is
 * driven by the eject, so a host never waits for a polling service to notice the gap.
 *
 * Several hoppers may share a tray: a card is taken by rename.  The card that lies on the reader is in
 * TRAY/reader-PORT/, and lies there again after a restart.
 */
#ifndef PROFBILET_SOFTCARD_HOPPER_H
#define PROFBILET_SOFTCARD_HOPPER_H

#include "softcard/softcard.h"

enum hopper_advance {
	HOPPER_NEVER,	     /* the first card stays */
	HOPPER_PERSONALISED, /* when it is LOCKED or TERMINATED */
	HOPPER_PROVED,	     /* when it has signed a challenge since its power came on */
};

/* One fault for one card. */
struct hopper_fault {
	unsigned long card; /* the how manieth this hopper takes, from 1; 0: each */
	struct softcard_fault fault;
};

struct hopper_options {
	const char *tray, *done;
	enum hopper_advance advance;
	struct softcard_timing timing;
	const struct hopper_fault *faults;
	size_t fault_count;
	unsigned port;
	bool listen;	       /* wait for the reader instead of connecting to it */
	bool until_empty;      /* return when the tray is empty, instead of waiting for more */
	bool durable;
	unsigned silence_ms;   /* how long a silent card is left lying before someone takes it away */
};

/* "foreign", "3:torn-new@7": a fault, and for which card, the first when it is not said; "*:" is each. */
bool hopper_fault_parse(const char *text, struct hopper_fault *ret_fault);
/* Runs until the tray is empty, or for good.  Says one line on stdout for each card done. */
PB_MUST_USE enum pb_status hopper_run(const struct hopper_options *options, struct pb_err *err);

/* `count` factory-fresh blanks, each like `blank` but for its UID, as UID.card in `dir`, which is made.  With a
 * seed (may be NULL) the same UIDs each time. */
PB_MUST_USE enum pb_status hopper_make_blanks(const char *dir, unsigned count, const char *seed,
					      const struct softcard_options *blank, struct pb_err *err);

#endif
