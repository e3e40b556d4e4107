/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A software card of NXP's on a bench: native commands and EV2 sessions by the host of keys/, which was written from
 * other pages than the card.  What a test is about is left in `outcome`, `sw`, `answer` and `n`.
 */
#ifndef PROFBILET_TESTS_UNIT_SOFTCARD_EV2_BENCH_H
#define PROFBILET_TESTS_UNIT_SOFTCARD_EV2_BENCH_H

#include "keys/ev2_channel.h"
#include "softcard/softcard.h"

struct bench {
	struct softcard *card;
	struct pb_ev2_session session;
	uint8_t number; /* of the key that opened it */
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	size_t n; /* without the status word */
	unsigned sw;
	enum softcard_outcome outcome;
};

/* Under power; asserts the ATR of such chips. */
struct bench bench_open(const struct softcard_options *options);
void bench_free(struct bench *bench);
/* Takes the card away and puts it back. */
void bench_power(struct bench *bench);
void bench_tear(struct bench *bench, const char *fault);

void bench_hex(struct bench *bench, const char *hex);
/* Answered with this status word. */
void bench_expect(const struct bench *bench, unsigned sw);
void bench_good(struct bench *bench, const char *hex); /* with 9100 */
void bench_native(struct bench *bench, uint8_t ins, struct pb_view field);
/* 16 bytes of it */
struct pb_secret bench_key(uint8_t fill);
/* AuthenticateEV2First or NonFirst, whether or not the key is right; a session when it is. */
void bench_authenticate(struct bench *bench, uint8_t number, const struct pb_secret *key, bool first);
void bench_open_session(struct bench *bench, uint8_t number, uint8_t fill); /* First, and asserts that it went well */
/* In the open session; what the answer held is left in `answer`, deciphered. */
void bench_secured(struct bench *bench, uint8_t ins, enum pb_ev2_mode mode, struct pb_view header, struct pb_view data);
void bench_secured_hex(struct bench *bench, uint8_t ins, enum pb_ev2_mode mode, const char *header, const char *data);
/* `named`: the number as the card wants to hear it, which on a DESFire's PICC level has a bit more. */
void bench_change_key(struct bench *bench, uint8_t named, uint8_t from, uint8_t to, uint8_t version);
/* Number, offset and length of ReadData and WriteData. */
void bench_file_header(uint8_t ret_header[static 7], uint8_t file, uint8_t offset, uint8_t n);

#endif
