/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions with, and proofs of, a card that the ledger knows.
 */
#include "issuer/core/own_card.h"

#include <string.h>

#include "keys/crypto/hash.h"

_Static_assert((int)PB_KVN_NO_KEYS == (int)PB_LEDGER_KVN_NONE, "a card without keys is noted as one");

static struct pb_view uid_of(const struct pb_card_identity *card)
{
	return pb_view(card->uid, card->uid_n);
}

static enum pb_master_family master_of(const struct pb_card_identity *card)
{
	return pb_card_family_row(card->family)->master;
}

/* *ret_refused: by the card, with an attempt spent; elsewhere none is. */
static enum pb_status log_in(const struct pb_office *office, struct pb_station *station, const struct pb_card_identity *card,
			     enum pb_session_purpose purpose, struct pb_login_step *step, bool *ret_refused, struct pb_err *err)
{
	struct pb_card_words words;
	enum pb_status s = pb_station_begin(station, purpose, &words, err);

	*ret_refused = false;
	if (s == PB_OK && pb_card_family_row(card->family)->copyable) {
		*step = (struct pb_login_step){ .open = true, .session = { .kind = PB_SESSION_OPEN, .kvn = PB_KVN_NO_KEYS } };
		return PB_OK;
	}
	if (s == PB_OK)
		s = pb_keystore_login_begin(office->keys, master_of(card), uid_of(card), pb_card_words_view(&words), step, err);
	for (int i = 0; s == PB_OK && !step->open && i < PB_LOGIN_STEPS_MAX; i++) {
		s = pb_station_answer(station, pb_card_words_view(&step->say), &words, err);
		*ret_refused = s == PB_CARD_KEYS;
		if (s == PB_OK)
			s = pb_keystore_login_answer(office->keys, step->login, pb_card_words_view(&words), step, err);
	}
	return s == PB_OK && !step->open ? pb_fail(err, PB_CARD_PROTOCOL, "a login without an end") : s;
}

/* The station knows whether there is another key to be tried, and ends the loop. */
enum pb_status pb_own_card_session(const struct pb_office *office, struct pb_station *station,
				   const struct pb_card_identity *card, enum pb_session_purpose purpose,
				   struct pb_card_session *ret_session, struct pb_err *err)
{
	PB_LOGIN_STEP_SECRET step = { 0 };
	bool refused = true;
	enum pb_status s = PB_CARD_KEYS;

	while (s == PB_CARD_KEYS && refused)
		s = log_in(office, station, card, purpose, &step, &refused, err);
	if (s == PB_OK)
		*ret_session = step.session;
	return s;
}

enum pb_status pb_own_card_newest_kvn(const struct pb_office *office, const struct pb_card_identity *card, uint8_t *ret_kvn,
				      struct pb_err *err)
{
	bool keyless = pb_card_family_row(card->family)->copyable;
	uint8_t newest = keyless ? PB_KVN_NO_KEYS : pb_keystore_current_kvn(office->keys, master_of(card));

	if (newest == 0)
		return pb_fail(err, PB_KEYS_NO_FAMILY, "no master key for cards of kind %s",
			       pb_master_family_row(master_of(card))->name);
	*ret_kvn = newest;
	return PB_OK;
}

enum pb_status pb_own_card_prove(struct pb_station *station, const struct pb_card_identity *card, const struct pb_ledger_card *record,
				 struct pb_card_image *ret_image, struct pb_err *err)
{
	struct pb_view credential = pb_view(record->chip_token, record->chip_token_n);
	const bool has_key = pb_card_family_row(card->family)->has_key;
	uint8_t challenge[CHALLENGE_MAX];
	struct pb_card_image image;
	enum pb_status s;

	pb_random(challenge, sizeof(challenge));
	s = pb_station_examine(station, PB_VIEW(challenge), &image, err);
	if (s != PB_OK)
		return s;
	if (!pb_view_equal(pb_view(image.credential, image.credential_n), credential))
		return pb_fail(err, PB_CARD_MISMATCH, "the credential read back differs");
	if (has_key && memcmp(image.point, record->point, PB_P256_POINT) != 0)
		return pb_fail(err, PB_CARD_MISMATCH, "the chip's key is not the one reserved");
	if (has_key && !pb_card_check_proof(record->point, credential, PB_VIEW(challenge), image.sig))
		return pb_fail(err, PB_CARD_MISMATCH, "the chip did not prove its key");
	*ret_image = image;
	return PB_OK;
}

/* The new keys are believed when they have opened the card. */
static enum pb_status check_given(const struct pb_office *office, struct pb_station *station,
				  const struct pb_card_identity *card, struct pb_err *err)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	uint8_t newest;
	enum pb_status s = pb_own_card_newest_kvn(office, card, &newest, err);

	if (s == PB_OK)
		s = pb_own_card_session(office, station, card, PB_SESSION_FOR_KEYS, &session, err);
	if (s == PB_OK && session.kvn != newest)
		s = pb_fail(err, PB_CARD_MISMATCH, "the card names key version %02X after it was given %02X", session.kvn, newest);
	return s == PB_OK ? pb_station_open(station, &session, err) : s;
}

enum pb_status pb_own_card_give_keys(const struct pb_office *office, struct pb_station *station,
				     const struct pb_card_identity *card, const struct pb_card_session *session,
				     struct pb_err *err)
{
	PB_CARD_WORDS_SECRET keys = { 0 };
	enum pb_status s = pb_keystore_give_keys(office->keys, master_of(card), uid_of(card), session, &keys, err);

	if (s == PB_OK)
		s = pb_station_rekey(station, session, pb_card_words_view(&keys), err);
	return s == PB_OK ? check_given(office, station, card, err) : s;
}
