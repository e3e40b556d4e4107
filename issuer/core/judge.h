/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Judging what a card or a QR code shows: the part of verifying that needs public keys and nothing else.  Who knows
 * whether the card is still good is asked through one function: the office has its ledger (verify.h), a shop its status
 * lists, an auditor the entries he has replayed himself (issuer/audit).
 *
 * Not for: reading cards and photos; an exhibit is made of what was read.
 */
#ifndef PROFBILET_ISSUER_CORE_JUDGE_H
#define PROFBILET_ISSUER_CORE_JUDGE_H

#include "issuer/core/verify.h"
#include "issuer/ledger/lifecycle.h"

/* What is shown.  It points into itself: not to be copied. */
struct pb_exhibit {
	struct pb_credential_token token;
	struct pb_credential credential; /* of the token */
	struct pb_aad aad;
	/* What the chip has shown: CHIP_KEY, it signed a fresh challenge with the key that the credential is bound to; CHIP_UID,
	 * its kind has nothing but a UID to be bound to; NONE, neither, or there is no chip. */
	enum pb_proof proof;
};

/* The exhibit is complete with PB_FAULT_NONE only; whether its kind belongs where it was found is the caller's question. */
PB_MUST_USE enum pb_credential_fault pb_exhibit_of_card(const struct pb_card_identity *card, const struct pb_card_image *image,
							struct pb_view challenge, struct pb_exhibit *ret_exhibit);
/* `host`: the one the address must name; NULL: whichever. */
PB_MUST_USE enum pb_credential_fault pb_exhibit_of_text(const char *text, const char *host, struct pb_exhibit *ret_exhibit);

/* PB_VERDICT_VALID: not refused.  Sets in the report what was asked. */
typedef enum pb_status pb_revocation_fn(void *ctx, const struct pb_exhibit *exhibit, struct pb_verification *report,
					enum pb_verdict *ret_verdict, struct pb_err *err);

struct pb_judge {
	const struct pb_trust *trust;
	int64_t now;
	pb_revocation_fn *revocation; /* asked when all else is true */
	void *ctx;
};

/* Fills `report`, which was zero.  Only asking about revocation can fail. */
PB_MUST_USE enum pb_status pb_judge(const struct pb_judge *judge, const struct pb_exhibit *exhibit, struct pb_verification *report,
				    struct pb_err *err);

/* What the ledger's word about a card comes to. */
enum pb_verdict pb_verdict_of_state(enum pb_card_state state);
/* PB_VERDICT_VALID: there is something to examine. */
enum pb_verdict pb_verdict_of_bare_card(const struct pb_card_identity *card);

#endif
