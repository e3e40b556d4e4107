/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How each family of cards is opened and given keys: one row in login.c, and a file where its protocol is a new one
 * (login_scp03.c, login_piv.c, login_ev2.c).  Inside of a key store only; callers have pb_keystore_login_begin
 * and what stands with it (keys/keystore.h).
 *
 * A login that needs a second word of the card waits here in between: what was drawn for it never leaves the store.  Few
 * wait at once, the oldest makes room, and each is answered once.
 *
 * Where the protocol hides new keys under those of the session, or not at all, somebody who made a session up would be given
 * a card's keys without the card.  There a session that was opened waits here too, and keys are given once in it and in
 * no other.
 *
 * A row must keep three promises.  The key is chosen by what the card says of its version, and nothing is answered under
 * a version that the office does not have.  What the card gives is enciphered or deciphered only together with fresh
 * randomness of this store, so that it is no oracle (login_piv.c says what PIV leaves of that).  The factory's key is used
 * only where store->allow_factory_keys says so.
 */
#ifndef PROFBILET_KEYS_LOGIN_H
#define PROFBILET_KEYS_LOGIN_H

#include "keys/keystore_inside.h"

/* One that has begun. */
struct pb_login {
	uint64_t name; /* 0: none */
	enum pb_master_family family;
	uint8_t uid[10];
	size_t uid_n;
	uint8_t kvn;
	struct pb_secret key; /* the card's, which it has to prove yet */
	uint8_t algorithm;	   /* of that key; PIV */
	struct pb_secret expected; /* the card's answer; PIV */
	struct pb_ev2_handshake ev2;
	uint8_t versions[PB_CARD_KEY_VERSIONS_MAX];
	size_t versions_n;
	struct pb_card_session session; /* once it is open, of a row that remembers */
};

/* Each reads the words of issuer/perso/'s file of its family: PB_CARD_PROTOCOL when they have another form. */
struct pb_login_row {
	/* Sets what the next step needs, unless the session is open. */
	enum pb_status (*begin)(const struct pb_keystore *store, struct pb_login *login, struct pb_view words,
				struct pb_login_step *step, struct pb_err *err);
	enum pb_status (*answer)(struct pb_login *login, struct pb_view words, struct pb_login_step *step,
				 struct pb_err *err); /* NULL: begin opens */
	enum pb_status (*give_keys)(const struct pb_keystore *store, const struct pb_login *card,
				    const struct pb_card_session *session, struct pb_card_words *words, struct pb_err *err);
	bool remembers; /* give_keys gets a session of this store's, not the caller's */
};

extern const struct pb_login_row pb_login_scp03, pb_login_piv, pb_login_ev2;

/* ---- What rows have in common */

/* PB_KEYS_REFUSED, unless the office allows them. */
PB_MUST_USE enum pb_status pb_login_allow_factory(const struct pb_keystore *store, struct pb_err *err);
/* Key `number` of the card under that generation; PB_CARD_KEYS when the office does not have it. */
PB_MUST_USE enum pb_status pb_login_own_key(const struct pb_keystore *store, const struct pb_login *card, uint8_t kvn,
					    uint8_t number, struct pb_secret *ret_key, struct pb_err *err);
/* The generation that cards of the family are given.  PB_KEYS_NO_FAMILY when there is none, PB_KEYS_REFUSED when the
 * card has it already: cards go forwards only. */
PB_MUST_USE enum pb_status pb_login_next_kvn(const struct pb_keystore *store, enum pb_master_family family, uint8_t current,
					     uint8_t *ret_kvn, struct pb_err *err);

/* ---- Of the store */

struct pb_logins;
struct pb_logins *pb_logins_create(void); /* NULL: no memory */
void pb_logins_destroy(struct pb_logins *logins); /* accepts NULL; wipes */

#endif
