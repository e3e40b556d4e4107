/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verify journey: a card on a reader, or the text of a QR code, becomes a verdict.  It needs public
 * keys only, and a ledger only where there is one: a steward in a cellar has none.  There the status list
 * answers whether the card is refused, and its age is part of the report; where that list is missing too,
 * the report says that revocation was not looked up.
 *
 * A verdict is a value.  An error means that nothing could be decided (no reader, card pulled away).
 * The report says what was proven and no more: a QR code proves what is printed, not who holds it; only a
 * chip that signs a fresh challenge proves that the card is the original.
 */
#ifndef PROFBILET_ISSUER_CORE_VERIFY_H
#define PROFBILET_ISSUER_CORE_VERIFY_H

#include "base/clock.h"
#include "base/err.h"
#include "issuer/credential/credential.h"
#include "issuer/station/station.h"

struct pb_ledger;
struct pb_statuses;
struct pb_trust;

enum pb_verdict {
	PB_VERDICT_VALID,
	PB_VERDICT_EXPIRED,
	PB_VERDICT_NOT_YET_VALID,
	PB_VERDICT_REVOKED,	   /* lost, stolen, damaged, returned: a shop need not know which */
	PB_VERDICT_NOT_REGISTERED, /* signed by the office's key, and not what its ledger holds: never finished, or not this */
	PB_VERDICT_UNKNOWN_ISSUER, /* no trusted key with this id */
	PB_VERDICT_REFUSED_ISSUER, /* key compromised, or a face dated after its last day of signing; a chip's
				    * credential has no date of signing, so of a chip only a ledger can tell */
	PB_VERDICT_FORGED,	   /* the signature is not the issuer's */
	PB_VERDICT_COPY,	   /* a true record on a chip that is not the one it was issued to */
	PB_VERDICT_MALFORMED,	   /* not a membership credential */
	PB_VERDICT_BLANK,	   /* our application, nothing on it */
	PB_VERDICT_TERMINATED,	   /* our application, wiped for good */
	PB_VERDICT_FOREIGN,	   /* another kind of card */
	PB_VERDICT_COUNT
};

enum pb_proof {
	PB_PROOF_NONE,
	PB_PROOF_PRINTED,  /* printed data only: look at the face and the photo */
	PB_PROOF_CHIP_UID, /* the chip's UID is the credential's: a chip that lies about its UID cannot be told */
	PB_PROOF_CHIP_KEY, /* the chip proved its key: the original */
};

struct pb_verification {
	enum pb_verdict verdict;
	enum pb_proof proof;
	bool test;		 /* signed with test keys: never worth anything */
	bool revocation_checked; /* the ledger or a status list was asked */
	bool by_status_list;	 /* a list was, which knows no more than what was known when it was signed */
	int64_t status_age;	 /* of that list, seconds */
	bool trust_old;		 /* the trust list has expired: the verdict is as good as the list was */
	int64_t trust_age;	 /* of the list, seconds */
	bool decoded;		 /* the fields below are what the credential says */
	enum pb_credential_fault fault; /* MALFORMED: the rule that was broken */
	enum pb_credential_kind kind;
	uint64_t serial;
	char member_number[25];
	char issuer_code[17], issuer_name[241];
	char name[241];		 /* as printed; empty for a chip, which holds none */
	int64_t expires;	 /* exclusive end, UTC seconds */
};

struct pb_verifier {
	const struct pb_trust *trust;
	struct pb_ledger *ledger; /* NULL where there is none */
	const struct pb_statuses *statuses; /* asked where there is no ledger; NULL: there are none */
	const struct pb_clock *clock;
	const char *verify_host;  /* host that the address in a QR code must name */
};

/* Name of a verdict for programs: "valid", "revoked", ... */
const char *pb_verdict_name(enum pb_verdict verdict);

/* Waits up to wait_ms for a card.  The card is not ejected. */
PB_MUST_USE enum pb_status pb_verify_card(const struct pb_verifier *verifier, struct pb_station *station, int64_t wait_ms,
					  struct pb_verification *ret_report, struct pb_err *err);
/* The text of a QR code (an address).  What cannot be read is MALFORMED; only the ledger can fail. */
PB_MUST_USE enum pb_status pb_verify_text(const struct pb_verifier *verifier, const char *text,
					  struct pb_verification *ret_report, struct pb_err *err);

#endif
