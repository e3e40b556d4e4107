/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GlobalPlatform SCP03 (Card Specification 2.3, Amendment D 1.1.2) as the card computes it: pure, no
 * storage and no randomness, so that published sessions run through it byte for byte.  Keys of 16, 24 or
 * 32 bytes, S8 and S16.
 *
 * Not for: which keys, counting attempts, status words (security_domain.h).
 */
#ifndef PROFBILET_SOFTCARD_SCP03_CARD_H
#define PROFBILET_SOFTCARD_SCP03_CARD_H

#include "softcard/command.h"

enum {
	SCP03_CHALLENGE_LEN = 8, /* S8; S16 has twice as much */
	SCP03_S_MAX = 16,
	SCP03_SEQUENCE_LEN = 3,
	SCP03_C_MAC = 0x01,
	SCP03_C_ENC = 0x02,
	SCP03_R_MAC = 0x10,
	SCP03_R_ENC = 0x20,
};

enum scp03_phase { SCP03_CLOSED, SCP03_CHALLENGED, SCP03_OPEN };

/* All zero is a closed one. */
struct scp03_card {
	enum scp03_phase phase;
	uint8_t level;
	size_t s, key_n; /* bytes of a MAC, of a session key */
	uint8_t s_enc[32], s_mac[32], s_rmac[32];
	uint8_t host_cryptogram[SCP03_S_MAX];
	uint8_t chain[16];   /* the last C-MAC, whole */
	uint8_t counter[16]; /* of commands, for the encryption's start value */
};

/* The challenge a card with i = 70 computes from its sequence counter (6.2.2.1). */
void scp03_card_challenge(struct pb_view key_enc, const uint8_t sequence[static SCP03_SEQUENCE_LEN], struct pb_view aid,
			  size_t s, uint8_t *ret_challenge);

/* INITIALIZE UPDATE: both challenges have `s` bytes (8 or 16), as has ret_cryptogram. */
void scp03_card_begin(struct scp03_card *channel, struct pb_view key_enc, struct pb_view key_mac, size_t s,
		      const uint8_t *host_challenge, const uint8_t *card_challenge, uint8_t *ret_cryptogram);
/* EXTERNAL AUTHENTICATE: opens the channel at level P1; false and closed when cryptogram or MAC is wrong. */
PB_MUST_USE bool scp03_card_authenticate(struct scp03_card *channel, const struct command *command);
void scp03_card_close(struct scp03_card *channel);

enum scp03_unwrap { SCP03_UNWRAPPED, SCP03_NOT_WRAPPED, SCP03_WRONG };

/* A command on an open channel of level 01 or more.  ret_plain has room for APDU_DATA_MAX; ret_command borrows it.
 * Anything but SCP03_UNWRAPPED has closed the channel. */
PB_MUST_USE enum scp03_unwrap scp03_card_unwrap(struct scp03_card *channel, const struct command *command,
						uint8_t ret_plain[static APDU_DATA_MAX], struct command *ret_command);
/* The answer to a command that was unwrapped; `out` is replaced.  Errors (6xxx but 62xx and 63xx) go bare. */
void scp03_card_wrap(const struct scp03_card *channel, uint16_t sw, struct pb_writer *out);

#endif
