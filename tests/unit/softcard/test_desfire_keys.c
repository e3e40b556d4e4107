/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys of the DESFire: by whom they are changed, what a tear leaves, and how the factory's gives way to one of ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ev2_bench.h"
#include "keys/crypto/des3.h"

static const uint8_t uid[] = { 0x04, 0x2A, 0x41, 0xCA, 0xE4, 0x53, 0x80 };

static struct bench open_card(void)
{
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid) };

	return bench_open(&options);
}

static const struct desfire_application *application(const struct bench *bench)
{
	return &softcard_desfire(bench->card)->applications[1];
}

/* AID 312050 with three AES keys, in a session under the first */
static struct bench open_application(void)
{
	struct bench bench = open_card();

	bench_good(&bench, "90CA0000053120500B8300");
	bench_good(&bench, "905A00000331205000");
	bench_open_session(&bench, 0, 0);
	return bench;
}

static void keys_change_and_the_sessions_own_ends_it(void **state)
{
	struct bench bench = open_application();

	(void)state;
	for (uint8_t i = 2; i >= 1; i--) {
		bench_change_key(&bench, i, 0, (uint8_t)(0x10 + i), 0x40);
		bench_expect(&bench, 0x9100);
		assert_int_equal(application(&bench)->keys[i].version, 0x40);
		assert_int_equal(application(&bench)->keys[i].bytes[15], 0x10 + i);
	}
	bench_change_key(&bench, 2, 0x77, 0x20, 0x41); /* another old key than the card has */
	bench_expect(&bench, 0x911E);
	bench_open_session(&bench, 0, 0);
	bench_change_key(&bench, 0, 0, 0x30, 0x40);
	bench_expect(&bench, 0x9100);
	assert_int_equal(bench.n, 0);
	bench_hex(&bench, "9051000000");
	bench_expect(&bench, 0x91AE);
	bench_good(&bench, "90640000010000");
	assert_int_equal(bench.answer[0], 0x40);
	bench_open_session(&bench, 2, 0x12);
	bench_change_key(&bench, 1, 0x11, 0, 0);
	bench_expect(&bench, 0x91AE);
	bench_open_session(&bench, 0, 0x30);
	bench_secured_hex(&bench, 0x54, PB_EV2_FULL, "", "F0"); /* frozen, keys and settings */
	bench_expect(&bench, 0x9100);
	bench_change_key(&bench, 1, 0x11, 0, 0);
	bench_expect(&bench, 0x919D);
	bench_open_session(&bench, 0, 0x30);
	bench_change_key(&bench, 0, 0x30, 0, 0);
	bench_expect(&bench, 0x919D);
	bench_open_session(&bench, 0, 0x30);
	bench_secured_hex(&bench, 0x54, PB_EV2_FULL, "", "0F");
	bench_expect(&bench, 0x919D);
	bench_free(&bench);
}

static void a_torn_key_change_shows_in_the_version(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 2; i++) {
		struct bench bench = open_application();

		bench_tear(&bench, i ? "torn-new@1" : "torn-old@1");
		bench_change_key(&bench, 0, 0, 0x30, 0x40);
		assert_int_equal(bench.outcome, SOFTCARD_GONE);
		bench_power(&bench);
		bench_good(&bench, "905A00000331205000");
		bench_good(&bench, "90640000010000");
		assert_int_equal(bench.answer[0], i ? 0x40 : 0);
		bench_open_session(&bench, 0, i ? 0x30 : 0);
		bench_free(&bench);
	}
}

static void des_block(const uint8_t key[static 16], const uint8_t *block, uint8_t *ret_block)
{
	uint8_t keys[PB_DES3_KEY];

	memcpy(keys, key, 16);
	memcpy(keys + 16, key, 8);
	pb_des3_decrypt_block(PB_VIEW(keys), block, ret_block);
}

/* What a host of the old kind sends: it deciphers, in a chain. */
static void legacy_send(const uint8_t key[static 16], const uint8_t *plain, size_t n, uint8_t *ret_data)
{
	for (size_t at = 0; at < n; at += 8) {
		uint8_t block[8];

		for (size_t i = 0; i < 8; i++)
			block[i] = plain[at + i] ^ (at ? ret_data[at - 8 + i] : 0);
		des_block(key, block, ret_data + at);
	}
}

static void open_legacy(struct bench *bench, uint8_t ret_session[static 16])
{
	static const uint8_t zero[16];
	uint8_t both[16] = { 1, 2, 3, 4, 5, 6, 7, 8 }, rnd_b[8], response[16];

	bench_hex(bench, "900A0000010000");
	bench_expect(bench, 0x91AF);
	assert_int_equal(bench->n, 8);
	des_block(zero, bench->answer, rnd_b);
	for (size_t i = 0; i < 8; i++)
		both[8 + i] = rnd_b[(i + 1) % 8];
	legacy_send(zero, both, sizeof(both), response);
	bench_native(bench, 0xAF, PB_VIEW(response));
	bench_expect(bench, 0x9100);
	des_block(zero, bench->answer, response);
	assert_memory_equal(response, "\2\3\4\5\6\7\10\1", 8);
	for (size_t i = 0; i < 16; i += 8) {
		memcpy(ret_session + i, both, 4);
		memcpy(ret_session + i + 4, rnd_b, 4);
	}
}

/* ISO/IEC 14443-3 annex B */
static void put_crc_a(uint8_t *bytes, size_t n)
{
	unsigned crc = 0x6363;

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(bytes[i] ^ crc);

		byte = (uint8_t)(byte ^ byte << 4);
		crc = crc >> 8 ^ (unsigned)byte << 8 ^ (unsigned)byte << 3 ^ (unsigned)byte >> 4;
	}
	bytes[n] = (uint8_t)crc;
	bytes[n + 1] = (uint8_t)(crc >> 8);
}

static void the_factorys_des_key_gives_way_to_one_of_aes(void **state)
{
	struct bench bench = open_card();
	uint8_t plain[24] = { 0 }, data[25] = { 0x80 }, session[16];

	(void)state;
	memset(plain, 0x66, 16);
	plain[16] = 0x42;
	open_legacy(&bench, session);
	legacy_send(session, plain, sizeof(plain), data + 1); /* without its CRC */
	bench_native(&bench, 0xC4, PB_VIEW(data));
	bench_expect(&bench, 0x911E);
	put_crc_a(plain, 17);
	open_legacy(&bench, session);
	legacy_send(session, plain, sizeof(plain), data + 1);
	bench_native(&bench, 0xC4, PB_VIEW(data));
	bench_expect(&bench, 0x9100);
	bench_good(&bench, "9045000000");
	assert_memory_equal(bench.answer, "\x0F\x81", 2);
	bench_good(&bench, "90640000010000");
	assert_int_equal(bench.answer[0], 0x42);
	bench_hex(&bench, "900A0000010000");
	bench_expect(&bench, 0x91AE);
	bench_open_session(&bench, 0, 0x66);
	bench_change_key(&bench, 0x80, 0x66, 0x67, 0x43);
	bench_expect(&bench, 0x9100);
	bench_open_session(&bench, 0, 0x67);
	bench_secured_hex(&bench, 0x54, PB_EV2_FULL, "", "0B");
	bench_expect(&bench, 0x9100);
	bench_good(&bench, "905A00000300000000");
	bench_hex(&bench, "90CA0000053220500B8100"); /* now only with the key */
	bench_expect(&bench, 0x91AE);
	bench_open_session(&bench, 0, 0x67);
	bench_secured_hex(&bench, 0xCA, PB_EV2_MAC, "", "3220500B81");
	bench_expect(&bench, 0x9100);
	bench_free(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_change_and_the_sessions_own_ends_it),
		cmocka_unit_test(a_torn_key_change_shows_in_the_version),
		cmocka_unit_test(the_factorys_des_key_gives_way_to_one_of_aes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
