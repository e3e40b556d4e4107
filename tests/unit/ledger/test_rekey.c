/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Generations of card keys in the ledger: which a card was issued under, that it was moved to a newer one, how
 * many wait, and that files from before there were generations read as what they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/internal.h"
#include "tests/unit/ledger/office.h"

enum { FIRST = 0x30, SECOND = 0x31 };

static struct office office;

static int fresh(void **state)
{
	(void)state;
	office_fresh(&office, 100);
	return 0;
}

static uint64_t entries(void)
{
	struct pb_ledger_counts counts;

	pb_ledger_counts(office.ledger, &counts);
	return counts.entries;
}

static void must(enum pb_status status, const struct pb_err *err)
{
	office_must(status, err, "rekey");
}

static void assert_live(uint64_t first, uint64_t second)
{
	uint64_t live[PB_LEDGER_KVNS];
	struct findings findings;
	struct pb_err err = { 0 };

	must(pb_ledger_count_by_kvn(office.ledger, live, &err), &err);
	assert_int_equal(live[FIRST], first);
	assert_int_equal(live[SECOND], second);
	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 0);
	assert_memory_equal(findings.summary.live_by_kvn, live, sizeof(live));
}

static void a_moved_card_is_counted_under_its_new_keys(void **state)
{
	struct pb_err err = { 0 };
	uint64_t one = office_issue(&office, 1);

	(void)state;
	office_issue(&office, 2);
	assert_live(2, 0);
	must(pb_ledger_rekeyed(office.ledger, one, SECOND, &err), &err);
	assert_int_equal(office_card(&office, one).kvn, SECOND);
	assert_int_equal(office_card(&office, one).state, PB_CARD_IS_ISSUED);
	assert_live(1, 1);
	must(pb_ledger_printed(office.ledger, &one, 1, &err), &err);
	must(pb_ledger_suspend(office.ledger, one, NULL, &err), &err);
	assert_live(1, 1);
	must(pb_ledger_revoke(office.ledger, one, PB_REASON_LOST, NULL, &err), &err);
	assert_live(1, 0);
}

static void what_is_noted_already_is_not_written_again(void **state)
{
	struct pb_err err = { 0 };
	uint64_t one = office_issue(&office, 1), before;

	(void)state;
	must(pb_ledger_rekeyed(office.ledger, one, FIRST, &err), &err);
	must(pb_ledger_rekeyed(office.ledger, one, SECOND, &err), &err);
	before = entries();
	must(pb_ledger_rekeyed(office.ledger, one, SECOND, &err), &err);
	assert_int_equal(entries(), before);
	assert_live(0, 1);
}

static void keys_go_forwards_and_only_on_cards_that_are_out(void **state)
{
	struct pb_err err = { 0 };
	uint64_t moved = office_issue(&office, 1), begun = office_reserve(&office, 2, 2), lost = office_issue(&office, 3);

	(void)state;
	must(pb_ledger_rekeyed(office.ledger, moved, SECOND, &err), &err);
	must(pb_ledger_revoke(office.ledger, lost, PB_REASON_LOST, NULL, &err), &err);
	assert_int_equal(pb_ledger_rekeyed(office.ledger, moved, FIRST, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_rekeyed(office.ledger, begun, SECOND, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_rekeyed(office.ledger, lost, SECOND, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_rekeyed(office.ledger, OFFICE_SERIAL(99), SECOND, &err), PB_NOT_FOUND);
	assert_int_equal(pb_ledger_rekeyed(office.ledger, moved, 0x00, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_ledger_rekeyed(office.ledger, moved, 0xFF, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_ledger_issued(office.ledger, begun, 0x00, false, &err), PB_INPUT_INVALID);
	assert_live(0, 1);
}

static void another_key_version_in_the_card_table_is_found(void **state)
{
	uint64_t one = office_issue(&office, 1), intent = office_card(&office, one).intent;
	struct findings findings;

	(void)state;
	office_close(&office);
	office_sql(&office, "UPDATE card SET kvn=49");
	office_look(&office);
	office_audit(&office, &findings);
	assert_true(findings_have(&findings, PB_FINDING_CARD_DIFFERS, intent));
	assert_int_equal(findings.list[0].serial, one);
}

/* ---- what this program does not write */

static void append(struct pb_entry entry, const char *sql, const struct pb_entry_counters *counters)
{
	struct pb_err err = { 0 };
	PB_QUERY q = { 0 };
	uint64_t index;

	must(ledger_begin(office.ledger, &err), &err);
	if (counters != NULL)
		office.ledger->next.counters = *counters;
	must(ledger_append(office.ledger, &entry, &index, &err), &err);
	must(pb_query(office.store, sql, &q, &err), &err);
	pb_bind_int(&q, 1, office.ledger->now);
	must(pb_query_run(&q, &err), &err);
	pb_query_finish(&q);
	must(ledger_commit_signed(office.ledger, &err), &err);
}

/* The file of an older program: ISSUED without a key version, and no column for one. */
static void a_file_from_before_generations_has_cards_of_the_first(void **state)
{
	uint64_t one = office_reserve(&office, 1, 1);
	struct pb_entry entry = { .type = PB_ENTRY_ISSUED, .serial = one, .intent = office_card(&office, one).intent };
	struct pb_err err = { 0 };

	(void)state;
	append(entry, "UPDATE card SET state=2,issued_at=?1", &(struct pb_entry_counters){ 100, 1, 0, 0 });
	office_close(&office);
	office_sql(&office, "DROP TABLE beginning; DROP TABLE cosignature;" /* and what came after the generations */
			    "DROP INDEX card_kid; DROP INDEX card_kvn; ALTER TABLE card DROP COLUMN kvn;"
			    "UPDATE part SET version=1 WHERE name='ledger'");
	office_open(&office);
	assert_int_equal(office_card(&office, one).kvn, FIRST);
	assert_live(1, 0);
	must(pb_ledger_rekeyed(office.ledger, one, SECOND, &err), &err);
	assert_live(0, 1);
}

static void an_entry_that_moves_a_card_backwards_is_found(void **state)
{
	uint64_t one = office_issue(&office, 1);
	struct pb_entry entry = { .type = PB_ENTRY_REKEYED, .serial = one, .kvn = FIRST };
	struct findings findings;
	struct pb_err err = { 0 };
	uint64_t index;

	(void)state;
	entry.intent = office_card(&office, one).intent;
	must(pb_ledger_rekeyed(office.ledger, one, SECOND, &err), &err);
	index = entries();
	append(entry, "UPDATE card SET kvn=48 WHERE ?1<>0", NULL);
	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 1);
	assert_true(findings_have(&findings, PB_FINDING_MOVE, index));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_moved_card_is_counted_under_its_new_keys, fresh),
		cmocka_unit_test_setup(what_is_noted_already_is_not_written_again, fresh),
		cmocka_unit_test_setup(keys_go_forwards_and_only_on_cards_that_are_out, fresh),
		cmocka_unit_test_setup(another_key_version_in_the_card_table_is_found, fresh),
		cmocka_unit_test_setup(a_file_from_before_generations_has_cards_of_the_first, fresh),
		cmocka_unit_test_setup(an_entry_that_moves_a_card_backwards_is_found, fresh),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
