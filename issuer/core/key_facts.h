/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be said of a key folder without giving anything away: names, fingerprints, check values.  The
 * signed protocol of a ceremony has them on paper and as a file (ceremony_record.h); whoever restores the keys
 * compares.
 *
 * Not for: the keys (keys/keystore.h), the paper (print/paper.h).
 */
#ifndef PROFBILET_ISSUER_CORE_KEY_FACTS_H
#define PROFBILET_ISSUER_CORE_KEY_FACTS_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "keys/roles.h"

struct pb_keystore;

enum { PB_KEY_FACT_TEXT = 65 };

/* In the order of the protocol; as text, so that paper, file and comparison show the same. */
enum pb_key_fact {
	PB_KEY_FACT_ISSUER_CODE,
	PB_KEY_FACT_KID,
	PB_KEY_FACT_ROOT,	/* SHA-256 of the certificate, as openssl x509 -fingerprint has it */
	PB_KEY_FACT_ROOT_SPARE,
	PB_KEY_FACT_ISSUER,	/* the same of the issuer's */
	PB_KEY_FACT_STATUS_LIST,
	PB_KEY_FACT_TRUST_LIST,
	PB_KEY_FACT_CHECKPOINT, /* the ledger's public key */
	PB_KEY_FACT_KVN,	/* of the card keys */
	PB_KEY_FACT_KCV,	/* of the card master key */
	PB_KEY_FACTS
};

struct pb_key_facts {
	bool test;
	char text[PB_KEY_FACTS][PB_KEY_FACT_TEXT];
};

/* Opens the folder, as an office would, and looks. */
PB_MUST_USE enum pb_status pb_key_facts_read(const char *key_directory, const struct pb_secret *passphrase,
					     const struct pb_clock *clock, struct pb_key_facts *ret_facts,
					     struct pb_err *err);

/* The same of a store that is open: of a token's, or of another process's, too. */
PB_MUST_USE enum pb_status pb_key_facts_of(const struct pb_keystore *store, const char *key_directory,
					   struct pb_key_facts *ret_facts, struct pb_err *err);

/* SHA-256 of the certificate of the key with this id, as openssl x509 -fingerprint has it. */
PB_MUST_USE enum pb_status pb_key_facts_fingerprint(const char *key_directory, enum pb_key_role role,
						    const uint8_t kid[static 8], uint8_t ret_digest[static 32],
						    struct pb_err *err);

/* "root-certificate": its stable name in files; PB_KEY_FACTS for a name that is none. */
const char *pb_key_fact_name(enum pb_key_fact fact);
enum pb_key_fact pb_key_fact_find(const char *name);
/* PB_KEYS_UNAVAILABLE names the first that differs. */
PB_MUST_USE enum pb_status pb_key_facts_compare(const struct pb_key_facts *protocol, const struct pb_key_facts *found,
						struct pb_err *err);

#endif
