/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES EV2 authentication and secure messaging as the chip computes them (NXP NT4H2421Gx 9.1): pure, no storage and
 * no randomness, so that published sessions run through it byte for byte.
 *
 * Not for: which keys, counting failures, which command is protected how (ntag424.h, desfire.h).
 */
#ifndef PROFBILET_SOFTCARD_EV2_CARD_H
#define PROFBILET_SOFTCARD_EV2_CARD_H

#include "base/bytes.h"
#include "base/err.h"
#include "softcard/native.h"

enum {
	EV2_BLOCK = 16,
	EV2_RESPONSE = 32, /* E(K, RndA || RndB rotated) */
	EV2_TI = 4,
	EV2_MAC = 8,
	EV2_FIELD_MAX = 256,
};

/* All zero is a closed one. */
struct ev2_card {
	bool open;
	uint8_t ti[EV2_TI];
	uint16_t counter;
	uint8_t enc[EV2_BLOCK], mac[EV2_BLOCK];
};

/* First part: E(K, RndB). */
void ev2_card_challenge(const uint8_t key[static EV2_BLOCK], const uint8_t rnd_b[static EV2_BLOCK],
			uint8_t ret_challenge[static EV2_BLOCK]);
/* Second part: false, and nothing changed, unless the host has answered with RndB.  With a `ti` a new session begins
 * and ret_answer has 32 bytes; without one the open session goes on under new keys and ret_answer has 16. */
PB_MUST_USE bool ev2_card_answer(struct ev2_card *channel, const uint8_t key[static EV2_BLOCK],
				 const uint8_t rnd_b[static EV2_BLOCK], const uint8_t response[static EV2_RESPONSE],
				 const uint8_t *ti, uint8_t ret_answer[static EV2_RESPONSE]);
void ev2_card_close(struct ev2_card *channel);

/* Takes the MAC off the data field of a command. */
PB_MUST_USE bool ev2_card_check(const struct ev2_card *channel, uint8_t ins, struct pb_view *field);
/* Deciphers what follows the header; ret_plain has room for EV2_FIELD_MAX. */
PB_MUST_USE bool ev2_card_decipher(const struct ev2_card *channel, struct pb_view data, uint8_t *ret_plain,
				   size_t *ret_n);

/* The answer to a command that went well, after the counter was moved on.  `out` is replaced. */
void ev2_card_encipher(const struct ev2_card *channel, struct pb_writer *out);
void ev2_card_put_mac(const struct ev2_card *channel, struct pb_writer *out);

/* What an open channel takes off the data field of a command, whose header has header_n bytes, and moves its counter on;
 * a closed one passes it on.  A status of native.h; `plain` has room for EV2_FIELD_MAX and holds the data if FULL. */
uint8_t ev2_card_unwrap(struct ev2_card *channel, enum mode mode, size_t header_n, struct pb_view field, uint8_t *plain,
			struct native *command);
/* What it puts on the answer to it, when it went well. */
void ev2_card_wrap(const struct ev2_card *channel, enum mode mode, struct pb_writer *out);

/* The data of ChangeKey (10.6.1) for an AES key, `own` that of the session: replaces it and its version.  A status of
 * native.h; nothing is changed unless DONE. */
uint8_t ev2_card_take_key(struct pb_view data, bool own, uint8_t key[static EV2_BLOCK], uint8_t *version);

#endif
