/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards and codes that were shown, judged as a shop would (issuer/core/judge.h), with the replayed entries as the one who
 * knows: the bytes must be those whose hash was entered, and the history they were made from must be this one.
 */
#include <stdio.h>
#include <string.h>

#include "issuer/audit/inside.h"
#include "issuer/card/card.h"
#include "issuer/core/judge.h"
#include "issuer/reader/pcsc.h"
#include "keys/crypto/hash.h"
#include "print/scan.h"

/* ---- one sample */

static bool is_on_record(const struct stick *stick, const struct pb_exhibit *exhibit, size_t n)
{
	const struct record *record = &stick->records[n - 1];
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256(pb_credential_token_view(&exhibit->token), digest);
	return pb_view_equal(PB_VIEW(digest), exhibit->credential.kind == PB_CREDENTIAL_CHIP ? PB_VIEW(record->chip_h) : PB_VIEW(record->face_h));
}

static enum pb_status ask_entries(void *ctx, const struct pb_exhibit *exhibit, struct pb_verification *report,
				  enum pb_verdict *ret_verdict, struct pb_err *err)
{
	const struct stick *stick = ctx;
	const struct pb_replay_card *card = pb_replay_card(&stick->replay, report->serial);

	(void)err;
	report->revocation_checked = true;
	if (card == NULL || !is_on_record(stick, exhibit, (size_t)(card - stick->replay.cards) + 1))
		*ret_verdict = PB_VERDICT_NOT_REGISTERED;
	else
		*ret_verdict = pb_verdict_of_state(card->state);
	return PB_OK;
}

static enum pb_finding_code finding_of(enum pb_verdict verdict)
{
	switch (verdict) {
	case PB_VERDICT_EXPIRED:
	case PB_VERDICT_NOT_YET_VALID:
		return PB_FINDING_SAMPLE_EXPIRED;
	case PB_VERDICT_REVOKED:
		return PB_FINDING_SAMPLE_REVOKED;
	case PB_VERDICT_NOT_REGISTERED:
		return PB_FINDING_SAMPLE_UNKNOWN;
	case PB_VERDICT_UNKNOWN_ISSUER:
	case PB_VERDICT_REFUSED_ISSUER:
		return PB_FINDING_SAMPLE_ISSUER;
	case PB_VERDICT_FORGED:
		return PB_FINDING_SAMPLE_FORGED;
	case PB_VERDICT_COPY:
		return PB_FINDING_SAMPLE_COPY;
	default:
		return PB_FINDING_SAMPLE_UNREADABLE;
	}
}

static void tell(struct stick *stick, const char *from, const struct pb_verification *verification, bool good)
{
	const struct pb_stick_sample sample = { from, verification, good };

	stick->report.samples++;
	stick->report.samples_good += good;
	if (stick->listener->sample != NULL)
		stick->listener->sample(stick->listener->ctx, &sample);
}

static void find(struct stick *stick, enum pb_finding_code code, const char *from, const struct pb_verification *verification)
{
	const struct pb_replay_card *card = verification->decoded ? pb_replay_card(&stick->replay, verification->serial) : NULL;

	pb_findings_add_about(&stick->findings, code, card != NULL ? card->moved : PB_FINDING_NO_ENTRY,
			      verification->decoded ? verification->serial : 0, from);
}

/* A face carries the root of the ledger as it was when the card was made. */
static bool has_this_history(struct stick *stick, const struct pb_exhibit *exhibit)
{
	const struct pb_face_claims *claims = &exhibit->credential.claims;
	struct pb_hash root;

	if (exhibit->credential.kind == PB_CREDENTIAL_CHIP || claims->anchor_size == 0)
		return true;
	return stick_root_at(stick, claims->anchor_size, &root) &&
	       pb_view_equal(pb_view(root.bytes, sizeof(claims->anchor_root)), PB_VIEW(claims->anchor_root));
}

static enum pb_status judge(struct stick *stick, const char *from, const struct pb_exhibit *exhibit,
			    struct pb_verification *verification, struct pb_err *err)
{
	const struct pb_judge judge = { .trust = stick->given.trust, .now = stick->options->now, .revocation = ask_entries, .ctx = stick };
	bool signed_by_issuer, good;
	enum pb_status s = PB_OK;

	verification->verdict = PB_VERDICT_UNKNOWN_ISSUER;
	if (stick->given.trust != NULL)
		s = pb_judge(&judge, exhibit, verification, err);
	if (s != PB_OK)
		return s;
	signed_by_issuer = verification->verdict != PB_VERDICT_UNKNOWN_ISSUER && verification->verdict != PB_VERDICT_FORGED;
	good = verification->verdict == PB_VERDICT_VALID;
	if (!good)
		find(stick, finding_of(verification->verdict), from, verification);
	if (signed_by_issuer && !has_this_history(stick, exhibit)) {
		find(stick, PB_FINDING_ANCHOR, from, verification);
		good = false;
	}
	tell(stick, from, verification, good);
	return PB_OK;
}

static void tell_unreadable(struct stick *stick, const char *from, const struct pb_verification *verification)
{
	find(stick, PB_FINDING_SAMPLE_UNREADABLE, from, verification);
	tell(stick, from, verification, false);
}

/* ---- photos */

static enum pb_status take_text(struct stick *stick, const char *from, const char *text, struct pb_err *err)
{
	struct pb_verification verification = { .verdict = PB_VERDICT_MALFORMED };
	struct pb_exhibit exhibit;

	verification.fault = pb_exhibit_of_text(text, NULL, &exhibit);
	if (verification.fault == PB_FAULT_NONE && exhibit.credential.kind != PB_CREDENTIAL_CHIP)
		return judge(stick, from, &exhibit, &verification, err);
	tell_unreadable(stick, from, &verification);
	return PB_OK;
}

static enum pb_status take_photo(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err)
{
	const struct pb_verification nothing = { .verdict = PB_VERDICT_MALFORMED };
	struct pb_scan_text text;
	enum pb_status s = PB_OK;

	if (stick->scan == NULL)
		s = pb_scan_start(stick->options->scan_program, &stick->scan, err);
	if (s == PB_OK)
		s = pb_scan_photo(stick->scan, bytes, &text, err);
	if (s == PB_PHOTO_INVALID) {
		pb_err_clear(err);
		text.count = text.n = 0;
		s = PB_OK;
	}
	if (s == PB_OK && text.count == 0)
		tell_unreadable(stick, name, &nothing);
	for (size_t at = 0; s == PB_OK && at < text.n; at += strlen(text.text + at) + 1)
		s = take_text(stick, name, text.text + at, err);
	return s;
}

static enum pb_status check_photos(struct stick *stick, struct pb_err *err)
{
	char folder[STICK_PATH];
	const char *named = stick->options->photos;
	const struct stick_files photos = { named != NULL ? named : folder, "", "", PB_SCAN_PHOTO_MAX, PB_FINDING_SAMPLE_UNREADABLE };

	if (named == NULL && !stick_path(stick, "photos", "", folder))
		return PB_OK;
	return stick_each_file(stick, &photos, take_photo, err);
}

/* ---- cards */

static enum pb_status examine(struct stick *stick, struct pb_reader *reader, const struct pb_card_identity *card, struct pb_err *err)
{
	struct pb_verification verification = { .verdict = pb_verdict_of_bare_card(card) };
	uint8_t challenge[CHALLENGE_MAX];
	struct pb_card_image image;
	struct pb_exhibit exhibit;
	enum pb_status s;

	if (verification.verdict != PB_VERDICT_VALID) {
		tell_unreadable(stick, stick->options->reader, &verification);
		return PB_OK;
	}
	pb_random(challenge, sizeof(challenge));
	s = pb_card_examine(reader, card->family, PB_VIEW(challenge), &image, err);
	if (s != PB_OK)
		return s;
	verification.fault = pb_exhibit_of_card(card, &image, PB_VIEW(challenge), &exhibit);
	if (verification.fault == PB_FAULT_NONE && exhibit.credential.kind == PB_CREDENTIAL_CHIP)
		return judge(stick, stick->options->reader, &exhibit, &verification, err);
	verification.verdict = PB_VERDICT_MALFORMED;
	tell_unreadable(stick, stick->options->reader, &verification);
	return PB_OK;
}

/* A card that is pulled away is put down again; the reader that goes away ends the audit. */
static bool is_cards_own(enum pb_status status)
{
	return status == PB_CARD_REMOVED || status == PB_CARD_MUTE || status == PB_CARD_REFUSED || status == PB_CARD_FAULT ||
	       status == PB_CARD_PROTOCOL;
}

static enum pb_status check_card(struct stick *stick, struct pb_reader *reader, struct pb_err *err)
{
	const struct pb_verification nothing = { .verdict = PB_VERDICT_FOREIGN };
	struct pb_card_identity identity;
	struct pb_reader_card card;
	struct pb_err eject = { 0 };
	enum pb_status s = pb_reader_connect(reader, pb_deadline_in(stick->options->wait_ms), &card, err);

	if (s != PB_OK)
		return s;
	s = pb_card_identify(reader, &card, &identity, err);
	if (s == PB_OK)
		s = examine(stick, reader, &identity, err);
	if (is_cards_own(s)) {
		pb_err_clear(err);
		tell_unreadable(stick, stick->options->reader, &nothing);
		s = PB_OK;
	}
	/* Done with this card; trouble with the reader is met at the next one. */
	(void)!pb_reader_eject(reader, pb_view(card.uid, card.uid_n), &eject);
	return s;
}

static enum pb_status check_cards(struct stick *stick, struct pb_err *err)
{
	struct pb_reader *reader = pb_pcsc_create(stick->options->reader);
	enum pb_status s = reader != NULL ? PB_OK : pb_fail(err, PB_NO_MEMORY, "reader");

	for (unsigned n = 0; s == PB_OK && n < stick->options->cards_max; n++)
		s = check_card(stick, reader, err);
	pb_reader_destroy(reader);
	if (s != PB_CARD_ABSENT)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

enum pb_status stick_check_samples(struct stick *stick, struct pb_err *err)
{
	enum pb_status s = check_photos(stick, err);

	return s == PB_OK && stick->options->reader != NULL ? check_cards(stick, err) : s;
}
