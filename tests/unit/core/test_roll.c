/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A roll of the master key: cards are moved to the newest generation at their next tap, and a card that is
 * pulled away at any command of it is finished at the one after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/core/roll.h"
#include "issuer/ledger/audit.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"
#include "tests/unit/core/desk.h"

enum { FIRST = KVN_ISSUER_FIRST, SECOND = FIRST + 1 };

/* Of a move, from SELECT on: card-applet-spec/README.md 9. */
enum { COMMANDS = 11 };

static void assert_ok(enum pb_status status, const struct pb_err *err)
{
	if (status != PB_OK)
		fail_msg("%s: %s", pb_status_row(status)->name, err->msg);
}

/* Closed meanwhile, as another program would find the office. */
static struct pb_generation roll_master(struct desk *desk, bool *ret_finished)
{
	struct pb_config config = desk->app.config;
	struct pb_generation made = { 0 };
	struct pb_err err = { 0 };

	pb_app_close(&desk->app);
	assert_ok(pb_app_roll_master(&config, NULL, PB_MASTER_APPLET, &made, ret_finished, &err), &err);
	assert_ok(pb_app_open(&config, PB_APP_WRITE, &desk->app, &err), &err);
	assert_ok(pb_ledger_approve(desk->app.office.ledger, "after the roll", 1000, NULL, &err), &err);
	return made;
}

static uint8_t must_roll_master(struct desk *desk)
{
	bool finished;
	uint8_t kvn = roll_master(desk, &finished).kvn;

	assert_false(finished);
	return kvn;
}

static uint64_t issue(struct desk *desk, struct softcard *card, const char *surname)
{
	struct pb_member member = desk_member(desk, surname);
	struct pb_receipt receipt;
	struct pb_err err = { 0 };

	desk_put(desk, card);
	assert_ok(desk_issue(desk, member.number, &receipt, &err), &err);
	return receipt.serial;
}

static enum pb_status tap(struct desk *desk, struct pb_roll *ret_roll, struct pb_err *err)
{
	struct pb_card_identity card;
	enum pb_status s = pb_station_offer(desk->station, 0, &card, err);

	return s == PB_OK ? pb_roll_card(&desk->app.office, desk->station, &card, ret_roll, err) : s;
}

static struct pb_roll must_tap(struct desk *desk)
{
	struct pb_roll roll;
	struct pb_err err = { 0 };

	assert_ok(tap(desk, &roll, &err), &err);
	return roll;
}

static void assert_audited(struct desk *desk, uint64_t first, uint64_t second)
{
	struct pb_audit_summary summary;
	uint64_t live[PB_LEDGER_KVNS];
	struct pb_err err = { 0 };

	desk_assert_audited(desk);
	assert_ok(pb_ledger_audit(desk->app.office.ledger, NULL, NULL, NULL, &summary, &err), &err);
	assert_int_equal(summary.live_by_kvn[FIRST], first);
	assert_int_equal(summary.live_by_kvn[SECOND], second);
	assert_ok(pb_ledger_count_by_kvn(desk->app.office.ledger, live, &err), &err);
	assert_memory_equal(live, summary.live_by_kvn, sizeof(live));
}

static void assert_valid(struct desk *desk)
{
	struct pb_verification report = desk_verify(desk);

	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, PB_PROOF_CHIP_KEY);
}

static void new_cards_get_the_newest_keys_and_old_ones_are_moved_at_a_tap(void **state)
{
	struct softcard *old = desk_blank(1), *new = desk_blank(2);
	struct desk desk;
	struct pb_roll roll;
	uint64_t old_serial;
	unsigned long commands;

	(void)state;
	desk_open(&desk);
	old_serial = issue(&desk, old, "Первая");
	assert_int_equal(softcard_kvn(old), FIRST);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_NOTHING);
	assert_int_equal(must_roll_master(&desk), SECOND);
	issue(&desk, new, "Вторая");
	assert_int_equal(softcard_kvn(new), SECOND);
	assert_audited(&desk, 1, 1);
	desk_put(&desk, old);
	assert_valid(&desk);
	commands = softcard_commands(old);
	roll = must_tap(&desk);
	assert_int_equal(softcard_commands(old) - commands, COMMANDS);
	assert_int_equal(roll.outcome, PB_ROLL_MOVED);
	assert_true(roll.serial == old_serial && roll.from == FIRST && roll.to == SECOND);
	assert_int_equal(softcard_kvn(old), SECOND);
	assert_int_equal(softcard_state(old), APPLET_LOCKED);
	assert_int_equal(softcard_attempts_left(old), AUTHENTICATION_ATTEMPTS);
	assert_int_equal(desk_card(&desk, old_serial).kvn, SECOND);
	assert_valid(&desk);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_NOTHING);
	assert_audited(&desk, 0, 2);
	desk_close(&desk);
	softcard_destroy(old);
	softcard_destroy(new);
}

/* From a generation to the one after the next, in one step. */
static void a_card_that_missed_a_generation_is_moved_to_the_newest(void **state)
{
	struct softcard *card = desk_blank(1);
	struct desk desk;
	struct pb_roll roll;

	(void)state;
	desk_open(&desk);
	issue(&desk, card, "Первая");
	must_roll_master(&desk);
	assert_int_equal(must_roll_master(&desk), SECOND + 1);
	roll = must_tap(&desk);
	assert_true(roll.outcome == PB_ROLL_MOVED && roll.from == FIRST && roll.to == SECOND + 1);
	assert_int_equal(softcard_kvn(card), SECOND + 1);
	assert_valid(&desk);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(card);
}

/* ---- tears */

static void tear_and_tap_again(struct desk *desk, struct softcard *card, uint64_t serial, const struct softcard_fault *fault)
{
	struct pb_roll roll;
	struct pb_err err = { 0 };
	uint8_t torn_at;

	desk_put(desk, card);
	softcard_arm(card, fault);
	assert_int_not_equal(tap(desk, &roll, &err), PB_OK);
	torn_at = softcard_kvn(card);
	assert_true(torn_at == FIRST || torn_at == SECOND);
	assert_int_equal(desk_card(desk, serial).kvn, FIRST);
	assert_int_equal(softcard_attempts_left(card), AUTHENTICATION_ATTEMPTS);
	desk_put_back(desk, card);
	assert_valid(desk);
	roll = must_tap(desk);
	assert_int_equal(roll.outcome, torn_at == FIRST ? PB_ROLL_MOVED : PB_ROLL_NOTED);
	assert_int_equal(roll.from, FIRST);
	assert_int_equal(softcard_kvn(card), SECOND);
	assert_int_equal(softcard_attempts_left(card), AUTHENTICATION_ATTEMPTS);
	assert_int_equal(desk_card(desk, serial).kvn, SECOND);
	assert_valid(desk);
}

/* The commands that write: INITIALIZE UPDATE its counter, PUT KEY. */
static bool writes(unsigned long command)
{
	return command == 6 || command == 8 || command == 10;
}

static void every_tear_of_a_move_is_finished_at_the_next_tap(void **state)
{
	static const enum softcard_fault_kind kinds[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD,
							  SOFTCARD_TORN_NEW };
	enum { CARDS = 2 * COMMANDS + 2 * 3 };
	struct softcard_fault faults[CARDS];
	struct softcard *cards[CARDS];
	uint64_t serials[CARDS];
	char surname[16];
	struct desk desk;
	size_t n = 0;

	(void)state;
	for (size_t kind = 0; kind < 4; kind++)
		for (unsigned long at = 1; at <= COMMANDS; at++)
			if (kinds[kind] < SOFTCARD_TORN_OLD || writes(at))
				faults[n++] = (struct softcard_fault){ .kind = kinds[kind], .at = at };
	assert_int_equal(n, CARDS);
	desk_open(&desk);
	for (unsigned i = 0; i < CARDS; i++) {
		snprintf(surname, sizeof(surname), "Член-%c%c", 'a' + i / 26, 'a' + i % 26);
		cards[i] = desk_blank((uint8_t)(i + 1));
		serials[i] = issue(&desk, cards[i], surname);
	}
	must_roll_master(&desk);
	for (unsigned i = 0; i < CARDS; i++)
		tear_and_tap_again(&desk, cards[i], serials[i], &faults[i]);
	assert_audited(&desk, 0, CARDS);
	desk_close(&desk);
	for (unsigned i = 0; i < CARDS; i++)
		softcard_destroy(cards[i]);
}

/* Issue to this card fails at the fault, the master key is rolled, and the card is put back. */
static struct pb_member issue_torn_before_the_roll(struct desk *desk, struct softcard *card, struct softcard_fault fault)
{
	struct pb_member member = desk_member(desk, "Первая");
	struct pb_receipt receipt;
	struct pb_err err = { 0 };

	desk_put(desk, card);
	softcard_arm(card, &fault);
	assert_int_not_equal(desk_issue(desk, member.number, &receipt, &err), PB_OK);
	assert_int_equal(softcard_kvn(card), FIRST);
	must_roll_master(desk);
	desk_put_back(desk, card);
	return member;
}

/* Own keys are in, the lock is not. */
static void a_half_issued_card_of_the_old_generation_is_finished_under_the_newest(void **state)
{
	const struct softcard_fault at_install = { .kind = SOFTCARD_VANISH_BEFORE, .at = 13 };
	struct softcard *card = desk_blank(1);
	struct pb_receipt receipt;
	struct pb_member member;
	struct desk desk;
	struct pb_err err = { 0 };

	(void)state;
	desk_open(&desk);
	member = issue_torn_before_the_roll(&desk, card, at_install);
	assert_ok(desk_issue(&desk, member.number, &receipt, &err), &err);
	assert_true(receipt.resumed);
	assert_int_equal(softcard_kvn(card), SECOND);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	assert_audited(&desk, 0, 1);
	desk_close(&desk);
	softcard_destroy(card);
}

/* Locked under the old generation, and ISSUED was never written. */
static void a_locked_card_without_its_entry_is_entered_under_the_keys_it_has(void **state)
{
	const struct softcard_fault after_the_lock = { .kind = SOFTCARD_VANISH_AFTER, .at = 14 };
	struct softcard *card = desk_blank(1);
	struct pb_receipt receipt;
	struct pb_member member;
	struct desk desk;
	struct pb_err err = { 0 };

	(void)state;
	desk_open(&desk);
	member = issue_torn_before_the_roll(&desk, card, after_the_lock);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_NOT_ISSUED);
	assert_ok(desk_issue(&desk, member.number, &receipt, &err), &err);
	assert_audited(&desk, 1, 0);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_MOVED);
	assert_audited(&desk, 0, 1);
	desk_close(&desk);
	softcard_destroy(card);
}

/* ---- cards that are not moved, and one that is: in one office */

static void cards_that_are_not_to_be_moved_are_not(void **state)
{
	const struct softcard_fault foreign = { .kind = SOFTCARD_FOREIGN }, wrong = { .kind = SOFTCARD_WRONG_KEYS };
	struct softcard *blank = desk_blank(1), *lost = desk_blank(2), *other = desk_blank(3), *strange = desk_blank(4),
			*suspended = desk_blank(5);
	uint64_t lost_serial, strange_serial, suspended_serial;
	struct desk desk;
	struct pb_roll roll;
	struct pb_err err = { 0 };

	(void)state;
	desk_open(&desk);
	lost_serial = issue(&desk, lost, "Первая");
	strange_serial = issue(&desk, strange, "Вторая");
	suspended_serial = issue(&desk, suspended, "Третья");
	assert_ok(pb_ledger_revoke(desk.app.office.ledger, lost_serial, PB_REASON_LOST, NULL, &err), &err);
	assert_ok(pb_ledger_suspend(desk.app.office.ledger, suspended_serial, NULL, &err), &err);
	must_roll_master(&desk);
	/* Ended, blank, foreign: not touched. */
	desk_put(&desk, lost);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_NOT_ISSUED);
	assert_int_equal(softcard_kvn(lost), FIRST);
	desk_put(&desk, blank);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_NOT_ISSUED);
	assert_int_equal(softcard_kvn(blank), KVN_FACTORY);
	softcard_arm(other, &foreign);
	desk_put(&desk, other);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_NOT_ISSUED);
	/* With keys that are nobody's: no attempt is spent on it. */
	softcard_arm(strange, &wrong);
	desk_put(&desk, strange);
	assert_int_equal(tap(&desk, &roll, &err), PB_CARD_KEYS);
	assert_int_equal(softcard_attempts_left(strange), AUTHENTICATION_ATTEMPTS);
	assert_int_equal(desk_card(&desk, strange_serial).kvn, FIRST);
	/* Refused for a time, and the office's still. */
	desk_put(&desk, suspended);
	assert_int_equal(must_tap(&desk).outcome, PB_ROLL_MOVED);
	assert_int_equal(desk_card(&desk, suspended_serial).state, PB_CARD_IS_SUSPENDED);
	assert_audited(&desk, 1, 1);
	desk_close(&desk);
	softcard_destroy(blank);
	softcard_destroy(lost);
	softcard_destroy(other);
	softcard_destroy(strange);
	softcard_destroy(suspended);
}

/* ---- the generation */

static void make_only(struct desk *desk, uint8_t after)
{
	struct pb_secret passphrase = { 0 };
	struct pb_generation made;
	struct pb_err err = { 0 };

	assert_ok(pb_passphrase_read(desk->app.config.passphrase_file, &passphrase, &err), &err);
	assert_ok(pb_keystore_roll_master(desk->app.config.key_directory, &passphrase, NULL, PB_MASTER_APPLET, after, &made, &err),
		  &err);
}

/* As a crash between the key and its entry leaves it. */
static void an_interrupted_roll_is_finished_and_not_begun_again(void **state)
{
	struct desk desk;
	struct pb_ceremony_step known;
	struct pb_err err = { 0 };
	bool finished, found;

	(void)state;
	desk_open(&desk);
	make_only(&desk, FIRST);
	assert_int_equal(roll_master(&desk, &finished).kvn, SECOND);
	assert_true(finished);
	assert_ok(pb_ledger_last_ceremony_step(desk.app.office.ledger, PB_STEP_CARD_MASTER, &known, &found, &err), &err);
	assert_true(found && known.kvn == SECOND);
	assert_int_equal(roll_master(&desk, &finished).kvn, SECOND + 1);
	assert_false(finished);
	make_only(&desk, SECOND + 1);
	assert_int_equal(roll_master(&desk, &finished).kvn, SECOND + 2);
	assert_true(finished);
	desk_assert_audited(&desk);
	desk_close(&desk);
}

/* The folder as it was before the roll, put back: a second key 31 would be made. */
static void keys_that_lack_a_generation_the_ledger_knows_are_refused(void **state)
{
	char path[PB_CONFIG_PATH + 64];
	struct pb_generation made;
	struct pb_config config;
	struct pb_err err = { 0 };
	struct desk desk;
	bool finished;

	(void)state;
	desk_open(&desk);
	must_roll_master(&desk);
	config = desk.app.config;
	pb_app_close(&desk.app);
	snprintf(path, sizeof(path), "%s/card-master-applet-31.key", config.key_directory);
	assert_int_equal(remove(path), 0);
	assert_int_equal(pb_app_roll_master(&config, NULL, PB_MASTER_APPLET, &made, &finished, &err), PB_KEYS_REFUSED);
	assert_non_null(strstr(err.msg, "the ledger knows of master key 31"));
	/* And another key in its place is not taken for it. */
	assert_ok(pb_app_open(&config, PB_APP_WRITE, &desk.app, &err), &err);
	make_only(&desk, FIRST);
	pb_app_close(&desk.app);
	assert_int_equal(pb_app_roll_master(&config, NULL, PB_MASTER_APPLET, &made, &finished, &err), PB_KEYS_REFUSED);
	assert_non_null(strstr(err.msg, "another one than the ledger knows"));
	assert_ok(pb_app_open(&config, PB_APP_WRITE, &desk.app, &err), &err);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_cards_get_the_newest_keys_and_old_ones_are_moved_at_a_tap),
		cmocka_unit_test(a_card_that_missed_a_generation_is_moved_to_the_newest),
		cmocka_unit_test(every_tear_of_a_move_is_finished_at_the_next_tap),
		cmocka_unit_test(a_half_issued_card_of_the_old_generation_is_finished_under_the_newest),
		cmocka_unit_test(a_locked_card_without_its_entry_is_entered_under_the_keys_it_has),
		cmocka_unit_test(cards_that_are_not_to_be_moved_are_not),
		cmocka_unit_test(an_interrupted_roll_is_finished_and_not_begun_again),
		cmocka_unit_test(keys_that_lack_a_generation_the_ledger_knows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
