/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Issue, verify, lose, reissue, and every card that must not be written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/credential/url.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

enum { COMMANDS = 14 };

static void one_card_is_issued_in_fourteen_commands(void **state)
{
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	struct pb_verification report;
	struct pb_member member;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Жамсаранова");
	desk_put(&desk, card);
	assert_int_equal(desk_issue(&desk, member.number, &receipt, &err), PB_OK);
	assert_int_equal(softcard_commands(card), COMMANDS);
	assert_int_equal(receipt.serial, 7501000001);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	assert_int_equal(softcard_kvn(card), KVN_ISSUER_FIRST);
	assert_true(softcard_credential(card).n <= CREDENTIAL_MAX);
	report = desk_verify(&desk);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, PB_PROOF_CHIP_KEY);
	assert_true(report.test);
	assert_string_equal(report.member_number, member.number);
	assert_string_equal(report.name, "");
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(card);
}

static void the_same_request_makes_one_card(void **state)
{
	struct desk desk;
	struct softcard *first = desk_blank(1), *second = desk_blank(2);
	struct pb_issue_request request;
	struct pb_receipt receipt, again;
	struct pb_err err = { 0 };
	struct pb_member member;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Попова");
	assert_int_equal(pb_request_first(&desk.app.office, member.number, NULL, &request, &err), PB_OK);
	desk_put(&desk, first);
	assert_int_equal(desk_meet(&desk, &request, &receipt, &err), PB_OK);
	desk_put(&desk, second);
	assert_int_equal(desk_meet(&desk, &request, &again, &err), PB_OK);
	assert_int_equal(again.serial, receipt.serial);
	assert_true(again.already);
	assert_int_equal(softcard_commands(second), 1); /* the SELECT that told what it is */
	assert_int_equal(pb_request_first(&desk.app.office, member.number, NULL, &request, &err), PB_CARD_EXISTS);
	desk_close(&desk);
	softcard_destroy(first);
	softcard_destroy(second);
}

static void a_lost_card_is_revoked_and_replaced(void **state)
{
	struct desk desk;
	struct softcard *old = desk_blank(1), *new = desk_blank(2);
	struct pb_issue_request request;
	struct pb_receipt first, second;
	struct pb_err err = { 0 };
	struct pb_member member;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Терялова");
	desk_put(&desk, old);
	assert_int_equal(desk_issue(&desk, member.number, &first, &err), PB_OK);
	assert_int_equal(pb_request_reissue(&desk.app.office, first.serial, NULL, &request, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_revoke(desk.app.office.ledger, first.serial, PB_REASON_LOST, NULL, &err), PB_OK);
	assert_int_equal(pb_request_reissue(&desk.app.office, first.serial, NULL, &request, &err), PB_OK);
	desk_put(&desk, new);
	assert_int_equal(desk_meet(&desk, &request, &second, &err), PB_OK);
	assert_int_not_equal(second.serial, first.serial);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
	desk_put(&desk, old);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_REVOKED);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(old);
	softcard_destroy(new);
}

static void the_face_says_what_was_signed(void **state)
{
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_ledger_card record;
	struct pb_credential_url url;
	struct pb_verification report;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	struct pb_member member;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Константинопольская-Преображенская");
	desk_put(&desk, card);
	assert_int_equal(desk_issue(&desk, member.number, &receipt, &err), PB_OK);
	record = desk_card(&desk, receipt.serial);
	assert_int_equal(pb_credential_url("pb.example", pb_view(record.face_token, record.face_token_n), &url, &err), PB_OK);
	assert_int_equal(pb_verify_text(&desk.app.verifier, url.text, &report, &err), PB_OK);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, PB_PROOF_PRINTED);
	assert_non_null(strstr(report.name, "Вера"));
	url.text[strlen(url.text) - 5] ^= 1;
	assert_int_equal(pb_verify_text(&desk.app.verifier, url.text, &report, &err), PB_OK);
	assert_int_not_equal(report.verdict, PB_VERDICT_VALID);
	desk_close(&desk);
	softcard_destroy(card);
}

/* Whatever lies there and is not a blank of ours: refused, and not one byte written. */
static void wrong_cards_are_refused_before_a_write(void **state)
{
	static const struct { struct softcard_fault fault; enum pb_status expected; } cases[] = {
		{ { .kind = SOFTCARD_FOREIGN }, PB_CARD_BROKEN },
		{ { .kind = SOFTCARD_WRONG_KEYS }, PB_CARD_KEYS },
	};
	struct desk desk;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	struct pb_member member;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Чужая");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct softcard *card = desk_blank((uint8_t)i);
		unsigned attempts = softcard_attempts_left(card);

		softcard_arm(card, &cases[i].fault);
		desk_put(&desk, card);
		assert_int_equal(desk_issue(&desk, member.number, &receipt, &err), cases[i].expected);
		assert_int_equal(receipt.serial, 0);
		assert_int_equal(softcard_state(card), APPLET_BLANK);
		assert_int_equal(softcard_attempts_left(card), attempts);
		desk_put(&desk, NULL);
		softcard_destroy(card);
	}
	desk_close(&desk);
}

static void a_live_card_is_never_written_over(void **state)
{
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	struct pb_member holder, other;
	unsigned long commands;

	(void)state;
	desk_open(&desk);
	holder = desk_member(&desk, "Владелец");
	other = desk_member(&desk, "Другая");
	desk_put(&desk, card);
	assert_int_equal(desk_issue(&desk, holder.number, &receipt, &err), PB_OK);
	commands = softcard_commands(card);
	desk_put(&desk, NULL);
	desk_put(&desk, card);
	assert_int_equal(desk_issue(&desk, other.number, &receipt, &err), PB_CARD_LIVE);
	assert_int_equal(softcard_commands(card), commands + 1); /* the SELECT that told what it is */
	desk_close(&desk);
	softcard_destroy(card);
}

static void a_half_written_card_waits_for_itself(void **state)
{
	struct desk desk;
	struct softcard *torn = desk_blank(1), *blank = desk_blank(2);
	struct softcard_fault fault = { .kind = SOFTCARD_VANISH_BEFORE, .at = 8 };
	struct pb_receipt first, second;
	struct pb_err err = { 0 };
	struct pb_member member, other;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Первая");
	other = desk_member(&desk, "Вторая");
	desk_put(&desk, torn);
	softcard_arm(torn, &fault);
	assert_int_equal(desk_issue(&desk, member.number, &first, &err), PB_CARD_REMOVED);
	/* another blank for the same member: no, the first is waiting */
	desk_put(&desk, blank);
	assert_int_equal(desk_issue(&desk, member.number, &second, &err), PB_CARD_WAITS);
	/* the torn card, though another member was asked for: it is finished first */
	desk_put_back(&desk, torn);
	assert_int_equal(desk_issue(&desk, other.number, &second, &err), PB_OK);
	assert_true(second.resumed);
	assert_string_equal(second.member_number, member.number);
	assert_int_equal(second.serial, first.serial);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(torn);
	softcard_destroy(blank);
}

static void a_given_up_card_makes_room_for_another(void **state)
{
	struct desk desk;
	struct softcard *torn = desk_blank(1), *blank = desk_blank(2);
	struct softcard_fault fault = { .kind = SOFTCARD_VANISH_BEFORE, .at = 10 };
	struct pb_ledger_counts counts;
	struct pb_receipt first, second;
	struct pb_err err = { 0 };
	struct pb_member member;

	(void)state;
	desk_open(&desk);
	member = desk_member(&desk, "Невезучая");
	desk_put(&desk, torn);
	softcard_arm(torn, &fault);
	assert_int_equal(desk_issue(&desk, member.number, &first, &err), PB_CARD_REMOVED);
	assert_int_equal(pb_ledger_spoil(desk.app.office.ledger, first.serial, PB_REASON_NOT_PRESENTED, NULL, &err), PB_OK);
	desk_put(&desk, blank);
	assert_int_equal(desk_issue(&desk, member.number, &second, &err), PB_OK);
	assert_int_not_equal(second.serial, first.serial);
	desk_put_back(&desk, torn);
	assert_int_not_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
	pb_ledger_counts(desk.app.office.ledger, &counts);
	assert_int_equal(counts.received, counts.issued + counts.spoiled + counts.left);
	assert_int_equal(counts.spoiled, 1);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(torn);
	softcard_destroy(blank);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_card_is_issued_in_fourteen_commands),
		cmocka_unit_test(the_same_request_makes_one_card),
		cmocka_unit_test(a_lost_card_is_revoked_and_replaced),
		cmocka_unit_test(the_face_says_what_was_signed),
		cmocka_unit_test(wrong_cards_are_refused_before_a_write),
		cmocka_unit_test(a_live_card_is_never_written_over),
		cmocka_unit_test(a_half_written_card_waits_for_itself),
		cmocka_unit_test(a_given_up_card_makes_room_for_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
