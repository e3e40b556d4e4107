/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Personalisation against a hostile card that holds the session keys, so that its answers pass the
 * secure channel and reach what lies behind: it enciphers and authenticates whatever the fuzzer wants it
 * to say.  Each answer is taken from the input: a byte of flags, a length, so many bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/station/station.h"
#include "keys/scp03_keys.h"
#include "keys/crypto/aes.h"

enum { RAW = 1, OTHER_SW = 2, MAC_LEN = 8 };

struct hostile {
	struct pb_reader base;
	struct pb_cursor input;
	uint8_t chain[PB_AES_BLOCK];
	uint64_t counter;
};

static const uint8_t key[PB_AES_BLOCK] = { 0x42 };

static enum pb_status connect_card(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				   struct pb_reader_card *ret_card, struct pb_err *err)
{
	static const uint8_t contact[] = { 0x3B, 0x00 };

	(void)reader;
	(void)changed;
	(void)deadline;
	(void)err;
	memcpy(ret_card->atr, contact, sizeof(contact));
	ret_card->atr_n = sizeof(contact);
	return PB_OK;
}

/* Follows the host's chain: its MAC over the command is the next chaining value. */
static void follow(struct hostile *hostile, struct pb_view command)
{
	size_t n = 5 + command.p[4] - MAC_LEN;
	const struct pb_view parts[] = { PB_VIEW(hostile->chain), pb_view(command.p, n) };

	if (command.p[1] == INS_EXTERNAL_AUTHENTICATE) {
		memset(hostile->chain, 0, sizeof(hostile->chain));
		hostile->counter = 0;
	} else {
		hostile->counter++;
	}
	pb_aes_cmac(PB_VIEW(key), parts, 2, hostile->chain);
}

static size_t seal(struct hostile *hostile, struct pb_view plain, uint16_t sw, uint8_t *ret_response)
{
	uint8_t block[PB_AES_BLOCK] = { 0x80 }, icv[PB_AES_BLOCK], padded[256] = { 0 }, mac[PB_AES_BLOCK];
	size_t n = plain.n ? (plain.n / PB_AES_BLOCK + 1) * PB_AES_BLOCK : 0;
	const uint8_t word[] = { (uint8_t)(sw >> 8), (uint8_t)sw };
	const struct pb_view parts[] = { PB_VIEW(hostile->chain), pb_view(ret_response, n), PB_VIEW(word) };

	block[PB_AES_BLOCK - 1] = (uint8_t)hostile->counter;
	pb_aes_encrypt_block(PB_VIEW(key), block, icv);
	if (n) {
		memcpy(padded, plain.p, plain.n);
		padded[plain.n] = 0x80;
		pb_aes_cbc_encrypt(PB_VIEW(key), icv, padded, n, ret_response);
	}
	pb_aes_cmac(PB_VIEW(key), parts, 3, mac);
	memcpy(ret_response + n, mac, MAC_LEN);
	memcpy(ret_response + n + MAC_LEN, word, sizeof(word));
	return n + MAC_LEN + sizeof(word);
}

static enum pb_status transmit(struct pb_reader *reader, struct pb_view command,
			       uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct hostile *hostile = (struct hostile *)reader;
	bool secured = command.p[0] == CLA_GP_SM;
	struct pb_view plain;
	uint8_t flags, n;

	if (secured)
		follow(hostile, command);
	if (!pb_take_u8(&hostile->input, &flags) || !pb_take_u8(&hostile->input, &n) ||
	    !pb_take(&hostile->input, n < hostile->input.left ? n : hostile->input.left, &plain))
		return pb_fail(err, PB_CARD_REMOVED, "an empty answer");
	if (secured && command.p[1] != INS_EXTERNAL_AUTHENTICATE && !(flags & RAW) && plain.n < 224) {
		*ret_n = seal(hostile, plain, flags & OTHER_SW ? 0x6300 : SW_OK, ret_response);
		return PB_OK;
	}
	if (plain.n)
		memcpy(ret_response, plain.p, plain.n);
	ret_response[plain.n] = flags & OTHER_SW ? 0x6A : 0x90;
	ret_response[plain.n + 1] = flags & OTHER_SW ? 0x80 : 0x00;
	*ret_n = plain.n + 2;
	return PB_OK;
}

static enum pb_status eject(struct pb_reader *reader, struct pb_err *err)
{
	(void)reader;
	(void)err;
	return PB_OK;
}

static void issue(struct pb_station *station, const struct pb_card_session *session)
{
	static const uint8_t challenge[CHALLENGE_MIN] = { 1 }, credential[CREDENTIAL_MAX] = { 2 }, ndef[NDEF_MAX] = { 3 };
	static const uint8_t keys[PB_SCP03_PUT_KEY + PB_SCP03_RECEIPT] = { 4 };
	struct pb_card_words started;
	struct pb_card_identity offer;
	struct pb_card_image image;
	uint8_t point[PB_P256_POINT];
	bool whole = pb_station_offer(station, 0, &offer, NULL) == PB_OK &&
		     pb_station_begin(station, PB_SESSION_FOR_DATA, &started, NULL) == PB_OK &&
		     (offer.shadow ? pb_station_open(station, session, NULL) :
				     pb_station_make_key(station, session, point, NULL)) == PB_OK &&
		     pb_station_write(station, PB_VIEW(credential), PB_VIEW(ndef), NULL) == PB_OK &&
		     pb_station_examine(station, PB_VIEW(challenge), &image, NULL) == PB_OK &&
		     pb_station_begin(station, PB_SESSION_FOR_KEYS, &started, NULL) == PB_OK &&
		     pb_station_seal(station, session, PB_VIEW(keys), NULL) == PB_OK;

	(void)whole; /* how far it came is the card's choice */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pb_reader_ops ops = { .connect = connect_card, .transmit = transmit, .eject = eject };
	struct hostile hostile = { .base = { .ops = &ops }, .input = pb_cursor(pb_view(data, size)) };
	struct pb_card_session session = { .kind = PB_SESSION_SCP03, .kvn = KVN_FACTORY };
	struct pb_station *station;

	pb_secret_set(&session.u.scp03.enc, key, sizeof(key));
	pb_secret_set(&session.u.scp03.mac, key, sizeof(key));
	pb_secret_set(&session.u.scp03.rmac, key, sizeof(key));
	if (pb_station_create_local(&hostile.base, &station, NULL) != PB_OK)
		abort();
	issue(station, &session);
	if (pb_station_eject(station, NULL) != PB_OK)
		abort();
	pb_station_stop(station);
	return 0;
}
