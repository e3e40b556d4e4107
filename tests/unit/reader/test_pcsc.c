/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/reader/pcsc: every way in which PC/SC can fail ends in a named status, and none in a wait
 * beyond the deadline.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/reader/pcsc.h"
#include "tests/unit/reader/fake_pcsc.h"

static const uint8_t command[] = { 0x00, 0xA4, 0x04, 0x00 };

static int set_up(void **state)
{
	fake_reset();
	*state = pb_pcsc_create("");
	return *state == NULL;
}

static int tear_down(void **state)
{
	pb_reader_destroy(*state);
	return 0;
}

static enum pb_status connect_within(struct pb_reader *reader, int64_t ms)
{
	struct pb_reader_card card;

	return pb_reader_connect(reader, pb_deadline_in(ms), &card, NULL);
}

static enum pb_status transmit(struct pb_reader *reader, struct pb_err *err)
{
	uint8_t answer[PB_RESPONSE_MAX];
	size_t n;

	return pb_reader_transmit(reader, PB_VIEW(command), answer, &n, err);
}

static void a_card_is_taken_for_us_alone_and_ejected_without_power(void **state)
{
	struct pb_reader *reader = *state;

	assert_int_equal(connect_within(reader, 100), PB_OK);
	assert_int_equal(fake.share, SCARD_SHARE_EXCLUSIVE);
	assert_string_equal(fake.connected_to, "Test Reader 00 00");
	assert_int_equal(transmit(reader, NULL), PB_OK);
	assert_int_equal(pb_reader_eject(reader, pb_view(NULL, 0), NULL), PB_OK);
	assert_int_equal(fake.last_disposition, SCARD_UNPOWER_CARD);
	assert_int_equal(transmit(reader, NULL), PB_CARD_REMOVED);
	assert_int_equal(fake.transmits, 1);
}

static void each_code_of_a_transmission_has_its_status(void **state)
{
	static const struct {
		LONG code;
		enum pb_status status;
	} rows[] = {
		{ SCARD_W_REMOVED_CARD, PB_CARD_REMOVED },	 { SCARD_W_RESET_CARD, PB_CARD_REMOVED },
		{ SCARD_E_NOT_TRANSACTED, PB_CARD_REMOVED },	 { SCARD_E_COMM_DATA_LOST, PB_CARD_REMOVED },
		{ SCARD_E_INSUFFICIENT_BUFFER, PB_CARD_REMOVED }, { SCARD_W_UNRESPONSIVE_CARD, PB_CARD_MUTE },
		{ SCARD_W_UNPOWERED_CARD, PB_CARD_REMOVED },	 { SCARD_E_READER_UNAVAILABLE, PB_READER_GONE },
		{ SCARD_E_UNKNOWN_READER, PB_READER_GONE },	 { SCARD_E_SHARING_VIOLATION, PB_READER_BUSY },
		{ SCARD_E_NO_SERVICE, PB_READER_SERVICE },	 { SCARD_E_SERVICE_STOPPED, PB_READER_SERVICE },
		{ SCARD_E_INVALID_HANDLE, PB_READER_SERVICE },	 { SCARD_F_COMM_ERROR, PB_READER_SERVICE },
		{ (LONG)0x80101234, PB_READER_SERVICE },
	};
	struct pb_reader *reader = *state;
	struct pb_err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake.transmit = SCARD_S_SUCCESS;
		assert_int_equal(connect_within(reader, 100), PB_OK);
		fake.transmit = rows[i].code;
		assert_int_equal(transmit(reader, &err), rows[i].status);
		assert_non_null(strstr(err.msg, "SCardTransmit: "));
	}
	assert_string_equal(err.msg, "SCardTransmit: PC/SC code 80101234");
}

static void an_empty_answer_is_a_removed_card(void **state)
{
	assert_int_equal(connect_within(*state, 100), PB_OK);
	fake.answer_n = 0;
	assert_int_equal(transmit(*state, NULL), PB_CARD_REMOVED);
	assert_int_equal(transmit(*state, NULL), PB_CARD_REMOVED);
	assert_int_equal(fake.transmits, 1); /* nothing more was said to whatever lies there now */
}

static void an_answer_longer_than_any_is_refused(void **state)
{
	assert_int_equal(connect_within(*state, 100), PB_OK);
	fake.answer_n = 259;
	assert_int_equal(transmit(*state, NULL), PB_CARD_PROTOCOL);
}

static void a_reader_pulled_during_a_command_is_told_from_a_card(void **state)
{
	assert_int_equal(connect_within(*state, 100), PB_OK);
	fake.transmit = SCARD_E_NOT_TRANSACTED;
	fake.states[0] = SCARD_STATE_UNKNOWN;
	assert_int_equal(transmit(*state, NULL), PB_READER_GONE);
}

static void pcscd_killed_during_a_command_is_told_from_a_card(void **state)
{
	assert_int_equal(connect_within(*state, 100), PB_OK);
	fake.transmit = SCARD_E_NOT_TRANSACTED;
	fake.status_change = SCARD_E_NO_SERVICE;
	assert_int_equal(transmit(*state, NULL), PB_READER_SERVICE);
}

static void each_code_of_a_connection_has_its_status(void **state)
{
	static const struct {
		LONG code;
		enum pb_status status;
	} rows[] = {
		{ SCARD_E_SHARING_VIOLATION, PB_READER_BUSY }, { SCARD_W_UNPOWERED_CARD, PB_CARD_ABSENT },
		{ SCARD_W_UNRESPONSIVE_CARD, PB_CARD_MUTE },   { SCARD_E_NO_SMARTCARD, PB_CARD_ABSENT },
		{ SCARD_W_REMOVED_CARD, PB_CARD_ABSENT },      { SCARD_E_UNKNOWN_READER, PB_READER_GONE },
		{ SCARD_E_NO_SERVICE, PB_READER_SERVICE },     { SCARD_E_PROTO_MISMATCH, PB_CARD_MUTE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake.connect = rows[i].code;
		assert_int_equal(connect_within(*state, 5), rows[i].status);
	}
}

static void an_unpowered_card_is_tried_again(void **state)
{
	fake.connect = SCARD_W_UNPOWERED_CARD;
	fake.connect_fails = 3;
	assert_int_equal(connect_within(*state, 2000), PB_OK);
	assert_int_equal(fake.connects, 4);
}

/* Taken away and another put down between two polls: pcscd tells of no change that could be waited for. */
static void a_card_swapped_unseen_is_looked_for_anew(void **state)
{
	fake.states[0] = SCARD_STATE_PRESENT;
	fake.connect = SCARD_W_REMOVED_CARD;
	fake.connect_fails = 2;
	assert_int_equal(connect_within(*state, 60000), PB_OK);
	assert_true(fake.waited_ms < 2000);
}

static void a_reader_in_use_is_not_waited_for_inside_pcscd(void **state)
{
	fake.states[0] = SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE;
	assert_int_equal(connect_within(*state, 5), PB_READER_BUSY);
	assert_int_equal(fake.connects, 0); /* SCardConnect would block as long as a transaction is held */
}

static void no_card_is_said_at_the_deadline(void **state)
{
	fake.states[0] = SCARD_STATE_EMPTY;
	fake.status_change = SCARD_E_TIMEOUT;
	assert_int_equal(connect_within(*state, 5), PB_CARD_ABSENT);
}

static void a_mute_card_is_said_as_such(void **state)
{
	fake.states[0] = SCARD_STATE_PRESENT | SCARD_STATE_MUTE;
	assert_int_equal(connect_within(*state, 5), PB_CARD_MUTE);
}

static void the_ejected_card_must_leave_first(void **state)
{
	static const DWORD seen[] = { SCARD_STATE_PRESENT,			       /* for the first connect */
				      SCARD_STATE_PRESENT, SCARD_STATE_PRESENT,       /* still there */
				      SCARD_STATE_EMPTY, SCARD_STATE_PRESENT };

	memcpy(fake.states, seen, sizeof(seen));
	fake.states_n = 5;
	assert_int_equal(connect_within(*state, 1000), PB_OK);
	assert_int_equal(pb_reader_eject(*state, pb_view(NULL, 0), NULL), PB_OK);
	assert_int_equal(connect_within(*state, 1000), PB_OK);
	assert_int_equal(fake.looks, 5);
}

static void a_card_changed_between_two_looks_is_seen_by_the_count(void **state)
{
	static const DWORD seen[] = { SCARD_STATE_PRESENT | 1 << 16, SCARD_STATE_PRESENT | 1 << 16,
				      SCARD_STATE_PRESENT | 3 << 16 };

	memcpy(fake.states, seen, sizeof(seen));
	fake.states_n = 3;
	assert_int_equal(connect_within(*state, 1000), PB_OK);
	assert_int_equal(pb_reader_eject(*state, pb_view(NULL, 0), NULL), PB_OK);
	assert_int_equal(connect_within(*state, 1000), PB_OK);
	assert_int_equal(fake.looks, 3);
}

static void a_context_from_before_a_restart_is_made_anew(void **state)
{
	assert_int_equal(connect_within(*state, 100), PB_OK);
	fake.list = SCARD_E_SERVICE_STOPPED;
	assert_int_equal(connect_within(*state, 100), PB_OK);
	assert_int_equal(fake.contexts, 2);
}

static void no_service_and_no_reader_are_told_apart(void **state)
{
	struct pb_reader_list list;

	fake.establish = SCARD_E_NO_SERVICE;
	assert_int_equal(pb_reader_list(*state, &list, NULL), PB_READER_SERVICE);
	fake.establish = SCARD_S_SUCCESS;
	fake.list = SCARD_E_NO_READERS_AVAILABLE;
	assert_int_equal(pb_reader_list(*state, &list, NULL), PB_READER_NONE);
	assert_int_equal(connect_within(*state, 5), PB_READER_NONE);
}

static enum pb_status connect_by_name(struct pb_reader *reader, const char *readers)
{
	fake.readers = readers;
	return connect_within(reader, 100);
}

static void names_are_found_again_though_their_numbers_change(void **state)
{
	struct pb_reader *reader = pb_pcsc_create("ACS ACR1252 [PICC] (A1) 00 00");

	(void)state;
	assert_int_equal(connect_by_name(reader, "Other 00 00\0ACS ACR1252 [PICC] (A1) 01 00\0"), PB_OK);
	assert_string_equal(fake.connected_to, "ACS ACR1252 [PICC] (A1) 01 00");
	assert_int_equal(connect_by_name(reader, "ACS ACR1252 [PICC] (A1) 02 00\0"), PB_OK);
	assert_string_equal(fake.connected_to, "ACS ACR1252 [PICC] (A1) 02 00");
	assert_int_equal(connect_by_name(reader, "Other 00 00\0"), PB_READER_GONE);
	pb_reader_destroy(reader);
}

static void of_two_readers_that_fit_the_exact_one_is_taken_or_none(void **state)
{
	struct pb_reader *exact = pb_pcsc_create("Twin 01 00"), *vague = pb_pcsc_create("Twin 07 00"), *any = pb_pcsc_create("");

	(void)state;
	assert_int_equal(connect_by_name(exact, "Twin 00 00\0Twin 01 00\0"), PB_OK);
	assert_string_equal(fake.connected_to, "Twin 01 00");
	assert_int_equal(connect_by_name(vague, "Twin 00 00\0Twin 01 00\0"), PB_READER_CHOICE);
	assert_int_equal(connect_by_name(any, "Twin 00 00\0Twin 01 00\0"), PB_READER_CHOICE);
	pb_reader_destroy(exact);
	pb_reader_destroy(vague);
	pb_reader_destroy(any);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_card_is_taken_for_us_alone_and_ejected_without_power),
		TEST(each_code_of_a_transmission_has_its_status),
		TEST(an_empty_answer_is_a_removed_card),
		TEST(an_answer_longer_than_any_is_refused),
		TEST(a_reader_pulled_during_a_command_is_told_from_a_card),
		TEST(pcscd_killed_during_a_command_is_told_from_a_card),
		TEST(each_code_of_a_connection_has_its_status),
		TEST(an_unpowered_card_is_tried_again),
		TEST(a_card_swapped_unseen_is_looked_for_anew),
		TEST(a_reader_in_use_is_not_waited_for_inside_pcscd),
		TEST(no_card_is_said_at_the_deadline),
		TEST(a_mute_card_is_said_as_such),
		TEST(the_ejected_card_must_leave_first),
		TEST(a_card_changed_between_two_looks_is_seen_by_the_count),
		TEST(a_context_from_before_a_restart_is_made_anew),
		TEST(no_service_and_no_reader_are_told_apart),
		TEST(names_are_found_again_though_their_numbers_change),
		TEST(of_two_readers_that_fit_the_exact_one_is_taken_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
