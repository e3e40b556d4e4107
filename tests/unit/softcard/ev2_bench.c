/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bench of NTAG 424 DNA and DESFire.
 */
#include "ev2_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { BYTES = 300, PICC_AES = 0x80 };

void bench_power(struct bench *bench)
{
	uint8_t atr[SOFTCARD_ATR_MAX];

	softcard_put_back(bench->card);
	assert_int_equal(softcard_power_on(bench->card, atr), 6);
	assert_memory_equal(atr, "\x3B\x81\x80\x01\x80\x80", 6);
	pb_ev2_session_wipe(&bench->session);
}

struct bench bench_open(const struct softcard_options *options)
{
	struct bench bench = { 0 };

	assert_int_equal(softcard_create(options, &bench.card, NULL), PB_OK);
	bench_power(&bench);
	return bench;
}

void bench_free(struct bench *bench)
{
	softcard_destroy(bench->card);
	pb_ev2_session_wipe(&bench->session);
}

void bench_tear(struct bench *bench, const char *fault)
{
	struct softcard_fault parsed;

	assert_true(softcard_fault_parse(fault, &parsed));
	softcard_arm(bench->card, &parsed);
}

static void send(struct bench *bench, const void *bytes, size_t n)
{
	bench->n = bench->sw = 0;
	bench->outcome = softcard_transmit(bench->card, pb_view(bytes, n), bench->answer, &bench->n);
	if (bench->outcome != SOFTCARD_ANSWERED)
		return;
	bench->n -= 2;
	bench->sw = (unsigned)bench->answer[bench->n] << 8 | bench->answer[bench->n + 1];
}

void bench_hex(struct bench *bench, const char *hex)
{
	uint8_t bytes[BYTES];
	size_t n;

	assert_true(pb_hex_decode(hex, bytes, sizeof(bytes), &n));
	send(bench, bytes, n);
}

void bench_expect(const struct bench *bench, unsigned sw)
{
	assert_int_equal(bench->outcome, SOFTCARD_ANSWERED);
	assert_int_equal(bench->sw, sw);
}

void bench_good(struct bench *bench, const char *hex)
{
	bench_hex(bench, hex);
	bench_expect(bench, 0x9100);
}

void bench_native(struct bench *bench, uint8_t ins, struct pb_view field)
{
	uint8_t bytes[BYTES] = { 0x90, ins, 0, 0 };
	size_t n = 4;

	if (field.n) {
		bytes[n++] = (uint8_t)field.n;
		memcpy(bytes + n, field.p, field.n);
		n += field.n;
	}
	send(bench, bytes, n + 1);
}

struct pb_secret bench_key(uint8_t fill)
{
	struct pb_secret key = { .n = PB_EV2_KEY };

	memset(key.bytes, fill, PB_EV2_KEY);
	return key;
}

void bench_authenticate(struct bench *bench, uint8_t number, const struct pb_secret *key, bool first)
{
	const uint8_t rnd_a[PB_EV2_RANDOM] = { 1, 2, 3 }, field[] = { number, 0 };
	PB_EV2_HANDSHAKE_SECRET handshake = { 0 };
	uint8_t response[PB_EV2_RESPONSE];

	bench_native(bench, first ? 0x71 : 0x77, pb_view(field, first ? 2 : 1));
	if (bench->sw != 0x91AF)
		return;
	pb_ev2_respond(key, rnd_a, bench->answer, &handshake, response);
	bench_native(bench, 0xAF, PB_VIEW(response));
	if (bench->sw != 0x9100)
		return;
	bench->number = number;
	if (first)
		assert_true(pb_ev2_open_first(key, &handshake, bench->answer, &bench->session));
	else
		assert_true(pb_ev2_open_next(key, &handshake, bench->answer, &bench->session));
}

void bench_open_session(struct bench *bench, uint8_t number, uint8_t fill)
{
	const struct pb_secret key = bench_key(fill);

	bench_authenticate(bench, number, &key, true);
	bench_expect(bench, 0x9100);
}

static void take_answer(struct bench *bench, enum pb_ev2_mode mode)
{
	uint8_t plain[PB_EV2_ANSWER_MAX];

	assert_int_equal(pb_ev2_unwrap(&bench->session, mode, (uint8_t)bench->sw, pb_view(bench->answer, bench->n), plain,
				       &bench->n, NULL),
			 PB_OK);
	memcpy(bench->answer, plain, bench->n);
}

void bench_secured(struct bench *bench, uint8_t ins, enum pb_ev2_mode mode, struct pb_view header, struct pb_view data)
{
	const struct pb_ev2_command command = { ins, header, data, mode };
	uint8_t field[BYTES];
	struct pb_writer writer = pb_writer(field, sizeof(field));

	assert_int_equal(pb_ev2_wrap(&bench->session, &command, &writer, NULL), PB_OK);
	bench_native(bench, ins, pb_view(field, writer.n));
	if (bench->outcome == SOFTCARD_ANSWERED)
		take_answer(bench, mode);
}

void bench_secured_hex(struct bench *bench, uint8_t ins, enum pb_ev2_mode mode, const char *header, const char *data)
{
	uint8_t bytes[2][BYTES];
	size_t n[2];

	assert_true(pb_hex_decode(header, bytes[0], BYTES, &n[0]) && pb_hex_decode(data, bytes[1], BYTES, &n[1]));
	bench_secured(bench, ins, mode, pb_view(bytes[0], n[0]), pb_view(bytes[1], n[1]));
}

void bench_change_key(struct bench *bench, uint8_t named, uint8_t from, uint8_t to, uint8_t version)
{
	const bool own = (named & ~PICC_AES) == bench->number;
	const struct pb_secret current = bench_key(from), next = bench_key(to);
	const struct pb_ev2_key_change change = { named, own ? named : bench->number, &current, &next, version };
	uint8_t field[BYTES];
	struct pb_writer writer = pb_writer(field, sizeof(field));

	assert_int_equal(pb_ev2_wrap_change_key(&bench->session, &change, &writer, NULL), PB_OK);
	bench_native(bench, 0xC4, pb_view(field, writer.n));
	if (!own && bench->sw == 0x9100)
		take_answer(bench, PB_EV2_FULL);
}

void bench_file_header(uint8_t ret_header[static 7], uint8_t file, uint8_t offset, uint8_t n)
{
	const uint8_t header[7] = { file, offset, 0, 0, n, 0, 0 };

	memcpy(ret_header, header, sizeof(header));
}
