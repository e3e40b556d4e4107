/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of the families, and the logins that wait for the card.
 */
#include "keys/login.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "card-applet-spec/applet.h"

static const struct pb_login_row *const rows[PB_MASTER_FAMILY_COUNT] = {
	[PB_MASTER_APPLET] = &pb_login_scp03,
	[PB_MASTER_PIV] = &pb_login_piv,
	[PB_MASTER_NTAG424] = &pb_login_ev2,
	[PB_MASTER_DESFIRE] = &pb_login_ev2,
};

enum { CHIP_UID_MIN = 4, WAITING_MAX = 64 }; /* several for each reader */

/* Names count upwards, and a login's place is its name's: the one that is overwritten is the oldest. */
struct pb_logins {
	pthread_mutex_t turn;
	uint64_t last;
	struct pb_login waiting[WAITING_MAX];
};

struct pb_logins *pb_logins_create(void)
{
	struct pb_logins *logins = calloc(1, sizeof(*logins));

	if (logins != NULL)
		pthread_mutex_init(&logins->turn, NULL);
	return logins;
}

void pb_logins_destroy(struct pb_logins *logins)
{
	if (logins == NULL)
		return;
	pthread_mutex_destroy(&logins->turn);
	pb_wipe(logins, sizeof(*logins));
	free(logins);
}

static uint64_t wait_for_card(struct pb_logins *logins, struct pb_login *login)
{
	pthread_mutex_lock(&logins->turn);
	login->name = ++logins->last;
	logins->waiting[login->name % WAITING_MAX] = *login;
	pthread_mutex_unlock(&logins->turn);
	return login->name;
}

/* It is there once. */
static bool take_up(struct pb_logins *logins, uint64_t name, struct pb_login *ret_login)
{
	struct pb_login *waiting = &logins->waiting[name % WAITING_MAX];
	bool found;

	pthread_mutex_lock(&logins->turn);
	found = name != 0 && waiting->name == name;
	if (found) {
		*ret_login = *waiting;
		pb_wipe(waiting, sizeof(*waiting));
	}
	pthread_mutex_unlock(&logins->turn);
	return found;
}

/* ---- What rows have in common */

enum pb_status pb_login_allow_factory(const struct pb_keystore *store, struct pb_err *err)
{
	if (!store->allow_factory_keys)
		return pb_fail(err, PB_KEYS_REFUSED, "the card has factory keys, which the configuration does not allow");
	return PB_OK;
}

enum pb_status pb_login_own_key(const struct pb_keystore *store, const struct pb_login *card, uint8_t kvn, uint8_t number,
				struct pb_secret *ret_key, struct pb_err *err)
{
	uint8_t bytes[PB_DIVERSIFY_INPUT_MAX];
	struct pb_writer input = pb_writer(bytes, sizeof(bytes));

	if (pb_generation_find(&store->generations, card->family, kvn) == NULL)
		return pb_fail(err, PB_CARD_KEYS, "the card names key version %02X, which is neither ours nor the factory's", kvn);
	pb_master_put_input(card->family, pb_view(card->uid, card->uid_n), number, &input);
	return store->keys.ops->diversify(store->keys.ctx, card->family, kvn, pb_view(bytes, input.n), ret_key, err);
}

enum pb_status pb_login_next_kvn(const struct pb_keystore *store, enum pb_master_family family, uint8_t current,
				 uint8_t *ret_kvn, struct pb_err *err)
{
	uint8_t newest = pb_keystore_current_kvn(store, family);

	if (newest == 0)
		return pb_fail(err, PB_KEYS_NO_FAMILY, "no master key for cards of kind %s", pb_master_family_row(family)->name);
	if (current == newest)
		return pb_fail(err, PB_KEYS_REFUSED, "the card has the keys of version %02X, the newest, already", newest);
	*ret_kvn = newest;
	return PB_OK;
}

/* ---- The calls of a store */

/* For the card, or, in a session that is open, for its keys. */
static void keep_waiting(const struct pb_keystore *store, struct pb_login *login, struct pb_login_step *step)
{
	if (!step->open) {
		step->login = wait_for_card(store->logins, login);
	} else if (rows[login->family]->remembers) {
		login->session = step->session;
		step->session.login = wait_for_card(store->logins, login);
	}
}

/* Of the same card, and taken up once. */
static enum pb_status recall(const struct pb_keystore *store, const struct pb_card_session *session, struct pb_login *card,
			     struct pb_err *err)
{
	struct pb_login login = { 0 };
	enum pb_status s = PB_OK;

	if (!take_up(store->logins, session->login, &login) || login.session.kind == PB_SESSION_NONE ||
	    login.family != card->family || !pb_view_equal(pb_view(login.uid, login.uid_n), pb_view(card->uid, card->uid_n)))
		s = pb_fail(err, PB_NOT_ALLOWED, "no such session with this card was opened here, or it was given keys");
	else
		*card = login;
	pb_wipe(&login, sizeof(login));
	return s;
}

static enum pb_status name_card(enum pb_master_family family, struct pb_view uid, struct pb_login *ret_login,
				const struct pb_login_row **ret_row, struct pb_err *err)
{
	if (uid.n < CHIP_UID_MIN || uid.n > sizeof(ret_login->uid))
		return pb_fail(err, PB_CARD_PROTOCOL, "a chip UID of %zu bytes", uid.n);
	if (rows[family] == NULL)
		return pb_fail(err, PB_CARD_UNSUPPORTED, "cards of family %s are not opened here", pb_master_family_row(family)->name);
	*ret_login = (struct pb_login){ .family = family, .uid_n = uid.n };
	memcpy(ret_login->uid, uid.p, uid.n);
	*ret_row = rows[family];
	return PB_OK;
}

enum pb_status pb_keystore_login_begin(const struct pb_keystore *store, enum pb_master_family family, struct pb_view uid,
				       struct pb_view words, struct pb_login_step *ret_step, struct pb_err *err)
{
	PB_LOGIN_STEP_SECRET step = { 0 };
	const struct pb_login_row *row;
	struct pb_login login;
	enum pb_status s;

	if (store->remote != NULL)
		return store->remote->login_begin(store->remote_ctx, family, uid, words, ret_step, err);
	s = name_card(family, uid, &login, &row, err);
	if (s != PB_OK)
		return s;
	s = row->begin(store, &login, words, &step, err);
	if (s == PB_OK)
		keep_waiting(store, &login, &step);
	if (s == PB_OK)
		*ret_step = step;
	pb_wipe(&login, sizeof(login));
	return s;
}

enum pb_status pb_keystore_login_answer(const struct pb_keystore *store, uint64_t name, struct pb_view words,
					struct pb_login_step *ret_step, struct pb_err *err)
{
	PB_LOGIN_STEP_SECRET step = { 0 };
	struct pb_login login;
	enum pb_status s;

	if (store->remote != NULL)
		return store->remote->login_answer(store->remote_ctx, name, words, ret_step, err);
	if (!take_up(store->logins, name, &login))
		return pb_fail(err, PB_NOT_ALLOWED, "no such login waits: it was answered, or others took its place");
	s = login.session.kind == PB_SESSION_NONE ? rows[login.family]->answer(&login, words, &step, err) :
						    pb_fail(err, PB_NOT_ALLOWED, "the session is open");
	if (s == PB_OK)
		keep_waiting(store, &login, &step);
	if (s == PB_OK)
		*ret_step = step;
	pb_wipe(&login, sizeof(login));
	return s;
}

enum pb_status pb_keystore_give_keys(const struct pb_keystore *store, enum pb_master_family family, struct pb_view uid,
				     const struct pb_card_session *session, struct pb_card_words *ret_words, struct pb_err *err)
{
	PB_CARD_WORDS_SECRET words = { 0 };
	const struct pb_login_row *row;
	struct pb_login card;
	enum pb_status s;

	if (store->remote != NULL)
		return store->remote->give_keys(store->remote_ctx, family, uid, session, ret_words, err);
	s = name_card(family, uid, &card, &row, err);
	if (s == PB_OK && row->remembers) {
		s = recall(store, session, &card, err);
		session = &card.session;
	}
	if (s == PB_OK)
		s = row->give_keys(store, &card, session, &words, err);
	if (s == PB_OK)
		*ret_words = words;
	pb_wipe(&card, sizeof(card));
	return s;
}

void pb_login_step_wipe(struct pb_login_step *step)
{
	pb_wipe(step, sizeof(*step));
}
