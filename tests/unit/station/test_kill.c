/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Station processes that hang, lie, talk nonsense or die: each is over within its deadline and has a
 * name, and the station beside it goes on.  The processes are bad_station.c.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "issuer/station/station.h"

enum { STEP_MS = 150, SLACK_MS = 2000 };

static const char *program; /* bad_station */

static struct pb_station *start(const char *mode)
{
	const struct pb_station_options options = { .program = program, .reader = mode, .step_ms = STEP_MS };
	struct pb_station *station;

	assert_int_equal(pb_station_start(&options, &station, NULL), PB_OK);
	return station;
}

static enum pb_status offer(struct pb_station *station, int64_t wait_ms)
{
	struct pb_card_identity identity;

	return pb_station_offer(station, wait_ms, &identity, NULL);
}

static enum pb_status begin(struct pb_station *station)
{
	struct pb_card_words challenge;

	return pb_station_begin(station, PB_SESSION_FOR_DATA, &challenge, NULL);
}

static void a_silent_station_is_killed_at_its_deadline_and_the_others_go_on(void **state)
{
	static const char *const modes[] = { "silent", "deaf" };
	struct pb_station *good = start("good");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pb_station *bad = start(modes[i]);
		struct pb_deadline early = pb_deadline_in(STEP_MS - 10), late = pb_deadline_in(STEP_MS + SLACK_MS);

		assert_int_equal(offer(bad, 0), PB_READER_SILENT);
		assert_int_equal(pb_deadline_left(early), 0);
		assert_true(pb_deadline_left(late) > 0);
		assert_int_equal(offer(good, 0), PB_OK);
		pb_station_stop(bad);
	}
	pb_station_stop(good);
}

static void the_time_given_to_wait_for_a_card_is_added(void **state)
{
	struct pb_station *station = start("silent");
	struct pb_deadline early = pb_deadline_in(STEP_MS + 300 - 10);

	(void)state;
	assert_int_equal(offer(station, 300), PB_READER_SILENT);
	assert_int_equal(pb_deadline_left(early), 0);
	pb_station_stop(station);
}

static void after_a_kill_only_an_offer_starts_anew(void **state)
{
	struct pb_station *station = start("silent");

	(void)state;
	assert_int_equal(begin(station), PB_READER_SILENT);
	assert_int_equal(begin(station), PB_NOT_ALLOWED);
	assert_int_equal(offer(station, 0), PB_READER_SILENT); /* a new process, as silent */
	pb_station_stop(station);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left, not even a zombie */
}

static void nonsense_is_named_and_ends_the_process(void **state)
{
	static const struct {
		const char *mode;
		enum pb_status status;
	} rows[] = { { "garbage", PB_MESSAGE_INVALID }, { "wrong", PB_MESSAGE_INVALID }, { "gone", PB_PROCESS_FAILED } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pb_station *station = start(rows[i].mode);

		assert_int_equal(offer(station, 0), rows[i].status);
		assert_int_equal(begin(station), PB_NOT_ALLOWED);
		assert_int_equal(offer(station, 0), rows[i].status);
		pb_station_stop(station);
	}
}

/* Its second answer would be taken for that to the next question, and is of another type. */
static void an_answer_nobody_asked_for_is_never_taken_for_another(void **state)
{
	struct pb_station *station = start("chatty");

	(void)state;
	assert_int_equal(offer(station, 0), PB_OK);
	assert_int_equal(pb_station_eject(station, NULL), PB_OK); /* nobody waits for what it says to that */
	assert_int_equal(begin(station), PB_MESSAGE_INVALID);
	pb_station_stop(station);
}

static void readers_are_not_waited_for_longer_either(void **state)
{
	const struct pb_station_options options = { .program = program, .reader = "silent", .step_ms = STEP_MS };
	struct pb_reader_list list;

	(void)state;
	assert_int_equal(pb_station_readers(&options, &list, NULL), PB_READER_SILENT);
}

static void a_missing_program_is_said_at_the_start(void **state)
{
	const struct pb_station_options options = { .program = "/nonexistent/station" };
	struct pb_station *station;
	struct pb_err err;

	(void)state;
	assert_int_equal(pb_station_start(&options, &station, &err), PB_PROCESS_FAILED);
	assert_non_null(strstr(err.msg, "/nonexistent/station"));
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_station_is_killed_at_its_deadline_and_the_others_go_on),
		cmocka_unit_test(the_time_given_to_wait_for_a_card_is_added),
		cmocka_unit_test(after_a_kill_only_an_offer_starts_anew),
		cmocka_unit_test(nonsense_is_named_and_ends_the_process),
		cmocka_unit_test(an_answer_nobody_asked_for_is_never_taken_for_another),
		cmocka_unit_test(readers_are_not_waited_for_longer_either),
		cmocka_unit_test(a_missing_program_is_said_at_the_start),
	};

	if (argc != 2)
		return 2;
	program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
