/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making the next trust list of a folder: what the accepted one says, with the issuers whose certificates have
 * come into the folder since, the changes that are asked for, and the next number.  Signed, and not yet accepted:
 * whoever publishes enters it into the ledger first, then takes it in (pb_trust_accept).
 *
 * States only ever narrow trust: a retired key does not sign again, a compromised one is never good again.
 */
#ifndef PROFBILET_KEYS_TRUST_PUBLISH_H
#define PROFBILET_KEYS_TRUST_PUBLISH_H

#include "keys/trust_list.h"

struct pb_keystore;

/* What becomes of an issuer. */
struct pb_trust_change {
	uint8_t kid[PB_P256_KID];
	enum pb_issuer_state state;
	int64_t last_signing; /* 0: as it was; never later than it was */
};

struct pb_trust_publication {
	const char *directory; /* the trust folder, with issuer-*.pem and trust-list-*.pem */
	const struct pb_keystore *store;
	int64_t now;
	uint64_t above; /* the number will be larger than this, too: the last one that was ever entered */
	const struct pb_trust_change *changes;
	size_t change_count;
	/* What is said of the issuers of this code besides their certificates; "" or NULL: nothing. */
	const char *code, *status_base, *checkpoint;
};

struct pb_trust_draft {
	uint64_t sequence;
	uint8_t digest[32]; /* SHA-256 of the token */
	uint8_t *token;
	size_t n;
};

/* PB_NOT_FOUND: no issuer of that kid; PB_CONFLICT: a change that would widen trust; PB_KEYS_UNAVAILABLE names
 * the certificate that is damaged or under no pinned root; else as pb_trust_list_sign. */
PB_MUST_USE enum pb_status pb_trust_publication_make(const struct pb_trust_publication *publication,
						     struct pb_trust_draft *ret_draft, struct pb_err *err);
void pb_trust_draft_finish(struct pb_trust_draft *draft); /* accepts zero */

#endif
