/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom a verifier believes: a folder with the pinned roots and one accepted trust list.  It holds no secret;
 * a key directory's public/ is such a folder, and these files of it may be copied to any shop or auditor:
 *
 *     root.pem            the pinned root: whoever can write here decides whom to trust
 *     root-spare.pem      optional: a second root, made on the same day and kept elsewhere (keys/roots.h)
 *     trust.cwt           the list that was accepted last (keys/trust_list.h)
 *     trust.seen          its number and SHA-256: no list of a lower number is accepted any more, and of that
 *                         number no other
 *
 * A list is taken in by pb_trust_accept: beside its place as trust.cwt.new, then into trust.seen, then by one
 * rename, each durable before the next.  A crash in between leaves the old list or the new one; the loader finds
 * the new one at either name.  The certificates in an office's public/ are what lists are made from
 * (keys/trust_publish.h); no verifier reads them.
 *
 * Not for: the verdict.  Dates and states are given as the list has them; issuer/core weighs them.
 */
#ifndef PROFBILET_KEYS_TRUST_H
#define PROFBILET_KEYS_TRUST_H

#include "base/err.h"
#include "keys/crypto/p256.h"
#include "keys/trust_list.h"

struct pb_issuer {
	const struct pb_trust_entry *entry; /* what the list says of it */
	const struct pb_p256_public *key;   /* decoded; shared by threads */
};

struct pb_trust;

/* PB_NOT_FOUND when no list was accepted yet; PB_KEYS_UNAVAILABLE names the file that is missing or damaged,
 * and what is wrong with the list. */
PB_MUST_USE enum pb_status pb_trust_load(const char *dir, struct pb_trust **ret_trust, struct pb_err *err);
/* A list that pb_trust_list_open has accepted, for whoever keeps no folder: takes over its entries and leaves *list empty.
 * `digest`: SHA-256 of the token. */
PB_MUST_USE enum pb_status pb_trust_of_list(struct pb_trust_list *list, const uint8_t digest[static 32],
					    struct pb_trust **ret_trust, struct pb_err *err);
void pb_trust_destroy(struct pb_trust *trust); /* accepts NULL */

/* All borrowed from the trust. */
const struct pb_trust_list *pb_trust_list(const struct pb_trust *trust);
/* SHA-256 (32 bytes) of the accepted token. */
const uint8_t *pb_trust_digest(const struct pb_trust *trust);
size_t pb_trust_count(const struct pb_trust *trust);
const struct pb_issuer *pb_trust_issuer(const struct pb_trust *trust, size_t index); /* below the count */
/* A kid is a short hash and several issuers may share it: try each until NULL.
 *
 *     for (i = pb_trust_find(trust, kid, NULL); i != NULL; i = pb_trust_find(trust, kid, i))
 */
const struct pb_issuer *pb_trust_find(const struct pb_trust *trust, const uint8_t kid[static 8],
				      const struct pb_issuer *after);

/* ---- another list */

/* Whether this folder would take that token: *ret_fault is PB_TRUST_FAULT_NONE, and the list is the caller's to
 * finish.  Nothing is changed. */
PB_MUST_USE enum pb_status pb_trust_examine(const char *dir, struct pb_view token, struct pb_trust_list *ret_list,
					    enum pb_trust_fault *ret_fault, struct pb_err *err);
/* The same, and takes it in; the list that is there already is fine.  One process at a time: the others wait. */
PB_MUST_USE enum pb_status pb_trust_accept(const char *dir, struct pb_view token, struct pb_trust_list *ret_list,
					   enum pb_trust_fault *ret_fault, struct pb_err *err);

#endif
