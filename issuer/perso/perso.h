/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing one card: the only code that changes cards.  The steps are the card's, each a function here, each named in its
 * error ("STORE DATA 1: SW 6A84 (no space on the card)").  Another kind of card is one file and one row in perso.c, which
 * this folder's family.h says how to write; what its words to the key store are is agreed with its row there
 * (keys/login.h).
 *
 * Not for deciding: whether this card may be written, and with which keys, was settled before.  What is
 * checked here is only that the conversation stays with one card: where a card calls itself something whenever a session
 * begins, it must be the same (PB_CARD_SWAPPED).
 */
#ifndef PROFBILET_ISSUER_PERSO_PERSO_H
#define PROFBILET_ISSUER_PERSO_PERSO_H

#include "base/err.h"
#include "issuer/card/card.h"
#include "issuer/card/piv_commands.h"
#include "issuer/reader/reader.h"
#include "keys/keystore.h"

struct pb_scp03;

/* What a session is for, where a card has different keys, or different places to hold them, for the two. */
enum pb_session_purpose {
	PB_SESSION_FOR_DATA, /* making a key in the chip, writing what it is to hold */
	PB_SESSION_FOR_KEYS, /* giving it keys of its own, its last states */
	PB_SESSION_PURPOSES
};

enum { PB_PERSO_NAME = 10 };

/* Of a PIV card (perso_piv.c). */
struct pb_perso_piv {
	struct pb_piv_chuid chuid; /* as it is on the card; its credential is the one below */
	uint8_t credential[CREDENTIAL_MAX];
	uint8_t algorithm;	   /* of the management key */
	bool has_point;
	uint8_t point[PB_P256_POINT]; /* of the key that waits */
};

/* One card's conversation.  Zeroed by pb_perso_init, one thread, borrows the reader. */
struct pb_perso {
	struct pb_reader *reader;
	enum pb_card_family family;
	bool selected;	/* the application, afresh: nothing was said to it since */
	bool begun;	/* the card waits for an answer, which it gets once */
	bool open;
	unsigned refused; /* keys, by the card: none of them is tried again */
	struct pb_card_session session; /* that is open */
	struct pb_scp03 *scp03;		/* its channel, of cards that have such; NULL: none */
	bool empty;	/* the application was made in this conversation: nothing is in it yet */
	uint8_t name[PB_PERSO_NAME];	/* what the card called itself first; see "Not for deciding" */
	bool has_name;
	struct pb_perso_piv piv;
};

void pb_perso_init(struct pb_perso *perso, struct pb_reader *reader, enum pb_card_family family);
/* Forgets the session; the card forgets it with the next SELECT or without power. */
void pb_perso_finish(struct pb_perso *perso);
/* Somebody else has talked to the card since, which ended any session.  `selected`: the last thing said was
 * to select the application, so that pb_perso_begin need not. */
void pb_perso_selected(struct pb_perso *perso, bool selected);

/* SELECT unless just done, and the card's first words for the key store (pb_keystore_login_begin).  PB_CARD_KEYS when the
 * card has refused every key there is for it since it was offered: a key is tried once. */
PB_MUST_USE enum pb_status pb_perso_begin(struct pb_perso *perso, enum pb_session_purpose purpose,
					  struct pb_card_words *ret_words, struct pb_err *err);
/* Tells the card what the key store says, and brings its next words (pb_keystore_login_answer).  PB_NOT_ALLOWED without a
 * begin before it, as pb_perso_open. */
PB_MUST_USE enum pb_status pb_perso_answer(struct pb_perso *perso, struct pb_view say, struct pb_card_words *ret_words,
					   struct pb_err *err);
/* The session is open, and where the card has to be told so, it is.  A challenge is answered once, so a wrong key costs
 * the card one try and not more. */
PB_MUST_USE enum pb_status pb_perso_open(struct pb_perso *perso, const struct pb_card_session *session,
					 struct pb_err *err);

/* The rest needs an open session, else PB_NOT_ALLOWED; and a card that has such a thing (struct pb_card_family_row), else
 * PB_CARD_UNSUPPORTED. */

/* The key waits until pb_perso_write, through resets too. */
PB_MUST_USE enum pb_status pb_perso_make_key(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT],
					     struct pb_err *err);
/* Both, and whatever makes them valid. */
PB_MUST_USE enum pb_status pb_perso_write(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
					  struct pb_err *err);
/* `keys` from pb_keystore_give_keys, of this very session; PB_CARD_MISMATCH when the card checked other keys. */
PB_MUST_USE enum pb_status pb_perso_give_keys(struct pb_perso *perso, struct pb_view keys, struct pb_err *err);
/* LOCKED or TERMINATED. */
PB_MUST_USE enum pb_status pb_perso_set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err);

#endif
