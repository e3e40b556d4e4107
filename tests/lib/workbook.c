/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packs workbooks with libzip, in memory.
 */
#include "workbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

static const char book[] = "<workbook xmlns:r='r'><sheets><sheet name='A' sheetId='1' r:id='rId1'/></sheets></workbook>";
static const char relations[] = "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>";
static const char sheet[] = "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' s='0'><v>20719</v></c>"
			    "<c r='C1' s='1'><v>20720.5</v></c></row></sheetData></worksheet>";
static const char strings[] = "<sst><si><t>text</t></si></sst>";
static const char styles[] = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd.mm.yyyy'/></numFmts>"
			     "<cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></styleSheet>";

static void expect(int good)
{
	if (!good)
		abort();
}

static void add(zip_t *zip, const char *path, struct pb_view own, const char *otherwise)
{
	struct pb_view bytes = own.p ? own : pb_view_text(otherwise);
	zip_source_t *source = zip_source_buffer(zip, bytes.p, bytes.n, 0);

	expect(source && zip_file_add(zip, path, source, 0) >= 0);
}

static void write_packed(int fd, zip_source_t *packed)
{
	zip_stat_t status;
	void *bytes;

	expect(zip_source_stat(packed, &status) == 0 && zip_source_open(packed) == 0);
	bytes = malloc(status.size);
	expect(bytes && zip_source_read(packed, bytes, status.size) == (zip_int64_t)status.size);
	expect(write(fd, bytes, status.size) == (ssize_t)status.size);
	zip_source_close(packed);
	free(bytes);
}

int workbook_file(const struct workbook *workbook)
{
	zip_source_t *packed = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = zip_open_from_source(packed, ZIP_TRUNCATE, NULL);
	int fd = memfd_create("workbook", MFD_CLOEXEC);
	char name[32];

	expect(packed && zip && fd >= 0);
	zip_source_keep(packed);
	add(zip, "xl/workbook.xml", workbook->book, book);
	add(zip, "xl/_rels/workbook.xml.rels", workbook->relations, relations);
	add(zip, "xl/worksheets/sheet1.xml", workbook->sheet, sheet);
	add(zip, "xl/sharedStrings.xml", workbook->strings, strings);
	add(zip, "xl/styles.xml", workbook->styles, styles);
	for (int i = 0; i < workbook->pad; i++) {
		(void)snprintf(name, sizeof(name), "xl/media/%d", i);
		add(zip, name, pb_view(NULL, 0), "");
	}
	expect(zip_close(zip) == 0);
	write_packed(fd, packed);
	zip_source_free(packed);
	return fd;
}
