/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Triple DES with three keys (NIST SP 800-67), one block at a time: the factory's management key of most PIV
 * cards is one.  Not for anything that protects data: a block of eight bytes is too short for that, and
 * here only random challenges of that length go through it.
 */
#ifndef PROFBILET_KEYS_CRYPTO_DES3_H
#define PROFBILET_KEYS_CRYPTO_DES3_H

#include "base/bytes.h"

enum { PB_DES3_BLOCK = 8, PB_DES3_KEY = 24 };

/* Another length of key is a programming mistake and aborts; bits of parity are not looked at. */
void pb_des3_encrypt_block(struct pb_view key, const uint8_t block[static PB_DES3_BLOCK],
			   uint8_t ret_block[static PB_DES3_BLOCK]);
void pb_des3_decrypt_block(struct pb_view key, const uint8_t block[static PB_DES3_BLOCK],
			   uint8_t ret_block[static PB_DES3_BLOCK]);

#endif
