/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The throw-away office and its lists.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "office.h"

enum { NOON = 1788264000 }; /* 2026-09-01T12:00:00Z */

int office_setup(void **state)
{
	static const struct pb_number_rule rule = { .prefix = "96439075" };
	struct office *office = calloc(1, sizeof(*office));
	struct pb_clock clock = pb_clock_at(NOON);
	char path[96];

	assert_non_null(office);
	snprintf(office->folder, sizeof(office->folder), "/tmp/profbilet-register-XXXXXX");
	assert_non_null(mkdtemp(office->folder));
	snprintf(path, sizeof(path), "%s/office.db", office->folder);
	assert_int_equal(pb_store_create(path, &office->store, NULL), PB_OK);
	assert_int_equal(pb_register_open(office->store, &rule, &clock, &office->reg, NULL), PB_OK);
	*state = office;
	return 0;
}

int office_teardown(void **state)
{
	static const char *const files[] = { "office.db", "office.db-wal", "office.db-shm", "office.db.lock" };
	struct office *office = *state;
	char path[96];

	pb_register_close(office->reg);
	pb_store_close(office->store);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", office->folder, files[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(office->folder), 0);
	free(office);
	return 0;
}

int file_of(const void *bytes, size_t n)
{
	int fd = memfd_create("list", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	return fd;
}

int project_file(const char *path, int flags)
{
	const char *source = getenv("PROFBILET_SOURCE");
	char whole[4096];
	int fd;

	assert_non_null(source);
	snprintf(whole, sizeof(whole), "%s/%s", source, path);
	fd = open(whole, flags | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

char *project_text(const char *path, size_t *ret_n)
{
	int fd = project_file(path, O_RDONLY);
	struct stat status;
	char *text;

	assert_int_equal(fstat(fd, &status), 0);
	text = malloc((size_t)status.st_size + 1);
	assert_non_null(text);
	assert_int_equal(read(fd, text, (size_t)status.st_size), status.st_size);
	text[status.st_size] = '\0';
	close(fd);
	*ret_n = (size_t)status.st_size;
	return text;
}

static enum pb_status gather(void *ctx, const struct pb_import_row *row, struct pb_err *err)
{
	struct report *report = ctx;

	(void)err;
	if (report->rows < REPORT_ROWS)
		report->row[report->rows] = *row;
	report->rows++;
	return PB_OK;
}

enum pb_status import_fd(struct office *office, int fd, const struct pb_import_options *options, struct report *report)
{
	struct pb_import_options with = *options;

	*report = (struct report){ 0 };
	with.each = gather;
	with.ctx = report;
	return pb_register_import(office->reg, fd, &with, &report->totals, &report->err);
}

enum pb_status import_text(struct office *office, const char *csv, const struct pb_import_options *options,
			   struct report *report)
{
	static const struct pb_import_options plain = { .photos_fd = -1 };
	int fd = file_of(csv, strlen(csv));
	enum pb_status s = import_fd(office, fd, options ? options : &plain, report);

	close(fd);
	return s;
}

const struct pb_import_row *report_row(const struct report *report, int row)
{
	for (size_t i = 0; i < report->rows && i < REPORT_ROWS; i++)
		if (report->row[i].row == row)
			return &report->row[i];
	return NULL;
}

bool has_fault(const struct pb_import_row *row, enum pb_import_fault fault)
{
	for (size_t i = 0; i < row->notes; i++)
		if (row->note[i].fault == fault)
			return true;
	return false;
}

int64_t member_count(struct office *office)
{
	struct pb_member_filter everyone = { .with_inactive = true };
	int64_t count = -1;

	assert_int_equal(pb_register_count_members(office->reg, &everyone, &count, NULL), PB_OK);
	return count;
}
