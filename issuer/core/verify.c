/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card or a QR code is read into an exhibit (judge.h), which is judged with the office's ledger, or, where there is
 * none, with status lists.
 */
#include "issuer/core/verify.h"

#include <string.h>

#include "issuer/core/judge.h"
#include "issuer/ledger/ledger.h"
#include "keys/crypto/hash.h"
#include "keys/status_folder.h"

/* Whoever has an old key can sign again for a serial that is good; the ledger has the bytes that were signed for
 * it.  None where the member was forgotten. */
static bool is_on_record(const struct pb_exhibit *exhibit, const struct pb_ledger_card *card)
{
	struct pb_view kept = exhibit->credential.kind == PB_CREDENTIAL_CHIP ? pb_view(card->chip_token, card->chip_token_n)
									      : pb_view(card->face_token, card->face_token_n);

	return kept.n == 0 || pb_view_equal(kept, pb_credential_token_view(&exhibit->token));
}

/* Where no ledger is. */
static enum pb_verdict check_status_list(const struct pb_verifier *verifier, const struct pb_exhibit *exhibit,
					 struct pb_verification *report)
{
	const struct pb_card_claims *card = &exhibit->credential.claims.card;
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

static enum pb_status check_revocation(void *ctx, const struct pb_exhibit *exhibit, struct pb_verification *report,
				       enum pb_verdict *ret_verdict, struct pb_err *err)
{
	const struct pb_verifier *verifier = ctx;
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
	*ret_verdict = found && is_on_record(exhibit, &card) ? pb_verdict_of_state(card.state) : PB_VERDICT_NOT_REGISTERED;
	return PB_OK;
}

static enum pb_status judge(const struct pb_verifier *verifier, const struct pb_exhibit *exhibit,
			    struct pb_verification *report, struct pb_err *err)
{
	const struct pb_judge judge = { .trust = verifier->trust, .now = pb_clock_now(verifier->clock),
					.revocation = check_revocation, .ctx = (void *)verifier };

	return pb_judge(&judge, exhibit, report, err);
}

/* ---- The two ways in */

enum pb_status pb_verify_card(const struct pb_verifier *verifier, struct pb_station *station, int64_t wait_ms,
			      struct pb_verification *ret_report, struct pb_err *err)
{
	struct pb_card_identity card;
	struct pb_card_image image;
	struct pb_exhibit exhibit;
	uint8_t challenge[CHALLENGE_MAX];
	enum pb_status s = pb_station_offer(station, wait_ms, &card, err);

	*ret_report = (struct pb_verification){ .verdict = PB_VERDICT_FOREIGN };
	if (s != PB_OK)
		return s;
	ret_report->verdict = pb_verdict_of_bare_card(&card);
	if (ret_report->verdict != PB_VERDICT_VALID)
		return PB_OK;
	pb_random(challenge, sizeof(challenge));
	s = pb_station_examine(station, PB_VIEW(challenge), &image, err);
	if (s != PB_OK)
		return s;
	ret_report->fault = pb_exhibit_of_card(&card, &image, PB_VIEW(challenge), &exhibit);
	if (ret_report->fault != PB_FAULT_NONE || exhibit.credential.kind != PB_CREDENTIAL_CHIP) {
		ret_report->verdict = PB_VERDICT_MALFORMED;
		return PB_OK;
	}
	return judge(verifier, &exhibit, ret_report, err);
}

enum pb_status pb_verify_text(const struct pb_verifier *verifier, const char *text, struct pb_verification *ret_report,
			      struct pb_err *err)
{
	struct pb_exhibit exhibit;

	*ret_report = (struct pb_verification){ .verdict = PB_VERDICT_MALFORMED };
	ret_report->fault = pb_exhibit_of_text(text, verifier->verify_host, &exhibit);
	/* A chip's record in a QR code proves nothing: it is bound to a chip that is not there. */
	if (ret_report->fault != PB_FAULT_NONE || exhibit.credential.kind == PB_CREDENTIAL_CHIP)
		return PB_OK;
	return judge(verifier, &exhibit, ret_report, err);
}
