/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The PIV card, byte by byte as SP 800-73-4 part 2 has it; that usual hosts get on with it is
 * tests/flow/f-piv.test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "card-applet-spec/piv.h"
#include "host.h"
#include "keys/crypto/aes.h"
#include "keys/crypto/des3.h"
#include "softcard/card.h"

static const uint8_t factory_key[] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 };

static const struct softcard_options triple_des = { .kind = SOFTCARD_PIV };
static const struct softcard_options aes = { .kind = SOFTCARD_PIV, .piv_aes = true };

static struct host card_of(const struct softcard_options *of, const char *path)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	struct softcard_options options = *of;
	struct host host = { 0 };

	options.path = path;
	options.uid = PB_VIEW(uid);
	assert_int_equal(softcard_create(&options, &host.card, NULL), PB_OK);
	host_power(&host);
	return host;
}

static void decipher(uint8_t algorithm, struct pb_view key, const uint8_t *block, uint8_t *ret_block)
{
	static const uint8_t iv[PB_AES_BLOCK];

	if (algorithm == PIV_3DES)
		pb_des3_decrypt_block(key, block, ret_block);
	else
		pb_aes_cbc_decrypt(key, iv, block, PB_AES_BLOCK, ret_block);
}

static void general_authenticate(struct host *host, uint8_t algorithm, uint8_t reference, struct pb_view template)
{
	uint8_t bytes[128];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_put_u8(&out, CLA_ISO);
	pb_put_u8(&out, INS_GENERAL_AUTHENTICATE);
	pb_put_u8(&out, algorithm);
	pb_put_u8(&out, reference);
	pb_put_u8(&out, (uint8_t)(2 + template.n));
	pb_put_u8(&out, PIV_TAG_AUTHENTICATION);
	pb_put_u8(&out, (uint8_t)template.n);
	pb_put_view(&out, template);
	pb_put_u8(&out, 0);
	host_send(host, pb_view(bytes, out.n));
}

/* Mutual, as SP 800-73-4 part 2 A.1.2 shows it; false when the card did not believe the key. */
static bool open_with(struct host *host, uint8_t algorithm, struct pb_view key)
{
	const size_t n = algorithm == PIV_3DES ? 8 : 16;
	uint8_t template[64] = { PIV_TAG_WITNESS, 0 }, plain[16];

	general_authenticate(host, algorithm, PIV_KEY_MANAGEMENT, pb_view(template, 2));
	assert_int_equal(host->sw, SW_OK);
	assert_int_equal(host->n, 4 + n);
	template[1] = (uint8_t)n;
	decipher(algorithm, key, host->data + 4, template + 2);
	template[2 + n] = PIV_TAG_CHALLENGE;
	template[3 + n] = (uint8_t)n;
	memset(template + 4 + n, 0x5A, n);
	general_authenticate(host, algorithm, PIV_KEY_MANAGEMENT, pb_view(template, 4 + 2 * n));
	if (host->sw != SW_OK)
		return false;
	assert_int_equal(host->n, 4 + n);
	decipher(algorithm, key, host->data + 4, plain);
	assert_memory_equal(plain, template + 4 + n, n); /* the card has the key as well */
	return true;
}

static void open_factory(struct host *host)
{
	assert_true(open_with(host, PIV_3DES, PB_VIEW(factory_key)));
}

/* PUT DATA of `n` bytes that all are `fill`, in pieces of 200. */
static void put_object(struct host *host, uint8_t fill, size_t n)
{
	static const uint8_t head[] = { 0x5C, 3, 0x5F, 0xC1, 0x02, 0x53, 0x82 };
	uint8_t data[PIV_OBJECT_MAX + 64], bytes[300];
	struct pb_writer whole = pb_writer(data, sizeof(data));
	struct pb_cursor in;

	pb_put(&whole, head, sizeof(head));
	pb_put_be(&whole, n, 2);
	for (size_t i = 0; i < n; i++)
		pb_put_u8(&whole, fill);
	assert_false(whole.full);
	in = pb_cursor(pb_view(data, whole.n));
	while (in.left) {
		struct pb_writer out = pb_writer(bytes, sizeof(bytes));
		const size_t piece = in.left < 200 ? in.left : 200;
		struct pb_view taken;

		assert_true(pb_take(&in, piece, &taken));
		pb_put_u8(&out, in.left ? CLA_CHAINED : CLA_ISO);
		pb_put_be(&out, 0xDB3FFF, 3);
		pb_put_u8(&out, (uint8_t)piece);
		pb_put_view(&out, taken);
		host_send(host, pb_view(bytes, out.n));
		if (host->sw != SW_OK)
			return;
	}
}

/* GET DATA of the same, with GET RESPONSE; returns its value's length, all bytes being `*ret_fill`. */
static size_t get_object(struct host *host, uint8_t *ret_fill)
{
	uint8_t all[PIV_OBJECT_MAX + 64];
	struct pb_writer out = pb_writer(all, sizeof(all));
	struct pb_cursor in;
	struct pb_view value;
	unsigned tag;

	host_hex(host, "00 CB 3F FF 05 5C 03 5F C1 02 00");
	while (host->sw >> 8 == 0x61) {
		pb_put(&out, host->data, host->n);
		host_hex(host, "00 C0 00 00 00");
	}
	if (host->sw != SW_OK)
		return 0;
	pb_put(&out, host->data, host->n);
	in = pb_cursor(pb_view(all, out.n));
	assert_true(take_tlv(&in, &tag, &value) && tag == PIV_TAG_OBJECT && !in.left);
	for (size_t i = 0; i < value.n; i++)
		assert_int_equal(value.p[i], value.p[0]);
	*ret_fill = value.p[0];
	return value.n;
}

static void nothing_is_written_without_the_management_key(void **state)
{
	static const char *const commands[] = {
		"00 DB 3F FF 09 5C 03 5F C1 02 53 02 30 00",
		"00 47 00 9E 05 AC 03 80 01 11 00",
		"00 FF FF FF 1B 03 9B 18 000102030405060708090A0B0C0D0E0F1011121314151617",
	};
	struct host host = card_of(&triple_des, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		host_hex(&host, commands[i]);
		assert_int_equal(host.sw, SW_SECURITY);
	}
	open_factory(&host);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		host_hex(&host, commands[i]);
		assert_int_equal(host.sw, SW_OK);
	}
	host_select(&host, PIV_AID, PIV_AID_SHORTEST); /* which ends what the key opened */
	host_hex(&host, commands[0]);
	assert_int_equal(host.sw, SW_SECURITY);
	host_free(&host);
}

static void a_wrong_key_opens_nothing_and_a_question_is_answered_once(void **state)
{
	uint8_t wrong[sizeof(factory_key)], response[10] = { PIV_TAG_RESPONSE, 8 };
	struct host host = card_of(&triple_des, NULL);

	(void)state;
	memset(wrong, 0x11, sizeof(wrong));
	open_factory(&host);
	assert_false(open_with(&host, PIV_3DES, PB_VIEW(wrong)));
	assert_int_equal(host.sw, SW_SECURITY);
	host_hex(&host, "00 47 00 9E 05 AC 03 80 01 11 00");
	assert_int_equal(host.sw, SW_SECURITY); /* what was open before is closed */
	host_hex(&host, "00 87 0A 9B 04 7C 02 80 00 00");
	assert_int_equal(host.sw, SW_P1P2); /* a key of that kind is not there */
	/* the host alone, A.1.1: the right answer, then the same again */
	host_hex(&host, "00 87 00 9B 04 7C 02 81 00 00");
	assert_int_equal(host.sw, SW_OK);
	pb_des3_encrypt_block(PB_VIEW(factory_key), host.data + 4, response + 2);
	general_authenticate(&host, PIV_3DES, PIV_KEY_MANAGEMENT, PB_VIEW(response));
	assert_int_equal(host.sw, SW_OK);
	general_authenticate(&host, PIV_3DES, PIV_KEY_MANAGEMENT, PB_VIEW(response));
	assert_int_equal(host.sw, SW_DATA);
	host_hex(&host, "00 47 00 9E 05 AC 03 80 01 11 00");
	assert_int_equal(host.sw, SW_SECURITY);
	host_free(&host);
}

static void an_object_longer_than_an_apdu_comes_and_goes_in_pieces(void **state)
{
	static const size_t lengths[] = { 1, 127, 252, 253, 256, 1000, 2048, PIV_OBJECT_MAX };
	struct host host = card_of(&triple_des, NULL);
	uint8_t fill = 0;

	(void)state;
	open_factory(&host);
	assert_int_equal(get_object(&host, &fill), 0);
	assert_int_equal(host.sw, SW_FILE_NOT_FOUND);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		put_object(&host, (uint8_t)(i + 1), lengths[i]);
		assert_int_equal(host.sw, SW_OK);
		assert_int_equal(get_object(&host, &fill), lengths[i]);
		assert_int_equal(fill, i + 1);
	}
	put_object(&host, 0x77, PIV_OBJECT_MAX + 1);
	assert_int_equal(host.sw, SW_NO_SPACE);
	assert_int_equal(get_object(&host, &fill), PIV_OBJECT_MAX);
	/* Another command in between, and what came before it is forgotten. */
	host_hex(&host, "10 DB 3F FF 04 5C 03 5F C1");
	host_hex(&host, "00 FD 00 00 00");
	host_hex(&host, "00 DB 3F FF 05 02 53 02 30 00");
	assert_int_equal(host.sw, SW_DATA);
	host_hex(&host, "00 DB 3F FF 07 5C 03 5F C1 02 53 00"); /* empty: away with it */
	assert_int_equal(host.sw, SW_OK);
	assert_int_equal(get_object(&host, &fill), 0);
	host_hex(&host, "00 DB 3F FF 09 5C 03 5F FF 00 53 02 30 00");
	assert_int_equal(host.sw, SW_DATA); /* no vendor's objects */
	host_free(&host);
}

static void a_torn_object_is_the_old_one_or_the_new_one(void **state)
{
	static const struct {
		const char *fault;
		size_t n;
	} rows[] = { { "vanish-before@1", 300 }, { "vanish-after@1", 300 },  { "torn-old@3", 300 },
		     { "torn-new@3", 500 },	 { "vanish-before@3", 300 }, { "vanish-after@3", 500 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host = card_of(&triple_des, NULL);
		struct softcard_fault fault;
		uint8_t fill = 0;

		open_factory(&host);
		put_object(&host, 1, 300);
		assert_int_equal(host.sw, SW_OK);
		assert_true(softcard_fault_parse(rows[i].fault, &fault));
		softcard_arm(host.card, &fault);
		put_object(&host, 2, 500);
		assert_int_equal(host.outcome, SOFTCARD_GONE);
		host_power(&host);
		assert_int_equal(get_object(&host, &fill), rows[i].n);
		assert_int_equal(fill, rows[i].n == 300 ? 1 : 2);
		host_free(&host);
	}
}

/* 7F49{86{04 X Y}} of GENERATE, with `skip` bytes before the point; then whether 9E signs for it. */
static void assert_signs(struct host *host, size_t skip)
{
	uint8_t digest[32], template[36] = { PIV_TAG_RESPONSE, 0, PIV_TAG_CHALLENGE, sizeof(digest) }, sig[PB_P256_SIG];
	struct pb_p256_public *key;

	assert_int_equal(host->n, skip + PB_P256_POINT);
	assert_int_equal(pb_p256_public_create(pb_view(host->data + skip, PB_P256_POINT), &key, NULL), PB_OK);
	memset(digest, 0xA5, sizeof(digest));
	memcpy(template + 4, digest, sizeof(digest));
	general_authenticate(host, PIV_P256, PIV_KEY_CARD, PB_VIEW(template));
	assert_int_equal(host->sw, SW_OK);
	assert_memory_equal(host->data, ((uint8_t[]){ 0x7C, (uint8_t)(host->n - 2), 0x82, (uint8_t)(host->n - 4) }), 4);
	assert_true(pb_p256_sig_from_der(pb_view(host->data + 4, host->n - 4), sig));
	assert_true(pb_p256_verify_digest(key, digest, sig));
	pb_p256_public_destroy(key);
}

static void slot_9e_signs_digests_with_its_newest_key(void **state)
{
	struct host host = card_of(&triple_des, NULL);

	(void)state;
	host_hex(&host, "00 87 11 9E 06 7C 04 82 00 81 00 00");
	assert_int_equal(host.sw, SW_P1P2); /* no key yet */
	open_factory(&host);
	host_hex(&host, "00 47 00 9A 05 AC 03 80 01 11 00");
	assert_int_equal(host.sw, SW_P1P2);
	host_hex(&host, "00 47 00 9E 05 AC 03 80 01 07 00");
	assert_int_equal(host.sw, SW_DATA);
	for (int i = 0; i < 2; i++) {
		host_hex(&host, "00 47 00 9E 0B AC 09 80 01 11 AA 01 01 AB 01 01 00"); /* as yubico-piv-tool asks */
		assert_int_equal(host.sw, SW_OK);
		assert_signs(&host, 5);
	}
	host_hex(&host, "00 F7 00 9E 00");
	assert_int_equal(host.sw, SW_OK);
	memmove(host.data, host.data + 10, host.n -= 10); /* 01 01 11, 02 02 .., 03 01 01 */
	assert_signs(&host, 4);
	host_hex(&host, "00 87 11 9E 05 7C 03 81 01 00 00");
	assert_int_equal(host.sw, SW_DATA); /* no digest */
	host_free(&host);
}

static void a_new_management_key_is_the_only_one(void **state)
{
	static const struct {
		uint8_t algorithm, n;
	} rows[] = { { PIV_3DES, 24 }, { PIV_AES_128, 16 }, { PIV_AES_192, 24 }, { PIV_AES_256, 32 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host = card_of(i % 2 ? &aes : &triple_des, NULL);
		uint8_t command[8 + 32] = { 0, 0xFF, 0xFF, 0xFF, (uint8_t)(3 + rows[i].n), rows[i].algorithm, 0x9B, rows[i].n };

		memset(command + 8, 0x33, rows[i].n);
		host_hex(&host, "00 F7 00 9B 00");
		assert_int_equal(host.data[2], i % 2 ? PIV_AES_192 : PIV_3DES);
		assert_int_equal(host.data[host.n - 1], 1); /* the factory's */
		assert_true(open_with(&host, host.data[2], PB_VIEW(factory_key)));
		host_send(&host, pb_view(command, 8u + rows[i].n));
		assert_int_equal(host.sw, SW_OK);
		assert_int_equal(softcard_state(host.card), APPLET_LOCKED);
		host_power(&host);
		host_hex(&host, "00 F7 00 9B 00");
		assert_int_equal(host.data[2], rows[i].algorithm);
		assert_int_equal(host.data[host.n - 1], 0);
		assert_true(open_with(&host, rows[i].algorithm, pb_view(command + 8, rows[i].n)));
		host_free(&host);
	}
}

static void the_tag_has_a_file_of_its_own_number_and_limits(void **state)
{
	struct host host = card_of(&triple_des, NULL);

	(void)state;
	host_select(&host, NDEF_AID, NDEF_AID_LEN);
	assert_int_equal(host.sw, SW_OK);
	host_hex(&host, "00 B0 00 00 0F");
	assert_int_equal(host.sw, SW_CONDITIONS);
	host_hex(&host, "00 A4 00 0C 02 E1 03");
	host_hex(&host, "00 B0 00 00 0F");
	assert_int_equal(host.sw, SW_OK);
	assert_memory_equal(host.data, "\x00\x0F\x20\x00\x80\x00\x30\x04\x06\x00\x01\x01\x00\x00\x00", 15);
	host_hex(&host, "00 D6 00 00 01 00");
	assert_int_equal(host.sw, SW_SECURITY);
	host_hex(&host, "00 A4 00 0C 02 E1 04");
	assert_int_equal(host.sw, SW_FILE_NOT_FOUND);
	host_hex(&host, "00 A4 00 0C 02 00 01");
	host_hex(&host, "00 D6 00 02 03 AA BB CC");
	assert_int_equal(host.sw, SW_OK);
	host_hex(&host, "00 D6 00 00 31 00000000000000000000000000000000000000000000000000000000000000000000000000000000"
			"000000000000000000");
	assert_int_equal(host.sw, SW_LENGTH); /* 49 bytes */
	host_hex(&host, "00 D6 00 FF 02 00 00");
	assert_int_equal(host.sw, SW_OFFSET);
	host_hex(&host, "00 B0 00 00 05");
	assert_memory_equal(host.data, "\x00\x00\xAA\xBB\xCC", 5);
	host_free(&host);
}

static void the_pin_counts_down_and_comes_back(void **state)
{
	static const char wrong[] = "00 20 00 80 08 30 30 30 30 30 30 FF FF";
	static const char right[] = "00 20 00 80 08 31 32 33 34 35 36 FF FF";
	struct host host = card_of(&triple_des, NULL);

	(void)state;
	host_hex(&host, "00 CB 3F FF 05 5C 03 5F C1 09 00");
	assert_int_equal(host.sw, SW_SECURITY); /* printed information is not for everybody */
	host_hex(&host, wrong);
	assert_int_equal(host.sw, 0x63C2);
	host_power(&host);
	host_hex(&host, "00 20 00 80");
	assert_int_equal(host.sw, 0x63C2);
	host_hex(&host, right);
	assert_int_equal(host.sw, SW_OK);
	host_hex(&host, "00 CB 3F FF 05 5C 03 5F C1 09 00");
	assert_int_equal(host.sw, SW_FILE_NOT_FOUND);
	for (unsigned left = 3; left-- > 0;) {
		host_hex(&host, wrong);
		assert_int_equal(host.sw, 0x63C0 | left);
	}
	host_hex(&host, right);
	assert_int_equal(host.sw, SW_BLOCKED);
	host_free(&host);
}

static void a_card_is_what_its_file_says(void **state)
{
	char dir[] = "/tmp/softcard-test-XXXXXX", path[64];
	struct host host;
	uint8_t fill = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/piv.card", dir);
	host = card_of(&aes, path);
	assert_true(open_with(&host, PIV_AES_192, PB_VIEW(factory_key)));
	host_hex(&host, "00 47 00 9E 05 AC 03 80 01 11 00");
	put_object(&host, 9, 700);
	host_free(&host);
	host = card_of(&(struct softcard_options){ 0 }, path); /* the file knows better */
	assert_int_equal(get_object(&host, &fill), 700);
	assert_int_equal(fill, 9);
	host_hex(&host, "00 F7 00 9E 00");
	memmove(host.data, host.data + 10, host.n -= 10);
	assert_signs(&host, 4);
	host_free(&host);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_written_without_the_management_key),
		cmocka_unit_test(a_wrong_key_opens_nothing_and_a_question_is_answered_once),
		cmocka_unit_test(an_object_longer_than_an_apdu_comes_and_goes_in_pieces),
		cmocka_unit_test(a_torn_object_is_the_old_one_or_the_new_one),
		cmocka_unit_test(slot_9e_signs_digests_with_its_newest_key),
		cmocka_unit_test(a_new_management_key_is_the_only_one),
		cmocka_unit_test(the_tag_has_a_file_of_its_own_number_and_limits),
		cmocka_unit_test(the_pin_counts_down_and_comes_back),
		cmocka_unit_test(a_card_is_what_its_file_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
