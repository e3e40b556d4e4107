/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From an exhibit to a verdict, in the order of what must be true first: issuer's key, signature, the chip's own key,
 * dates, revocation.  The first thing that is not true is the verdict.
 */
#include "issuer/core/judge.h"

#include <string.h>

#include "issuer/credential/url.h"
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
static void report_trust(const struct pb_judge *judge, struct pb_verification *report)
{
	const struct pb_trust_list *list = pb_trust_list(judge->trust);

	report->trust_age = judge->now > list->issued_at ? judge->now - list->issued_at : 0;
	report->trust_old = judge->now > list->expires;
}

/* ---- One question each; PB_VERDICT_VALID means "go on" */

/* A kid is a short hash: every issuer that shares it is tried. */
static enum pb_verdict check_issuer(const struct pb_judge *judge, const struct pb_credential *credential,
				    struct pb_view aad, const struct pb_issuer **ret_issuer)
{
	enum pb_verdict verdict = PB_VERDICT_UNKNOWN_ISSUER;

	for (const struct pb_issuer *i = pb_trust_find(judge->trust, credential->kid, NULL); i;
	     i = pb_trust_find(judge->trust, credential->kid, i)) {
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

static enum pb_verdict check_dates(const struct pb_credential *credential, int64_t now)
{
	if (now >= credential->claims.card.expires + DATE_LEEWAY)
		return PB_VERDICT_EXPIRED;
	if (credential->kind != PB_CREDENTIAL_CHIP && now < credential->claims.not_before - DATE_LEEWAY)
		return PB_VERDICT_NOT_YET_VALID;
	return PB_VERDICT_VALID;
}

enum pb_verdict pb_verdict_of_bare_card(const struct pb_card_identity *card)
{
	if (card->family == PB_FAMILY_FOREIGN)
		return PB_VERDICT_FOREIGN;
	if (card->state == APPLET_BLANK)
		return PB_VERDICT_BLANK;
	if (card->state == APPLET_TERMINATED)
		return PB_VERDICT_TERMINATED;
	return PB_VERDICT_VALID;
}

enum pb_verdict pb_verdict_of_state(enum pb_card_state state)
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

/* From a decoded credential to the verdict; the chip's proof comes in between for a card. */
enum pb_status pb_judge(const struct pb_judge *judge, const struct pb_exhibit *exhibit, struct pb_verification *report,
			struct pb_err *err)
{
	const struct pb_credential *credential = &exhibit->credential;
	const struct pb_issuer *found = NULL;
	const struct pb_trust_entry *issuer;

	report_claims(credential, report);
	report_trust(judge, report);
	report->verdict = check_issuer(judge, credential, pb_aad_view(&exhibit->aad), &found);
	if (report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	issuer = found->entry;
	report->test = issuer->test;
	copy_text(report->issuer_code, sizeof(report->issuer_code), pb_view_text(issuer->code));
	copy_text(report->issuer_name, sizeof(report->issuer_name), pb_view_text(issuer->name));
	report->verdict = check_issuer_rules(credential, issuer, judge->now);
	if (report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	if (credential->kind == PB_CREDENTIAL_CHIP && exhibit->proof == PB_PROOF_NONE) {
		report->verdict = PB_VERDICT_COPY;
		return PB_OK;
	}
	report->proof = exhibit->proof != PB_PROOF_NONE ? exhibit->proof : PB_PROOF_PRINTED;
	report->verdict = check_dates(credential, judge->now);
	if (report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	return judge->revocation(judge->ctx, exhibit, report, &report->verdict, err);
}

/* ---- What is shown */

static enum pb_proof prove(const struct pb_card_identity *card, const struct pb_card_image *image, struct pb_view challenge)
{
	struct pb_view credential = pb_view(image->credential, image->credential_n);

	if (!pb_card_family_row(card->family)->has_key)
		return PB_PROOF_CHIP_UID; /* if it is another than the credential's, the signature is not over this binding */
	return pb_card_check_proof(image->point, credential, challenge, image->sig) ? PB_PROOF_CHIP_KEY : PB_PROOF_NONE;
}

enum pb_credential_fault pb_exhibit_of_card(const struct pb_card_identity *card, const struct pb_card_image *image,
					    struct pb_view challenge, struct pb_exhibit *ret_exhibit)
{
	enum pb_credential_fault fault;

	memcpy(ret_exhibit->token.bytes, image->credential, image->credential_n);
	ret_exhibit->token.n = image->credential_n;
	fault = pb_credential_decode(pb_credential_token_view(&ret_exhibit->token), &ret_exhibit->credential);
	ret_exhibit->proof = PB_PROOF_NONE;
	/* A chip whose UID is no binding has nothing that a credential could be bound to. */
	if (pb_card_binding(card, image->point, &ret_exhibit->aad, NULL) != PB_OK)
		ret_exhibit->aad.n = 0;
	else if (fault == PB_FAULT_NONE)
		ret_exhibit->proof = prove(card, image, challenge);
	return fault;
}

enum pb_credential_fault pb_exhibit_of_text(const char *text, const char *host, struct pb_exhibit *ret_exhibit)
{
	enum pb_credential_fault fault = pb_credential_url_decode(pb_view_text(text), host, &ret_exhibit->token);

	ret_exhibit->aad.n = 0;
	ret_exhibit->proof = PB_PROOF_NONE;
	if (fault == PB_FAULT_NONE)
		fault = pb_credential_decode(pb_credential_token_view(&ret_exhibit->token), &ret_exhibit->credential);
	return fault;
}
