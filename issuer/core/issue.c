/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One card, from blank to issued.  Read pb_issue_card(), at the end, first: it is the system in one page.
 */
#include "issuer/core/issue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/card/sun.h"
#include "issuer/core/own_card.h"
#include "issuer/core/statement.h"
#include "issuer/credential/ndef.h"
#include "issuer/register/register.h"
#include "keys/crypto/hash.h"
#include "keys/keystore.h"

struct issue {
	const struct pb_office *office;
	struct pb_station *station;
	const struct pb_issue_request *request;
	struct pb_receipt *receipt;
	struct pb_statement statement;
	struct pb_card_identity card; /* what lies on the reader */
	struct pb_ledger_card record;	      /* what the ledger holds of it */
	bool reserved;		      /* record is an open reservation of this card */
	char key[PB_IDEMPOTENCY_MAX + 1]; /* of this card, see find_earlier_card */
	uint64_t waiting_serial;      /* the request's own half-written card, 0: none */
};

/* ---- The request and the card */

/* It answers no request any more: voided, spoiled, or of somebody who was erased and has come back. */
static bool is_spent(const struct pb_ledger_card *card)
{
	return card->state == PB_CARD_IS_VOIDED || card->state == PB_CARD_IS_SPOILED || card->member_number[0] == '\0';
}

/* Every card that was begun for a request has a key of its own: the request's, and a count once earlier
 * cards were spent.  Asked again, an issued card is the answer, and nothing more is done. */
static enum pb_status find_earlier_card(struct issue *issue, bool *ret_answered, struct pb_err *err)
{
	enum { CARDS_MAX = 100 };
	struct pb_ledger_card card = { 0 };
	bool found = false;

	for (unsigned count = 1; count <= CARDS_MAX; count++) {
		enum pb_status s;

		snprintf(issue->key, sizeof(issue->key), count == 1 ? "%s" : "%s#%u", issue->request->idempotency_key, count);
		s = pb_ledger_card_by_key(issue->office->ledger, issue->key, &card, &found, err);
		if (s != PB_OK)
			return s;
		if (!found || !is_spent(&card))
			break;
	}
	issue->waiting_serial = found && card.state == PB_CARD_IS_RESERVED ? card.serial : 0;
	*ret_answered = found && card.state != PB_CARD_IS_RESERVED;
	if (*ret_answered)
		issue->receipt->serial = card.serial;
	issue->receipt->already = *ret_answered;
	return PB_OK;
}

/* Ours, and blank or half-written; nobody else's.  A half-written card is finished whoever was asked for. */
static enum pb_status accept_card(struct issue *issue, struct pb_err *err)
{
	const struct pb_card_identity *card = &issue->card;
	uint8_t newest; /* there is a key to give it in the end */
	enum pb_status s;

	s = pb_card_refusal(card, err);
	if (s == PB_OK && pb_card_family_row(card->family)->copyable && !issue->office->policy.allow_copyable)
		s = pb_fail(err, PB_CARD_UNSUPPORTED, "anybody can copy it, and [card] allow_copyable is off");
	if (s == PB_OK)
		s = pb_own_card_newest_kvn(issue->office, card, &newest, err);
	if (s != PB_OK)
		return s;
	s = pb_ledger_card_by_uid(issue->office->ledger, pb_view(card->uid, card->uid_n), &issue->record, &issue->reserved, err);
	if (s != PB_OK)
		return s;
	if (issue->reserved && issue->record.state != PB_CARD_IS_RESERVED)
		return pb_fail(err, PB_CARD_LIVE, "it is card %010" PRIu64, issue->record.serial);
	if (issue->reserved)
		return PB_OK;
	if (issue->waiting_serial != 0)
		return pb_fail(err, PB_CARD_WAITS, "it is card %010" PRIu64, issue->waiting_serial);
	if (card->state == APPLET_TERMINATED)
		return pb_fail(err, PB_CARD_TERMINATED, "life cycle %02X", (unsigned)card->state);
	if (card->state != APPLET_BLANK)
		return pb_fail(err, PB_CARD_NOT_BLANK, "life cycle %02X", (unsigned)card->state);
	return PB_OK;
}

/* A blank whose waiting key is not the one its credential is bound to can never hold that credential: the
 * serial dies, the blank lives. */
static enum pb_status drop_orphaned_reservation(struct issue *issue, struct pb_err *err)
{
	const struct pb_card_identity *card = &issue->card;

	if (!issue->reserved || card->state != APPLET_BLANK || !pb_card_family_row(card->family)->has_key ||
	    (card->shadow && memcmp(card->shadow_point, issue->record.point, PB_P256_POINT) == 0))
		return PB_OK;
	issue->reserved = false;
	return pb_ledger_void(issue->office->ledger, issue->record.serial, PB_REASON_OTHER, NULL, err);
}

/* ---- Writing */

static enum pb_status open_session(struct issue *issue, enum pb_session_purpose purpose,
				   struct pb_card_session *ret_session, struct pb_err *err)
{
	return pb_own_card_session(issue->office, issue->station, &issue->card, purpose, ret_session, err);
}

/* Serial, member and both signed credentials: one durable commit. */
static enum pb_status reserve(struct issue *issue, const uint8_t point[static PB_P256_POINT], struct pb_err *err)
{
	const struct pb_issue_request *request = issue->request;
	struct pb_ledger *ledger = issue->office->ledger;
	struct pb_reserve wanted = {
		.idempotency_key = issue->key,
		.member_number = request->member_number,
		.uid = pb_view(issue->card.uid, issue->card.uid_n),
		.replaces = request->replaces,
		.actor = request->actor[0] != '\0' ? request->actor : NULL,
	};
	struct pb_reservation reservation;
	struct pb_credential_token chip, face;
	struct pb_signed_tokens tokens;
	struct pb_aad binding;
	enum pb_status s = pb_card_binding(&issue->card, point, &binding, err);
	bool found;

	if (s != PB_OK)
		return s;

	memcpy(wanted.point, point, sizeof(wanted.point));
	s = pb_ledger_reserve_begin(ledger, &wanted, &reservation, err);
	if (s != PB_OK)
		return s;
	if (reservation.existing)
		return pb_fail(err, PB_CONFLICT, "request %s has card %010" PRIu64 " already", issue->key,
			       reservation.serial);
	s = pb_statement_sign(issue->office, &issue->statement, &reservation, &binding, &chip, &face, err);
	if (s != PB_OK) {
		pb_ledger_reserve_abandon(ledger);
		return s;
	}
	tokens.chip = pb_credential_token_view(&chip);
	tokens.face = pb_credential_token_view(&face);
	pb_keystore_issuer_kid(issue->office->keys, tokens.kid);
	s = pb_ledger_reserve_commit(ledger, &reservation, &tokens, err);
	if (s != PB_OK)
		return s;
	issue->reserved = true;
	return pb_ledger_card_by_serial(ledger, reservation.serial, &issue->record, &found, err);
}

/* The key is made first, so that the credential can be bound to it; a key that waits is taken up again.  A chip without
 * one has its UID. */
static enum pb_status prepare_chip(struct issue *issue, struct pb_err *err)
{
	const bool needs_key = !issue->reserved && pb_card_family_row(issue->card.family)->has_key;
	PB_CARD_SESSION_SECRET session = { 0 };
	uint8_t point[PB_P256_POINT] = { 0 };
	enum pb_status s = open_session(issue, PB_SESSION_FOR_DATA, &session, err);

	if (s != PB_OK)
		return s;
	if (needs_key)
		s = pb_station_make_key(issue->station, &session, point, err);
	else
		s = pb_station_open(issue->station, &session, err);
	return s == PB_OK && !issue->reserved ? reserve(issue, point, err) : s;
}

/* A phone that is held to the card opens the verify page; who the member is stays on the card. */
static enum pb_status build_ndef(const struct issue *issue, struct pb_ndef *ret_ndef, struct pb_err *err)
{
	const char *host = issue->office->policy.verify_host;
	char url[PB_NDEF_URL_MAX + 1];

	if (pb_card_family_row(issue->card.family)->signs_taps)
		return pb_sun_template(host, ret_ndef, err);
	snprintf(url, sizeof(url), "https://%s/v", host);
	return pb_ndef_of_url(url, ret_ndef, err);
}

static enum pb_status write_card(struct issue *issue, struct pb_err *err)
{
	struct pb_ndef ndef;
	enum pb_status s = build_ndef(issue, &ndef, err);

	if (s != PB_OK)
		return s;
	return pb_station_write(issue->station, pb_view(issue->record.chip_token, issue->record.chip_token_n),
				pb_ndef_view(&ndef), err);
}

/* What the card holds is what the ledger holds, byte for byte, and its chip has the key it is bound to. */
static enum pb_status read_back(struct issue *issue, struct pb_err *err)
{
	struct pb_card_image image;
	struct pb_ndef ndef;
	enum pb_status s = build_ndef(issue, &ndef, err);

	if (s == PB_OK)
		s = pb_own_card_prove(issue->station, &issue->card, &issue->record, &image, err);
	if (s != PB_OK)
		return s;
	if (!pb_view_equal(pb_view(image.ndef, image.ndef_n), pb_ndef_view(&ndef)))
		return pb_fail(err, PB_CARD_MISMATCH, "the NDEF file read back differs");
	issue->card.state = image.state;
	return PB_OK;
}

/* The card gets keys of its own, unless it has them, and is locked for good.  One that is locked already only says,
 * and proves, which keys it has. */
static enum pb_status seal(struct issue *issue, uint8_t *ret_kvn, struct pb_err *err)
{
	const struct pb_card_identity *card = &issue->card;
	PB_CARD_SESSION_SECRET session = { 0 };
	PB_CARD_WORDS_SECRET keys = { 0 };
	uint8_t newest;
	enum pb_status s = pb_own_card_newest_kvn(issue->office, card, &newest, err);

	if (s == PB_OK)
		s = open_session(issue, PB_SESSION_FOR_KEYS, &session, err);
	if (s != PB_OK)
		return s;
	*ret_kvn = card->state == APPLET_LOCKED ? session.kvn : newest;
	if (card->state == APPLET_LOCKED)
		return PB_OK;
	if (session.kvn != newest)
		s = pb_keystore_give_keys(issue->office->keys, pb_card_family_row(card->family)->master,
					  pb_view(card->uid, card->uid_n), &session, &keys, err);
	return s == PB_OK ? pb_station_seal(issue->station, &session, pb_card_words_view(&keys), err) : s;
}

/* ---- Failing in a known state */

/* These say that the plastic itself is no good, or that it refused twice: it came back and refused again. */
static bool card_is_waste(const struct issue *issue, enum pb_status status)
{
	switch (status) {
	case PB_CARD_FAULT:
	case PB_CARD_MISMATCH:
	case PB_CARD_TERMINATED:
		return true;
	case PB_CARD_REFUSED:
	case PB_CARD_PROTOCOL:
	case PB_CARD_KEYS:
		return issue->receipt->resumed;
	default:
		return false;
	}
}

/* Says in the receipt what state the card is left in; a waste card's serial dies at once. */
static enum pb_status fail(struct issue *issue, enum pb_status status, struct pb_err *err)
{
	struct pb_err spoil_err;

	if (!issue->reserved)
		return status;
	issue->receipt->reserved = true;
	if (card_is_waste(issue, status) &&
	    pb_ledger_spoil(issue->office->ledger, issue->record.serial, PB_REASON_CHIP_FAULT, NULL, &spoil_err) == PB_OK) {
		issue->receipt->reserved = false;
		issue->receipt->spoiled = true;
	}
	return pb_wrap(err, status, "card %010" PRIu64, issue->record.serial);
}

static void name_card(struct issue *issue)
{
	issue->receipt->serial = issue->record.serial;
	snprintf(issue->receipt->member_number, sizeof(issue->receipt->member_number), "%s", issue->record.member_number);
}

/* From the first step this card has not taken, which its own state tells, to the last. */
static enum pb_status complete(struct issue *issue, struct pb_err *err)
{
	uint8_t kvn = 0;
	enum pb_status s = PB_OK;

	if (issue->card.state == APPLET_BLANK) {
		s = prepare_chip(issue, err);
		if (issue->reserved)
			name_card(issue);
		if (s == PB_OK)
			s = write_card(issue, err);
	}
	if (s == PB_OK)
		s = read_back(issue, err);
	if (s == PB_OK)
		s = seal(issue, &kvn, err);
	if (s == PB_OK)
		s = pb_ledger_issued(issue->office->ledger, issue->record.serial, kvn, issue->receipt->resumed, err);
	return s == PB_OK ? PB_OK : fail(issue, s, err);
}

enum pb_status pb_issue_card(const struct pb_office *office, struct pb_station *station, const struct pb_card_identity *card,
			     const struct pb_issue_request *request, struct pb_receipt *ret_receipt, struct pb_err *err)
{
	struct issue issue = { .office = office, .station = station, .card = *card, .request = request, .receipt = ret_receipt };
	bool answered;
	enum pb_status s;

	*ret_receipt = (struct pb_receipt){ 0 };
	snprintf(ret_receipt->member_number, sizeof(ret_receipt->member_number), "%s", request->member_number);
	s = find_earlier_card(&issue, &answered, err);
	if (s != PB_OK || answered)
		return s;
	s = pb_statement_prepare(office, request->member_number, &issue.statement, err);
	if (s != PB_OK)
		return s;
	s = accept_card(&issue, err);
	if (s != PB_OK)
		return s;
	s = drop_orphaned_reservation(&issue, err);
	if (s != PB_OK)
		return s;
	if (issue.reserved) {
		ret_receipt->resumed = true;
		name_card(&issue);
	}
	return complete(&issue, err);
}
