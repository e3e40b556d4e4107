/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of restored ledgers, and a ledger that goes on under one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "issuer/ledger/internal.h"
#include "issuer/ledger/origin.h"
#include "tests/unit/ledger/office.h"

static const uint8_t chance[PB_ORIGIN_CHANCE] = { 0x5f, 0x3a, 0x9c, 0x01 };

static struct office office;

static void assert_next(const char *origin, const char *expected)
{
	char next[PB_ORIGIN_MAX + 1] = "";

	assert_true(pb_origin_next(origin, chance, next));
	assert_string_equal(next, expected);
}

static void a_name_says_how_often_its_ledger_was_restored(void **state)
{
	char longest[PB_ORIGIN_MAX + 1], next[PB_ORIGIN_MAX + 1] = "as it was";

	(void)state;
	assert_next("profbilet.example/office/75", "profbilet.example/office/75/r2-5f3a9c01");
	assert_next("profbilet.example/office/75/r2-00000000", "profbilet.example/office/75/r3-5f3a9c01");
	assert_next("profbilet.example/office/75/r99-0123abcd", "profbilet.example/office/75/r100-5f3a9c01");
	assert_next("office", "office/r2-5f3a9c01");
	/* What only looks like such a mark is part of the name. */
	assert_next("office/r1-00000000", "office/r1-00000000/r2-5f3a9c01");
	assert_next("office/r02-00000000", "office/r02-00000000/r2-5f3a9c01");
	assert_next("office/r2-0000000", "office/r2-0000000/r2-5f3a9c01");
	assert_next("office/r2-0000000G", "office/r2-0000000G/r2-5f3a9c01");
	assert_next("office/r2-000000000", "office/r2-000000000/r2-5f3a9c01");
	assert_next("office/r9999999999-00000000", "office/r9999999999-00000000/r2-5f3a9c01");
	memset(longest, 'x', PB_ORIGIN_MAX);
	longest[PB_ORIGIN_MAX] = '\0';
	assert_false(pb_origin_next(longest, chance, next));
	assert_string_equal(next, "as it was");
}

/* ---- an office that was restored */

static int fresh(void **state)
{
	(void)state;
	office_fresh(&office, 10);
	return 0;
}

static struct pb_checkpoint last_checkpoint(struct pb_note_key *ret_key)
{
	char note[PB_COSIGNED_MAX];
	struct pb_checkpoint checkpoint;
	struct pb_err err = { 0 };
	struct pb_view text;

	assert_true(pb_note_key_parse(pb_ledger_vkey(office.ledger), ret_key));
	office_must(pb_ledger_cosigned(office.ledger, 0, note, &err), &err, "the last checkpoint");
	assert_int_equal(pb_note_open(pb_view_text(note), ret_key, 1, &text, NULL), PB_NOTE_GOOD);
	assert_true(pb_checkpoint_parse(text, &checkpoint));
	return checkpoint;
}

static void begin_anew(void)
{
	struct pb_err err = { 0 };

	office_must(pb_ledger_begin_anew(office.ledger, "admin", &err), &err, "begin anew");
}

static void a_restored_ledger_goes_on_under_a_new_name(void **state)
{
	struct pb_note_key before, after;
	struct pb_checkpoint old = last_checkpoint(&before), new;

	(void)state;
	begin_anew();
	new = last_checkpoint(&after);
	assert_int_equal(new.size, old.size + 1);
	assert_memory_equal(new.origin, OFFICE_ORIGIN "/r2-", sizeof(OFFICE_ORIGIN "/r2-") - 1);
	assert_string_equal(new.origin, pb_ledger_origin(office.ledger));
	assert_memory_not_equal(before.id, after.id, sizeof(before.id));
	(void)office_issue(&office, 1);
	office_close(&office);
	office_open(&office);
	assert_string_equal(new.origin, pb_ledger_origin(office.ledger));
	office_approve(&office);
	(void)office_issue(&office, 2);
	begin_anew();
	assert_memory_equal(pb_ledger_origin(office.ledger), OFFICE_ORIGIN "/r3-", sizeof(OFFICE_ORIGIN "/r3-") - 1);
	office_assert_sound(&office);
}

static void one_backup_restored_twice_gives_two_names(void **state)
{
	char first[PB_ORIGIN_MAX + 1];

	(void)state;
	begin_anew();
	memcpy(first, pb_ledger_origin(office.ledger), sizeof(first));
	office_fresh(&office, 10);
	begin_anew();
	assert_string_not_equal(first, pb_ledger_origin(office.ledger));
}

/* ---- beginnings that are none */

static struct pb_entry beginning(void)
{
	struct pb_entry entry;
	struct pb_err err = { 0 };

	begin_anew();
	office_must(ledger_read_entry(office.store, office.ledger->head.edge.size - 1, &entry, &err), &err, "the beginning");
	return entry;
}

static void a_beginning_that_does_not_follow_is_found(void **state)
{
	struct pb_entry good = beginning(), entry;
	struct pb_note_key key, other;
	struct pb_hash root;

	(void)state;
	memcpy(root.bytes, good.digest, sizeof(root.bytes));
	assert_true(pb_origin_begins_anew(&good, &office.ledger->first_key, good.count, &root, &key));
	assert_string_equal(key.name, good.origin);
	assert_false(pb_origin_begins_anew(&good, &office.ledger->first_key, good.count + 1, &root, &key));
	root.bytes[0] ^= 1;
	assert_false(pb_origin_begins_anew(&good, &office.ledger->first_key, good.count, &root, &key));
	root.bytes[0] ^= 1;
	entry = good;
	entry.old_origin[0] ^= 1;
	assert_false(pb_origin_begins_anew(&entry, &office.ledger->first_key, good.count, &root, &key));
	entry = good; /* the same name again, a third one for the second, another ledger's */
	memcpy(entry.origin, good.old_origin, sizeof(entry.origin));
	pb_note_key_format(&office.ledger->first_key, entry.vkey);
	assert_false(pb_origin_begins_anew(&entry, &office.ledger->first_key, good.count, &root, &key));
	entry = good;
	assert_true(pb_note_key_make("profbilet.example/office/76/r2-00000000", office.ledger->first_key.public_key, &other));
	memcpy(entry.origin, other.name, sizeof(entry.origin));
	pb_note_key_format(&other, entry.vkey);
	assert_false(pb_origin_begins_anew(&entry, &office.ledger->first_key, good.count, &root, &key));
	entry = good; /* another key */
	assert_true(pb_note_key_make(good.origin, (const uint8_t[32]){ 1 }, &other));
	pb_note_key_format(&other, entry.vkey);
	assert_false(pb_origin_begins_anew(&entry, &office.ledger->first_key, good.count, &root, &key));
}

static void an_index_that_hides_a_beginning_is_found(void **state)
{
	struct findings findings;

	(void)state;
	begin_anew();
	office_close(&office);
	office_sql(&office, "DROP TRIGGER beginning_delete; DELETE FROM beginning");
	office_look(&office);
	office_audit(&office, &findings);
	assert_true(findings_have(&findings, PB_FINDING_RESTORED, findings.summary.entries - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_says_how_often_its_ledger_was_restored),
		cmocka_unit_test_setup(a_restored_ledger_goes_on_under_a_new_name, fresh),
		cmocka_unit_test_setup(one_backup_restored_twice_gives_two_names, fresh),
		cmocka_unit_test_setup(a_beginning_that_does_not_follow_is_found, fresh),
		cmocka_unit_test_setup(an_index_that_hides_a_beginning_is_found, fresh),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
