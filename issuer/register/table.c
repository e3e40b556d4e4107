/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What kind of table a file is, by its first bytes and never by its name.
 */
#include "issuer/register/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/register/table_internal.h"

struct pb_table {
	struct csv *csv; /* one of the two */
	struct xlsx *xlsx;
};

static enum pb_status read_head(int fd, uint8_t ret_head[static TABLE_HEAD], size_t *ret_n, struct pb_err *err)
{
	size_t n = 0;
	ssize_t got = 1;

	while (n < TABLE_HEAD && got > 0) {
		got = read(fd, ret_head + n, TABLE_HEAD - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "reading the list");
		else
			n += (size_t)got;
	}
	*ret_n = n;
	return PB_OK;
}

static enum pb_status check_size(int fd, const struct pb_table_options *options, struct pb_err *err)
{
	size_t max = options->max_bytes > 0 ? options->max_bytes : PB_TABLE_BYTES;
	struct stat status;

	if (fstat(fd, &status) != 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "the list");
	if (S_ISDIR(status.st_mode))
		return pb_fail(err, PB_FILE_UNREADABLE, "the list is a folder");
	if (S_ISREG(status.st_mode) && (uint64_t)status.st_size > max)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "%lld bytes, at most %zu", (long long)status.st_size, max);
	return PB_OK;
}

static bool starts(const uint8_t *head, size_t n, const char *magic, size_t length)
{
	return n >= length && memcmp(head, magic, length) == 0;
}

static enum pb_status open_kind(struct pb_table *table, int fd, const uint8_t *head, size_t n,
				const struct pb_table_options *options, struct pb_err *err)
{
	if (n == 0)
		return pb_fail(err, PB_INPUT_INVALID, "the file is empty");
	if (starts(head, n, "PK\x03\x04", 4))
		return xlsx_open(fd, &table->xlsx, err);
	if (starts(head, n, "\xD0\xCF\x11\xE0", 4))
		return pb_fail(err, PB_INPUT_INVALID, "an old .xls or a locked workbook: save it as .xlsx or CSV, without a password");
	return csv_open(fd, pb_view(head, n), options, &table->csv, err);
}

enum pb_status pb_table_open(int fd, const struct pb_table_options *options, struct pb_table **ret_table,
			     struct pb_err *err)
{
	struct pb_table *table = calloc(1, sizeof(*table));
	uint8_t *head = malloc(TABLE_HEAD);
	size_t n = 0;
	enum pb_status s = table && head ? PB_OK : pb_fail(err, PB_NO_MEMORY, "a table");

	/* A pipe cannot go back to its beginning, and is there already. */
	(void)lseek(fd, 0, SEEK_SET);
	if (s == PB_OK)
		s = check_size(fd, options, err);
	if (s == PB_OK)
		s = read_head(fd, head, &n, err);
	if (s == PB_OK)
		s = open_kind(table, fd, head, n, options, err);
	free(head);
	if (s != PB_OK) {
		free(table);
		return s;
	}
	*ret_table = table;
	return PB_OK;
}

enum pb_status pb_table_next(struct pb_table *table, struct pb_table_row *ret_row, bool *ret_more, struct pb_err *err)
{
	return table->csv ? csv_next(table->csv, ret_row, ret_more, err) : xlsx_next(table->xlsx, ret_row, ret_more, err);
}

void pb_table_close(struct pb_table *table)
{
	if (!table)
		return;
	csv_close(table->csv);
	xlsx_close(table->xlsx);
	free(table);
}

enum pb_encoding pb_table_encoding(const struct pb_table *table)
{
	return table->csv ? csv_encoding(table->csv) : PB_ENCODING_UTF8;
}

bool pb_table_is_sheet(const struct pb_table *table)
{
	return table->xlsx != NULL;
}
