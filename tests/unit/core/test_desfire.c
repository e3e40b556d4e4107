/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card whose chip has no key to prove it, MIFARE DESFire, through the whole of an office: issued, verified by its UID,
 * pulled at every command before, after and within its write, put back and continued.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "keys/passphrase.h"
#include "softcard/card.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

/* From the offer to the last key. */
enum { COMMANDS = 25 };

static const enum softcard_fault_kind tears[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD, SOFTCARD_TORN_NEW };
enum { TEARS = sizeof(tears) / sizeof(tears[0]) };

static struct softcard *blank(uint8_t number)
{
	const uint8_t uid[] = { 0x04, 0x66, 0x22, 0x33, 0x44, 0x55, number };
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid) };
	struct softcard *card;

	assert_int_equal(softcard_create(&options, &card, NULL), PB_OK);
	return card;
}

/* An office that has bought such cards. */
static void open_desk(struct desk *desk)
{
	const struct pb_config *config = &desk->app.config;
	struct pb_generation made;
	PB_SECRET passphrase = { 0 };

	desk_open(desk);
	assert_int_equal(pb_passphrase_read(config->passphrase_file, &passphrase, NULL), PB_OK);
	assert_int_equal(pb_keystore_roll_master(config->key_directory, &passphrase, NULL, PB_MASTER_DESFIRE, 0, &made, NULL), PB_OK);
	desk_restart(desk);
}

static void a_blank_becomes_a_card_that_its_uid_speaks_for(void **state)
{
	struct softcard *card = blank(1), *copy = blank(2);
	struct pb_verification report;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	struct pb_member member;
	struct desk desk;

	(void)state;
	open_desk(&desk);
	member = desk_member(&desk, "Бесключева");
	desk_put(&desk, card);
	if (desk_issue(&desk, member.number, &receipt, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(softcard_reader_commands(desk.reader), COMMANDS);
	assert_int_equal(desk_card(&desk, receipt.serial).state, PB_CARD_IS_ISSUED);
	report = desk_verify(&desk);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, PB_PROOF_CHIP_UID);
	assert_int_equal(report.serial, receipt.serial);
	desk_assert_audited(&desk);
	/* Everything that is in the chip, its keys too, in another chip */
	copy->nvm.now.desfire = card->nvm.now.desfire;
	desk_put(&desk, copy);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_FORGED);
	desk_put(&desk, NULL);
	softcard_destroy(card);
	softcard_destroy(copy);
	desk_close(&desk);
}

static void tear_and_continue(struct desk *desk, enum softcard_fault_kind kind, unsigned long at, bool restart, uint8_t number)
{
	const struct softcard_fault fault = { .kind = kind, .at = at };
	struct pb_member member = desk_member(desk, "Разрывова");
	struct softcard *card = blank(number);
	struct pb_receipt torn, second;
	struct pb_err err = { 0 };
	enum pb_status s;

	desk_put(desk, card);
	softcard_arm(card, &fault);
	assert_int_equal(desk_issue(desk, member.number, &torn, &err), PB_CARD_REMOVED);
	assert_true(torn.serial == 0 || torn.reserved);
	assert_false(torn.spoiled);
	if (restart)
		desk_restart(desk);
	desk_put_back(desk, card);
	s = desk_issue(desk, member.number, &second, &err);
	if (s != PB_OK)
		fail_msg("tear %d at command %lu: %s: %s", (int)kind, at, pb_status_row(s)->name, err.msg);
	assert_true(torn.serial == 0 || second.serial == torn.serial);
	desk_put_back(desk, card);
	assert_int_equal(desk_verify(desk).verdict, PB_VERDICT_VALID);
	assert_int_equal(desk_verify(desk).serial, second.serial);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	desk_put(desk, NULL);
	softcard_destroy(card);
}

static void every_tear_at_every_command_is_continued(void **state)
{
	struct pb_ledger_counts counts;
	struct desk desk;
	uint8_t number = 0;

	(void)state;
	open_desk(&desk);
	for (unsigned long at = 1; at <= COMMANDS; at++)
		for (size_t i = 0; i < TEARS; i++)
			tear_and_continue(&desk, tears[i], at, at % 6 == 0, number++);
	desk_assert_audited(&desk);
	pb_ledger_counts(desk.app.office.ledger, &counts);
	assert_int_equal(counts.issued, TEARS * COMMANDS);
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.spoiled, 0);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_becomes_a_card_that_its_uid_speaks_for),
		cmocka_unit_test(every_tear_at_every_command_is_continued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
