/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards of chips that anybody can copy: made only where the office allows it, told as what they are, and torn at every
 * exchange of an issue as the others are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

static const char *const allowed[] = { "card.allow_copyable", "yes", NULL };

static struct softcard *blank_tag(unsigned number)
{
	const uint8_t uid[] = { 0x04, 0x11, 0x22, 0x33, 0x44, (uint8_t)(number >> 8), (uint8_t)number };
	const struct softcard_options options = { .kind = SOFTCARD_NTAG215, .uid = PB_VIEW(uid) };
	struct softcard *card;

	assert_int_equal(softcard_create(&options, &card, NULL), PB_OK);
	return card;
}

static struct pb_receipt must_issue(struct desk *desk, struct softcard *card, const char *surname)
{
	struct pb_member member = desk_member(desk, surname);
	struct pb_receipt receipt;
	struct pb_err err = { 0 };

	desk_put(desk, card);
	if (desk_issue(desk, member.number, &receipt, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return receipt;
}

static void without_leave_none_is_made(void **state)
{
	struct softcard *card = blank_tag(1);
	struct pb_ledger_counts counts;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	struct desk desk;

	(void)state;
	desk_open(&desk);
	desk_put(&desk, card);
	assert_int_equal(desk_issue(&desk, desk_member(&desk, "Копиева").number, &receipt, &err), PB_CARD_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "allow_copyable"));
	assert_int_equal(receipt.serial, 0);
	pb_ledger_counts(desk.app.office.ledger, &counts);
	assert_int_equal(counts.open, 0);
	assert_int_equal(softcard_state(card), APPLET_BLANK);
	desk_close(&desk);
	softcard_destroy(card);
}

static void with_leave_it_is_made_and_told_for_what_it_is(void **state)
{
	struct softcard *card = blank_tag(2);
	struct pb_verification report;
	struct pb_receipt receipt;
	struct desk desk;

	(void)state;
	desk_open_with(&desk, allowed);
	receipt = must_issue(&desk, card, "Копиева");
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	assert_int_equal(desk_card(&desk, receipt.serial).kvn, PB_LEDGER_KVN_NONE);
	desk_put_back(&desk, card);
	report = desk_verify(&desk);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, PB_PROOF_CHIP_UID);
	assert_int_equal(report.serial, receipt.serial);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(card);
}

/* All its pages but the maker's. */
static void copy_pages(struct softcard *from, struct softcard *to)
{
	uint8_t command[] = { 0xFF, 0xD6, 0x00, 0, 0x04, 0, 0, 0, 0 }, answer[SOFTCARD_ANSWER_MAX], atr[SOFTCARD_ATR_MAX];
	size_t n;

	assert_true(softcard_power_on(to, atr) > 0);
	for (uint8_t page = 4; page < 130; page++) {
		command[3] = page;
		memcpy(command + 5, softcard_ntag21x(from)->bytes + page * 4, 4);
		assert_int_equal(softcard_transmit(to, PB_VIEW(command), answer, &n), SOFTCARD_ANSWERED);
		assert_int_equal(answer[0], 0x90);
	}
}

static void a_copy_on_a_chip_of_another_uid_is_found_out(void **state)
{
	struct softcard *card = blank_tag(3), *copy = blank_tag(4);
	struct desk desk;

	(void)state;
	desk_open_with(&desk, allowed);
	must_issue(&desk, card, "Копиева");
	copy_pages(card, copy);
	desk_put(&desk, copy);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_FORGED);
	desk_put(&desk, NULL);
	desk_close(&desk);
	softcard_destroy(copy);
	softcard_destroy(card);
}

/* ---- tears */

static void tear_and_continue(struct desk *desk, const struct softcard_fault *fault, unsigned number)
{
	struct softcard *card = blank_tag(number);
	struct pb_member member = desk_member(desk, "Разрывова");
	struct pb_receipt torn, second;
	struct pb_verification report;
	struct pb_err err = { 0 };
	enum pb_status s;

	desk_put(desk, card);
	softcard_arm(card, fault);
	assert_int_equal(desk_issue(desk, member.number, &torn, &err), PB_CARD_REMOVED);
	assert_true(torn.serial == 0 || torn.reserved);
	desk_put_back(desk, card);
	if (softcard_state(card) != APPLET_BLANK) {
		report = desk_verify(desk);
		assert_int_equal(report.verdict, PB_VERDICT_NOT_REGISTERED); /* never finished, as far as the ledger knows */
		assert_int_equal(report.serial, torn.serial);
	}
	desk_put_back(desk, card);
	s = desk_issue(desk, member.number, &second, &err);
	if (s != PB_OK)
		fail_msg("tear %d at exchange %lu: %s: %s", (int)fault->kind, fault->at, pb_status_row(s)->name, err.msg);
	assert_true(torn.serial == 0 || second.serial == torn.serial);
	desk_put_back(desk, card);
	report = desk_verify(desk);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.serial, second.serial);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	desk_put(desk, NULL);
	softcard_destroy(card);
}

static void every_tear_at_every_exchange_is_continued(void **state)
{
	static const enum softcard_fault_kind tears[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD,
							  SOFTCARD_TORN_NEW };
	enum { TEARS = sizeof(tears) / sizeof(tears[0]) };
	struct softcard *card = blank_tag(5);
	struct pb_ledger_counts counts;
	unsigned long exchanges;
	struct desk desk;

	(void)state;
	desk_open_with(&desk, allowed);
	must_issue(&desk, card, "Целова");
	exchanges = softcard_commands(card);
	print_message("%lu exchanges with a memory card in an issue\n", exchanges);
	desk_put(&desk, NULL);
	softcard_destroy(card);
	for (unsigned long at = 1; at <= exchanges; at++)
		for (unsigned i = 0; i < TEARS; i++)
			tear_and_continue(&desk, &(struct softcard_fault){ .kind = tears[i], .at = at }, 100 + (unsigned)at * TEARS + i);
	desk_assert_audited(&desk);
	pb_ledger_counts(desk.app.office.ledger, &counts);
	assert_int_equal(counts.issued, 1 + TEARS * exchanges);
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.spoiled, 0);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_leave_none_is_made),
		cmocka_unit_test(with_leave_it_is_made_and_told_for_what_it_is),
		cmocka_unit_test(a_copy_on_a_chip_of_another_uid_is_found_out),
		cmocka_unit_test(every_tear_at_every_exchange_is_continued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
