/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Issuing to each kind of card that can be bought: the same journey, whatever the card.  Every command of it is torn,
 * before, after and within its write, and the card put back ends as one whole card.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/core/desk.h"

static const enum softcard_fault_kind tears[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD, SOFTCARD_TORN_NEW };
enum { TEARS = sizeof(tears) / sizeof(tears[0]) };

/* A row is what another kind adds here. */
static const struct kind {
	const char *name;
	struct softcard_options blank;
	enum pb_master_family master;
	enum pb_proof proof;
	unsigned long commands; /* of one issue, the one for the UID not counted */
} kinds[] = {
	{ "piv", { .kind = SOFTCARD_PIV }, PB_MASTER_PIV, PB_PROOF_CHIP_KEY, 40 },
	{ "piv-aes", { .kind = SOFTCARD_PIV, .piv_aes = true }, PB_MASTER_PIV, PB_PROOF_CHIP_KEY, 40 },
	{ "ntag424", { .kind = SOFTCARD_NTAG424 }, PB_MASTER_NTAG424, PB_PROOF_CHIP_UID, 31 },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void issue_ok(struct desk *desk, const char *member_number, const char *what, struct pb_receipt *ret_receipt)
{
	struct pb_err err = { 0 };
	enum pb_status s = desk_issue(desk, member_number, ret_receipt, &err);

	if (s != PB_OK)
		fail_msg("%s: %s: %s", what, pb_status_row(s)->name, err.msg);
}

static void assert_valid(struct desk *desk, const struct kind *kind, uint64_t serial)
{
	struct pb_verification report;

	desk_put_back(desk, desk->card);
	report = desk_verify(desk);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, kind->proof);
	assert_int_equal(report.serial, serial);
	assert_int_equal(desk_card(desk, serial).state, PB_CARD_IS_ISSUED);
	assert_int_equal(desk_card(desk, serial).kvn, pb_master_family_row(kind->master)->first);
}

static void a_blank_of_each_kind_becomes_a_card(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk);
	for (size_t i = 0; i < KINDS; i++) {
		struct softcard *card = desk_blank_of(&kinds[i].blank, (uint16_t)i);
		struct pb_member member = desk_member(&desk, "Разная");
		struct pb_receipt receipt;
		unsigned long commands;

		if (pb_keystore_current_kvn(desk.app.office.keys, kinds[i].master) == 0) {
			struct pb_err err = { 0 };

			desk_put(&desk, card);
			assert_int_equal(desk_issue(&desk, member.number, &receipt, &err), PB_KEYS_NO_FAMILY);
			desk_put_back(&desk, card);
			desk_make_master(&desk, kinds[i].master);
		}
		desk_put(&desk, card);
		commands = softcard_commands(card);
		issue_ok(&desk, member.number, kinds[i].name, &receipt);
		commands = softcard_commands(card) - commands;
		if (commands != kinds[i].commands)
			fail_msg("%s: %lu commands", kinds[i].name, commands);
		assert_valid(&desk, &kinds[i], receipt.serial);
		desk_put(&desk, NULL);
		softcard_destroy(card);
	}
	desk_assert_audited(&desk);
	desk_close(&desk);
}

static void tear_and_continue(struct desk *desk, const struct kind *kind, enum softcard_fault_kind tear, unsigned long at,
			      uint16_t number)
{
	const struct softcard_fault fault = { .kind = tear, .at = at };
	struct softcard *card = desk_blank_of(&kind->blank, number);
	struct pb_member member = desk_member(desk, "Разрывова");
	struct pb_receipt torn, second;
	struct pb_err err = { 0 };
	char what[64];

	snprintf(what, sizeof(what), "%s, tear %d at command %lu", kind->name, (int)tear, at);
	desk_put(desk, card);
	softcard_arm(card, &fault);
	if (desk_issue(desk, member.number, &torn, &err) != PB_CARD_REMOVED)
		fail_msg("%s: %s", what, err.msg);
	assert_true(torn.serial == 0 || torn.reserved);
	assert_false(torn.spoiled);
	desk_put_back(desk, card);
	issue_ok(desk, member.number, what, &second);
	assert_true(torn.serial == 0 || second.serial == torn.serial || desk_card(desk, torn.serial).state == PB_CARD_IS_VOIDED);
	assert_valid(desk, kind, second.serial);
	desk_put(desk, NULL);
	softcard_destroy(card);
}

static void every_tear_at_every_command_is_continued(void **state)
{
	struct pb_ledger_counts counts;
	struct desk desk;
	uint64_t issued = 0;

	(void)state;
	desk_open(&desk);
	for (size_t k = 0; k < KINDS; k++) {
		if (pb_keystore_current_kvn(desk.app.office.keys, kinds[k].master) == 0)
			desk_make_master(&desk, kinds[k].master);
		for (unsigned long at = 1; at <= kinds[k].commands; at++)
			for (size_t i = 0; i < TEARS; i++)
				tear_and_continue(&desk, &kinds[k], tears[i], at, (uint16_t)issued++);
	}
	desk_assert_audited(&desk);
	pb_ledger_counts(desk.app.office.ledger, &counts);
	assert_int_equal(counts.issued, issued);
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.spoiled, 0);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_of_each_kind_becomes_a_card),
		cmocka_unit_test(every_tear_at_every_command_is_continued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
