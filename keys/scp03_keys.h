/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SCP03 before its first protected command (GlobalPlatform Card 2.3.1 Amendment D 1.1.1): what the card
 * said to INITIALIZE UPDATE, the session keys, the two cryptograms.  Pure functions over keys of 16, 24
 * or 32 bytes and challenges of 8 (S8) or 16 bytes (S16).
 *
 * Not here: which keys a card has (keys/keystore.h), wrapping commands (issuer/perso).
 */
#ifndef PROFBILET_KEYS_SCP03_KEYS_H
#define PROFBILET_KEYS_SCP03_KEYS_H

#include "base/bytes.h"
#include "base/secret.h"

enum { PB_SCP03_S8 = 8, PB_SCP03_S16 = 16, PB_SCP03_SEQUENCE = 3 };

/* PUT KEY of three AES keys (7.2): its data, and what the card answers. */
enum { PB_SCP03_PUT_KEY = 70, PB_SCP03_RECEIPT = 10 };

/* Derivation constants, Amendment D table 4-1. */
enum pb_scp03_constant {
	PB_SCP03_CARD_CRYPTOGRAM = 0x00,
	PB_SCP03_HOST_CRYPTOGRAM = 0x01,
	PB_SCP03_CARD_CHALLENGE = 0x02,
	PB_SCP03_S_ENC = 0x04,
	PB_SCP03_S_MAC = 0x06,
	PB_SCP03_S_RMAC = 0x07,
};

/* Bits of the "i" parameter, 5.1 */
enum { PB_SCP03_I_S16 = 0x01, PB_SCP03_I_PSEUDO_RANDOM = 0x10 };

/* Response to INITIALIZE UPDATE without its status word, table 7-3; the views borrow from it. */
struct pb_initialize_update {
	struct pb_view diversification; /* 10 bytes, the card maker's */
	uint8_t kvn, scp, i;
	struct pb_view challenge, cryptogram; /* 8 or 16 bytes */
	struct pb_view sequence;	      /* 3 bytes, or none when the challenge is truly random */
};

/* False unless the length is exactly the one the "i" parameter asks for. */
bool pb_initialize_update_parse(struct pb_view response, struct pb_initialize_update *ret_parsed);

/* 4.1.5: ret_bytes[n], n up to 32, from SP 800-108 in counter mode with AES-CMAC. */
void pb_scp03_kdf(struct pb_view key, enum pb_scp03_constant constant, struct pb_view context, uint8_t *ret_bytes,
		  size_t n);

struct pb_scp03_session_keys {
	struct pb_secret enc, mac, rmac;
};

#define PB_SCP03_SESSION_SECRET __attribute__((cleanup(pb_scp03_session_wipe))) struct pb_scp03_session_keys
void pb_scp03_session_wipe(struct pb_scp03_session_keys *keys);

/* 6.2.1: from the static keys; session keys are as long as these. */
void pb_scp03_session_derive(const struct pb_secret *key_enc, const struct pb_secret *key_mac,
			     struct pb_view host_challenge, struct pb_view card_challenge,
			     struct pb_scp03_session_keys *ret_keys);

/* 6.2.2.2, 6.2.2.3: constant is PB_SCP03_CARD_CRYPTOGRAM or PB_SCP03_HOST_CRYPTOGRAM; the cryptogram is as
 * long as a challenge, and both challenges are equally long. */
void pb_scp03_cryptogram(const struct pb_scp03_session_keys *keys, enum pb_scp03_constant constant,
			 struct pb_view host_challenge, struct pb_view card_challenge, uint8_t *ret_cryptogram);

/* 6.2.2.1: the challenge that a card with this "pseudo-random" option gives at this sequence counter to
 * whoever selected `aid` (5 to 16 bytes); n is 8 or 16. */
void pb_scp03_card_challenge(const struct pb_secret *key_enc, const uint8_t sequence[static PB_SCP03_SEQUENCE],
			     struct pb_view aid, uint8_t *ret_challenge, size_t n);

#endif
