/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Orders: how many cards may be begun under one, and that the ledger begins no more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "issuer/ledger/approval.h"
#include "tests/unit/ledger/office.h"

static struct office office;

static int fresh(void **state)
{
	(void)state;
	office_fresh(&office, 100);
	return 0;
}

static enum pb_status try_reserve(unsigned member)
{
	struct pb_reservation reservation;
	struct request request;
	enum pb_status s;

	office_request(member, member, &request);
	s = office_begin(&office, &request, &reservation);
	if (s == PB_OK)
		pb_ledger_reserve_abandon(office.ledger);
	return s;
}

static void an_order_begins_as_many_cards_as_it_is_of(void **state)
{
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(pb_ledger_approve(office.ledger, "two", 2, NULL, &err), PB_OK);
	(void)office_issue(&office, 1);
	(void)office_reserve(&office, 2, 2);
	assert_int_equal(try_reserve(3), PB_NOT_ALLOWED);
	/* What never came to be is given back, but not without end. */
	for (unsigned n = 2; n <= 5; n++) {
		assert_int_equal(pb_ledger_spoil(office.ledger, OFFICE_SERIAL(n), PB_REASON_CHIP_FAULT, NULL, &err), PB_OK);
		(void)office_reserve(&office, n + 1, n + 1);
		assert_int_equal(try_reserve(50), PB_NOT_ALLOWED);
	}
	assert_int_equal(pb_ledger_void(office.ledger, OFFICE_SERIAL(6), PB_REASON_OTHER, NULL, &err), PB_OK);
	assert_int_equal(try_reserve(50), PB_NOT_ALLOWED); /* six for two */
	/* The next order counts alone; what an earlier one began is not given back to it. */
	assert_int_equal(pb_ledger_approve(office.ledger, "one", 1, NULL, &err), PB_OK);
	(void)office_reserve(&office, 7, 7);
	assert_int_equal(pb_ledger_spoil(office.ledger, OFFICE_SERIAL(1), PB_REASON_PRINT_FAULT, NULL, &err), PB_OK);
	assert_int_equal(try_reserve(50), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_approve(office.ledger, "none", 0, NULL, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_ledger_approve(office.ledger, "", 1, NULL, &err), PB_INPUT_INVALID);
	office_assert_sound(&office);
}

static void an_order_of_no_size_or_of_too_much_orders_nothing(void **state)
{
	struct pb_approval approval = { 0 };
	struct pb_entry entry = { .type = PB_ENTRY_INTENT };

	(void)state;
	assert_int_equal(pb_approval_left(&approval), 0);
	assert_false(pb_approval_replay(&approval, 1, &entry));
	entry = (struct pb_entry){ .type = PB_ENTRY_APPROVED, .count = 0 };
	assert_false(pb_approval_replay(&approval, 2, &entry));
	entry.count = PB_APPROVED_MAX + 1;
	assert_false(pb_approval_replay(&approval, 3, &entry));
	entry.count = UINT64_MAX;
	assert_false(pb_approval_replay(&approval, 4, &entry));
	assert_int_equal(pb_approval_left(&approval), 0);
	entry.count = PB_APPROVED_MAX;
	assert_true(pb_approval_replay(&approval, 5, &entry));
	assert_int_equal(pb_approval_left(&approval), PB_APPROVED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_order_begins_as_many_cards_as_it_is_of, fresh),
		cmocka_unit_test(an_order_of_no_size_or_of_too_much_orders_nothing),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
