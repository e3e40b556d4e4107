/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which master keys an office has: one row for each family of cards, and of each family one key for each
 * *generation*.  A generation's key version number (KVN) is what a card says it is under; its check value
 * (KCV) is what people compare.  The rule of the numbers is card-applet-spec/README.md 7.7: the first of the
 * family's range, then one more each time, none used twice.
 *
 * Cards that are given keys get those of the newest generation; older ones stay, to open the cards that have
 * not been moved yet.  Another family of chips is another row here.
 *
 * An office has the key of a family from the beginning where the row says so; of another it makes the first one when
 * it buys such cards (pb_keystore_roll_master).
 *
 * Not for: where keys are kept (keys/backend.h), making the next one (keys/keystore.h).
 */
#ifndef PROFBILET_KEYS_MASTER_KEYS_H
#define PROFBILET_KEYS_MASTER_KEYS_H

#include "base/bytes.h"
#include "keys/diversify.h"

/* Written into the ledger: never renumbered. */
enum pb_master_family {
	PB_MASTER_APPLET, /* card-applet-spec/: SCP03 key sets of the security domain */
	PB_MASTER_PIV,	  /* the management key, 9B */
	PB_MASTER_NTAG424, /* the five keys of the application */
	PB_MASTER_DESFIRE, /* the keys of our application */
	PB_MASTER_FAMILY_COUNT
};

struct pb_master_family_row {
	const char *name; /* "applet": in file names, labels and on paper */
	uint8_t first, last; /* KVNs; no two families share one, so that a KVN names its family; never 00 nor FF, the factories' */
	bool from_start;     /* made with the key directory */
	struct pb_view system; /* in the diversification input: what on the card the keys are for */
};

/* Never NULL; static memory. */
const struct pb_master_family_row *pb_master_family_row(enum pb_master_family family);
bool pb_master_kvn_valid(enum pb_master_family family, uint8_t kvn);
/* Whose KVN it is; PB_MASTER_FAMILY_COUNT for none's. */
enum pb_master_family pb_master_family_of_kvn(uint8_t kvn);
/* The diversification input (keys/diversify.h) of key `number` of a card of that family. */
void pb_master_put_input(enum pb_master_family family, struct pb_view uid, uint8_t number, struct pb_writer *input);
/* "piv": PB_MASTER_FAMILY_COUNT when there is none of that name. */
enum pb_master_family pb_master_family_find(const char *name);

enum {
	PB_MASTER_KVNS = 16, /* generations that a family's range has room for */
	PB_GENERATIONS_MAX = PB_MASTER_FAMILY_COUNT * PB_MASTER_KVNS,
};

/* Of one master key, all that may be known of it. */
struct pb_generation {
	enum pb_master_family family;
	uint8_t kvn;
	uint8_t kcv[PB_KCV_LEN];
};

/* In order of family and KVN. */
struct pb_generations {
	size_t count;
	struct pb_generation list[PB_GENERATIONS_MAX];
};

/* NULL when there is none; borrowed from the list. */
const struct pb_generation *pb_generation_find(const struct pb_generations *generations, enum pb_master_family family,
					       uint8_t kvn);
/* The newest of the family; NULL when it has none. */
const struct pb_generation *pb_generation_current(const struct pb_generations *generations, enum pb_master_family family);

/* "card-master-applet-30": stem of its file and of its label in a token. */
enum { PB_MASTER_NAME = 32 };
void pb_master_name(enum pb_master_family family, uint8_t kvn, char ret_name[static PB_MASTER_NAME]);

#endif
