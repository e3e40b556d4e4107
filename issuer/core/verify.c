/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a card or a QR code to a verdict, in the order of what must be true first: form, issuer's key,
 * signature, the chip's own key, dates, revocation.  The first thing that is not true is the verdict.
 */
#include "issuer/core/verify.h"

#include <string.h>

#include "issuer/credential/url.h"
#include "issuer/ledger/ledger.h"
#include "keys/crypto/hash.h"
#include "keys/status_folder.h"
#include "keys/trust.h"

/* Shop clocks are wrong and Russia has eleven time zones (card-applet-spec/credential.md). */
enum { DATE_LEEWAY = 24 * 60 * 60 };

static const char *const verdict_names[PB_VERDICT_COUNT] = {
	[PB_VERDICT_VALID] = "valid",
	[PB_VERDICT_EXPIRED] = "expired",
	[PB_VERDICT_NOT_YET_VALID] = "not_yet_valid",
	[PB_VERDICT_REVOKED] = "revoked",
	[PB_VERDICT_NOT_REGISTERED] = "not_registered",
	[PB_VERDICT_UNKNOWN_ISSUER] = "unknown_issuer",
	[PB_VERDICT_REFUSED_ISSUER] = "refused_issuer",
	[PB_VERDICT_FORGED] = "forged",
	[PB_VERDICT_COPY] = "copy",
	[PB_VERDICT_MALFORMED] = "malformed",
	[PB_VERDICT_BLANK] = "blank",
	[PB_VERDICT_TERMINATED] = "terminated",
	[PB_VERDICT_FOREIGN] = "foreign",
};

const char *pb_verdict_name(enum pb_verdict verdict)
{
	return verdict_names[verdict];
}

static void copy_text(char *ret_text, size_t cap, struct pb_view text)
{
	size_t n = text.n < cap ? text.n : cap - 1;

	if (n > 0)
		memcpy(ret_text, text.p, n);
	ret_text[n] = '\0';
}

static void report_claims(const struct pb_credential *credential, struct pb_verification *report)
{
	const struct pb_face_claims *claims = &credential->claims;

	report->decoded = true;
	report->kind = credential->kind;
	report->serial = claims->card.serial;
	report->expires = claims->card.expires;
	copy_text(report->member_number, sizeof(report->member_number), claims->card.member_number);
	copy_text(report->name, sizeof(report->name), claims->name);
}

/* Every verdict hangs on the list, so an old one is told of with every verdict. */
static void report_trust(const struct pb_verifier *verifier, struct pb_verification *report)
{
	const struct pb_trust_list *list = pb_trust_list(verifier->trust);
	int64_t now = pb_clock_now(verifier->clock);

	report->trust_age = now > list->issued_at ? now - list->issued_at : 0;
	report->trust_old = now > list->expires;
}

/* ---- One question each; PB_VERDICT_VALID means "go on" */

/* A kid is a short hash: every issuer that shares it is tried. */
static enum pb_verdict check_issuer(const struct pb_verifier *verifier, const struct pb_credential *credential,
				    struct pb_view aad, const struct pb_issuer **ret_issuer)
{
	enum pb_verdict verdict = PB_VERDICT_UNKNOWN_ISSUER;

	for (const struct pb_issuer *i = pb_trust_find(verifier->trust, credential->kid, NULL); i;
	     i = pb_trust_find(verifier->trust, credential->kid, i)) {
		if (pb_credential_verify(credential, aad, i->key)) {
			*ret_issuer = i;
			return PB_VERDICT_VALID;
		}
		verdict = PB_VERDICT_FORGED;
	}
	return verdict;
}

/* A face names its issuer in words; they must be those of the key that signed it. */
static enum pb_verdict check_issuer_rules(const struct pb_credential *credential, const struct pb_trust_entry *issuer,
					  int64_t now)
{
	const struct pb_face_claims *claims = &credential->claims;
	bool dated = credential->kind != PB_CREDENTIAL_CHIP;

	if (issuer->state == PB_ISSUER_COMPROMISED)
		return PB_VERDICT_REFUSED_ISSUER;
	if (dated && !pb_view_equal(claims->issuer, pb_view_text(issuer->code)))
		return PB_VERDICT_FORGED;
	/* Signed by the key before it was made, or after it should have signed no more. */
	if (dated && (claims->not_before > issuer->last_signing || claims->not_before < issuer->valid_from - DATE_LEEWAY))
		return PB_VERDICT_REFUSED_ISSUER;
	if (now < issuer->valid_from - DATE_LEEWAY || now > issuer->valid_until + DATE_LEEWAY)
		return PB_VERDICT_REFUSED_ISSUER;
	return PB_VERDICT_VALID;
}

static enum pb_verdict check_dates(const struct pb_verifier *verifier, const struct pb_credential *credential)
{
	int64_t now = pb_clock_now(verifier->clock);

	if (now >= credential->claims.card.expires + DATE_LEEWAY)
		return PB_VERDICT_EXPIRED;
	if (credential->kind != PB_CREDENTIAL_CHIP && now < credential->claims.not_before - DATE_LEEWAY)
		return PB_VERDICT_NOT_YET_VALID;
	return PB_VERDICT_VALID;
}

static enum pb_verdict verdict_of_state(enum pb_card_state state)
{
	switch (state) {
	case PB_CARD_IS_ISSUED:
	case PB_CARD_IS_PRINTED:
		return PB_VERDICT_VALID;
	case PB_CARD_IS_RESERVED:
		return PB_VERDICT_NOT_REGISTERED;
	default:
		return PB_VERDICT_REVOKED;
	}
}

/* What is shown to be judged. */
struct exhibit {
	const struct pb_credential *credential;
	struct pb_view token; /* its bytes */
	struct pb_view aad;
	bool chip_proved;
};

/* Whoever has an old key can sign again for a serial that is good; the ledger has the bytes that were signed for
 * it.  None where the member was forgotten. */
static bool is_on_record(const struct exhibit *exhibit, const struct pb_ledger_card *card)
{
	struct pb_view kept = exhibit->credential->kind == PB_CREDENTIAL_CHIP ? pb_view(card->chip_token, card->chip_token_n)
									      : pb_view(card->face_token, card->face_token_n);

	return kept.n == 0 || pb_view_equal(kept, exhibit->token);
}

/* Where no ledger is. */
static enum pb_verdict check_status_list(const struct pb_verifier *verifier, const struct exhibit *exhibit,
					 struct pb_verification *report)
{
	const struct pb_card_claims *card = &exhibit->credential->claims.card;
	int64_t now = pb_clock_now(verifier->clock);
	const struct pb_status_list *list;
	bool refused;

	if (verifier->statuses == NULL)
		return PB_VERDICT_VALID;
	list = pb_statuses_find(verifier->statuses, report->issuer_code, report->test, card->status_list);
	if (list == NULL || !pb_status_list_look(list, card->status_index, &refused))
		return PB_VERDICT_VALID;
	report->revocation_checked = true;
	report->by_status_list = true;
	report->status_age = now > list->issued_at ? now - list->issued_at : 0;
	return refused ? PB_VERDICT_REVOKED : PB_VERDICT_VALID;
}

static enum pb_status check_revocation(const struct pb_verifier *verifier, const struct exhibit *exhibit,
				   struct pb_verification *report, enum pb_verdict *ret_verdict, struct pb_err *err)
{
	struct pb_ledger_card card;
	bool found;
	enum pb_status s;

	if (!verifier->ledger) {
		*ret_verdict = check_status_list(verifier, exhibit, report);
		return PB_OK;
	}
	s = pb_ledger_card_by_serial(verifier->ledger, report->serial, &card, &found, err);
	if (s != PB_OK)
		return s;
	report->revocation_checked = true;
	*ret_verdict = found && is_on_record(exhibit, &card) ? verdict_of_state(card.state) : PB_VERDICT_NOT_REGISTERED;
	return PB_OK;
}

/* From a decoded credential to the verdict; the chip's proof comes in between for a card. */
static enum pb_status judge(const struct pb_verifier *verifier, const struct exhibit *exhibit, struct pb_verification *report,
			    struct pb_err *err)
{
	const struct pb_credential *credential = exhibit->credential;
	const struct pb_issuer *found = NULL;
	const struct pb_trust_entry *issuer;

	report_claims(credential, report);
	report_trust(verifier, report);
	report->verdict = check_issuer(verifier, credential, exhibit->aad, &found);
	if (report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	issuer = found->entry;
	report->test = issuer->test;
	copy_text(report->issuer_code, sizeof(report->issuer_code), pb_view_text(issuer->code));
	copy_text(report->issuer_name, sizeof(report->issuer_name), pb_view_text(issuer->name));
	report->verdict = check_issuer_rules(credential, issuer, pb_clock_now(verifier->clock));
	if (report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	if (credential->kind == PB_CREDENTIAL_CHIP && !exhibit->chip_proved) {
		report->verdict = PB_VERDICT_COPY;
		return PB_OK;
	}
	report->proof = exhibit->chip_proved ? PB_PROOF_CHIP_KEY : PB_PROOF_PRINTED;
	report->verdict = check_dates(verifier, credential);
	if (report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	return check_revocation(verifier, exhibit, report, &report->verdict, err);
}

/* ---- The two ways in */

static enum pb_verdict verdict_of_bare_card(const struct pb_card_identity *card)
{
	if (card->family == PB_FAMILY_FOREIGN)
		return PB_VERDICT_FOREIGN;
	if (card->state == APPLET_BLANK)
		return PB_VERDICT_BLANK;
	if (card->state == APPLET_TERMINATED)
		return PB_VERDICT_TERMINATED;
	return PB_VERDICT_VALID;
}

enum pb_status pb_verify_card(const struct pb_verifier *verifier, struct pb_station *station, int64_t wait_ms,
			      struct pb_verification *ret_report, struct pb_err *err)
{
	struct pb_card_identity card;
	struct pb_card_image image;
	struct pb_credential credential;
	struct exhibit exhibit = { .credential = &credential };
	struct pb_aad aad;
	uint8_t challenge[CHALLENGE_MAX];
	enum pb_status s = pb_station_offer(station, wait_ms, &card, err);

	*ret_report = (struct pb_verification){ .verdict = PB_VERDICT_FOREIGN };
	if (s != PB_OK)
		return s;
	ret_report->verdict = verdict_of_bare_card(&card);
	if (ret_report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	pb_random(challenge, sizeof(challenge));
	s = pb_station_examine(station, PB_VIEW(challenge), &image, err);
	if (s != PB_OK)
		return s;
	exhibit.token = pb_view(image.credential, image.credential_n);
	ret_report->fault = pb_credential_decode(exhibit.token, &credential);
	if (ret_report->fault != PB_FAULT_NONE || credential.kind != PB_CREDENTIAL_CHIP) {
		ret_report->verdict = PB_VERDICT_MALFORMED;
		return PB_OK;
	}
	pb_chip_aad_of_point(image.point, &aad);
	exhibit.aad = pb_aad_view(&aad);
	exhibit.chip_proved = pb_card_check_proof(image.point, exhibit.token, PB_VIEW(challenge), image.sig);
	return judge(verifier, &exhibit, ret_report, err);
}

enum pb_status pb_verify_text(const struct pb_verifier *verifier, const char *text, struct pb_verification *ret_report,
			      struct pb_err *err)
{
	struct pb_credential_token token;
	struct pb_credential credential;
	struct exhibit exhibit = { .credential = &credential };

	*ret_report = (struct pb_verification){ .verdict = PB_VERDICT_MALFORMED };
	ret_report->fault = pb_credential_url_decode(pb_view_text(text), verifier->verify_host, &token);
	if (ret_report->fault == PB_FAULT_NONE)
		ret_report->fault = pb_credential_decode(pb_credential_token_view(&token), &credential);
	/* A chip's record in a QR code proves nothing: it is bound to a chip that is not there. */
	if (ret_report->fault != PB_FAULT_NONE || credential.kind == PB_CREDENTIAL_CHIP)
		return PB_OK;
	exhibit.token = pb_credential_token_view(&token);
	return judge(verifier, &exhibit, ret_report, err);
}
