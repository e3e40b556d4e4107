/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES-128/192/256 as cards use it: single blocks, CBC without padding, CMAC (NIST SP 800-38B, RFC 4493).
 * Keys are 16, 24 or 32 bytes; another length is a programming mistake and aborts.
 */
#ifndef PROFBILET_KEYS_CRYPTO_AES_H
#define PROFBILET_KEYS_CRYPTO_AES_H

#include "base/bytes.h"

enum { PB_AES_BLOCK = 16 };

void pb_aes_encrypt_block(struct pb_view key, const uint8_t block[static PB_AES_BLOCK], uint8_t ret_block[static PB_AES_BLOCK]);
/* n is a multiple of 16; in and out may be the same memory. */
void pb_aes_cbc_encrypt(struct pb_view key, const uint8_t iv[static PB_AES_BLOCK], const uint8_t *in, size_t n, uint8_t *ret_out);
void pb_aes_cbc_decrypt(struct pb_view key, const uint8_t iv[static PB_AES_BLOCK], const uint8_t *in, size_t n, uint8_t *ret_out);
/* Over the concatenation of the parts. */
void pb_aes_cmac(struct pb_view key, const struct pb_view *parts, size_t count, uint8_t ret_mac[static PB_AES_BLOCK]);

/* The same with the key schedule kept, for a session of many messages. */
struct pb_aes_cmac_key;
struct pb_aes_cmac_key *pb_aes_cmac_key_create(struct pb_view key);
void pb_aes_cmac_key_destroy(struct pb_aes_cmac_key *key); /* accepts NULL */
void pb_aes_cmac_with(struct pb_aes_cmac_key *key, const struct pb_view *parts, size_t count, uint8_t ret_mac[static PB_AES_BLOCK]);

#endif
