/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A throw-away office for the tests of the register: one SQLite file in a folder of its own, at noon of
 * 1 September 2026, and lists made of bytes.  Whatever fails here fails the running test.
 */
#ifndef PROFBILET_TESTS_REGISTER_OFFICE_H
#define PROFBILET_TESTS_REGISTER_OFFICE_H

#include "issuer/register/import.h"

struct office {
	char folder[64];
	struct pb_store *store;
	struct pb_register *reg;
};

/* cmocka set-up and tear-down: *state is a struct office. */
int office_setup(void **state);
int office_teardown(void **state);

/* An unlinked file that holds the bytes; the caller closes it. */
int file_of(const void *bytes, size_t n);
/* A file of the project, "samples/members.csv". */
int project_file(const char *path, int flags);
/* Reads a file of the project into memory the caller frees, with a NUL behind it. */
char *project_text(const char *path, size_t *ret_n);

enum { REPORT_ROWS = 128 };

struct report {
	size_t rows;
	struct pb_import_row row[REPORT_ROWS];
	struct pb_import_totals totals;
	struct pb_err err;
};

/* Imports and gathers the report; photos_fd as in the options, other options zero but those given. */
enum pb_status import_fd(struct office *office, int fd, const struct pb_import_options *options, struct report *report);
/* A CSV text in UTF-8; the options may be NULL. */
enum pb_status import_text(struct office *office, const char *csv, const struct pb_import_options *options,
			   struct report *report);
/* The reported row of that number; NULL when it is not there. */
const struct pb_import_row *report_row(const struct report *report, int row);
bool has_fault(const struct pb_import_row *row, enum pb_import_fault fault);
int64_t member_count(struct office *office);

#endif
