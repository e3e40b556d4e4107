/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/csv, the guess of encodings and the cleaning of every cell, against any file.  The first
 * byte chooses the encoding that the operator asked for.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "issuer/register/import_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(struct pb_table *table, struct headings *headings)
{
	static struct draft draft;
	static struct pb_import_row report;
	static const struct pb_number_rule rule = { .prefix = "1234" };
	const struct reading reading = { .headings = headings, .rule = &rule, .today = { 2026, 9, 1 } };
	struct pb_table_row row;
	bool more = true;
	int last = 0;

	while (pb_table_next(table, &row, &more, NULL) == PB_OK && more) {
		if (row.row <= last || row.cells == 0 || row.cells > PB_TABLE_COLUMNS)
			abort();
		last = row.row;
		for (size_t i = 0; i < row.cells; i++)
			if (strlen(row.cell[i].text) > PB_CELL_MAX || !pb_text_valid(pb_view_text(row.cell[i].text)))
				abort();
		draft_read(&reading, &row, &draft, &report);
		if (!pb_text_valid(pb_view_text(draft.member.surname)) || !pb_text_valid(pb_view_text(draft.organisation)))
			abort();
	}
}

/* Whatever the heading was, the columns after it are read as the fields in order. */
static void read_all(struct pb_table *table)
{
	static struct headings headings;
	struct pb_table_row row;
	bool more = false;

	if (pb_table_next(table, &row, &more, NULL) != PB_OK || !more)
		return;
	if (headings_read(&row, true, &headings, NULL) != PB_OK)
		for (int i = 0; i < FIELDS; i++)
			headings.column[i] = i;
	check_rows(table, &headings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_table_options options = { .encoding = size > 0 ? (enum pb_encoding)(data[0] % PB_ENCODINGS) : PB_ENCODING_DETECT };
	struct pb_table *table;
	int fd;

	if (size < 2)
		return 0;
	fd = memfd_create("list", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	if (pb_table_open(fd, &options, &table, NULL) == PB_OK) {
		read_all(table);
		pb_table_close(table);
	}
	close(fd);
	return 0;
}
