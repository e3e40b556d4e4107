/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions with, and proofs of, a card that the ledger knows.
 */
#include "issuer/core/own_card.h"

#include <string.h>

#include "keys/crypto/hash.h"

enum pb_status pb_own_card_session(const struct pb_office *office, struct pb_station *station,
				   const struct pb_card_identity *card, enum pb_card_target target,
				   struct pb_card_session *ret_session, struct pb_err *err)
{
	struct pb_session_challenge challenge;
	enum pb_status s = pb_station_begin(station, target, &challenge, err);

	if (s != PB_OK)
		return s;
	return pb_keystore_open_card_session(office->keys, pb_view(card->uid, card->uid_n), challenge.host_challenge,
					     pb_view(challenge.response, challenge.response_n), ret_session, err);
}

enum pb_status pb_own_card_prove(struct pb_station *station, const struct pb_ledger_card *record,
				 struct pb_card_image *ret_image, struct pb_err *err)
{
	struct pb_view credential = pb_view(record->chip_token, record->chip_token_n);
	uint8_t challenge[CHALLENGE_MAX];
	struct pb_card_image image;
	enum pb_status s;

	pb_random(challenge, sizeof(challenge));
	s = pb_station_examine(station, PB_VIEW(challenge), &image, err);
	if (s != PB_OK)
		return s;
	if (!pb_view_equal(pb_view(image.credential, image.credential_n), credential))
		return pb_fail(err, PB_CARD_MISMATCH, "the credential read back differs");
	if (memcmp(image.point, record->point, PB_P256_POINT) != 0)
		return pb_fail(err, PB_CARD_MISMATCH, "the chip's key is not the one reserved");
	if (!pb_card_check_proof(record->point, credential, PB_VIEW(challenge), image.sig))
		return pb_fail(err, PB_CARD_MISMATCH, "the chip did not prove its key");
	*ret_image = image;
	return PB_OK;
}

/* The new keys are believed when they have opened the card. */
static enum pb_status check_given(const struct pb_office *office, struct pb_station *station,
				  const struct pb_card_identity *card, struct pb_err *err)
{
	uint8_t newest = pb_keystore_current_kvn(office->keys, PB_MASTER_APPLET);
	PB_CARD_SESSION_SECRET session = { 0 };
	enum pb_status s = pb_own_card_session(office, station, card, PB_TARGET_SECURITY_DOMAIN, &session, err);

	if (s == PB_OK && session.kvn != newest)
		s = pb_fail(err, PB_CARD_MISMATCH, "the card names key version %02X after PUT KEY of %02X", session.kvn, newest);
	return s == PB_OK ? pb_station_open(station, &session, err) : s;
}

enum pb_status pb_own_card_give_keys(const struct pb_office *office, struct pb_station *station,
				     const struct pb_card_identity *card, const struct pb_card_session *session,
				     struct pb_err *err)
{
	uint8_t data[PB_PUT_KEY_LEN], receipt[PB_PUT_KEY_RECEIPT];
	enum pb_status s = pb_keystore_wrap_card_keys(office->keys, pb_view(card->uid, card->uid_n), session->kvn, data, receipt,
						      err);

	if (s == PB_OK)
		s = pb_station_rekey(station, session, PB_VIEW(data), PB_VIEW(receipt), err);
	return s == PB_OK ? check_given(office, station, card, err) : s;
}
