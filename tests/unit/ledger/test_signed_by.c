/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cards of one issuer key: which they are, and how they end when the key is in other hands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/ledger/office.h"

static struct office office;

static int fresh(void **state)
{
	(void)state;
	office_fresh(&office, 100);
	return 0;
}

static struct pb_ledger_card card(uint64_t serial)
{
	return office_card(&office, serial);
}

static const uint8_t signer[PB_ENTRY_KID] = "12345678"; /* of every credential that office_commit makes */

static bool add_up(void *ctx, const struct pb_ledger_card *found)
{
	*(uint64_t *)ctx += found->serial - OFFICE_SERIAL(0);
	return true;
}

static uint64_t live_of(const uint8_t kid[static PB_ENTRY_KID])
{
	struct pb_err err = { 0 };
	uint64_t live = 99;

	office_must(pb_ledger_count_signed_by(office.ledger, kid, &live, &err), &err, "count");
	return live;
}

static void the_cards_of_a_key_are_found(void **state)
{
	struct pb_err err = { 0 };
	uint64_t sum = 0, none = 0;

	(void)state;
	assert_int_equal(live_of(signer), 0);
	for (unsigned i = 1; i <= 4; i++)
		(void)office_issue(&office, i);
	assert_int_equal(pb_ledger_revoke(office.ledger, OFFICE_SERIAL(2), PB_REASON_LOST, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_each_card_signed_by(office.ledger, signer, add_up, &sum, &err), PB_OK);
	assert_int_equal(sum, 1 + 2 + 3 + 4);
	assert_int_equal(live_of(signer), 3);
	assert_int_equal(pb_ledger_each_card_signed_by(office.ledger, (const uint8_t *)"87654321", add_up, &none, &err), PB_OK);
	assert_int_equal(none, 0);
	assert_int_equal(live_of((const uint8_t *)"87654321"), 0);
}

static void the_cards_of_a_key_end_together(void **state)
{
	struct pb_err err = { 0 };
	uint64_t issued = office_issue(&office, 1), suspended = office_issue(&office, 2), lost = office_issue(&office, 3);
	struct pb_ledger_counts counts;
	uint64_t half = office_reserve(&office, 4, 4), ended = 0, entries;

	(void)state;
	assert_int_equal(pb_ledger_suspend(office.ledger, suspended, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_revoke(office.ledger, lost, PB_REASON_LOST, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_end_signed_by(office.ledger, signer, PB_LEDGER_UNFINISHED, NULL, &ended, &err), PB_OK);
	assert_int_equal(ended, 1);
	assert_int_equal(card(half).state, PB_CARD_IS_SPOILED);
	assert_int_equal(card(half).reason, PB_REASON_ISSUER_KEY);
	assert_int_equal(card(issued).state, PB_CARD_IS_ISSUED);
	assert_int_equal(pb_ledger_end_signed_by(office.ledger, signer, PB_LEDGER_EVERY_LIVE, "chair", &ended, &err), PB_OK);
	assert_int_equal(ended, 2);
	assert_int_equal(card(issued).state, PB_CARD_IS_REVOKED);
	assert_int_equal(card(suspended).reason, PB_REASON_ISSUER_KEY);
	assert_int_equal(card(lost).reason, PB_REASON_LOST);
	pb_ledger_counts(office.ledger, &counts);
	entries = counts.entries;
	assert_int_equal(pb_ledger_end_signed_by(office.ledger, signer, PB_LEDGER_EVERY_LIVE, NULL, &ended, &err), PB_OK);
	assert_int_equal(ended, 0);
	pb_ledger_counts(office.ledger, &counts);
	assert_int_equal(counts.entries, entries);
	assert_false(pb_store_in_transaction(office.store));
	office_assert_sound(&office);
}

/* The words of ledger's three questions; a key of a country's largest office has signed all its cards but few. */
static void they_are_looked_up_and_not_searched_for(void **state)
{
	static const char *const questions[] = {
		"EXPLAIN QUERY PLAN SELECT count(*) FROM card WHERE kid=?1 AND state BETWEEN 1 AND 4",
		"EXPLAIN QUERY PLAN SELECT * FROM card WHERE serial>?1 AND kid=?2 ORDER BY serial LIMIT 1",
		"EXPLAIN QUERY PLAN SELECT serial FROM card WHERE serial>?1 AND kid=?2 AND state BETWEEN 1 AND ?3 ORDER BY serial LIMIT 1",
	};
	struct pb_err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		enum { DETAIL = 3 };
		PB_QUERY q = { 0 };
		struct pb_view detail;
		bool row = false;

		office_must(pb_query(office.store, questions[i], &q, &err), &err, questions[i]);
		office_must(pb_query_step(&q, &row, &err), &err, questions[i]);
		assert_true(row);
		detail = pb_column_bytes(&q, DETAIL);
		if (memmem(detail.p, detail.n, "card_kid", 8) == NULL)
			fail_msg("%.*s", (int)detail.n, (const char *)detail.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_cards_of_a_key_are_found, fresh),
		cmocka_unit_test_setup(they_are_looked_up_and_not_searched_for, fresh),
		cmocka_unit_test_setup(the_cards_of_a_key_end_together, fresh),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests_name("signed_by", tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
