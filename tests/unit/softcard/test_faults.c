/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each fault as a host meets it, its words on the command line, and the timing model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"
#include "softcard/hopper.h"

static void arm(struct host *host, const char *text)
{
	struct softcard_fault fault;

	assert_true(softcard_fault_parse(text, &fault));
	softcard_arm(host->card, &fault);
}

static void a_card_that_left_answers_nothing_until_it_is_put_back(void **unused)
{
	struct host host = host_new(NULL);
	uint8_t atr[SOFTCARD_ATR_MAX];

	(void)unused;
	arm(&host, "vanish-before@2");
	host_select_applet(&host);
	assert_int_equal(host.sw, SW_OK);
	host_select_applet(&host);
	assert_int_equal(host.outcome, SOFTCARD_GONE);
	host_hex(&host, "FF CA 00 00 00");
	assert_int_equal(host.outcome, SOFTCARD_GONE);
	assert_int_equal(softcard_power_on(host.card, atr), 0);
	softcard_put_back(host.card);
	host_select_applet(&host);
	assert_int_equal(host.outcome, SOFTCARD_GONE);
	assert_true(softcard_power_on(host.card, atr) > 0);
	host_select_applet(&host);
	assert_int_equal(host.sw, SW_OK);
	host_free(&host);
}

static void commands_to_the_reader_are_not_counted(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	arm(&host, "vanish-after@1");
	host_hex(&host, "FF CA 00 00 00");
	assert_int_equal(host.sw, SW_OK);
	host_select_applet(&host);
	assert_int_equal(host.outcome, SOFTCARD_GONE);
	host_free(&host);
}

static void silence_and_status_words_execute_nothing(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_select_applet(&host);
	host_open(&host);
	arm(&host, "silent@1");
	arm(&host, "sw=6F00@2");
	host_generate(&host);
	assert_int_equal(host.outcome, SOFTCARD_SILENT);
	host_select_applet(&host);
	assert_int_equal(host.sw, SW_UNKNOWN);
	assert_false(softcard_shadow_waits(host.card));
	host_free(&host);
}

static void a_swapped_card_is_another_card_until_the_first_is_put_back(void **unused)
{
	struct host host = host_new(NULL);
	uint8_t uid[SOFTCARD_UID_LEN];

	(void)unused;
	host_bring_to(&host, APPLET_LOCKED);
	arm(&host, "swapped@1");
	host_hex(&host, "FF CA 00 00 00");
	memcpy(uid, host.data, sizeof(uid));
	host_hex(&host, "00 B0 81 00 00");
	assert_int_equal(host.sw, SW_INS); /* its security domain is selected, and reads no files */
	host_hex(&host, "FF CA 00 00 00");
	assert_memory_not_equal(uid, host.data, sizeof(uid));
	host_select_applet(&host);
	host_hex(&host, "00 CB 3F FF 04 5C 02 9F 6E 00");
	assert_int_equal(host.data[3], APPLET_BLANK);
	host_power(&host);
	host_select_applet(&host);
	host_hex(&host, "00 B0 81 00 00");
	assert_int_equal(host.sw, SW_OK);
	host_free(&host);
}

static void a_foreign_card_knows_none_of_our_names(void **unused)
{
	struct host host = host_new(NULL);
	uint8_t own[SOFTCARD_ATR_MAX], foreign[SOFTCARD_ATR_MAX];
	size_t own_n = softcard_power_on(host.card, own), foreign_n;

	(void)unused;
	arm(&host, "foreign");
	foreign_n = softcard_power_on(host.card, foreign);
	assert_false(pb_view_equal(pb_view(own, own_n), pb_view(foreign, foreign_n)));
	host_select_applet(&host);
	assert_int_equal(host.sw, SW_FILE_NOT_FOUND);
	host_select(&host, NDEF_AID, NDEF_AID_LEN);
	assert_int_equal(host.sw, SW_FILE_NOT_FOUND);
	host_hex(&host, "80 50 00 00 08 0102030405060708 00");
	assert_int_equal(host.sw, SW_INS);
	host_free(&host);
}

static void wrong_keys_show_before_an_attempt_is_spent(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	arm(&host, "wrong-keys");
	host_select_applet(&host);
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	assert_int_equal(host.sw, SW_OK);
	assert_false(host.card_is_right);
	assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS);
	host_free(&host);
}

static void fault_words_are_exact(void **unused)
{
	static const char *const wrong[] = { "", "vanish", "vanish-before", "vanish-before@", "vanish-before@0", "silent@-1",
					     "silent@1x", "sw=@1", "sw=12345@1", "sw=6F00", "foreign@1", "wrong-keys ",
					     "silent@ 1", "silent@99999999999" };
	struct softcard_fault fault;
	struct hopper_fault hopper;

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(softcard_fault_parse(wrong[i], &fault));
	assert_true(softcard_fault_parse("sw=6f00@12", &fault));
	assert_int_equal(fault.sw, 0x6F00);
	assert_int_equal(fault.at, 12);
	assert_true(hopper_fault_parse("3:torn-new@7", &hopper));
	assert_int_equal(hopper.card, 3);
	assert_true(hopper_fault_parse("*:foreign", &hopper));
	assert_int_equal(hopper.card, 0);
	assert_true(hopper_fault_parse("foreign", &hopper));
	assert_int_equal(hopper.card, 1);
	assert_false(hopper_fault_parse("0:foreign", &hopper));
	assert_false(hopper_fault_parse("x:foreign", &hopper));
}

/* The figures of ISO/IEC 14443-4 for the two commands every issue is made of, to a tenth. */
static void the_air_takes_what_the_standard_says(void **unused)
{
	static const struct {
		unsigned kbit;
		unsigned long us;
	} known[] = { { 106, 23700 }, { 212, 12000 }, { 424, 6200 }, { 848, 3300 } };

	(void)unused;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_in_range(softcard_wire_us(known[i].kbit, 260, 2), known[i].us * 9 / 10, known[i].us * 11 / 10);
		assert_in_range(softcard_wire_us(known[i].kbit, 5, 258), known[i].us * 9 / 10, known[i].us * 11 / 10);
	}
}

static void an_issue_is_accounted_and_not_slept(void **unused)
{
	struct host host = host_new(NULL);
	struct softcard_timing timing;

	(void)unused;
	assert_true(softcard_timing_parse("106,account", &timing));
	assert_false(softcard_timing_parse("107", &timing));
	assert_false(softcard_timing_parse("106,sleep", &timing));
	host_bring_to(&host, APPLET_PERSONALISED);
	assert_int_equal(softcard_modelled_us(host.card), 0);
	softcard_set_timing(host.card, timing);
	host_open(&host);
	host_generate(&host);
	assert_in_range(softcard_modelled_us(host.card), 26800, 200000);
	host_free(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_that_left_answers_nothing_until_it_is_put_back),
		cmocka_unit_test(commands_to_the_reader_are_not_counted),
		cmocka_unit_test(silence_and_status_words_execute_nothing),
		cmocka_unit_test(a_swapped_card_is_another_card_until_the_first_is_put_back),
		cmocka_unit_test(a_foreign_card_knows_none_of_our_names),
		cmocka_unit_test(wrong_keys_show_before_an_attempt_is_spent),
		cmocka_unit_test(fault_words_are_exact),
		cmocka_unit_test(the_air_takes_what_the_standard_says),
		cmocka_unit_test(an_issue_is_accounted_and_not_slept),
	};

	return cmocka_run_group_tests_name("softcard faults", tests, NULL, NULL);
}
