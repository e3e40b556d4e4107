/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing one card: the only code that changes cards.  The steps are the card's (card-applet-spec/),
 * each a function here, each named in its error ("STORE DATA 1: SW 6A84 (no space on the card)").
 *
 * Not for deciding: whether this card may be written, and with which keys, was settled before.  What is
 * checked here is only that the conversation stays with one card: its key diversification data must be
 * the same in every INITIALIZE UPDATE (PB_CARD_SWAPPED).
 */
#ifndef PROFBILET_ISSUER_PERSO_PERSO_H
#define PROFBILET_ISSUER_PERSO_PERSO_H

#include "base/err.h"
#include "issuer/card/card.h"
#include "issuer/reader/reader.h"
#include "keys/keystore.h"

struct pb_scp03;

enum pb_card_target {
	PB_TARGET_APPLET,
	PB_TARGET_SECURITY_DOMAIN,
};

enum { PB_INITIALIZE_MAX = 32, PB_DIVERSIFICATION = 10, PB_PUT_KEY_MAX = 239, PB_RECEIPT_MAX = 64 };

/* What the key store needs to open a session with the card (GPC Amendment D 7.1.1). */
struct pb_session_challenge {
	uint8_t host_challenge[PB_HOST_CHALLENGE_LEN];
	uint8_t response[PB_INITIALIZE_MAX]; /* of INITIALIZE UPDATE, without SW */
	size_t response_n;		     /* 29 or 32 */
};

/* One card's conversation.  Zeroed by pb_perso_init, one thread, borrows the reader. */
struct pb_perso {
	struct pb_reader *reader;
	enum pb_card_family family;
	bool applet_selected;	/* afresh: nothing was said to it since */
	bool challenged;	/* INITIALIZE UPDATE was answered and no EXTERNAL AUTHENTICATE sent since */
	struct pb_scp03 *channel; /* NULL: none is open */
	uint8_t diversification[PB_DIVERSIFICATION];
	bool has_diversification;
	uint8_t kvn;		/* of the key set the session was opened with */
};

void pb_perso_init(struct pb_perso *perso, struct pb_reader *reader, enum pb_card_family family);
/* Forgets the session; the card forgets it with the next SELECT or without power. */
void pb_perso_finish(struct pb_perso *perso);
/* Somebody else has talked to the card since, which ended any session.  `applet`: the last thing said was
 * to select the application, so that pb_perso_begin need not. */
void pb_perso_selected(struct pb_perso *perso, bool applet);

/* SELECT unless just done, and INITIALIZE UPDATE with a random challenge. */
PB_MUST_USE enum pb_status pb_perso_begin(struct pb_perso *perso, enum pb_card_target target,
					  struct pb_session_challenge *ret_challenge, struct pb_err *err);
/* EXTERNAL AUTHENTICATE.  PB_NOT_ALLOWED without a begin before it: a challenge is answered once, so a
 * wrong key costs the card one try and not more. */
PB_MUST_USE enum pb_status pb_perso_authenticate(struct pb_perso *perso, const struct pb_card_session *session,
						 struct pb_err *err);

/* The rest needs an open session, else PB_NOT_ALLOWED. */

/* GENERATE KEY PAIR: the key waits until pb_perso_write, through resets too. */
PB_MUST_USE enum pb_status pb_perso_make_key(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT],
					     struct pb_err *err);
/* STORE DATA of both, and the commit. */
PB_MUST_USE enum pb_status pb_perso_write(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
					  struct pb_err *err);
/* PUT KEY; PB_CARD_MISMATCH when the card's answer is not `receipt`. */
PB_MUST_USE enum pb_status pb_perso_put_key(struct pb_perso *perso, struct pb_view data, struct pb_view receipt,
					    struct pb_err *err);
/* INSTALL [for personalization] and STORE DATA of the state LOCKED or TERMINATED. */
PB_MUST_USE enum pb_status pb_perso_set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err);

#endif
