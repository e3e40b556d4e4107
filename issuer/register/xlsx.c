/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first sheet of an XLSX workbook (ECMA-376 part 1, 18), row by row: the
 * parser is suspended at the end of each row, so that only the shared strings are ever held whole.
 *
 * The file is hostile until proven otherwise: few parts, and those within the bounds of xlsx_part.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/text.h"
#include "issuer/register/table_internal.h"
#include "issuer/register/xlsx_part.h"

enum {
	PARTS_MAX = 1000,
	STRINGS_BYTES = 64 * 1024 * 1024,
	STRINGS_MAX = 4 * 1000 * 1000,
	STYLES_MAX = 64 * 1024,
	PATH_CAP = 256,
};

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT };

struct xlsx {
	zip_t *zip;
	bool epoch_1904;
	char first_sheet_id[PATH_CAP], sheet_path[PATH_CAP];
	/* shared strings: `string[i]` is where the i-th begins in `text` */
	char *text;
	size_t text_n, text_cap;
	uint32_t *string;
	size_t strings, string_cap;
	/* styles: number formats that are dates, then which cell styles use one */
	bool date_format[STYLES_MAX], date_style[STYLES_MAX];
	size_t styles;
	bool in_cell_formats;
	struct xlsx_part part; /* being read: each in turn, the sheet last */
	/* the sheet */
	struct pb_table_row row;
	struct row_room room;
	int rows, row_number;
	size_t column, next_column;
	enum cell_type type;
	bool date, wanted, phonetic, row_ready;
	char value[PB_CELL_MAX + 1];
	size_t value_n;
	bool value_cut;
};

static struct xlsx *workbook(void *ctx)
{
	return ((struct xlsx_part *)ctx)->owner;
}

static bool enter(struct xlsx *x)
{
	return xlsx_part_enter(&x->part);
}

static void fail_part(struct xlsx *x, enum pb_status status, const char *what)
{
	xlsx_part_fail(&x->part, status, what);
}

static enum pb_status read_part(struct xlsx *x, const char *path, struct xlsx_handlers handlers, struct pb_err *err)
{
	enum pb_status s = xlsx_part_open(&x->part, x->zip, path, handlers, x, err);

	while (s == PB_OK && !x->part.over)
		s = xlsx_part_pump(&x->part, err);
	xlsx_part_close(&x->part);
	return s;
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i]; i += 2)
		if (strcmp(attributes[i], name) == 0)
			return attributes[i + 1];
	return NULL;
}

/* "x:row" and "row" are the same element: some programs write a prefix. */
static const char *local(const XML_Char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

static bool is(const XML_Char *name, const char *wanted)
{
	return strcmp(local(name), wanted) == 0;
}

static void XMLCALL on_end_plain(void *ctx, const XML_Char *name)
{
	struct xlsx *x = workbook(ctx);

	(void)name;
	x->part.depth--;
}

/* ---- which sheet is the first, and where it lies */

static void XMLCALL on_workbook(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx *x = workbook(ctx);
	const char *value;

	if (!enter(x))
		return;
	if (is(name, "workbookPr")) {
		value = attribute(attributes, "date1904");
		x->epoch_1904 = value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
	}
	if (!is(name, "sheet") || x->first_sheet_id[0] != '\0')
		return;
	value = attribute(attributes, "r:id");
	if (value && strlen(value) < sizeof(x->first_sheet_id))
		memcpy(x->first_sheet_id, value, strlen(value) + 1);
}

static void XMLCALL on_relation(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx *x = workbook(ctx);
	const char *id, *target;
	int n;

	if (!enter(x) || !is(name, "Relationship"))
		return;
	id = attribute(attributes, "Id");
	target = attribute(attributes, "Target");
	if (!id || !target || strcmp(id, x->first_sheet_id) != 0)
		return;
	/* Relative to xl/, or from the root of the archive. */
	n = target[0] == '/' ? snprintf(x->sheet_path, sizeof(x->sheet_path), "%s", target + 1) :
			       snprintf(x->sheet_path, sizeof(x->sheet_path), "xl/%s", target);
	if (n >= (int)sizeof(x->sheet_path))
		x->sheet_path[0] = '\0';
}

static enum pb_status find_sheet(struct xlsx *x, struct pb_err *err)
{
	enum pb_status s = read_part(x, "xl/workbook.xml", (struct xlsx_handlers){ on_workbook, on_end_plain, NULL }, err);

	if (s == PB_OK)
		s = read_part(x, "xl/_rels/workbook.xml.rels", (struct xlsx_handlers){ on_relation, on_end_plain, NULL }, err);
	if (s == PB_NOT_FOUND)
		return pb_fail(err, PB_INPUT_INVALID, "a ZIP archive, but not an XLSX workbook");
	if (s == PB_OK && x->sheet_path[0] == '\0')
		return pb_fail(err, PB_INPUT_INVALID, "the workbook has no sheet");
	return s;
}

/* ---- shared strings */

static bool grow(void **array, size_t *cap, size_t needed, size_t item)
{
	size_t wanted = *cap < 1024 ? 1024 : *cap;
	void *larger;

	if (needed <= *cap)
		return true;
	while (wanted < needed)
		wanted *= 2;
	larger = realloc(*array, wanted * item);
	if (!larger)
		return false;
	*array = larger;
	*cap = wanted;
	return true;
}

static void add_text(struct xlsx *x, const char *text, size_t n)
{
	void *array = x->text;

	if (x->text_n + n > STRINGS_BYTES) {
		fail_part(x, PB_INPUT_TOO_LARGE, "the workbook holds too much text");
		return;
	}
	if (!grow(&array, &x->text_cap, x->text_n + n, 1)) {
		fail_part(x, PB_NO_MEMORY, "the texts of a workbook");
		return;
	}
	x->text = array;
	memcpy(x->text + x->text_n, text, n);
	x->text_n += n;
}

static void XMLCALL on_string_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx *x = workbook(ctx);
	void *array = x->string;

	(void)attributes;
	if (!enter(x))
		return;
	x->wanted = is(name, "t") && !x->phonetic;
	x->phonetic |= is(name, "rPh");
	if (!is(name, "si"))
		return;
	if (x->strings == STRINGS_MAX) {
		fail_part(x, PB_INPUT_TOO_LARGE, "the workbook holds too many texts");
		return;
	}
	if (!grow(&array, &x->string_cap, x->strings + 1, sizeof(*x->string))) {
		fail_part(x, PB_NO_MEMORY, "the texts of a workbook");
		return;
	}
	x->string = array;
	x->string[x->strings++] = (uint32_t)x->text_n;
}

static void XMLCALL on_string_end(void *ctx, const XML_Char *name)
{
	struct xlsx *x = workbook(ctx);

	x->part.depth--;
	x->wanted = false;
	if (is(name, "rPh"))
		x->phonetic = false;
	if (is(name, "si"))
		add_text(x, "", 1);
}

static void XMLCALL on_string_text(void *ctx, const XML_Char *text, int n)
{
	struct xlsx *x = workbook(ctx);

	/* A string with nothing before it belongs to no entry: ignored like every stray text. */
	if (x->wanted && x->strings > 0)
		add_text(x, text, (size_t)n);
}

/* ---- styles: which cells are dates (18.8.30; 14 to 22 and 45 to 47 are built in) */

/* A format is a date's when a day, month or year stands outside quotes and brackets. */
static bool is_date_format(const char *code)
{
	bool quoted = false, bracketed = false;

	for (; *code != '\0'; code++) {
		if (*code == '\\' && code[1] != '\0')
			code++;
		else if (*code == '"')
			quoted = !quoted;
		else if (!quoted && (*code == '[' || *code == ']'))
			bracketed = *code == '[';
		else if (!quoted && !bracketed && strchr("dDyY", *code))
			return true;
	}
	return false;
}

static size_t number_attribute(const XML_Char **attributes, const char *name, size_t otherwise)
{
	const char *text = attribute(attributes, name);
	unsigned long value;
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return otherwise;
	value = strtoul(text, &end, 10);
	return *end == '\0' ? value : otherwise;
}

static void XMLCALL on_style(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx *x = workbook(ctx);
	size_t id = number_attribute(attributes, "numFmtId", 0);
	const char *code = attribute(attributes, "formatCode");

	if (!enter(x))
		return;
	if (is(name, "cellXfs"))
		x->in_cell_formats = true;
	if (id >= STYLES_MAX)
		return;
	if (is(name, "numFmt") && code)
		x->date_format[id] = is_date_format(code);
	if (is(name, "xf") && x->in_cell_formats && x->styles < STYLES_MAX)
		x->date_style[x->styles++] = x->date_format[id] || (id >= 14 && id <= 17) || id == 22;
}

static void XMLCALL on_style_end(void *ctx, const XML_Char *name)
{
	struct xlsx *x = workbook(ctx);

	x->part.depth--;
	if (is(name, "cellXfs"))
		x->in_cell_formats = false;
}

/* Both parts are optional: a sheet may hold its texts itself and have no styles. */
static enum pb_status read_optional(struct xlsx *x, struct pb_err *err)
{
	enum pb_status s = read_part(x, "xl/sharedStrings.xml", (struct xlsx_handlers){ on_string_start, on_string_end, on_string_text }, err);

	if (s == PB_OK || s == PB_NOT_FOUND)
		s = read_part(x, "xl/styles.xml", (struct xlsx_handlers){ on_style, on_style_end, NULL }, err);
	return s == PB_NOT_FOUND ? PB_OK : s;
}

/* ---- the sheet */

/* "AB12" -> 27; `otherwise` when it is no reference. */
static size_t column_of(const char *reference, size_t otherwise)
{
	size_t column = 0;

	if (!reference || reference[0] < 'A' || reference[0] > 'Z')
		return otherwise;
	for (; *reference >= 'A' && *reference <= 'Z'; reference++) {
		column = 26 * column + (size_t)(*reference - 'A' + 1);
		if (column > 16384)
			return otherwise;
	}
	return column - 1;
}

static void start_row(struct xlsx *x, const XML_Char **attributes)
{
	size_t number = number_attribute(attributes, "r", (size_t)x->row_number + 1);

	if (number <= (size_t)x->row_number || number > 2 * PB_TABLE_ROWS || ++x->rows > PB_TABLE_ROWS) {
		fail_part(x, PB_INPUT_INVALID, "the rows of the sheet are out of order or too many");
		return;
	}
	x->row_number = (int)number;
	x->row.row = x->row_number;
	x->row.cells = 0;
	x->room.used = 0;
	x->next_column = 0;
}

static void start_cell(struct xlsx *x, const XML_Char **attributes)
{
	const char *type = attribute(attributes, "t");
	size_t style = number_attribute(attributes, "s", STYLES_MAX);

	x->column = column_of(attribute(attributes, "r"), x->next_column);
	if (x->column < x->next_column)
		fail_part(x, PB_INPUT_INVALID, "the cells of a row are out of order");
	x->next_column = x->column + 1;
	x->type = !type || strcmp(type, "n") == 0 ? CELL_NUMBER : strcmp(type, "s") == 0 ? CELL_SHARED : CELL_TEXT;
	x->date = x->type == CELL_NUMBER && style < x->styles && x->date_style[style];
	x->value_n = 0;
	x->value_cut = false;
}

static void XMLCALL on_sheet_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx *x = workbook(ctx);

	if (!enter(x))
		return;
	if (is(name, "row"))
		start_row(x, attributes);
	else if (is(name, "c"))
		start_cell(x, attributes);
	else if (is(name, "rPh"))
		x->phonetic = true;
	x->wanted = (is(name, "v") || is(name, "t")) && !x->phonetic;
}

static void XMLCALL on_sheet_text(void *ctx, const XML_Char *text, int n)
{
	struct xlsx *x = workbook(ctx);
	size_t room = PB_CELL_MAX - x->value_n, taken = (size_t)n < room ? (size_t)n : room;

	if (!x->wanted)
		return;
	memcpy(x->value + x->value_n, text, taken);
	x->value_n += taken;
	x->value_cut |= taken < (size_t)n;
}

/* Serial days: 1 is 1 January 1900, and 60 the 29 February 1900 that Lotus 1-2-3 believed in (18.17.4.1). */
static bool date_text(const struct xlsx *x, double serial, char ret_text[static 11])
{
	struct pb_date date;

	if (!(serial >= 1 && serial < 110000) || (!x->epoch_1904 && serial >= 60 && serial < 61))
		return false;
	date = pb_date_from_days((int32_t)serial - (x->epoch_1904 ? 24107 : serial < 60 ? 25568 : 25569));
	if (!pb_date_valid(date))
		return false;
	pb_date_format_ru(date, ret_text);
	return true;
}

/* A number as people would write it: 79141234567, not 7.9141234567E10. */
static void write_number(struct xlsx *x)
{
	char *end;
	double number = strtod(x->value, &end);

	if (end == x->value || *end != '\0' || !isfinite(number))
		return;
	if (x->date && date_text(x, number, x->value))
		x->value_n = strlen(x->value);
	else if (fabs(number) < 1e18 && floor(number) == number)
		x->value_n = (size_t)snprintf(x->value, sizeof(x->value), "%.0f", number);
}

static void fetch_shared(struct xlsx *x)
{
	char *end;
	unsigned long index = strtoul(x->value, &end, 10);
	const char *text;
	size_t n;

	if (end == x->value || *end != '\0' || index >= x->strings) {
		fail_part(x, PB_INPUT_INVALID, "a cell names a text that the workbook does not have");
		return;
	}
	text = x->text + x->string[index];
	n = strlen(text);
	x->value_cut = n > PB_CELL_MAX;
	x->value_n = n < PB_CELL_MAX ? n : PB_CELL_MAX;
	memcpy(x->value, text, x->value_n);
}

/* A text is cut where a letter begins; CR cannot stay, for it is no text here. */
static void tidy(struct xlsx *x)
{
	size_t kept = 0;

	if (x->value_cut)
		while (x->value_n > 0 && ((uint8_t)x->value[x->value_n - 1] & 0xC0) == 0x80)
			x->value_n--;
	if (x->value_cut && x->value_n > 0 && (uint8_t)x->value[x->value_n - 1] >= 0xC0)
		x->value_n--;
	for (size_t i = 0; i < x->value_n; i++)
		if (x->value[i] != '\r')
			x->value[kept++] = x->value[i];
	x->value_n = kept;
	x->value[kept] = '\0';
}

static void end_cell(struct xlsx *x)
{
	struct pb_table_row *row = &x->row;

	x->value[x->value_n] = '\0';
	if (x->value_n > 0 && x->type == CELL_SHARED)
		fetch_shared(x);
	else if (x->value_n > 0 && x->type == CELL_NUMBER)
		write_number(x);
	tidy(x);
	if (x->value_n == 0 || x->part.failure != PB_OK)
		return;
	if (x->column >= PB_TABLE_COLUMNS) {
		fail_part(x, PB_INPUT_INVALID, "the sheet has more than 64 columns");
		return;
	}
	if (!pb_text_valid(pb_view(x->value, x->value_n))) {
		fail_part(x, PB_INPUT_INVALID, "a cell holds characters that are not text");
		return;
	}
	while (row->cells < x->column)
		row->cell[row->cells++] = (struct pb_cell){ .text = "" };
	row->cell[row->cells++] = (struct pb_cell){ .text = x->room.bytes + x->room.used,
						    .number = x->type == CELL_NUMBER && !x->date,
						    .cut = x->value_cut };
	memcpy(x->room.bytes + x->room.used, x->value, x->value_n + 1);
	x->room.used += x->value_n + 1;
}

static void XMLCALL on_sheet_end(void *ctx, const XML_Char *name)
{
	struct xlsx *x = workbook(ctx);

	x->part.depth--;
	x->wanted = false;
	if (is(name, "rPh"))
		x->phonetic = false;
	else if (is(name, "c"))
		end_cell(x);
	else if (is(name, "row") && x->row.cells > 0 && x->part.failure == PB_OK) {
		x->row_ready = true;
		XML_StopParser(x->part.parser, XML_TRUE);
	}
}

enum pb_status xlsx_next(struct xlsx *x, struct pb_table_row *ret_row, bool *ret_more, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	x->row_ready = false;
	while (s == PB_OK && !x->row_ready && (!x->part.over || x->part.suspended))
		s = xlsx_part_pump(&x->part, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "after row %d", x->row_number);
	*ret_more = x->row_ready;
	if (x->row_ready)
		*ret_row = x->row;
	return PB_OK;
}

/* ---- opening */

static enum pb_status open_zip(int fd, zip_t **ret_zip, struct pb_err *err)
{
	int code = 0, own = dup(fd); /* libzip closes what it is given */
	zip_t *zip;

	if (own < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "the workbook");
	zip = lseek(own, 0, SEEK_SET) == 0 ? zip_fdopen(own, ZIP_CHECKCONS, &code) : NULL;
	if (!zip) {
		close(own);
		return pb_fail(err, PB_INPUT_INVALID, "the workbook is damaged (libzip error %d)", code);
	}
	if (zip_get_num_entries(zip, 0) > PARTS_MAX) {
		zip_discard(zip);
		return pb_fail(err, PB_INPUT_TOO_LARGE, "the workbook has more than %d parts", PARTS_MAX);
	}
	*ret_zip = zip;
	return PB_OK;
}

enum pb_status xlsx_open(int fd, struct xlsx **ret_xlsx, struct pb_err *err)
{
	static const struct xlsx_handlers sheet = { on_sheet_start, on_sheet_end, on_sheet_text };
	struct xlsx *x = calloc(1, sizeof(*x));
	enum pb_status s = x ? open_zip(fd, &x->zip, err) : pb_fail(err, PB_NO_MEMORY, "a workbook");

	if (s == PB_OK)
		s = find_sheet(x, err);
	if (s == PB_OK)
		s = read_optional(x, err);
	if (s == PB_OK)
		s = xlsx_part_open(&x->part, x->zip, x->sheet_path, sheet, x, err);
	if (s == PB_NOT_FOUND)
		s = pb_fail(err, PB_INPUT_INVALID, "the workbook's first sheet is not in it");
	if (s != PB_OK) {
		xlsx_close(x);
		return s;
	}
	*ret_xlsx = x;
	return PB_OK;
}

void xlsx_close(struct xlsx *x)
{
	if (!x)
		return;
	xlsx_part_close(&x->part);
	if (x->zip)
		zip_discard(x->zip);
	free(x->text);
	free(x->string);
	free(x);
}
