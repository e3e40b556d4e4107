/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit against an office that cheats.  First by editing the file with the sqlite3 program: every edit,
 * deletion, reordering and insertion is found, with the number of the entry.  Then by signing nonsense
 * with the office's own key: the tree is then right, and the story is not.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "issuer/ledger/internal.h"
#include "tests/unit/ledger/office.h"

enum { CARDS = 12, FIRST_INTENT = 3, ENTRIES = FIRST_INTENT + 2 * CARDS + 1 };

static struct office office;
static uint8_t *pristine;
static size_t pristine_n;

/* Entries: 0 GENESIS, 1 STOCK_IN, 2 APPROVED, then INTENT and ISSUED of each card, at last a REVOKE of card 5. */
static void write_story(void)
{
	struct pb_err err = { 0 };

	office_fresh(&office, 100);
	for (unsigned i = 1; i <= CARDS; i++)
		(void)office_issue(&office, i);
	office_must(pb_ledger_revoke(office.ledger, OFFICE_SERIAL(5), PB_REASON_LOST, NULL, &err), &err, "revoke");
	office_close(&office);
}

static void keep_pristine(void)
{
	int fd;

	write_story();
	fd = open(office.path, O_RDONLY);
	pristine_n = (size_t)lseek(fd, 0, SEEK_END);
	pristine = malloc(pristine_n);
	if (pristine == NULL || pread(fd, pristine, pristine_n, 0) != (ssize_t)pristine_n)
		abort();
	close(fd);
}

static int restore(void **state)
{
	int fd;

	(void)state;
	office_close(&office);
	fd = open(office.path, O_WRONLY | O_TRUNC);
	if (write(fd, pristine, pristine_n) != (ssize_t)pristine_n)
		return -1;
	return close(fd);
}

#define UNLOCK \
	"DROP TRIGGER entry_update; DROP TRIGGER entry_delete; DROP TRIGGER node_update; DROP TRIGGER node_delete;" \
	"DROP TRIGGER checkpoint_update; DROP TRIGGER checkpoint_delete; DROP TRIGGER card_delete;" \
	"DROP TRIGGER card_serial;"

static void tamper(const char *sql, enum pb_finding_code code, uint64_t entry)
{
	struct findings findings;
	char text[1024];

	(void)restore(NULL);
	(void)snprintf(text, sizeof(text), UNLOCK "%s", sql);
	office_sql(&office, text);
	office_look(&office);
	office_audit(&office, &findings);
	if (!findings_have(&findings, code, entry))
		fail_msg("%s: no %s at %llu among %zu findings (first: %s at %llu)", sql, pb_finding_name(code),
			 (unsigned long long)entry, findings.count,
			 findings.count > 0 ? pb_finding_name(findings.list[0].code) : "-",
			 findings.count > 0 ? (unsigned long long)findings.list[0].entry : 0);
}

static void an_honest_ledger_has_no_findings(void **state)
{
	struct findings findings;

	(void)state;
	office_look(&office);
	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 0);
	assert_int_equal(findings.summary.entries, ENTRIES);
	assert_int_equal(findings.summary.cards, CARDS);
	assert_int_equal(findings.summary.checkpoints, ENTRIES - CARDS);
}

static void any_edited_entry_is_named(void **state)
{
	char sql[256];

	(void)state;
	for (unsigned i = 1; i < ENTRIES; i++) {
		/* Its time, one second later: still a perfect entry. */
		(void)snprintf(
			sql, sizeof(sql),
			"UPDATE entry SET rec=CAST(substr(rec,1,10)||x'81'||substr(rec,12) AS BLOB) WHERE idx=%u", i);
		tamper(sql, PB_FINDING_LEAF_HASH, i);
	}
}

static void an_entry_edited_with_its_hash_is_found_by_the_tree(void **state)
{
	(void)state;
	tamper("UPDATE entry SET (rec,lh)=(SELECT rec,lh FROM entry WHERE idx=10) WHERE idx=8",
	       PB_FINDING_NODE, 9);
	tamper("UPDATE entry SET (rec,lh)=(SELECT rec,lh FROM entry WHERE idx=10) WHERE idx=8;"
	       "DELETE FROM node",
	       PB_FINDING_CHECKPOINT_ROOT, 7);
	tamper("UPDATE entry SET lh=(SELECT lh FROM entry WHERE idx=10) WHERE idx=8", PB_FINDING_LEAF_HASH, 8);
}

static void deletion_reordering_and_insertion_are_named(void **state)
{
	(void)state;
	tamper("DELETE FROM entry WHERE idx=12", PB_FINDING_ENTRY_MISSING, 12);
	tamper("DELETE FROM entry WHERE idx=27", PB_FINDING_ENTRY_MISSING, 27);
	tamper("PRAGMA ignore_check_constraints=ON; DELETE FROM entry WHERE idx=12;"
	       "UPDATE entry SET idx=-idx WHERE idx>12;"
	       "UPDATE entry SET idx=-idx-1 WHERE idx<0",
	       PB_FINDING_NODE, 13);
	tamper("CREATE TEMP TABLE t AS SELECT * FROM entry WHERE idx IN (9,11);"
	       "UPDATE entry SET (rec,lh)=(SELECT rec,lh FROM t WHERE t.idx=20-entry.idx)"
	       " WHERE idx IN (9,11)",
	       PB_FINDING_NODE, 9);
	tamper("INSERT INTO entry SELECT idx+1,rec,lh FROM entry WHERE idx=27", PB_FINDING_CHECKPOINT_MISSING, 28);
	tamper("INSERT INTO entry SELECT 1000000000000,rec,lh FROM entry WHERE idx=27", PB_FINDING_ENTRY_MISSING, 28);
}

static void tampered_nodes_and_checkpoints_are_found(void **state)
{
	(void)state;
	tamper("DELETE FROM node WHERE lv=2 AND ix=1", PB_FINDING_NODE, 7);
	tamper("UPDATE node SET h=(SELECT h FROM node WHERE lv=1 AND ix=0) WHERE lv=3 AND ix=0", PB_FINDING_NODE, 7);
	tamper("INSERT INTO node SELECT 9,9,h FROM node WHERE lv=1 AND ix=0", PB_FINDING_NODE, ENTRIES - 1);
	tamper("UPDATE checkpoint SET note=replace(note,'/75','/76') WHERE size=9", PB_FINDING_CHECKPOINT_INVALID, 8);
	tamper("UPDATE checkpoint SET note=(SELECT note FROM checkpoint WHERE size=7) WHERE size=9",
	       PB_FINDING_CHECKPOINT_INVALID, 8);
	tamper("DELETE FROM checkpoint WHERE size>=25", PB_FINDING_CHECKPOINT_MISSING, 24);
}

/* A line is well made, or no proof of its checkpoint could be handed out. */
static void tampered_cosignatures_are_found(void **state)
{
	static const char good[] = "\xE2\x80\x94 witness.example dCAgmgAAAABqsTuBdpLxIAi0hw+ollMMKfMP36SI6V6uLrpECBGVsRrFQe4bha9w05cR"
				   "mGjLnRBOXI0sglH0Arr0KfLNHtFR0+lsBw==";
	struct findings findings;
	char sql[1024];

	(void)state;
	(void)snprintf(sql, sizeof(sql), "INSERT INTO cosignature VALUES(9,'witness.example+7420209a','%s'||char(10))", good);
	office_sql(&office, sql);
	office_look(&office);
	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 0);
	tamper("INSERT INTO cosignature VALUES(9,'witness.example+7420209a','nonsense')", PB_FINDING_CHECKPOINT_INVALID, 8);
	(void)snprintf(sql, sizeof(sql), "INSERT INTO cosignature VALUES(9,'witness.example+7420209a','%s')", good);
	tamper(sql, PB_FINDING_CHECKPOINT_INVALID, 8);
	(void)snprintf(sql, sizeof(sql), "INSERT INTO cosignature VALUES(8,'witness.example+7420209a','%s'||char(10))", good);
	tamper(sql, PB_FINDING_CHECKPOINT_INVALID, 7); /* an INTENT has no checkpoint */
}

static void what_is_no_entry_is_named(void **state)
{
	(void)state;
	tamper("UPDATE entry SET rec=x'A10102' WHERE idx=11", PB_FINDING_ENTRY_INVALID, 11);
	tamper("UPDATE entry SET rec=CAST(rec||x'00' AS BLOB) WHERE idx=27", PB_FINDING_ENTRY_INVALID, 27);
}

static void two_valid_cards_of_a_member_are_found(void **state)
{
	(void)state;
	tamper("DROP INDEX card_live_member;"
	       "UPDATE card SET (member_number,salt)=(SELECT member_number,salt FROM card WHERE serial=7501000004) WHERE serial=7501000003",
	       PB_FINDING_MEMBER, ENTRIES);
}

static void a_tampered_card_table_is_found(void **state)
{
	const uint64_t lost = FIRST_INTENT + 2 * 4, third = FIRST_INTENT + 2 * 2;

	(void)state;
	tamper("UPDATE card SET state=2,ended_at=0,reason=0 WHERE serial=7501000005", PB_FINDING_CARD_DIFFERS, lost);
	tamper("UPDATE card SET status_index=(status_index+1)%65536 WHERE serial=7501000003", PB_FINDING_CARD_DIFFERS,
	       third);
	tamper("UPDATE card SET uid_h=zeroblob(16) WHERE serial=7501000003", PB_FINDING_CARD_DIFFERS, third);
	tamper("UPDATE card SET chip_token=x'00' WHERE serial=7501000003", PB_FINDING_CREDENTIAL, third);
	tamper("UPDATE card SET face_token=x'00' WHERE serial=7501000003", PB_FINDING_CREDENTIAL, third);
	tamper("UPDATE card SET member_number='750100000000099' WHERE serial=7501000003", PB_FINDING_MEMBER, third);
	tamper("DELETE FROM card WHERE serial=7501000003", PB_FINDING_CARD_MISSING, third);
	tamper("DELETE FROM card WHERE serial=7501000012", PB_FINDING_CARD_MISSING, FIRST_INTENT + 2 * 11);
	tamper("CREATE TEMP TABLE t AS SELECT * FROM card WHERE serial=7501000003;"
	       "UPDATE t SET serial=7501000099,uid_h=zeroblob(16),job_h=zeroblob(16),member_number='x',"
	       "status_index=(status_index+1)%65536; INSERT INTO card SELECT * FROM t",
	       PB_FINDING_CARD_UNKNOWN, ENTRIES);
}

static void a_member_forgotten_without_an_entry_is_found(void **state)
{
	(void)state;
	tamper("UPDATE card SET member_number=NULL, salt=NULL WHERE serial=7501000003", PB_FINDING_ERASURE, FIRST_INTENT + 4);
}

static void the_auditors_own_key_is_compared(void **state)
{
	struct pb_audit_summary summary;
	struct pb_err err = { 0 };

	(void)state;
	office_look(&office);
	assert_int_equal(pb_ledger_audit(office.ledger,
					 "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", NULL,
					 NULL, &summary, &err),
			 PB_OK);
	assert_int_equal(summary.findings, 1);
}

static void a_tampered_ledger_is_not_written_to(void **state)
{
	struct pb_ledger *ledger = NULL;
	struct pb_err err = { 0 };

	(void)state;
	office_sql(&office, UNLOCK "UPDATE entry SET rec=(SELECT rec FROM entry WHERE idx=9) WHERE idx=7");
	assert_int_equal(pb_store_open(office.path, PB_STORE_WRITE, &office.store, &err), PB_OK);
	assert_int_equal(pb_ledger_open(office.store, office.ks, &office.clock, &ledger, &err), PB_LEDGER_CORRUPT);
	assert_non_null(strstr(err.msg, "entry 7"));
}

/* ---- nonsense, signed */

static void sign_entry(struct pb_entry *entry, enum pb_finding_code code)
{
	struct pb_err err = { 0 };
	struct findings findings;
	uint64_t index;

	(void)restore(NULL);
	office_open(&office);
	office_must(ledger_begin(office.ledger, &err), &err, "begin");
	office_must(ledger_append(office.ledger, entry, &index, &err), &err, "append");
	office_must(ledger_commit_signed(office.ledger, &err), &err, "commit");
	office_audit(&office, &findings);
	assert_int_equal(index, ENTRIES);
	if (!findings_have(&findings, code, index))
		fail_msg("%s: %s was not found", pb_entry_type_name(entry->type), pb_finding_name(code));
}

static struct pb_entry intent_of(uint64_t serial)
{
	struct pb_entry intent;
	struct pb_err err = { 0 };

	(void)restore(NULL);
	office_look(&office);
	office_must(ledger_read_entry(office.store, FIRST_INTENT + 2 * (serial - OFFICE_SERIAL(1)), &intent, &err),
		    &err, "intent");
	return intent;
}

static void a_signed_story_must_still_be_possible(void **state)
{
	struct pb_entry issued_twice = { .type = PB_ENTRY_ISSUED,
					 .serial = OFFICE_SERIAL(3),
					 .intent = FIRST_INTENT + 4 };
	struct pb_entry wrong_intent = { .type = PB_ENTRY_PRINTED, .serial = OFFICE_SERIAL(3), .intent = FIRST_INTENT };
	struct pb_entry no_card = { .type = PB_ENTRY_PRINTED, .serial = OFFICE_SERIAL(40), .intent = FIRST_INTENT };
	struct pb_entry unrevoked = { .type = PB_ENTRY_RESUME, .serial = OFFICE_SERIAL(5), .intent = FIRST_INTENT + 8 };
	struct pb_entry stock = { .type = PB_ENTRY_STOCK_IN, .count = 5 };
	struct pb_entry again = { .type = PB_ENTRY_GENESIS, .prefix = OFFICE_PREFIX, .origin = "o", .vkey = "k" };
	struct pb_entry reissue = { .type = PB_ENTRY_REISSUE,
				    .serial = OFFICE_SERIAL(3),
				    .intent = FIRST_INTENT + 4,
				    .old_serial = OFFICE_SERIAL(5) };

	(void)state;
	sign_entry(&issued_twice, PB_FINDING_MOVE);
	sign_entry(&issued_twice, PB_FINDING_STOCK);
	sign_entry(&wrong_intent, PB_FINDING_INTENT);
	sign_entry(&no_card, PB_FINDING_SERIAL);
	sign_entry(&unrevoked, PB_FINDING_MOVE);
	sign_entry(&stock, PB_FINDING_STOCK);
	sign_entry(&again, PB_FINDING_GENESIS);
	sign_entry(&reissue, PB_FINDING_REISSUE);
}

static void a_signed_ceremony_must_have_been_possible(void **state)
{
	struct pb_entry foreign_key = { .type = PB_ENTRY_CEREMONY, .step = PB_STEP_CHECKPOINT, .digest = { 1 } };
	struct pb_entry one_share = { .type = PB_ENTRY_CEREMONY, .step = PB_STEP_READ_BACK, .shares = { 1, 3 } };
	struct pb_entry too_few = { .type = PB_ENTRY_CEREMONY, .step = PB_STEP_SHARES, .shares = { 4, 3 } };
	struct pb_entry future = { .type = PB_ENTRY_CEREMONY, .step = PB_STEP_ROOT, .clock = INT64_MAX };

	(void)state;
	sign_entry(&foreign_key, PB_FINDING_CEREMONY);
	sign_entry(&one_share, PB_FINDING_CEREMONY);
	sign_entry(&too_few, PB_FINDING_CEREMONY);
	sign_entry(&future, PB_FINDING_CEREMONY);
}

static void a_signed_trust_list_must_have_a_larger_number(void **state)
{
	struct pb_entry none = { .type = PB_ENTRY_TRUST, .count = 0 };

	(void)state;
	sign_entry(&none, PB_FINDING_TRUST);
}

static void a_signed_reservation_must_be_new(void **state)
{
	struct pb_entry copy = intent_of(OFFICE_SERIAL(3)), next;

	(void)state;
	sign_entry(&copy, PB_FINDING_SERIAL);
	next = copy;
	next.serial = OFFICE_SERIAL(CARDS + 1);
	sign_entry(&next, PB_FINDING_CHIP_TWICE);
	sign_entry(&next, PB_FINDING_JOB_TWICE);
	sign_entry(&next, PB_FINDING_MEMBER); /* the commitment of card 3, which is valid */
	sign_entry(&next, PB_FINDING_SLOT_TWICE);
	next.old_serial = OFFICE_SERIAL(4);
	sign_entry(&next, PB_FINDING_REISSUE);
}

static void a_signed_reservation_must_be_ordered(void **state)
{
	struct pb_entry beyond = intent_of(OFFICE_SERIAL(3)), empty = { .type = PB_ENTRY_APPROVED };
	struct findings findings;
	struct pb_err err = { 0 };
	uint64_t index;

	(void)state;
	sign_entry(&empty, PB_FINDING_APPROVAL);
	(void)restore(NULL);
	office_open(&office);
	office_must(pb_ledger_approve(office.ledger, "one card", 1, NULL, &err), &err, "approve");
	(void)office_reserve(&office, CARDS + 1, CARDS + 1);
	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 0);
	beyond.serial = OFFICE_SERIAL(CARDS + 2);
	office_must(ledger_begin(office.ledger, &err), &err, "begin");
	office_must(ledger_append(office.ledger, &beyond, &index, &err), &err, "append");
	office_must(ledger_commit_signed(office.ledger, &err), &err, "commit");
	office_audit(&office, &findings);
	assert_true(findings_have(&findings, PB_FINDING_APPROVAL, index));
}

static void signed_totals_must_add_up(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct pb_entry entry = { .type = PB_ENTRY_RECOVER };
		struct pb_err err = { 0 };
		struct findings findings;
		uint64_t index, *totals[4];

		(void)restore(NULL);
		office_open(&office);
		totals[0] = &office.ledger->next.counters.received;
		totals[1] = &office.ledger->next.counters.issued;
		totals[2] = &office.ledger->next.counters.spoiled;
		totals[3] = &office.ledger->next.counters.open;
		office_must(ledger_begin(office.ledger, &err), &err, "begin");
		++*totals[i];
		office_must(ledger_append(office.ledger, &entry, &index, &err), &err, "append");
		office_must(ledger_commit_signed(office.ledger, &err), &err, "commit");
		office_audit(&office, &findings);
		assert_int_equal(findings.summary.findings, 1);
		assert_true(findings_have(&findings, PB_FINDING_STOCK, index));
	}
}

static void signed_times_must_not_go_back(void **state)
{
	struct pb_entry entry = { .type = PB_ENTRY_PRINTED, .serial = OFFICE_SERIAL(3), .intent = FIRST_INTENT + 4 };
	struct pb_err err = { 0 };
	struct findings findings;
	uint64_t index;

	(void)state;
	office_open(&office);
	office_must(ledger_begin(office.ledger, &err), &err, "begin");
	office.ledger->now = OFFICE_NOW - 100;
	office_must(ledger_append(office.ledger, &entry, &index, &err), &err, "append");
	office_must(ledger_commit_signed(office.ledger, &err), &err, "commit");
	office_audit(&office, &findings);
	assert_true(findings_have(&findings, PB_FINDING_TIME, index));
}

static void every_finding_has_a_name_and_an_exit_code(void **state)
{
	bool taken[256] = { false };

	(void)state;
	for (int i = 0; i < PB_FINDING_COUNT; i++) {
		int code = pb_finding_exit_code((enum pb_finding_code)i);

		assert_non_null(pb_finding_name((enum pb_finding_code)i));
		assert_in_range(code, PB_FINDING_EXIT_FIRST, 254);
		assert_false(taken[code]);
		taken[code] = true;
	}
	assert_null(pb_finding_name(PB_FINDING_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_honest_ledger_has_no_findings, restore),
		cmocka_unit_test_setup(any_edited_entry_is_named, restore),
		cmocka_unit_test_setup(an_entry_edited_with_its_hash_is_found_by_the_tree, restore),
		cmocka_unit_test_setup(deletion_reordering_and_insertion_are_named, restore),
		cmocka_unit_test_setup(tampered_nodes_and_checkpoints_are_found, restore),
		cmocka_unit_test_setup(tampered_cosignatures_are_found, restore),
		cmocka_unit_test_setup(what_is_no_entry_is_named, restore),
		cmocka_unit_test_setup(two_valid_cards_of_a_member_are_found, restore),
		cmocka_unit_test_setup(a_tampered_card_table_is_found, restore),
		cmocka_unit_test_setup(a_member_forgotten_without_an_entry_is_found, restore),
		cmocka_unit_test_setup(the_auditors_own_key_is_compared, restore),
		cmocka_unit_test_setup(a_tampered_ledger_is_not_written_to, restore),
		cmocka_unit_test_setup(a_signed_story_must_still_be_possible, restore),
		cmocka_unit_test_setup(a_signed_ceremony_must_have_been_possible, restore),
		cmocka_unit_test_setup(a_signed_trust_list_must_have_a_larger_number, restore),
		cmocka_unit_test_setup(a_signed_reservation_must_be_new, restore),
		cmocka_unit_test_setup(a_signed_reservation_must_be_ordered, restore),
		cmocka_unit_test_setup(signed_totals_must_add_up, restore),
		cmocka_unit_test_setup(signed_times_must_not_go_back, restore),
		cmocka_unit_test(every_finding_has_a_name_and_an_exit_code),
	};
	int failed;

	office_create(&office);
	keep_pristine();
	failed = cmocka_run_group_tests_name("audit", tests, NULL, NULL);
	office_destroy(&office);
	free(pristine);
	return failed;
}
