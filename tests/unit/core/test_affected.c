/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards of a key that is in other hands: whose they are, who gets a new one, and what the ledger says of a card that
 * somebody else signed with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/core/affected.h"
#include "issuer/credential/url.h"
#include "issuer/store/store.h"
#include "keys/keystore.h"
#include "tests/unit/core/desk.h"

static uint64_t issue_to(struct desk *desk, struct softcard *card, const char *surname)
{
	struct pb_member member = desk_member(desk, surname);
	struct pb_receipt receipt;
	struct pb_err err = { 0 };

	desk_put(desk, card);
	if (desk_issue(desk, member.number, &receipt, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return receipt.serial;
}

static uint64_t tear_for(struct desk *desk, struct softcard *card, const char *surname)
{
	struct softcard_fault fault = { .kind = SOFTCARD_VANISH_BEFORE, .at = 8 };
	struct pb_member member = desk_member(desk, surname);
	struct pb_receipt receipt;

	desk_put(desk, card);
	softcard_arm(card, &fault);
	assert_int_equal(desk_issue(desk, member.number, &receipt, NULL), PB_CARD_REMOVED);
	return receipt.serial;
}

static size_t requests_of(struct desk *desk, uint64_t *ret_ended, struct pb_issue_request **ret_requests)
{
	uint8_t kid[PB_ENTRY_KID];
	struct pb_err err = { 0 };
	size_t count = 0;

	pb_keystore_issuer_kid(desk->app.office.keys, kid);
	if (pb_affected_requests(&desk->app.office, kid, NULL, ret_ended, ret_requests, &count, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return count;
}

static void everybody_who_had_or_awaited_a_card_gets_one(void **state)
{
	struct desk desk;
	struct softcard *issued = desk_blank(1), *lost = desk_blank(2), *torn = desk_blank(3);
	struct pb_issue_request *requests, *again;
	struct pb_err err = { 0 };
	uint64_t first, second, half, ended;
	size_t count;

	(void)state;
	desk_open(&desk);
	first = issue_to(&desk, issued, "Первая");
	second = issue_to(&desk, lost, "Вторая");
	half = tear_for(&desk, torn, "Третья");
	assert_int_equal(pb_ledger_revoke(desk.app.office.ledger, second, PB_REASON_LOST, NULL, &err), PB_OK);
	count = requests_of(&desk, &ended, &requests);
	assert_int_equal(ended, 2);
	assert_int_equal(count, 2); /* not the lost one: its holder has asked for nothing */
	assert_int_equal(requests[0].replaces, first);
	assert_int_equal(requests[1].replaces, 0);
	assert_string_equal(requests[1].member_number, desk_card(&desk, half).member_number);
	assert_int_equal(pb_affected_of(&(struct pb_ledger_card){ .state = PB_CARD_IS_PRINTED }), PB_AFFECTED_LIVE);
	assert_int_equal(desk_card(&desk, half).state, PB_CARD_IS_SPOILED);
	assert_int_equal(desk_card(&desk, first).reason, PB_REASON_ISSUER_KEY);
	assert_int_equal(desk_card(&desk, second).reason, PB_REASON_LOST);
	/* Asked again, or after a crash: the same requests, and nothing ended. */
	assert_int_equal(requests_of(&desk, &ended, &again), count);
	assert_int_equal(ended, 0);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(again[i].idempotency_key, requests[i].idempotency_key);
	desk_assert_audited(&desk);
	free(requests);
	free(again);
	desk_close(&desk);
	softcard_destroy(issued);
	softcard_destroy(lost);
	softcard_destroy(torn);
}

static void a_card_that_is_replaced_waits_no_more(void **state)
{
	struct desk desk;
	struct softcard *old = desk_blank(1), *new = desk_blank(2);
	struct pb_issue_request *requests;
	struct pb_receipt receipt;
	struct pb_ledger_card card;
	struct pb_err err = { 0 };
	uint64_t serial, ended;

	(void)state;
	desk_open(&desk);
	serial = issue_to(&desk, old, "Первая");
	assert_int_equal(requests_of(&desk, &ended, &requests), 1);
	card = desk_card(&desk, serial);
	assert_int_equal(pb_affected_of(&card), PB_AFFECTED_WAITS);
	desk_put(&desk, new);
	assert_int_equal(desk_meet(&desk, &requests[0], &receipt, &err), PB_OK);
	free(requests);
	card = desk_card(&desk, serial);
	assert_int_equal(pb_affected_of(&card), PB_AFFECTED_REPLACED);
	assert_int_equal(card.replaced_by, receipt.serial);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(old);
	softcard_destroy(new);
}

/* The ledger as it is for a forger: he signed other bytes for that serial. */
static void exchange_records(struct desk *desk)
{
	struct pb_err err = { 0 };

	assert_int_equal(pb_store_begin(desk->app.store, &err), PB_OK);
	{
		PB_QUERY q = { 0 };

		assert_int_equal(pb_query(desk->app.store, "UPDATE card SET chip_token=x'D2',face_token=x'D2'", &q, &err), PB_OK);
		assert_int_equal(pb_query_run(&q, &err), PB_OK);
	}
	assert_int_equal(pb_store_commit(desk->app.store, &err), PB_OK);
}

static void what_the_ledger_did_not_record_is_refused(void **state)
{
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_verification report;
	struct pb_ledger_card record;
	struct pb_credential_url url;
	struct pb_err err = { 0 };

	(void)state;
	desk_open(&desk);
	record = desk_card(&desk, issue_to(&desk, card, "Первая"));
	assert_int_equal(pb_credential_url("pb.example", pb_view(record.face_token, record.face_token_n), &url, &err), PB_OK);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
	exchange_records(&desk);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_NOT_REGISTERED);
	assert_int_equal(pb_verify_text(&desk.app.verifier, url.text, &report, &err), PB_OK);
	assert_int_equal(report.verdict, PB_VERDICT_NOT_REGISTERED);
	/* And without a ledger nobody can tell. */
	desk.app.verifier.ledger = NULL;
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
	desk_close(&desk);
	softcard_destroy(card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_who_had_or_awaited_a_card_gets_one),
		cmocka_unit_test(a_card_that_is_replaced_waits_no_more),
		cmocka_unit_test(what_the_ledger_did_not_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
