/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip NTAG 215 behind a reader: what its data sheet says of pages and lock bits, asked in bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "softcard/softcard.h"

static const uint8_t uid[] = { 0x04, 0xE1, 0x0C, 0xDA, 0x99, 0x3C, 0x80 };

struct asked {
	struct softcard *card;
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	size_t n; /* without the status word */
	unsigned sw;
};

static struct asked put_down(const char *path)
{
	const struct softcard_options options = { .kind = SOFTCARD_NTAG215, .path = path, .uid = PB_VIEW(uid) };
	struct asked asked = { 0 };
	uint8_t atr[SOFTCARD_ATR_MAX];

	assert_int_equal(softcard_create(&options, &asked.card, NULL), PB_OK);
	assert_true(softcard_power_on(asked.card, atr) > 0);
	return asked;
}

static enum softcard_outcome say(struct asked *asked, const char *hex)
{
	uint8_t bytes[64];
	size_t n;
	enum softcard_outcome outcome;

	assert_true(pb_hex_decode(hex, bytes, sizeof(bytes), &n));
	outcome = softcard_transmit(asked->card, pb_view(bytes, n), asked->answer, &asked->n);
	if (outcome != SOFTCARD_ANSWERED)
		return outcome;
	asked->n -= 2;
	asked->sw = (unsigned)asked->answer[asked->n] << 8 | asked->answer[asked->n + 1];
	return outcome;
}

static void must_say(struct asked *asked, const char *hex, unsigned sw)
{
	assert_int_equal(say(asked, hex), SOFTCARD_ANSWERED);
	if (asked->sw != sw)
		fail_msg("%s: %04X", hex, asked->sw);
}

static void must_read(struct asked *asked, const char *hex, const char *expected)
{
	uint8_t bytes[16];
	size_t n;

	must_say(asked, hex, 0x9000);
	assert_true(pb_hex_decode(expected, bytes, sizeof(bytes), &n));
	assert_int_equal(asked->n, 16);
	assert_memory_equal(asked->answer, bytes, n);
}

static void a_blank_is_as_the_data_sheet_says(void **state)
{
	struct asked asked = put_down(NULL);

	(void)state;
	must_read(&asked, "FFB0000010", "04E10C61DA993C80FF480000E1103E00");
	must_read(&asked, "FFB0000410", "0300FE00");
	must_read(&asked, "FFB0008210", "000000BD040000FF");
	must_read(&asked, "FFB0008610", "0000000004E10C61"); /* the first pages follow the last */
	must_say(&asked, "FFB0008710", 0x6300);
	must_say(&asked, "FFCA000000", 0x9000);
	assert_memory_equal(asked.answer, uid, sizeof(uid));
	assert_int_equal(softcard_state(asked.card), APPLET_BLANK);
	must_say(&asked, "00A4040000", 0x6300); /* it takes no commands of ISO/IEC 7816-4 */
	softcard_destroy(asked.card);
}

static void a_page_is_written_whole_and_the_maker_s_never(void **state)
{
	struct asked asked = put_down(NULL);

	(void)state;
	must_say(&asked, "FFD6000504DEADBEEF", 0x9000);
	must_read(&asked, "FFB0000510", "DEADBEEF00");
	must_say(&asked, "FFD6000503DEADBE", 0x6300);
	must_say(&asked, "FFD6000004DEADBEEF", 0x6300);
	must_say(&asked, "FFD6000104DEADBEEF", 0x6300);
	must_say(&asked, "FFD6008704DEADBEEF", 0x6300);
	softcard_destroy(asked.card);
}

static void container_and_lock_bits_are_only_ever_set(void **state)
{
	struct asked asked = put_down(NULL);

	(void)state;
	must_say(&asked, "FFD60003040000000F", 0x9000);
	must_say(&asked, "FFD600030400000000", 0x9000);
	must_read(&asked, "FFB0000310", "E1103E0F");
	must_say(&asked, "FFD6000204FFFF0800", 0x9000); /* page 3, and the check bytes stay */
	must_read(&asked, "FFB0000210", "FF480800");
	must_say(&asked, "FFD60003040000000F", 0x6300);
	must_say(&asked, "FFD600020400001001", 0x9000); /* pages 4 and 8 */
	must_say(&asked, "FFD600040401020304", 0x6300);
	must_say(&asked, "FFD600080401020304", 0x6300);
	must_say(&asked, "FFD600050401020304", 0x9000);
	must_say(&asked, "FFD600820401000000", 0x9000); /* pages 16 to 31 */
	must_read(&asked, "FFB0008210", "010000BD");
	must_say(&asked, "FFD6001F0401020304", 0x6300);
	must_say(&asked, "FFD600200401020304", 0x9000);
	softcard_destroy(asked.card);
}

static void a_locked_configuration_stays(void **state)
{
	struct asked asked = put_down(NULL);

	(void)state;
	must_say(&asked, "FFD600830404000010", 0x9000);
	must_say(&asked, "FFD600840440000000", 0x9000);
	must_say(&asked, "FFD6008304040000FF", 0x6300);
	must_say(&asked, "FFD600840400000000", 0x6300);
	must_say(&asked, "FFD60002040000FFFF", 0x9000);
	assert_false(softcard_state(asked.card) == APPLET_LOCKED);
	must_say(&asked, "FFD6008204FF000F00", 0x9000);
	assert_int_equal(softcard_state(asked.card), APPLET_LOCKED);
	softcard_destroy(asked.card);
}

static void a_torn_write_leaves_the_old_page_or_the_new_one(void **state)
{
	static const enum softcard_fault_kind tears[] = { SOFTCARD_TORN_OLD, SOFTCARD_TORN_NEW };
	uint8_t atr[SOFTCARD_ATR_MAX];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct softcard_fault fault = { .kind = tears[i], .at = 2 };
		struct asked asked = put_down(NULL);

		softcard_arm(asked.card, &fault);
		must_say(&asked, "FFCA000000", 0x9000); /* for the reader alone, and not counted */
		must_say(&asked, "FFB0000510", 0x9000);
		assert_int_equal(say(&asked, "FFD6000504DEADBEEF"), SOFTCARD_GONE);
		softcard_put_back(asked.card);
		assert_true(softcard_power_on(asked.card, atr) > 0);
		must_read(&asked, "FFB0000510", tears[i] == SOFTCARD_TORN_OLD ? "00000000" : "DEADBEEF");
		softcard_destroy(asked.card);
	}
}

static void it_is_the_same_card_in_its_file(void **state)
{
	char path[] = "/tmp/softcard-ntag-XXXXXX";
	int fd = mkstemp(path);
	struct asked asked;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	asked = put_down(path);
	must_say(&asked, "FFD6000504DEADBEEF", 0x9000);
	softcard_destroy(asked.card);
	asked = put_down(path);
	must_read(&asked, "FFB0000510", "DEADBEEF");
	softcard_destroy(asked.card);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_is_as_the_data_sheet_says),
		cmocka_unit_test(a_page_is_written_whole_and_the_maker_s_never),
		cmocka_unit_test(container_and_lock_bits_are_only_ever_set),
		cmocka_unit_test(a_locked_configuration_stays),
		cmocka_unit_test(a_torn_write_leaves_the_old_page_or_the_new_one),
		cmocka_unit_test(it_is_the_same_card_in_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
