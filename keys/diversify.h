/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card's own keys from one master key (NXP AN10922, AES-128), so that a key read out of one card opens
 * no other card, and no list of card keys has to be kept.  Pure functions: which master key, and who may
 * use it, is keys/keystore.h.
 *
 * The diversification input of a Profbilet card, of our own application 15 to 21 bytes:
 *
 *     UID (4, 7 or 10) || A0 00 00 01 51 00 00 00 (the ISD's AID) || 50 42 ("PB") || key number 01..03
 *
 * Cards of another family have the name of another application in its place (keys/master_keys.h).  The UID comes first and
 * what follows has a fixed length within a family, so two cards never share an input; AN10922's
 * padding keeps inputs of different lengths apart.
 */
#ifndef PROFBILET_KEYS_DIVERSIFY_H
#define PROFBILET_KEYS_DIVERSIFY_H

#include "base/err.h"
#include "base/secret.h"

enum { PB_DIVERSIFY_INPUT_MAX = 31, PB_CARD_KEY_LEN = 16, PB_KCV_LEN = 3 };

/* The key numbers of a SCP03 key set (GPC Amendment D 6.1, key identifiers 1 to 3). */
enum pb_card_key_number { PB_CARD_KEY_ENC = 1, PB_CARD_KEY_MAC = 2, PB_CARD_KEY_DEK = 3 };

struct pb_card_keys {
	struct pb_secret enc, mac, dek;
};

#define PB_CARD_KEYS_SECRET __attribute__((cleanup(pb_card_keys_wipe))) struct pb_card_keys
void pb_card_keys_wipe(struct pb_card_keys *keys);

/* AN10922 2.2: input of 1 to 31 bytes, another length is a programming mistake and aborts. */
void pb_an10922_aes128(const struct pb_secret *master, struct pb_view input, struct pb_secret *ret_key);

/* One block under a key that is somewhere else. */
struct pb_block_cipher {
	enum pb_status (*encrypt)(void *ctx, const uint8_t block[static 16], uint8_t ret_block[static 16], struct pb_err *err);
	void *ctx;
};

/* The same under such a key, in three blocks; fails as the cipher does. */
PB_MUST_USE enum pb_status pb_an10922_by_blocks(const struct pb_block_cipher *cipher, struct pb_view input,
						struct pb_secret *ret_key, struct pb_err *err);

/* From this length on, the key is the plain CMAC (NIST SP 800-38B) of 01 || input: padding is the same. */
enum { PB_AN10922_IS_CMAC_FROM = 16 };

/* The diversification input of one key of a card; uid as below. */
void pb_diversify_put_input(struct pb_writer *input, struct pb_view uid, struct pb_view system, uint8_t number);

/* uid: 4 to 10 bytes; another length aborts (what a reader says is checked before it comes here). */
void pb_diversify_card_keys(const struct pb_secret *master, struct pb_view uid, struct pb_card_keys *ret_keys);

/* GPC 2.3.1 B.6: the first three bytes of AES(key, 01 01 .. 01).  Public: it names a key. */
void pb_key_check_value(const struct pb_secret *key, uint8_t ret_kcv[static PB_KCV_LEN]);

#endif
