/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/xlsx against any workbook.  A mutated archive seldom gets past its checksums, so the
 * bytes may also be the sheet alone (first byte 1), the shared strings (2), the styles (3), the list of
 * sheets (4) or of relations (5) of a workbook that is packed here around them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "issuer/register/table.h"
#include "workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct pb_table *table)
{
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
	}
}

/* The file that the input stands for. */
static int make_file(const uint8_t *data, size_t size)
{
	struct workbook workbook = { 0 };
	struct pb_view *const parts[] = { &workbook.sheet, &workbook.strings, &workbook.styles, &workbook.book,
					  &workbook.relations };
	int fd;

	if (data[0] >= 1 && data[0] <= sizeof(parts) / sizeof(parts[0])) {
		*parts[data[0] - 1] = pb_view(data + 1, size - 1);
		return workbook_file(&workbook);
	}
	fd = memfd_create("workbook", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pb_table_options options = { 0 };
	struct pb_table *table;
	int fd;

	if (size < 1)
		return 0;
	fd = make_file(data, size);
	if (pb_table_open(fd, &options, &table, NULL) == PB_OK) {
		read_all(table);
		pb_table_close(table);
	}
	close(fd);
	return 0;
}
