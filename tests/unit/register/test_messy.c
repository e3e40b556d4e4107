/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/import on samples/messy.csv, a list as offices send them: it gives exactly what
 * messy.expect.json says, and the same when it comes again or dry.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "office.h"

static struct report report; /* large, and each test begins by filling it */

/* How each word of messy.expect.json is treated here. */
static const struct {
	const char *word;
	enum pb_import_fault fault;
	enum pb_import_outcome outcome;
} treatments[] = {
	{ "latin_lookalike_repaired", PB_IMPORT_FAULT_LOOKALIKE, PB_IMPORT_ADDED },
	{ "spaces_repaired", PB_IMPORT_FAULT_SPACES, PB_IMPORT_ADDED },
	{ "bad_date_error", PB_IMPORT_FAULT_BAD_DATE, PB_IMPORT_REFUSED },
	{ "missing_surname_error", PB_IMPORT_FAULT_MISSING, PB_IMPORT_REFUSED },
	{ "iso_date_accepted", PB_IMPORT_FAULT_COUNT, PB_IMPORT_ADDED },
	{ "joined_before_birth_error", PB_IMPORT_FAULT_JOINED_BEFORE_BIRTH, PB_IMPORT_REFUSED },
	{ "future_date_error", PB_IMPORT_FAULT_FUTURE_DATE, PB_IMPORT_REFUSED },
	{ "formula_injection_kept_as_text_or_error", PB_IMPORT_FAULT_FORMULA, PB_IMPORT_REFUSED },
	{ "upper_case_repaired", PB_IMPORT_FAULT_LETTER_CASE, PB_IMPORT_ADDED },
	{ "unknown_sex_error", PB_IMPORT_FAULT_SEX, PB_IMPORT_REFUSED },
	{ "phone_forms_normalised", PB_IMPORT_FAULT_PHONE_FORM, PB_IMPORT_ADDED },
	{ "photo_path_escape_error", PB_IMPORT_FAULT_PHOTO_PATH, PB_IMPORT_REFUSED },
	{ "exact_duplicate_reported", PB_IMPORT_FAULT_DUPLICATE_EXACT, PB_IMPORT_DUPLICATE },
	{ "probable_duplicate_reported_yo", PB_IMPORT_FAULT_DUPLICATE_PROBABLE, PB_IMPORT_DUPLICATE },
	{ "overlong_name_error", PB_IMPORT_FAULT_TOO_LONG, PB_IMPORT_REFUSED },
	{ "short_row_error", PB_IMPORT_FAULT_SHORT_ROW, PB_IMPORT_REFUSED },
};

/* What the expectation says of the row; NULL for a row that should be clean. */
static const char *expected_word(json_t *faults, int row)
{
	json_t *fault;
	size_t i;

	json_array_foreach(faults, i, fault)
		if (json_integer_value(json_object_get(fault, "row")) == row)
			return json_string_value(json_object_get(fault, "fault"));
	return NULL;
}

static void assert_treated(const struct pb_import_row *row, const char *word)
{
	for (size_t i = 0; i < sizeof(treatments) / sizeof(treatments[0]); i++) {
		if (strcmp(treatments[i].word, word) != 0)
			continue;
		assert_int_equal(row->outcome, treatments[i].outcome);
		if (treatments[i].fault == PB_IMPORT_FAULT_COUNT)
			assert_int_equal(row->notes, 0);
		else
			assert_true(has_fault(row, treatments[i].fault));
		/* Nothing but what was expected. */
		for (size_t k = 0; k < row->notes; k++)
			assert_int_equal(row->note[k].fault, treatments[i].fault);
		return;
	}
	fail_msg("no treatment for %s", word);
}

static void the_messy_list_gives_exactly_what_it_should(void **state)
{
	struct pb_import_options options = { .photos_fd = project_file("samples/photos", O_DIRECTORY) };
	int fd = project_file("samples/messy.csv", O_RDONLY);
	size_t n, clean = 0;
	char *text = project_text("samples/messy.expect.json", &n);
	json_t *expect = json_loadb(text, n, 0, NULL), *faults = json_object_get(expect, "faults");

	assert_int_equal(import_fd(*state, fd, &options, &report), PB_OK);
	assert_int_equal(report.rows, json_integer_value(json_object_get(expect, "rows")));
	assert_int_equal(report.totals.encoding, PB_ENCODING_WINDOWS_1251);
	for (size_t i = 0; i < report.rows; i++) {
		const char *word = expected_word(faults, report.row[i].row);

		if (word) {
			assert_treated(&report.row[i], word);
			continue;
		}
		assert_int_equal(report.row[i].notes, 0);
		assert_int_equal(report.row[i].outcome, PB_IMPORT_ADDED);
		clean++;
	}
	assert_int_equal(clean + json_array_size(faults), report.rows);
	assert_int_equal(report_row(&report, 42)->note[0].other_row, 2);
	assert_int_equal(report_row(&report, 43)->note[0].other_row, 4);
	assert_int_equal(report.totals.outcome[PB_IMPORT_ADDED], member_count(*state));
	json_decref(expect);
	free(text);
	close(fd);
	close(options.photos_fd);
}

static void the_messy_list_repairs_what_it_says_it_repairs(void **state)
{
	struct pb_import_options options = { .photos_fd = -1 };
	int fd = project_file("samples/messy.csv", O_RDONLY);
	struct office *office = *state;
	struct pb_member member;

	assert_int_equal(import_fd(office, fd, &options, &report), PB_OK);
	assert_int_equal(pb_register_member(office->reg, report_row(&report, 3)->member, &member, NULL), PB_OK);
	assert_string_equal(member.surname, "Захарова");
	assert_int_equal(pb_register_member(office->reg, report_row(&report, 5)->member, &member, NULL), PB_OK);
	assert_string_equal(member.surname, "Жамсаранова");
	assert_string_equal(member.name, "Вера");
	assert_int_equal(pb_register_member(office->reg, report_row(&report, 19)->member, &member, NULL), PB_OK);
	assert_string_equal(member.surname, "Степанов");
	assert_int_equal(pb_register_member(office->reg, report_row(&report, 23)->member, &member, NULL), PB_OK);
	assert_string_equal(member.phone, "+79141234567");
	assert_string_equal(report_row(&report, 23)->note[0].value, "8(914)123-45-67");
	assert_string_equal(report_row(&report, 23)->note[0].became, "+79141234567");
	assert_string_equal(report_row(&report, 7)->note[0].heading, "Дата рождения");
	assert_int_equal(report_row(&report, 7)->note[0].column, 5);
	close(fd);
}

/* ---- again, and dry */

static void the_same_list_again_changes_nothing(void **state)
{
	struct pb_import_options options = { .photos_fd = project_file("samples/photos", O_DIRECTORY) };
	int fd = project_file("samples/messy.csv", O_RDONLY);
	struct pb_import_totals first;
	int64_t members;

	assert_int_equal(import_fd(*state, fd, &options, &report), PB_OK);
	first = report.totals;
	members = member_count(*state);
	assert_true(first.photos > 0);
	assert_int_equal(import_fd(*state, fd, &options, &report), PB_OK);
	assert_int_equal(report.totals.outcome[PB_IMPORT_UNCHANGED], first.outcome[PB_IMPORT_ADDED]);
	assert_int_equal(report.totals.outcome[PB_IMPORT_DUPLICATE], first.outcome[PB_IMPORT_DUPLICATE]);
	assert_int_equal(report.totals.outcome[PB_IMPORT_REFUSED], first.outcome[PB_IMPORT_REFUSED]);
	assert_int_equal(report.totals.photos, 0);
	assert_int_equal(report.totals.organisations_created, 0);
	assert_int_equal(member_count(*state), members);
	close(fd);
	close(options.photos_fd);
}

static void a_dry_run_says_the_same_and_changes_nothing(void **state)
{
	struct pb_import_options options = { .photos_fd = -1, .dry_run = true };
	int fd = project_file("samples/messy.csv", O_RDONLY);
	struct pb_organisation found;
	struct pb_import_totals dry;

	assert_int_equal(import_fd(*state, fd, &options, &report), PB_OK);
	dry = report.totals;
	assert_int_equal(dry.committed, 0);
	assert_int_equal(member_count(*state), 0);
	assert_int_equal(pb_register_find_organisation(((struct office *)*state)->reg, "МБОУ «СОШ № 14» г. Чита", &found, NULL),
			 PB_NOT_FOUND);
	options.dry_run = false;
	assert_int_equal(import_fd(*state, fd, &options, &report), PB_OK);
	assert_memory_equal(dry.outcome, report.totals.outcome, sizeof(dry.outcome));
	assert_int_equal(dry.organisations_created, report.totals.organisations_created);
	assert_int_equal(report.totals.committed, report.totals.rows);
	close(fd);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_messy_list_gives_exactly_what_it_should),
		CASE(the_messy_list_repairs_what_it_says_it_repairs),
		CASE(the_same_list_again_changes_nothing),
		CASE(a_dry_run_says_the_same_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
