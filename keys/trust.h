/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom a verifier believes: a folder with the pinned roots and the issuer certificates under them.  It holds
 * no secret; a key directory's public/ is such a folder, and may be copied to any shop or auditor.
 *
 *     root.pem            the pinned root: whoever can write here decides whom to trust
 *     root-spare.pem      optional: a second root, made on the same day and kept elsewhere (keys/roots.h)
 *     issuer-*.pem        one certificate each; one that chains to neither root spoils the folder
 *     checkpoint.pem      the Ed25519 key of the ledger's checkpoints, if known
 *     trust.ini           optional: what happened to an issuer since its certificate was made
 *
 *         [1f0c...]                       kid, 16 hex digits
 *         state = retired                 active, retired (its old cards stay good), compromised (none is)
 *         last-signing = 2027-01-31       nothing signed after this day (UTC) counts
 *
 * Not for: the verdict.  Dates and states are given as they are; issuer/core weighs the state and the last day
 * of signing, and not yet the dates of the certificate.
 */
#ifndef PROFBILET_KEYS_TRUST_H
#define PROFBILET_KEYS_TRUST_H

#include "base/err.h"
#include "keys/crypto/p256.h"
#include "keys/trust_list.h"

struct pb_issuer {
	uint8_t kid[8];
	char code[17];	/* the "iss" of its credentials */
	char name[257]; /* UTF-8 */
	bool test;	/* cards of such an issuer are never real ones */
	enum pb_issuer_state state;
	int64_t valid_from, valid_until; /* of the certificate, UTC seconds, both included */
	int64_t last_signing;		 /* what is dated later was not signed by the office */
	const struct pb_p256_public *key; /* decoded; shared by threads; lives as long as the trust */
};

struct pb_trust;

/* PB_KEYS_UNAVAILABLE names the file that is missing, damaged or not under a root; PB_CONFIG_INVALID
 * the line of trust.ini. */
PB_MUST_USE enum pb_status pb_trust_load(const char *dir, struct pb_trust **ret_trust, struct pb_err *err);
void pb_trust_destroy(struct pb_trust *trust); /* accepts NULL */

size_t pb_trust_count(const struct pb_trust *trust);
/* Borrowed; index below the count. */
const struct pb_issuer *pb_trust_issuer(const struct pb_trust *trust, size_t index);
/* A kid is a short hash and several issuers may share it: try each until NULL.
 *
 *     for (i = pb_trust_find(trust, kid, NULL); i != NULL; i = pb_trust_find(trust, kid, i))
 */
const struct pb_issuer *pb_trust_find(const struct pb_trust *trust, const uint8_t kid[static 8],
				      const struct pb_issuer *after);
/* False when the folder has no checkpoint.pem. */
bool pb_trust_checkpoint_public(const struct pb_trust *trust, uint8_t ret_public[static 32]);

#endif
