/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The card station against the software card, over the same messages as a process would use: the whole
 * line, each step's name in each failure, and what happens to a card when the line is cut.
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

#include "issuer/reader/replay.h"
#include "issuer/reader/trace.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/station/issue.h"

/* The commands of one card, as errors name them. */
static const char *const steps[ISSUE_COMMANDS] = {
	"SELECT", "INITIALIZE UPDATE", "EXTERNAL AUTHENTICATE", "GENERATE KEY PAIR", "STORE DATA 1", "SELECT", "READ BINARY",
	"INTERNAL AUTHENTICATE", "SELECT", "INITIALIZE UPDATE", "EXTERNAL AUTHENTICATE", "PUT KEY", "INSTALL", "STORE DATA 1",
};

static int set_up(void **state)
{
	static struct bench bench;

	bench_set_up(&bench, NULL);
	*state = &bench;
	return 0;
}

static int tear_down(void **state)
{
	bench_tear_down(*state);
	return 0;
}

static void a_blank_becomes_a_locked_card_in_fourteen_commands(void **state)
{
	struct bench *bench = *state;
	struct pb_card_image image;
	struct pb_err err = { 0 };

	assert_int_equal(issue_run(bench->station, &image, &err), PB_OK);
	assert_int_equal(softcard_reader_commands(bench->reader), ISSUE_COMMANDS);
	assert_int_equal(softcard_state(bench->card), APPLET_LOCKED);
	assert_int_equal(softcard_kvn(bench->card), KVN_ISSUER_FIRST);
	assert_int_equal(image.state, APPLET_PERSONALISED);
	assert_int_equal(image.credential_n, sizeof(issue_credential));
	assert_memory_equal(image.credential, issue_credential, sizeof(issue_credential));
	assert_int_equal(image.ndef_n, sizeof(issue_ndef));
	assert_memory_equal(image.ndef, issue_ndef, sizeof(issue_ndef));
	assert_true(pb_card_check_proof(image.point, PB_VIEW(issue_credential), PB_VIEW(issue_challenge), image.sig));
}

static void a_card_with_truly_random_challenges_is_issued_too(void **state)
{
	static const uint8_t uid[] = { 0x04, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60 };
	const struct softcard_options options = { .uid = PB_VIEW(uid), .scp03_i = 0x60 }; /* no counter in its answer */
	struct bench *bench = *state;
	struct softcard *card;

	assert_int_equal(softcard_create(&options, &card, NULL), PB_OK);
	softcard_reader_put(bench->reader, card);
	assert_int_equal(issue_run(bench->station, NULL, NULL), PB_OK);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	softcard_reader_put(bench->reader, bench->card);
	softcard_destroy(card);
}

static void a_proof_holds_for_its_own_chip_credential_and_challenge_only(void **state)
{
	struct bench *bench = *state;
	uint8_t other[sizeof(issue_credential)] = { 0 };
	struct pb_card_image image;

	assert_int_equal(issue_run(bench->station, &image, NULL), PB_OK);
	assert_false(pb_card_check_proof(image.point, PB_VIEW(other), PB_VIEW(issue_challenge), image.sig));
	assert_false(pb_card_check_proof(image.point, PB_VIEW(issue_credential), pb_view(other, 32), image.sig));
	assert_false(pb_card_check_proof(image.point, PB_VIEW(issue_credential), PB_VIEW(other), image.sig)); /* too long */
	image.sig[10] ^= 1;
	assert_false(pb_card_check_proof(image.point, PB_VIEW(issue_credential), PB_VIEW(issue_challenge), image.sig));
	image.sig[10] ^= 1;
	image.point[10] ^= 1; /* not on the curve */
	assert_false(pb_card_check_proof(image.point, PB_VIEW(issue_credential), PB_VIEW(issue_challenge), image.sig));
}

static void the_largest_contents_go_in_two_blocks_and_two_reads(void **state)
{
	struct bench *bench = *state;
	uint8_t credential[CREDENTIAL_MAX] = { 0xD2 }, ndef[NDEF_MAX] = { 0x00, NDEF_MAX - 2 }, point[PB_P256_POINT];
	struct pb_card_words challenge;
	struct pb_card_identity offer;
	struct pb_card_session session;
	struct pb_card_image image;

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	assert_int_equal(pb_station_make_key(bench->station, &session, point, NULL), PB_OK);
	assert_int_equal(pb_station_write(bench->station, PB_VIEW(credential), PB_VIEW(ndef), NULL), PB_OK);
	assert_int_equal(pb_station_examine(bench->station, PB_VIEW(issue_challenge), &image, NULL), PB_OK);
	assert_memory_equal(image.credential, credential, sizeof(credential));
	assert_memory_equal(image.ndef, ndef, sizeof(ndef));
	assert_int_equal(softcard_reader_commands(bench->reader), 10);
}

/* A fault at each command in turn, on a fresh card each time. */
static enum pb_status run_with_fault(enum softcard_fault_kind kind, unsigned long at, uint16_t sw, struct pb_err *err)
{
	const struct softcard_fault fault = { .kind = kind, .at = at, .sw = sw };
	struct bench bench;
	enum pb_status s;

	bench_set_up(&bench, NULL);
	softcard_arm(bench.card, &fault);
	s = issue_run(bench.station, NULL, err);
	bench_tear_down(&bench);
	return s;
}

static void each_step_names_itself_when_it_is_refused(void **state)
{
	(void)state;
	for (unsigned long k = 1; k <= ISSUE_COMMANDS; k++) {
		char expected[128];
		struct pb_err err = { 0 };
		enum pb_status s = run_with_fault(SOFTCARD_STATUS_WORD, k, 0x6581, &err);

		snprintf(expected, sizeof(expected), "%s: SW 6581 (memory failure)", steps[k - 1]);
		if (k == 1) { /* what answers to our name so is a foreign card */
			assert_int_equal(s, PB_CARD_FOREIGN);
		} else if (k == 6) {
			assert_int_equal(s, PB_CARD_FOREIGN);
			assert_string_equal(err.msg, expected);
		} else {
			assert_int_equal(s, PB_CARD_FAULT);
			assert_string_equal(err.msg, expected);
			assert_int_equal(err.sw, 0x6581);
		}
	}
}

static void a_card_pulled_at_any_command_is_said_to_be_removed(void **state)
{
	static const enum softcard_fault_kind kinds[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD,
							  SOFTCARD_TORN_NEW };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (unsigned long k = 1; k <= ISSUE_COMMANDS; k++) {
			struct pb_err err = { 0 };

			assert_int_equal(run_with_fault(kinds[i], k, 0, &err), PB_CARD_REMOVED);
			assert_ptr_equal(strstr(err.msg, steps[k - 1]), err.msg);
		}
}

static void a_card_changed_for_another_is_never_issued(void **state)
{
	(void)state;
	for (unsigned long k = 2; k <= ISSUE_COMMANDS; k++)
		assert_int_not_equal(run_with_fault(SOFTCARD_SWAPPED, k, 0, NULL), PB_OK);
	assert_int_equal(run_with_fault(SOFTCARD_SWAPPED, 9, 0, NULL), PB_CARD_SWAPPED);
}

static void a_key_that_waits_is_found_after_a_tear_and_used(void **state)
{
	struct bench *bench = *state;
	struct pb_card_words challenge;
	struct pb_card_identity offer;
	struct pb_card_session session;
	struct pb_card_image image;
	uint8_t point[PB_P256_POINT];

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_false(offer.shadow);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	assert_int_equal(pb_station_make_key(bench->station, &session, point, NULL), PB_OK);

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK); /* the card lost its power */
	assert_true(offer.shadow);
	assert_memory_equal(offer.shadow_point, point, sizeof(point));
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	assert_int_equal(pb_station_open(bench->station, &session, NULL), PB_OK);
	assert_int_equal(pb_station_write(bench->station, PB_VIEW(issue_credential), PB_VIEW(issue_ndef), NULL), PB_OK);
	assert_int_equal(pb_station_examine(bench->station, PB_VIEW(issue_challenge), &image, NULL), PB_OK);
	assert_memory_equal(image.point, point, sizeof(point));
}

static void a_wrong_key_costs_one_attempt_and_not_two(void **state)
{
	struct bench *bench = *state;
	unsigned before = softcard_attempts_left(bench->card);
	struct pb_card_words challenge;
	struct pb_card_identity offer;
	struct pb_card_session session;

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	session.u.scp03.host_cryptogram[0] ^= 1;
	assert_int_equal(pb_station_open(bench->station, &session, NULL), PB_CARD_KEYS);
	session.u.scp03.host_cryptogram[0] ^= 1;
	assert_int_equal(pb_station_open(bench->station, &session, NULL), PB_NOT_ALLOWED);
	assert_int_equal(softcard_attempts_left(bench->card), before - 1);
}

static void steps_out_of_order_send_nothing(void **state)
{
	struct bench *bench = *state;
	struct pb_card_words challenge;
	struct pb_card_session session = { .kind = PB_SESSION_SCP03, .kvn = KVN_FACTORY };
	struct pb_card_identity offer;
	uint8_t point[PB_P256_POINT];

	pb_secret_set(&session.u.scp03.enc, issue_challenge, 16);
	session.u.scp03.mac = session.u.scp03.rmac = session.u.scp03.enc;
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_CARD_FOREIGN);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_make_key(bench->station, &session, point, NULL), PB_NOT_ALLOWED);
	assert_int_equal(pb_station_write(bench->station, PB_VIEW(issue_credential), PB_VIEW(issue_ndef), NULL), PB_NOT_ALLOWED);
	assert_int_equal(pb_station_terminate(bench->station, &session, NULL), PB_NOT_ALLOWED);
	assert_int_equal(pb_station_write(bench->station, PB_VIEW(issue_ndef), pb_view(point, NDEF_MAX + 1), NULL),
			 PB_INPUT_INVALID);
	assert_int_equal(softcard_reader_commands(bench->reader), 1);
}

static void a_second_session_is_opened_over_a_fresh_select(void **state)
{
	struct bench *bench = *state;
	struct pb_card_words challenge;
	struct pb_card_identity offer;

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_OK);
	assert_int_equal(softcard_reader_commands(bench->reader), 2); /* the offer had selected it */
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_OK);
	assert_int_equal(softcard_reader_commands(bench->reader), 4);
}

static void an_inspection_needs_an_offer_and_harms_nothing(void **state)
{
	struct bench *bench = *state;
	struct pb_card_identity offer;
	struct pb_chip chip;

	assert_int_equal(pb_station_inspect(bench->station, &chip, NULL), PB_NOT_ALLOWED);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_inspect(bench->station, &chip, NULL), PB_OK);
	assert_int_equal(chip.kind, PB_CHIP_OWN);
	assert_int_equal(chip.keys, PB_CHIP_KEYS_FACTORY);
	assert_int_equal(softcard_attempts_left(bench->card), AUTHENTICATION_ATTEMPTS);
	/* The other application of the card is selected now, and issuing finds its own again. */
	assert_int_equal(issue_run(bench->station, NULL, NULL), PB_OK);
	assert_int_equal(pb_station_eject(bench->station, NULL), PB_OK);
	assert_int_equal(pb_station_inspect(bench->station, &chip, NULL), PB_NOT_ALLOWED);
}

static void a_foreign_card_is_said_with_its_reason_and_left_alone(void **state)
{
	const struct softcard_fault foreign = { .kind = SOFTCARD_FOREIGN };
	struct bench *bench = *state;
	struct pb_card_words challenge;
	struct pb_card_identity offer;

	softcard_arm(bench->card, &foreign);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(offer.family, PB_FAMILY_FOREIGN);
	assert_string_equal(offer.why, "MIFARE Classic 1K");
	assert_int_equal(offer.uid_n, 7);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_DATA, &challenge, NULL), PB_CARD_FOREIGN);
	assert_int_equal(softcard_reader_commands(bench->reader), 0);
}

static void another_application_is_said_with_its_status_word(void **state)
{
	const struct softcard_fault refused = { .kind = SOFTCARD_STATUS_WORD, .at = 1, .sw = SW_FILE_NOT_FOUND };
	struct bench *bench = *state;
	struct pb_card_identity offer;

	softcard_arm(bench->card, &refused);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(offer.family, PB_FAMILY_FOREIGN);
	assert_string_equal(offer.why, "Java Card; SELECT: SW 6A82 (no such file or application)");
}

static void a_blank_holds_nothing_and_a_terminated_card_says_so(void **state)
{
	struct bench *bench = *state;
	struct pb_card_words challenge;
	struct pb_card_session session;
	struct pb_card_identity offer;
	struct pb_card_image image;

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(offer.state, APPLET_BLANK);
	assert_int_equal(pb_station_examine(bench->station, PB_VIEW(issue_challenge), &image, NULL), PB_NOT_FOUND);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_KEYS, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	assert_int_equal(pb_station_terminate(bench->station, &session, NULL), PB_OK);
	assert_int_equal(softcard_state(bench->card), APPLET_TERMINATED);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(offer.family, PB_FAMILY_APPLET);
	assert_int_equal(offer.state, APPLET_TERMINATED);
	assert_int_equal(pb_station_examine(bench->station, PB_VIEW(issue_challenge), &image, NULL), PB_CARD_TERMINATED);
}

static void a_sealed_card_is_found_again_under_its_own_keys(void **state)
{
	struct bench *bench = *state;
	struct pb_card_words challenge;
	struct pb_card_session session;
	struct pb_card_identity offer;

	assert_int_equal(issue_run(bench->station, NULL, NULL), PB_OK);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(offer.state, APPLET_LOCKED);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_KEYS, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	assert_int_equal(session.kvn, KVN_ISSUER_FIRST);
	assert_int_equal(pb_station_open(bench->station, &session, NULL), PB_OK);
}

static void a_receipt_that_differs_is_a_mismatch(void **state)
{
	struct bench *bench = *state;
	struct pb_card_words challenge, keys;
	struct pb_card_session session;
	struct pb_card_identity offer;

	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_begin(bench->station, PB_SESSION_FOR_KEYS, &challenge, NULL), PB_OK);
	issue_open(&challenge, &session);
	issue_put_key(&keys);
	keys.bytes[keys.n - 6] ^= 1;
	assert_int_equal(pb_station_seal(bench->station, &session, pb_card_words_view(&keys), NULL), PB_CARD_MISMATCH);
}

static void the_next_card_is_another_one(void **state)
{
	static const uint8_t uid[] = { 0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 };
	const struct softcard_options options = { .uid = PB_VIEW(uid) };
	struct bench *bench = *state;
	struct pb_card_identity offer;
	struct softcard *next;

	assert_int_equal(softcard_create(&options, &next, NULL), PB_OK);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_eject(bench->station, NULL), PB_OK);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_CARD_ABSENT); /* the same one lies there */
	softcard_reader_put(bench->reader, next);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_OK);
	assert_memory_equal(offer.uid, uid, sizeof(uid));
	softcard_reader_put(bench->reader, NULL);
	assert_int_equal(pb_station_offer(bench->station, 0, &offer, NULL), PB_CARD_ABSENT);
	softcard_destroy(next);
}

/* ---- traces */

static char *read_whole(const char *path)
{
	static char text[1 << 16];
	FILE *file = fopen(path, "r");
	size_t n = fread(text, 1, sizeof(text) - 1, file);

	fclose(file);
	text[n] = '\0';
	return text;
}

static void a_verification_is_replayed_from_its_trace(void **state)
{
	char path[] = "/tmp/profbilet-verify-XXXXXX";
	struct pb_card_identity offer, offered;
	struct pb_card_image image, replayed;
	struct pb_station *station;
	struct pb_reader *replay;
	struct bench bench;

	(void)state;
	close(mkstemp(path));
	bench_set_up(&bench, NULL);
	assert_int_equal(issue_run(bench.station, NULL, NULL), PB_OK);
	pb_station_stop(bench.station);
	assert_int_equal(pb_trace_create(bench.reader, path, &bench.reader, NULL), PB_OK);
	assert_int_equal(pb_station_create_local(bench.reader, &bench.station, NULL), PB_OK);
	assert_int_equal(pb_station_offer(bench.station, 0, &offer, NULL), PB_OK);
	assert_int_equal(pb_station_examine(bench.station, PB_VIEW(issue_challenge), &image, NULL), PB_OK);

	assert_int_equal(pb_replay_create(path, &replay, NULL), PB_OK);
	assert_int_equal(pb_station_create_local(replay, &station, NULL), PB_OK);
	assert_int_equal(pb_station_offer(station, 0, &offered, NULL), PB_OK);
	assert_int_equal(pb_station_examine(station, PB_VIEW(issue_challenge), &replayed, NULL), PB_OK);
	assert_true(pb_replay_finished(replay));
	assert_memory_equal(offer.uid, offered.uid, sizeof(offer.uid));
	assert_memory_equal(image.sig, replayed.sig, sizeof(image.sig));
	assert_int_equal(replayed.state, APPLET_LOCKED);
	pb_station_stop(station);
	pb_reader_destroy(replay);
	bench_tear_down(&bench);
	unlink(path);
}

static void the_trace_of_an_issue_holds_no_key_and_nothing_sealed(void **state)
{
	char path[] = "/tmp/profbilet-issue-XXXXXX";
	size_t masked = 0, commands = 0;
	struct bench bench;

	(void)state;
	close(mkstemp(path));
	bench_set_up(&bench, path);
	assert_int_equal(issue_run(bench.station, NULL, NULL), PB_OK);
	for (char *line = strtok(read_whole(path), "\n"); line; line = strtok(NULL, "\n")) {
		if (*line != '>')
			continue;
		commands++;
		if (strncmp(line + 2, "84", 2) || !strncmp(line + 4, "82", 2))
			continue;
		masked++;
		assert_int_equal(strspn(line + 12, "*"), 2 * strtoul((char[]){ line[10], line[11], 0 }, NULL, 16));
	}
	assert_int_equal(commands, ISSUE_COMMANDS + 1);
	assert_int_equal(masked, 5); /* GENERATE, two STORE DATA, PUT KEY, INSTALL */
	bench_tear_down(&bench);
	unlink(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_blank_becomes_a_locked_card_in_fourteen_commands),
		TEST(a_card_with_truly_random_challenges_is_issued_too),
		TEST(a_proof_holds_for_its_own_chip_credential_and_challenge_only),
		TEST(the_largest_contents_go_in_two_blocks_and_two_reads),
		cmocka_unit_test(each_step_names_itself_when_it_is_refused),
		cmocka_unit_test(a_card_pulled_at_any_command_is_said_to_be_removed),
		cmocka_unit_test(a_card_changed_for_another_is_never_issued),
		TEST(a_key_that_waits_is_found_after_a_tear_and_used),
		TEST(a_wrong_key_costs_one_attempt_and_not_two),
		TEST(steps_out_of_order_send_nothing),
		TEST(a_second_session_is_opened_over_a_fresh_select),
		TEST(an_inspection_needs_an_offer_and_harms_nothing),
		TEST(a_foreign_card_is_said_with_its_reason_and_left_alone),
		TEST(another_application_is_said_with_its_status_word),
		TEST(a_blank_holds_nothing_and_a_terminated_card_says_so),
		TEST(a_sealed_card_is_found_again_under_its_own_keys),
		TEST(a_receipt_that_differs_is_a_mismatch),
		TEST(the_next_card_is_another_one),
		cmocka_unit_test(a_verification_is_replayed_from_its_trace),
		cmocka_unit_test(the_trace_of_an_issue_holds_no_key_and_nothing_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
