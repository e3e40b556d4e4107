/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A ledger of as many entries as a large office has after years, made in seconds: INTENT and ISSUED of card after card in
 * a few large commits, each with its checkpoint, and the rows of the cards.  An audit finds nothing in it.
 */
#ifndef PROFBILET_TESTS_BENCH_LARGE_LEDGER_H
#define PROFBILET_TESTS_BENCH_LARGE_LEDGER_H

#include "tests/unit/ledger/office.h"

/* In a folder of its own in memory, where a sync costs nothing: what is measured is the work.  The office is open to
 * write, members up to `cards`, at most 800,000, have a card, and a good many more are ordered. */
void large_ledger_make(struct office *office, unsigned cards);

#endif
