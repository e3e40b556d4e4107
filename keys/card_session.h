/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a card, a key store and those between them hand each other while a session is opened, and the session that comes
 * of it.  Neither names a kind of card: those between (issuer/station/, issuer/core/, keys/keyd/) pass both on and look
 * into neither.
 *
 *     words     what the card has said, or what is to be said to it: bytes that issuer/perso/ and the family's row in the
 *               key store (keys/login.h) understand, and nobody else
 *     session   what a station needs to go on alone: the keys of this one session
 *
 * Not for: who may open a session and with which key (keys/keystore.h).
 */
#ifndef PROFBILET_KEYS_CARD_SESSION_H
#define PROFBILET_KEYS_CARD_SESSION_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "keys/ev2_keys.h"

enum {
	PB_CARD_WORDS_MAX = 240,
	PB_CARD_SESSION_MAX = 128, /* bytes of a session in a message */
	PB_CARD_KEY_VERSIONS_MAX = 8,
	PB_HOST_CRYPTOGRAM_LEN = 8,
};

struct pb_card_words {
	uint8_t bytes[PB_CARD_WORDS_MAX];
	size_t n;
};

#define PB_CARD_WORDS_SECRET __attribute__((cleanup(pb_card_words_wipe))) struct pb_card_words
void pb_card_words_wipe(struct pb_card_words *words);
struct pb_view pb_card_words_view(const struct pb_card_words *words);
/* False when it is longer than words may be. */
PB_MUST_USE bool pb_card_words_set(struct pb_card_words *words, struct pb_view bytes);

/* By the protocol, of which several kinds of cards may speak one. */
enum pb_session_kind {
	PB_SESSION_NONE,
	PB_SESSION_SCP03,
	PB_SESSION_EV2,
	PB_SESSION_OPEN, /* the card takes commands as they are: there is nothing to keep secret */
};

/* Of SCP03 the last word to the card is in a command that the session protects already. */
struct pb_scp03_login {
	struct pb_secret enc, mac, rmac;
	uint8_t host_cryptogram[PB_HOST_CRYPTOGRAM_LEN];
};

struct pb_ev2_login {
	struct pb_ev2_session channel;
	uint8_t versions[PB_CARD_KEY_VERSIONS_MAX]; /* of the card's keys, by number, as it said before the session */
	size_t versions_n;
};

/* Nothing of it is secret. */
struct pb_open_login {
	uint8_t algorithm; /* of the key that opened it */
};

struct pb_card_session {
	enum pb_session_kind kind;
	uint8_t kvn; /* of the key that opened it: the factory's, or of one of our generations */
	uint64_t login; /* by which the key store knows it again; 0: it need not */
	union {
		struct pb_scp03_login scp03;
		struct pb_ev2_login ev2;
		struct pb_open_login open;
	} u;
};

#define PB_CARD_SESSION_SECRET __attribute__((cleanup(pb_card_session_wipe))) struct pb_card_session
void pb_card_session_wipe(struct pb_card_session *session);

/* In a message: a session of one kind has one form.  At most PB_CARD_SESSION_MAX bytes. */
void pb_card_session_put(struct pb_writer *writer, const struct pb_card_session *session);
PB_MUST_USE bool pb_card_session_take(struct pb_view bytes, struct pb_card_session *ret_session);

#endif
