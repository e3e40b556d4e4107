/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES keys of NTAG 424 DNA and DESFire (NXP NT4H2421Gx 9.1.5, AuthenticateEV2First), in two steps.  The host has to answer
 * first here, so a wrong key costs the card an attempt: it is tried once, and only under the version that the card named.
 *
 *     words     key number || versions of the keys, their count before them || E(K, RndB)
 *     say       E(K, RndA || RndB rotated)
 *     words     E(K, TI || RndA rotated || capabilities)
 *     keys      data fields of ChangeKey (41 bytes each), in the order in which the card must take them
 *
 * Of a session for giving keys the versions are those of all keys; a card that was torn off has new ones already, and
 * gets the others.
 */
#include <string.h>

#include "keys/crypto/hash.h"
#include "keys/ev2_channel.h"
#include "keys/login.h"

enum { VERSION_FACTORY = 0x00, MASTER_KEY = 0, SHARED_KEY = 2, NO_UID_LEN = 4 };

/* Key 2 of an NTAG 424 hides the UID in the address of a tap: before it is used nobody knows whose it is, so it is one for
 * all such cards of a generation, that of a chip which there is not. */
static struct pb_login owner_of(const struct pb_login *card, uint8_t number)
{
	struct pb_login owner = { .family = card->family, .uid_n = card->uid_n };

	if (card->family == PB_MASTER_NTAG424 && number == SHARED_KEY)
		owner.uid_n = NO_UID_LEN;
	else
		memcpy(owner.uid, card->uid, card->uid_n);
	return owner;
}

/* Under version 00 a chip has its maker's zeroes. */
static enum pb_status choose_key(const struct pb_keystore *store, const struct pb_login *card, uint8_t version, uint8_t number,
				 struct pb_secret *ret_key, struct pb_err *err)
{
	static const uint8_t zeroes[PB_EV2_KEY];
	const struct pb_login owner = owner_of(card, number);
	enum pb_status s;

	if (version != VERSION_FACTORY)
		return pb_login_own_key(store, &owner, version, number, ret_key, err);
	s = pb_login_allow_factory(store, err);
	if (s == PB_OK)
		pb_secret_set(ret_key, zeroes, sizeof(zeroes));
	return s;
}

static bool parse_words(struct pb_view words, uint8_t *ret_number, struct pb_login *login, struct pb_view *ret_challenge)
{
	struct pb_cursor in = pb_cursor(words);
	uint8_t count;

	if (!pb_take_u8(&in, ret_number) || !pb_take_u8(&in, &count) || count > sizeof(login->versions) || *ret_number >= count ||
	    !pb_take_copy(&in, login->versions, count) || !pb_take(&in, PB_EV2_CHALLENGE, ret_challenge))
		return false;
	login->versions_n = count;
	return in.left == 0;
}

static enum pb_status begin(const struct pb_keystore *store, struct pb_login *login, struct pb_view words,
			    struct pb_login_step *step, struct pb_err *err)
{
	uint8_t rnd_a[PB_EV2_RANDOM], number;
	struct pb_view challenge;
	enum pb_status s;

	if (!parse_words(words, &number, login, &challenge))
		return pb_fail(err, PB_CARD_PROTOCOL, "AuthenticateEV2: words of %zu bytes", words.n);
	login->kvn = login->versions[number];
	s = choose_key(store, login, login->kvn, number, &login->key, err);
	if (s != PB_OK)
		return s;
	pb_random(rnd_a, sizeof(rnd_a));
	pb_ev2_respond(&login->key, rnd_a, challenge.p, &login->ev2, step->say.bytes);
	step->say.n = PB_EV2_RESPONSE;
	pb_wipe(rnd_a, sizeof(rnd_a));
	return PB_OK;
}

static enum pb_status answer(struct pb_login *login, struct pb_view words, struct pb_login_step *step, struct pb_err *err)
{
	struct pb_ev2_login *opened = &step->session.u.ev2;

	if (words.n != PB_EV2_ANSWER_FIRST)
		return pb_fail(err, PB_CARD_PROTOCOL, "AuthenticateEV2: an answer of %zu bytes", words.n);
	if (!pb_ev2_open_first(&login->key, &login->ev2, words.p, &opened->channel))
		return pb_fail(err, PB_CARD_KEYS, "the card does not hold our key of version %02X", login->kvn);
	step->open = true;
	step->session.kind = PB_SESSION_EV2;
	step->session.kvn = login->kvn;
	memcpy(opened->versions, login->versions, login->versions_n);
	opened->versions_n = login->versions_n;
	return PB_OK;
}

/* One ChangeKey, and the number of the command that follows it. */
static enum pb_status change(const struct pb_keystore *store, const struct pb_login *card, struct pb_ev2_login *session,
			     uint8_t number, uint8_t newest, struct pb_writer *writer, struct pb_err *err)
{
	PB_SECRET current = { 0 };
	PB_SECRET next = { 0 };
	const struct pb_ev2_key_change key = { number, MASTER_KEY, &current, &next, newest };
	enum pb_status s = choose_key(store, card, session->versions[number], number, &current, err);

	if (s == PB_OK)
		s = choose_key(store, card, newest, number, &next, err);
	if (s == PB_OK)
		s = pb_ev2_wrap_change_key(&session->channel, &key, writer, err);
	session->channel.counter++;
	return s;
}

/* The key of the session comes last, for it ends it. */
static enum pb_status give_keys(const struct pb_keystore *store, const struct pb_login *card,
				const struct pb_card_session *session, struct pb_card_words *words, struct pb_err *err)
{
	struct pb_writer writer = pb_writer(words->bytes, sizeof(words->bytes));
	PB_CARD_SESSION_SECRET running = *session;
	struct pb_ev2_login *ev2 = &running.u.ev2;
	uint8_t newest;
	enum pb_status s = pb_login_next_kvn(store, card->family, session->kvn, &newest, err);

	if (s == PB_OK && (session->kind != PB_SESSION_EV2 || ev2->versions_n == 0 || ev2->versions[MASTER_KEY] != session->kvn))
		s = pb_fail(err, PB_NOT_ALLOWED, "keys are given in a session of the card's master key");
	for (size_t i = s == PB_OK ? ev2->versions_n : 0; i-- > 0 && s == PB_OK;)
		if (ev2->versions[i] != newest)
			s = change(store, card, ev2, (uint8_t)i, newest, &writer, err);
	if (s == PB_OK && writer.full)
		PB_BUG("more keys than words have room for");
	words->n = writer.n;
	return s;
}

const struct pb_login_row pb_login_ev2 = { begin, answer, give_keys, true };
