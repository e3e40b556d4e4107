/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the journeys of issuer/core/ work with: the parts of one office, lent by whoever opened them
 * (issuer/app/), and the rules the office set.  Core knows no file, no SQL, no terminal and no HTTP; it
 * is the same whoever calls it.  All parts are thread-safe, so that several stations may issue at once.
 */
#ifndef PROFBILET_ISSUER_CORE_OFFICE_H
#define PROFBILET_ISSUER_CORE_OFFICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct pb_design;   /* print/design.h */
struct pb_keystore; /* keys/keystore.h */
struct pb_ledger;   /* issuer/ledger/ledger.h */
struct pb_register; /* issuer/register/register.h */

enum { PB_HOST_MAX = 64 };

struct pb_policy {
	char verify_host[PB_HOST_MAX]; /* of the verify page */
	int valid_years;	       /* valid to 31 December of the year of issue plus this */
	int32_t zone;		       /* of the office, seconds east of UTC */
	bool allow_copyable;	       /* cards may be made of chips that anybody can copy */
	bool photo_required;
	int photo_max_age_years;       /* 0: any age */
	int64_t card_wait_ms;	       /* how long a station waits for a card */
	/* what every face says; borrowed */
	const char *title_line, *organisation_line, *return_line, *contact_line;
};

struct pb_office {
	struct pb_ledger *ledger;
	struct pb_keystore *keys;
	struct pb_register *members;
	struct pb_design *design; /* of the faces */
	const struct pb_clock *clock;
	struct pb_policy policy;
};

#endif
