/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES EV2 authentication as the host computes it (NXP NT4H2421Gx 9.1, MF2DLHX0 9.1; examples in AN12196 and
 * AN12343): the secure session of NTAG 424 DNA and of DESFire EV2 and later, before its first command.  Pure
 * functions over keys of 16 bytes and what card and host have drawn.
 *
 *     host                                            card
 *     AuthenticateEV2First, key number            ->
 *                                                 <-  challenge: E(K, RndB)
 *     E(K, RndA || RndB rotated)                  ->
 *                                                 <-  answer: E(K, TI || RndA rotated || capabilities)
 *
 * The card has proved that it holds K when its answer contains RndA; only then is there a session.
 * AuthenticateEV2NonFirst is the same inside a session: its answer is E(K, RndA rotated), identifier and counter
 * go on, the session keys are new.
 *
 * A key store in another process needs three questions for such a card, and keeps nothing between them; keys/keystore.h
 * has none of them today, so no key of an office is in such a card:
 *
 *     begin(uid, number, version, challenge)                -> RndA, which the store draws, and the response
 *     finish(uid, number, version, challenge, RndA, answer) -> the session, if the card has proved itself
 *     change_key(uid, number, version, session)             -> the data field of ChangeKey for the newest version
 *
 * `version` is what GetKeyVersion said; it names the generation of the master key, and 00 the maker's zeroes, which an
 * office has to allow.  Were RndA the caller's choice, the response would encipher any block for him under a key of
 * the card; a wrong one in the second question only finds that the answer does not fit.
 *
 * Not here: what a session protects (keys/ev2_channel.h).
 */
#ifndef PROFBILET_KEYS_EV2_KEYS_H
#define PROFBILET_KEYS_EV2_KEYS_H

#include "base/bytes.h"
#include "base/secret.h"

enum {
	PB_EV2_KEY = 16,
	PB_EV2_RANDOM = 16,
	PB_EV2_CHALLENGE = 16,	  /* E(K, RndB) */
	PB_EV2_RESPONSE = 32,	  /* E(K, RndA || RndB rotated) */
	PB_EV2_ANSWER_FIRST = 32,
	PB_EV2_ANSWER_NEXT = 16,
	PB_EV2_TI = 4,
};

/* What both have drawn.  With the key it gives the session keys, so it is wiped with them. */
struct pb_ev2_handshake {
	struct pb_secret rnd_a, rnd_b; /* PB_EV2_RANDOM bytes */
};

struct pb_ev2_session {
	struct pb_secret enc, mac; /* SesAuthENCKey, SesAuthMACKey; empty when the session is over */
	uint8_t ti[PB_EV2_TI];	   /* the card's name for the session */
	uint16_t counter;	   /* of commands, CmdCtr */
};

#define PB_EV2_HANDSHAKE_SECRET __attribute__((cleanup(pb_ev2_handshake_wipe))) struct pb_ev2_handshake
#define PB_EV2_SESSION_SECRET __attribute__((cleanup(pb_ev2_session_wipe))) struct pb_ev2_session
void pb_ev2_handshake_wipe(struct pb_ev2_handshake *handshake);
void pb_ev2_session_wipe(struct pb_ev2_session *session);

/* The host's half, for either kind of authentication.  rnd_a is fresh randomness: whoever may choose it has an
 * encryption under the key. */
void pb_ev2_respond(const struct pb_secret *key, const uint8_t rnd_a[static PB_EV2_RANDOM],
		    const uint8_t challenge[static PB_EV2_CHALLENGE], struct pb_ev2_handshake *ret_handshake,
		    uint8_t ret_response[static PB_EV2_RESPONSE]);

/* AuthenticateEV2First: a new session with its counter at 0; false, and nothing is set, when the card does not
 * hold the key. */
bool pb_ev2_open_first(const struct pb_secret *key, const struct pb_ev2_handshake *handshake,
		       const uint8_t answer[static PB_EV2_ANSWER_FIRST], struct pb_ev2_session *ret_session)
	__attribute__((warn_unused_result));
/* AuthenticateEV2NonFirst: the same session under another key. */
bool pb_ev2_open_next(const struct pb_secret *key, const struct pb_ev2_handshake *handshake,
		      const uint8_t answer[static PB_EV2_ANSWER_NEXT], struct pb_ev2_session *session)
	__attribute__((warn_unused_result));

/* SP 800-108 in counter mode with AES-CMAC over both SVs (NT4H2421Gx 9.1.7).  Sets the keys and nothing else. */
void pb_ev2_derive(const struct pb_secret *key, const struct pb_ev2_handshake *handshake,
		   struct pb_ev2_session *session);

#endif
