/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/xlsx against any workbook.  A mutated archive seldom gets past its checksums, so the
 * bytes may also be the sheet alone (first byte 1), the shared strings (2) or the styles (3) of a workbook
 * that is packed here around them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include "base/text.h"
#include "issuer/register/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char workbook[] = "<workbook xmlns:r='r'><sheets><sheet name='A' sheetId='1' r:id='rId1'/></sheets></workbook>";
static const char relations[] = "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>";
static const char sheet[] = "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' s='0'><v>20719</v></c>"
			    "<c r='C1' s='1'><v>20719.5</v></c></row></sheetData></worksheet>";
static const char strings[] = "<sst><si><t>text</t></si></sst>";
static const char styles[] = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd.mm.yyyy'/></numFmts>"
			     "<cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></styleSheet>";

static void add(zip_t *zip, const char *path, const void *bytes, size_t n)
{
	zip_source_t *source = zip_source_buffer(zip, bytes, n, 0);

	if (!source || zip_file_add(zip, path, source, 0) < 0)
		abort();
}

/* Packs a workbook one part of which is `bytes`, into the memory file. */
static void pack(int fd, int which, const uint8_t *bytes, size_t n)
{
	zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, NULL);
	zip_stat_t status;
	void *packed;

	zip_source_keep(out);
	add(zip, "xl/workbook.xml", workbook, sizeof(workbook) - 1);
	add(zip, "xl/_rels/workbook.xml.rels", relations, sizeof(relations) - 1);
	add(zip, "xl/worksheets/sheet1.xml", which == 1 ? (const void *)bytes : sheet, which == 1 ? n : sizeof(sheet) - 1);
	add(zip, "xl/sharedStrings.xml", which == 2 ? (const void *)bytes : strings, which == 2 ? n : sizeof(strings) - 1);
	add(zip, "xl/styles.xml", which == 3 ? (const void *)bytes : styles, which == 3 ? n : sizeof(styles) - 1);
	if (zip_close(zip) != 0 || zip_source_stat(out, &status) != 0 || zip_source_open(out) != 0)
		abort();
	packed = malloc(status.size);
	if (!packed || zip_source_read(out, packed, status.size) != (zip_int64_t)status.size ||
	    write(fd, packed, status.size) != (ssize_t)status.size)
		abort();
	free(packed);
	zip_source_free(out);
}

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pb_table_options options = { 0 };
	struct pb_table *table;
	int fd;

	if (size < 1)
		return 0;
	fd = memfd_create("workbook", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	if (data[0] >= 1 && data[0] <= 3)
		pack(fd, data[0], data + 1, size - 1);
	else if (write(fd, data, size) != (ssize_t)size)
		abort();
	if (pb_table_open(fd, &options, &table, NULL) == PB_OK) {
		read_all(table);
		pb_table_close(table);
	}
	close(fd);
	return 0;
}
