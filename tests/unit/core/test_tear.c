/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The card is pulled at every command of an issue, before it, after it, and within its write; then it is
 * put back, at once or after the program has been started anew.  Whatever happens: no serial has two
 * cards, no member two, no card is issued without its entry, no issued entry is without its card, and the
 * member has a card in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/core/desk.h"

/* The card commands of one issue (card-applet-spec/README.md). */
enum { COMMANDS = 14 };

static const enum softcard_fault_kind tears[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD, SOFTCARD_TORN_NEW };
enum { TEARS = sizeof(tears) / sizeof(tears[0]) };

/* What the ledger says of the card and what the card says of itself must be one story. */
static void assert_one_story(struct desk *desk, const struct pb_receipt *receipt, struct softcard *card)
{
	struct pb_verification report;

	if (receipt->serial == 0) {
		assert_int_equal(softcard_credential(card).n, 0);
		return;
	}
	report = desk_verify(desk);
	if (report.verdict == PB_VERDICT_VALID) {
		assert_int_equal(desk_card(desk, report.serial).state, PB_CARD_IS_ISSUED);
		assert_int_equal(softcard_state(card), APPLET_LOCKED);
		assert_int_equal(softcard_kvn(card), KVN_ISSUER_FIRST);
	}
}

static void tear_and_continue(struct desk *desk, enum softcard_fault_kind kind, unsigned long at, bool restart, uint8_t number)
{
	struct softcard_fault fault = { .kind = kind, .at = at };
	struct softcard *card = desk_blank(number);
	struct pb_receipt torn, second;
	struct pb_err err = { 0 };
	struct pb_member member;
	enum pb_status s;
	char surname[32];

	snprintf(surname, sizeof(surname), "Разрывова");
	member = desk_member(desk, surname);
	desk_put(desk, card);
	softcard_arm(card, &fault);
	s = desk_issue(desk, member.number, &torn, &err);
	assert_int_equal(s, PB_CARD_REMOVED);
	assert_true(torn.serial == 0 || torn.reserved);
	assert_false(torn.spoiled);
	desk_put_back(desk, card);
	assert_one_story(desk, &torn, card);
	if (restart)
		desk_restart(desk);
	desk_put_back(desk, card);

	s = desk_issue(desk, member.number, &second, &err);
	if (s != PB_OK)
		fail_msg("tear %d at command %lu: %s: %s", (int)kind, at, pb_status_row(s)->name, err.msg);
	assert_true(torn.serial == 0 || second.serial == torn.serial || desk_card(desk, torn.serial).state == PB_CARD_IS_VOIDED);
	desk_put_back(desk, card);
	assert_int_equal(desk_verify(desk).verdict, PB_VERDICT_VALID);
	assert_int_equal(desk_verify(desk).serial, second.serial);
	desk_put(desk, NULL);
	softcard_destroy(card);
}

static void every_tear_at_every_command_is_continued(void **state)
{
	struct pb_ledger_counts counts;
	struct desk desk;
	uint8_t number = 0;

	(void)state;
	desk_open(&desk);
	for (unsigned long at = 1; at <= COMMANDS; at++) {
		for (size_t i = 0; i < 2 * TEARS; i++)
			tear_and_continue(&desk, tears[i % TEARS], at, i >= TEARS, number++);
	}
	desk_assert_audited(&desk);
	pb_ledger_counts(desk.app.office.ledger, &counts);
	assert_int_equal(counts.issued, 2 * TEARS * COMMANDS);
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.spoiled, 0);
	desk_close(&desk);
}

/* Two tears in a row, each anywhere: the card still ends as one whole card. */
static void two_tears_in_a_row_are_continued(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk);
	for (unsigned long first = 1; first <= COMMANDS; first++) {
		for (unsigned long second = 1; second <= COMMANDS; second++) {
			struct softcard_fault faults[] = { { .kind = SOFTCARD_TORN_NEW, .at = first },
							   { .kind = SOFTCARD_VANISH_AFTER, .at = second } };
			struct softcard *card = desk_blank((uint8_t)(first * 16 + second));
			struct pb_member member = desk_member(&desk, "Дважды");
			struct pb_receipt receipt;
			struct pb_err err = { 0 };
			enum pb_status s = PB_CARD_REMOVED;

			desk_put(&desk, card);
			for (int attempt = 0; attempt < 3 && s != PB_OK; attempt++) {
				if (attempt < 2)
					softcard_arm(card, &faults[attempt]);
				s = desk_issue(&desk, member.number, &receipt, &err);
				desk_put_back(&desk, card);
			}
			if (s != PB_OK)
				fail_msg("tears at %lu and %lu: %s", first, second, err.msg);
			/* A resumed issue is shorter: the second tear may still wait, and befall a verifier. */
			for (int reading = 0; reading < COMMANDS; reading++) {
				struct pb_verification report;

				s = pb_verify_card(&desk.app.verifier, desk.station, 0, &report, &err);
				desk_put_back(&desk, card);
			}
			assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
			desk_put(&desk, NULL);
			softcard_destroy(card);
		}
	}
	desk_assert_audited(&desk);
	desk_close(&desk);
}

/* A word that the card should never say at this place: known state, never a second card. */
static void a_refusal_at_any_command_is_continued_or_spoiled(void **state)
{
	static const uint16_t words[] = { SW_MEMORY, SW_SECURITY, SW_CONDITIONS, SW_NO_SPACE, SW_UNKNOWN, SW_HOST_CRYPTOGRAM };
	struct desk desk;

	(void)state;
	desk_open(&desk);
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		for (unsigned long at = 1; at <= COMMANDS; at++) {
			struct softcard_fault fault = { .kind = SOFTCARD_STATUS_WORD, .at = at, .sw = words[w] };
			struct softcard *card = desk_blank((uint8_t)(w * 16 + at));
			struct pb_member member = desk_member(&desk, "Отказова");
			struct pb_receipt receipt;
			struct pb_err err = { 0 };
			enum pb_status s;

			desk_put(&desk, card);
			softcard_arm(card, &fault);
			s = desk_issue(&desk, member.number, &receipt, &err);
			assert_int_not_equal(s, PB_OK);
			assert_false(receipt.spoiled && receipt.reserved);
			assert_true(receipt.serial == 0 || receipt.spoiled || receipt.reserved);
			if (receipt.spoiled)
				assert_int_equal(desk_card(&desk, receipt.serial).state, PB_CARD_IS_SPOILED);
			else {
				desk_put_back(&desk, card);
				assert_int_equal(desk_issue(&desk, member.number, &receipt, &err), PB_OK);
			}
			desk_put(&desk, NULL);
			softcard_destroy(card);
		}
	}
	desk_assert_audited(&desk);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tear_at_every_command_is_continued),
		cmocka_unit_test(two_tears_in_a_row_are_continued),
		cmocka_unit_test(a_refusal_at_any_command_is_continued_or_spoiled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
