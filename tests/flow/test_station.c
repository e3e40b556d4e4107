/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stations through a real pcscd: profbilet-station, virtual readers, software cards.  Runs inside
 * softcard/with-virtual-readers; argv: profbilet-station, profbilet-softcard.  The last test kills pcscd.
 */
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/process.h"
#include "issuer/reader/pcsc.h"
#include "tests/unit/station/issue.h"

enum { WAIT_MS = 5000, STEP_MS = 3000 };

static const char *station_program, *softcard_program;

/* A hopper of cards at one reader. */
struct feed {
	char dir[64];
	struct pb_process hopper;
	char reader[PB_READER_NAME_MAX];
};

static void reader_name(size_t index, char ret_name[static PB_READER_NAME_MAX])
{
	const struct pb_station_options options = { .program = station_program };
	struct pb_reader_list list;

	assert_int_equal(pb_station_readers(&options, &list, NULL), PB_OK);
	assert_true(index < list.count);
	memcpy(ret_name, list.names[index], PB_READER_NAME_MAX);
}

/* The `index`th port of $PROFBILET_VPCD_PORTS */
static unsigned long port_at(size_t index)
{
	char *at = getenv("PROFBILET_VPCD_PORTS");
	unsigned long port = 0;

	assert_non_null(at);
	for (size_t i = 0; i <= index; i++)
		port = strtoul(at, &at, 10);
	return port;
}

static void start_hopper(struct feed *feed, size_t index, const char *fault)
{
	char tray[80], done[80], address[32];
	const char *const run[] = { softcard_program, "run", "--connect", address, "--tray", tray, "--done", done,
				    "--silence-ms", "4000", /* then its driver gives up */
				    fault ? "--fault" : NULL, fault, NULL };

	snprintf(tray, sizeof(tray), "%s/tray", feed->dir);
	snprintf(done, sizeof(done), "%s/done", feed->dir);
	snprintf(address, sizeof(address), "127.0.0.1:%lu", port_at(index));
	assert_int_equal(pb_process_spawn(run, &feed->hopper, NULL), PB_OK);
}

static void feed_start(struct feed *feed, size_t index, const char *count, const char *fault)
{
	char tray[80];
	const char *const make[] = { softcard_program, "new", tray, "--count", count, NULL };
	struct pb_process maker;

	strcpy(feed->dir, "/tmp/profbilet-feed-XXXXXX");
	assert_non_null(mkdtemp(feed->dir));
	snprintf(tray, sizeof(tray), "%s/tray", feed->dir);
	assert_int_equal(pb_process_spawn(make, &maker, NULL), PB_OK);
	pb_process_finish(&maker, WAIT_MS);
	start_hopper(feed, index, fault);
	reader_name(index, feed->reader);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

static void feed_stop(struct feed *feed)
{
	pb_process_kill(&feed->hopper);
	nftw(feed->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct pb_station *start_station(const struct feed *feed)
{
	const struct pb_station_options options = { .program = station_program, .reader = feed->reader, .step_ms = STEP_MS };
	struct pb_station *station;

	assert_int_equal(pb_station_start(&options, &station, NULL), PB_OK);
	return station;
}

static enum pb_status offer(struct pb_station *station, int64_t wait_ms, struct pb_card_identity *ret_offer)
{
	struct pb_err err = { 0 };
	enum pb_status s = pb_station_offer(station, wait_ms, ret_offer, &err);

	if (s != PB_OK)
		print_message("offer: %s: %s\n", pb_status_row(s)->name, err.msg);
	return s;
}

static void cards_of_a_hopper_are_issued_one_after_the_other(void **state)
{
	struct pb_card_identity last = { 0 }, identity;
	struct pb_card_image image;
	struct pb_station *station;
	struct feed feed;

	(void)state;
	feed_start(&feed, 0, "3", NULL);
	station = start_station(&feed);
	for (int i = 0; i < 3; i++) {
		struct pb_err err = { 0 };

		assert_int_equal(offer(station, WAIT_MS, &identity), PB_OK);
		assert_int_equal(identity.state, APPLET_BLANK);
		assert_memory_not_equal(identity.uid, last.uid, sizeof(last.uid));
		last = identity;
		assert_int_equal(issue_run(station, &image, &err), PB_OK);
		assert_true(pb_card_check_proof(image.point, PB_VIEW(issue_credential), PB_VIEW(issue_challenge), image.sig));
		assert_int_equal(pb_station_eject(station, NULL), PB_OK);
	}
	assert_int_equal(offer(station, 300, &identity), PB_CARD_ABSENT);
	pb_station_stop(station);
	feed_stop(&feed);
}

static void a_silent_card_is_given_up_and_ejected(void **state)
{
	struct pb_card_identity silent, next;
	struct pb_station *station;
	struct pb_err err = { 0 };
	struct feed feed;

	(void)state;
	feed_start(&feed, 1, "2", "1:silent@3");
	station = start_station(&feed);
	assert_int_equal(offer(station, WAIT_MS, &silent), PB_OK);
	assert_int_equal(issue_run(station, NULL, &err), PB_READER_SILENT);
	assert_int_equal(pb_station_eject(station, NULL), PB_OK); /* by a new process, over a reader still stuck */
	assert_int_equal(offer(station, WAIT_MS, &next), PB_OK);  /* this hopper puts the same card down anew */
	assert_memory_equal(next.uid, silent.uid, sizeof(silent.uid));
	pb_station_stop(station);
	feed_stop(&feed);
}

static void a_card_taken_away_is_said_and_found_again(void **state)
{
	struct pb_card_identity before, after;
	struct pb_station *station;
	struct pb_err err = { 0 };
	struct feed feed;

	(void)state;
	feed_start(&feed, 0, "1", "1:vanish-after@6"); /* with the key made: offer, offer, begin, make_key */
	station = start_station(&feed);
	assert_int_equal(offer(station, WAIT_MS, &before), PB_OK);
	assert_int_equal(issue_run(station, NULL, &err), PB_CARD_REMOVED);
	assert_int_equal(offer(station, WAIT_MS, &after), PB_OK);
	assert_memory_equal(after.uid, before.uid, sizeof(before.uid));
	pb_station_stop(station);
	feed_stop(&feed);
}

static void a_dead_card_process_is_a_removed_card(void **state)
{
	struct pb_card_words challenge;
	struct pb_card_identity identity;
	struct pb_station *station;
	struct feed feed;

	(void)state;
	feed_start(&feed, 1, "1", NULL);
	station = start_station(&feed);
	assert_int_equal(offer(station, WAIT_MS, &identity), PB_OK);
	pb_process_kill(&feed.hopper);
	assert_int_equal(pb_station_begin(station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_CARD_REMOVED);
	assert_int_equal(offer(station, 300, &identity), PB_CARD_ABSENT);
	pb_station_stop(station);
	feed_stop(&feed);
}

static void a_reader_held_by_another_program_is_busy_until_it_lets_go(void **state)
{
	struct pb_card_identity identity;
	struct pb_reader_card card;
	struct pb_station *station;
	struct pb_reader *other;
	struct feed feed;

	(void)state;
	feed_start(&feed, 0, "1", NULL);
	other = pb_pcsc_create(feed.reader);
	assert_int_equal(pb_reader_connect(other, pb_deadline_in(WAIT_MS), &card, NULL), PB_OK);
	station = start_station(&feed);
	assert_int_equal(offer(station, 200, &identity), PB_READER_BUSY);
	pb_reader_destroy(other);
	assert_int_equal(offer(station, WAIT_MS, &identity), PB_OK);
	pb_station_stop(station);
	feed_stop(&feed);
}

static void an_empty_reader_and_an_unknown_one_are_told_apart(void **state)
{
	struct feed empty = { 0 }, unknown = { .reader = "No such reader 00 00" };
	struct pb_card_identity identity;
	struct pb_station *station;

	(void)state;
	reader_name(2, empty.reader);
	station = start_station(&empty);
	assert_int_equal(offer(station, 100, &identity), PB_CARD_ABSENT);
	pb_station_stop(station);
	station = start_station(&unknown);
	assert_int_equal(offer(station, 100, &identity), PB_READER_GONE);
	pb_station_stop(station);
}

static void a_killed_pcscd_is_said_and_nothing_hangs(void **state)
{
	const struct pb_station_options options = { .program = station_program, .step_ms = STEP_MS };
	struct pb_card_words challenge;
	struct pb_card_identity identity;
	struct pb_reader_list list;
	struct pb_station *station;
	struct feed feed;

	(void)state;
	feed_start(&feed, 0, "1", NULL);
	station = start_station(&feed);
	assert_int_equal(offer(station, WAIT_MS, &identity), PB_OK);
	kill((pid_t)strtol(getenv("PROFBILET_PCSCD_PID"), NULL, 10), SIGKILL);
	assert_int_equal(pb_station_begin(station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_READER_SERVICE);
	assert_int_equal(offer(station, 100, &identity), PB_READER_SERVICE);
	assert_int_equal(pb_station_readers(&options, &list, NULL), PB_READER_SERVICE);
	pb_station_stop(station);
	feed_stop(&feed);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cards_of_a_hopper_are_issued_one_after_the_other),
		cmocka_unit_test(a_silent_card_is_given_up_and_ejected),
		cmocka_unit_test(a_card_taken_away_is_said_and_found_again),
		cmocka_unit_test(a_dead_card_process_is_a_removed_card),
		cmocka_unit_test(a_reader_held_by_another_program_is_busy_until_it_lets_go),
		cmocka_unit_test(an_empty_reader_and_an_unknown_one_are_told_apart),
		cmocka_unit_test(a_killed_pcscd_is_said_and_nothing_hangs),
	};

	if (argc != 3)
		return 2;
	station_program = argv[1];
	softcard_program = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
