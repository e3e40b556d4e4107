/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All enciphering here is CBC from a zero vector.  "Rotated" is one byte to the left.
 */
#include "keys/ev2_keys.h"

#include <string.h>

#include "base/err.h"
#include "keys/crypto/aes.h"

enum { SV_LEN = 2 * PB_AES_BLOCK };

static const uint8_t zero_vector[PB_AES_BLOCK];

void pb_ev2_handshake_wipe(struct pb_ev2_handshake *handshake)
{
	pb_wipe(handshake, sizeof(*handshake));
}

void pb_ev2_session_wipe(struct pb_ev2_session *session)
{
	pb_wipe(session, sizeof(*session));
}

static struct pb_view view_of(const struct pb_secret *key)
{
	if (key->n != PB_EV2_KEY)
		PB_BUG("length of an EV2 key");
	return pb_secret_view(key);
}

static void rotate(const struct pb_secret *random, uint8_t ret_rotated[static PB_EV2_RANDOM])
{
	memcpy(ret_rotated, random->bytes + 1, PB_EV2_RANDOM - 1);
	ret_rotated[PB_EV2_RANDOM - 1] = random->bytes[0];
}

void pb_ev2_respond(const struct pb_secret *key, const uint8_t rnd_a[static PB_EV2_RANDOM],
		    const uint8_t challenge[static PB_EV2_CHALLENGE], struct pb_ev2_handshake *ret_handshake,
		    uint8_t ret_response[static PB_EV2_RESPONSE])
{
	uint8_t both[PB_EV2_RESPONSE], rnd_b[PB_EV2_RANDOM];

	pb_aes_cbc_decrypt(view_of(key), zero_vector, challenge, PB_EV2_CHALLENGE, rnd_b);
	pb_secret_set(&ret_handshake->rnd_a, rnd_a, PB_EV2_RANDOM);
	pb_secret_set(&ret_handshake->rnd_b, rnd_b, PB_EV2_RANDOM);
	memcpy(both, rnd_a, PB_EV2_RANDOM);
	rotate(&ret_handshake->rnd_b, both + PB_EV2_RANDOM);
	pb_aes_cbc_encrypt(view_of(key), zero_vector, both, sizeof(both), ret_response);
	pb_wipe(both, sizeof(both));
	pb_wipe(rnd_b, sizeof(rnd_b));
}

/* RndA[15:14] || (RndA[13:8] ^ RndB[15:10]) || RndB[9:0] || RndA[7:0], where byte 15 is the first one sent. */
static void put_context(struct pb_writer *sv, const struct pb_ev2_handshake *handshake)
{
	const uint8_t *a = handshake->rnd_a.bytes, *b = handshake->rnd_b.bytes;

	pb_put(sv, a, 2);
	for (size_t i = 0; i < 6; i++)
		pb_put_u8(sv, a[2 + i] ^ b[i]);
	pb_put(sv, b + 6, 10);
	pb_put(sv, a + 8, 8);
}

static void derive_one(const struct pb_secret *key, uint16_t label, const struct pb_ev2_handshake *handshake,
		       struct pb_secret *ret_key)
{
	uint8_t bytes[SV_LEN], mac[PB_AES_BLOCK];
	struct pb_writer sv = pb_writer(bytes, sizeof(bytes));
	struct pb_view whole;

	pb_put_be(&sv, label, 2);
	pb_put_be(&sv, 0x00010080, 4); /* counter 1, 128 bits */
	put_context(&sv, handshake);
	if (!pb_writer_view(&sv, &whole) || whole.n != SV_LEN)
		PB_BUG("length of a session vector");
	pb_aes_cmac(view_of(key), &whole, 1, mac);
	pb_secret_set(ret_key, mac, sizeof(mac));
	pb_wipe(bytes, sizeof(bytes));
	pb_wipe(mac, sizeof(mac));
}

void pb_ev2_derive(const struct pb_secret *key, const struct pb_ev2_handshake *handshake,
		   struct pb_ev2_session *session)
{
	derive_one(key, 0xA55A, handshake, &session->enc);
	derive_one(key, 0x5AA5, handshake, &session->mac);
}

static bool is_rotated_a(const struct pb_ev2_handshake *handshake, const uint8_t *rotated)
{
	uint8_t expected[PB_EV2_RANDOM];
	bool same;

	rotate(&handshake->rnd_a, expected);
	same = pb_ct_equal(expected, rotated, sizeof(expected));
	pb_wipe(expected, sizeof(expected));
	return same;
}

/* The capabilities, 12 bytes at the end, are of protocols to come: nothing depends on them. */
bool pb_ev2_open_first(const struct pb_secret *key, const struct pb_ev2_handshake *handshake,
		       const uint8_t answer[static PB_EV2_ANSWER_FIRST], struct pb_ev2_session *ret_session)
{
	uint8_t plain[PB_EV2_ANSWER_FIRST];
	bool genuine;

	pb_aes_cbc_decrypt(view_of(key), zero_vector, answer, sizeof(plain), plain);
	genuine = is_rotated_a(handshake, plain + PB_EV2_TI);
	if (genuine) {
		pb_ev2_derive(key, handshake, ret_session);
		memcpy(ret_session->ti, plain, PB_EV2_TI);
		ret_session->counter = 0;
	}
	pb_wipe(plain, sizeof(plain));
	return genuine;
}

bool pb_ev2_open_next(const struct pb_secret *key, const struct pb_ev2_handshake *handshake,
		      const uint8_t answer[static PB_EV2_ANSWER_NEXT], struct pb_ev2_session *session)
{
	uint8_t plain[PB_EV2_ANSWER_NEXT];
	bool genuine;

	pb_aes_cbc_decrypt(view_of(key), zero_vector, answer, sizeof(plain), plain);
	genuine = is_rotated_a(handshake, plain);
	if (genuine)
		pb_ev2_derive(key, handshake, session);
	pb_wipe(plain, sizeof(plain));
	return genuine;
}
