/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/iso7816: the four cases of a command, data objects with their bounds, answers to reset of real
 * cards, status words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "card-applet-spec/applet.h"
#include "issuer/iso7816/apdu.h"
#include "issuer/iso7816/atr.h"
#include "issuer/iso7816/sw.h"
#include "issuer/iso7816/tlv.h"

static size_t unhex(const char *text, uint8_t *bytes, size_t cap)
{
	size_t n;

	assert_true(pb_hex_decode(text, bytes, cap, &n));
	return n;
}

static void each_case_of_a_command_survives_a_round_trip(void **state)
{
	static const struct {
		const char *bytes;
		size_t data_n;
		unsigned le;
	} rows[] = {
		{ "80f22002", 0, 0 },
		{ "80ca006600", 0, 256 },
		{ "80ca006610", 0, 16 },
		{ "80f220020a4f0212345c054f9f70c5", 10, 0 },
		{ "80f28002024f0000", 2, 256 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[32], again[32];
		size_t n = unhex(rows[i].bytes, bytes, sizeof(bytes));
		struct pb_writer writer = pb_writer(again, sizeof(again));
		struct pb_apdu apdu;

		assert_true(pb_apdu_parse(pb_view(bytes, n), &apdu));
		assert_int_equal(apdu.data.n, rows[i].data_n);
		assert_int_equal(apdu.le, rows[i].le);
		pb_apdu_put(&writer, &apdu);
		assert_int_equal(writer.n, n);
		assert_memory_equal(again, bytes, n);
	}
}

static void what_is_not_one_short_command_is_refused(void **state)
{
	static const char *const rows[] = { "", "80f220", "80f22002024f", "80f28002024f000000", "80f280020000",
					    "80f28002000002aabb" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[32];
		size_t n = unhex(rows[i], bytes, sizeof(bytes));
		struct pb_apdu apdu;

		assert_false(pb_apdu_parse(pb_view(bytes, n), &apdu));
	}
}

static void a_command_out_of_bounds_is_not_written(void **state)
{
	uint8_t bytes[300], data[256] = { 0 };
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_view written;

	(void)state;
	pb_apdu_put(&writer, &(struct pb_apdu){ .data = PB_VIEW(data) });
	assert_false(pb_writer_view(&writer, &written));
}

static void an_answer_has_at_least_its_status_word(void **state)
{
	struct pb_response response;

	(void)state;
	assert_false(pb_response_parse(pb_view("\x90", 1), &response));
	assert_true(pb_response_parse(pb_view("\x01\x90\x00", 3), &response));
	assert_int_equal(response.data.n, 1);
	assert_int_equal(response.sw, SW_OK);
}

static void data_objects_are_found_and_never_overrun(void **state)
{
	static const uint8_t fci[] = { 0x84, 0x02, 0xF0, 0x50, 0xA5, 0x04, 0x9F, 0x6E, 0x01, 0x07 };
	struct pb_cursor in = pb_cursor(PB_VIEW(fci));
	struct pb_view proprietary, byte;

	(void)state;
	assert_true(pb_tlv_find(PB_VIEW(fci), 0xA5, &proprietary));
	assert_true(pb_tlv_find(proprietary, 0x9F6E, &byte));
	assert_int_equal(byte.p[0], 0x07);
	assert_false(pb_tlv_find(PB_VIEW(fci), 0x9F6E, &byte)); /* not looked for inside */
	assert_false(pb_tlv_take_tag(&in, 0xA5, &byte));
	assert_int_equal(in.left, sizeof(fci)); /* nothing was taken */
}

static void broken_data_objects_are_refused(void **state)
{
	static const char *const rows[] = { "", "84", "8402f0", "8480", "8481", "848201", "84830000017f", "9f", "9f8181", "9f8181810100",
					    "84ff" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[16];
		struct pb_cursor in = pb_cursor(pb_view(bytes, unhex(rows[i], bytes, sizeof(bytes))));
		struct pb_tlv object;

		assert_false(pb_tlv_take(&in, &object));
	}
}

static void data_objects_are_written_in_the_shortest_form(void **state)
{
	static const struct {
		size_t n;
		uint8_t head[5];
		size_t head_n;
	} rows[] = { { 0, { 0x7F, 0x49, 0x00 }, 3 },
		     { 127, { 0x7F, 0x49, 0x7F }, 3 },
		     { 128, { 0x7F, 0x49, 0x81, 0x80 }, 4 },
		     { 255, { 0x7F, 0x49, 0x81, 0xFF }, 4 },
		     { 256, { 0x7F, 0x49, 0x82, 0x01, 0x00 }, 5 } };
	uint8_t value[256] = { 1 }, bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
		struct pb_cursor in;
		struct pb_view back;

		pb_tlv_put(&writer, 0x7F49, pb_view(value, rows[i].n));
		assert_int_equal(writer.n, rows[i].head_n + rows[i].n);
		assert_memory_equal(bytes, rows[i].head, rows[i].head_n);
		in = pb_cursor(pb_view(bytes, writer.n));
		assert_true(pb_tlv_take_tag(&in, 0x7F49, &back));
		assert_int_equal(back.n, rows[i].n);
	}
}

static void answers_to_reset_tell_what_lies_on_the_reader(void **state)
{
	static const struct {
		const char *bytes;
		enum pb_atr_kind kind;
		size_t historical_n;
		uint16_t name;
	} rows[] = {
		{ "3bf81300008131fe454a434f5076323431b7", PB_ATR_CONTACT, 8, 0 }, /* JCOP 2.4.1, contacts */
		{ "3b8180018080", PB_ATR_CONTACTLESS, 1, 0 },			     /* DESFire EV1 */
		{ "3b8f8001804f0ca000000306030001000000006a", PB_ATR_STORAGE, 15, 0x0001 }, /* MIFARE Classic 1K */
		{ "3b8f8001804f0ca0000003060300030000000068", PB_ATR_STORAGE, 15, 0x0003 }, /* Ultralight, NTAG */
		{ "3b021450", PB_ATR_CONTACT, 2, 0 },				     /* T=0 only: no check byte */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[33];
		struct pb_atr atr;

		assert_true(pb_atr_parse(pb_view(bytes, unhex(rows[i].bytes, bytes, sizeof(bytes))), &atr));
		assert_int_equal(atr.kind, rows[i].kind);
		assert_int_equal(atr.historical.n, rows[i].historical_n);
		assert_int_equal(atr.storage_name, rows[i].name);
	}
	assert_string_equal(pb_atr_storage_words(0x0001), "MIFARE Classic 1K");
	assert_string_equal(pb_atr_storage_words(0xFFFF), "storage card");
}

static void broken_answers_to_reset_are_refused(void **state)
{
	static const char *const rows[] = { "", "3b", "3c8180018080", "3b8180018081", "3b81800180", "3b818001808000", "3b8f8001",
					    "3bf0", "3bffffffffffffffffffffffffffffffffffffffffffffffffffff" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[33];
		struct pb_atr atr;

		assert_false(pb_atr_parse(pb_view(bytes, unhex(rows[i], bytes, sizeof(bytes))), &atr));
	}
}

static void status_words_have_words_and_a_status(void **state)
{
	static const struct {
		uint16_t sw;
		enum pb_status status;
	} rows[] = { { 0x9000, PB_OK }, { 0x6285, PB_CARD_TERMINATED }, { 0x6300, PB_CARD_KEYS }, { 0x63C2, PB_CARD_KEYS },
		     { 0x6983, PB_CARD_KEYS }, { 0x6581, PB_CARD_FAULT }, { 0x6A84, PB_CARD_REFUSED },
		     { 0x6F00, PB_CARD_REFUSED }, { 0x1234, PB_CARD_REFUSED }, { 0x0000, PB_CARD_REFUSED } };
	struct pb_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(pb_sw_row(rows[i].sw)->status, rows[i].status);
	assert_int_equal(pb_sw_fail(&err, "STORE DATA 1", 0x6A84), PB_CARD_REFUSED);
	assert_string_equal(err.msg, "STORE DATA 1: SW 6A84 (no space on the card)");
	assert_int_equal(err.sw, 0x6A84);
	assert_int_equal(pb_sw_fail(&err, "SELECT", 0x9000), PB_CARD_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_of_a_command_survives_a_round_trip),
		cmocka_unit_test(what_is_not_one_short_command_is_refused),
		cmocka_unit_test(a_command_out_of_bounds_is_not_written),
		cmocka_unit_test(an_answer_has_at_least_its_status_word),
		cmocka_unit_test(data_objects_are_found_and_never_overrun),
		cmocka_unit_test(broken_data_objects_are_refused),
		cmocka_unit_test(data_objects_are_written_in_the_shortest_form),
		cmocka_unit_test(answers_to_reset_tell_what_lies_on_the_reader),
		cmocka_unit_test(broken_answers_to_reset_are_refused),
		cmocka_unit_test(status_words_have_words_and_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
