/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CSV after RFC 4180, as Russian spreadsheets write it: «;», «,» or TAB, any line end, any of six
 * encodings.  The file passes through in pieces (bytes, then UTF-8, then one row), so that its length costs
 * no memory.
 *
 * Where the RFC is silent: a quote inside an unquoted field is a letter (ООО "Ромашка"), and a quoted field
 * that outgrows a cell is taken for a quote somebody forgot to close, which would swallow rows unseen.
 */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "issuer/register/table_internal.h"

enum { TEXT_MAX = 4 * TABLE_HEAD, END = -1, FAILED = -2 };

struct csv {
	int fd;
	size_t bytes_read, max_bytes;
	enum pb_encoding encoding;
	iconv_t converter; /* (iconv_t)-1: UTF-8 needs none */
	uint8_t raw[TABLE_HEAD];
	size_t raw_from, raw_end;
	bool raw_over; /* the file has ended */
	char text[TEXT_MAX];
	size_t text_from, text_end;
	int line; /* of the next byte */
	int rows;
	char separator;
	enum pb_status failure; /* sticky, with its words */
	struct pb_err err;
	struct row_room room;
};

/* Records a failure from inside the byte loop; csv_next hands it on. */
static int fail(struct csv *csv, enum pb_status status, const char *what)
{
	csv->failure = pb_fail(&csv->err, status, "line %d: %s", csv->line, what);
	return FAILED;
}

static bool read_raw(struct csv *csv)
{
	ssize_t got;

	memmove(csv->raw, csv->raw + csv->raw_from, csv->raw_end - csv->raw_from);
	csv->raw_end -= csv->raw_from;
	csv->raw_from = 0;
	if (csv->raw_over || csv->raw_end == sizeof(csv->raw))
		return true;
	do
		got = read(csv->fd, csv->raw + csv->raw_end, sizeof(csv->raw) - csv->raw_end);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		csv->failure = pb_fail_errno(&csv->err, PB_FILE_UNREADABLE, errno, "line %d", csv->line);
		return false;
	}
	csv->raw_over = got == 0;
	csv->raw_end += (size_t)got;
	csv->bytes_read += (size_t)got;
	if (csv->bytes_read <= csv->max_bytes)
		return true;
	csv->failure = pb_fail(&csv->err, PB_INPUT_TOO_LARGE, "more than %zu bytes", csv->max_bytes);
	return false;
}

/* raw to text.  False on bytes that are no character of the encoding. */
static bool convert(struct csv *csv)
{
	char *in = (char *)csv->raw + csv->raw_from, *out = csv->text;
	size_t in_left = csv->raw_end - csv->raw_from, out_left = sizeof(csv->text);

	if (csv->encoding == PB_ENCODING_UTF8) {
		memcpy(out, in, in_left);
		in += in_left;
		out += in_left;
	} else if (iconv(csv->converter, &in, &in_left, &out, &out_left) == (size_t)-1 && errno != E2BIG &&
		   (errno != EINVAL || csv->raw_over)) {
		/* What came before the bad bytes may hold lines: count them for the message. */
		for (const char *p = csv->text; p < out; p++)
			csv->line += *p == '\n';
		fail(csv, PB_INPUT_INVALID, "not text in the encoding the file was read as");
		return false;
	}
	csv->raw_from = (size_t)((uint8_t *)in - csv->raw);
	csv->text_from = 0;
	csv->text_end = (size_t)(out - csv->text);
	return true;
}

/* Makes text[text_from] readable; false at the end and on failure. */
static bool refill(struct csv *csv)
{
	while (csv->failure == PB_OK && csv->text_from == csv->text_end) {
		if (csv->raw_over && csv->raw_from == csv->raw_end)
			return false;
		if (!read_raw(csv) || !convert(csv))
			return false;
	}
	return csv->failure == PB_OK;
}

static int peek(struct csv *csv)
{
	if (csv->text_from == csv->text_end && !refill(csv))
		return csv->failure == PB_OK ? END : FAILED;
	return (uint8_t)csv->text[csv->text_from];
}

/* The next byte of the text; every line end arrives as one LF. */
static int take(struct csv *csv)
{
	int c = peek(csv);

	if (c < 0)
		return c;
	csv->text_from++;
	if (c == '\r') {
		if (peek(csv) == '\n')
			csv->text_from++;
		c = '\n';
	}
	csv->line += c == '\n';
	return c;
}

/* ---- one row */

static void append(struct csv *csv, struct pb_cell *cell, size_t start, int c)
{
	if (csv->room.used - start >= PB_CELL_MAX)
		cell->cut = true;
	else
		csv->room.bytes[csv->room.used++] = (char)c;
}

/* Behind the opening quote, to behind the closing one. */
static int take_quoted(struct csv *csv, struct pb_cell *cell, size_t start)
{
	int c, opened = csv->line;

	while ((c = take(csv)) >= 0) {
		if (c == '"' && peek(csv) != '"')
			return take(csv);
		if (c == '"')
			c = take(csv);
		append(csv, cell, start, c);
		if (cell->cut)
			break;
	}
	if (c == FAILED)
		return c;
	csv->line = opened;
	return fail(csv, PB_INPUT_INVALID, "the quote opened here is not closed");
}

/* Ends text that was cut where a letter begins. */
static void cut_at_letter(struct csv *csv, size_t start)
{
	while (csv->room.used > start && ((uint8_t)csv->room.bytes[csv->room.used - 1] & 0xC0) == 0x80)
		csv->room.used--;
	if (csv->room.used > start && (uint8_t)csv->room.bytes[csv->room.used - 1] >= 0xC0)
		csv->room.used--;
}

/* Answers what ended the field: the separator, LF, END or FAILED. */
static int take_field(struct csv *csv, struct pb_cell *cell)
{
	size_t start = csv->room.used;
	int line = csv->line, c = take(csv);

	*cell = (struct pb_cell){ .text = csv->room.bytes + start };
	if (c == '"') {
		c = take_quoted(csv, cell, start);
		cell->broken = c >= 0 && c != csv->separator && c != '\n';
	}
	for (; c >= 0 && c != csv->separator && c != '\n'; c = take(csv))
		append(csv, cell, start, c);
	if (cell->cut)
		cut_at_letter(csv, start);
	if (c != FAILED && !pb_text_valid(pb_view(cell->text, csv->room.used - start))) {
		csv->line = line;
		return fail(csv, PB_INPUT_INVALID, "holds characters that are not text");
	}
	csv->room.bytes[csv->room.used++] = '\0';
	return c;
}

static bool is_empty(const struct pb_table_row *row)
{
	for (size_t i = 0; i < row->cells; i++)
		if (row->cell[i].text[0] != '\0')
			return false;
	return true;
}

static int take_row(struct csv *csv, struct pb_table_row *row)
{
	int c;

	row->cells = 0;
	row->row = csv->line;
	csv->room.used = 0;
	do {
		if (row->cells == PB_TABLE_COLUMNS)
			return fail(csv, PB_INPUT_INVALID, "more than 64 columns");
		c = take_field(csv, &row->cell[row->cells]);
		row->cells++;
	} while (c == csv->separator);
	return c;
}

enum pb_status csv_next(struct csv *csv, struct pb_table_row *ret_row, bool *ret_more, struct pb_err *err)
{
	int c = 0;

	do {
		if (c == END || peek(csv) == END) {
			*ret_more = false;
			return PB_OK;
		}
		c = csv->failure == PB_OK ? take_row(csv, ret_row) : FAILED;
	} while (c != FAILED && is_empty(ret_row));
	if (c != FAILED && ++csv->rows > PB_TABLE_ROWS)
		fail(csv, PB_INPUT_TOO_LARGE, "more than a million rows");
	if (csv->failure != PB_OK)
		return pb_fail(err, csv->failure, "%s", csv->err.msg);
	*ret_more = true;
	return PB_OK;
}

/* ---- opening */

/* The one that occurs most in the heading, outside quotes. */
static char find_separator(const char *text, size_t n)
{
	static const char candidates[] = { ';', '\t', ',' };
	size_t count[sizeof(candidates)] = { 0 }, best = 0, i = 0;
	bool quoted = false;

	while (i < n && (text[i] == '\n' || text[i] == '\r'))
		i++;
	for (; i < n && (quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
		quoted ^= text[i] == '"';
		for (size_t k = 0; k < sizeof(candidates) && !quoted; k++)
			count[k] += text[i] == candidates[k];
	}
	for (size_t k = 1; k < sizeof(candidates); k++)
		if (count[k] > count[best])
			best = k;
	return candidates[best];
}

/* Excel's own first line, "sep=;". */
static void read_separator_line(struct csv *csv)
{
	const char *text = csv->text;
	int c;

	csv->separator = find_separator(text, csv->text_end);
	if (csv->text_end < 5 || memcmp(text, "sep=", 4) != 0 || strchr(";,\t", text[4]) == NULL)
		return;
	csv->separator = text[4];
	do
		c = take(csv);
	while (c >= 0 && c != '\n');
}

enum pb_status csv_open(int fd, struct pb_view head, const struct pb_table_options *options, struct csv **ret_csv,
			struct pb_err *err)
{
	struct csv *csv = calloc(1, sizeof(*csv));
	enum pb_status s;

	if (!csv)
		return pb_fail(err, PB_NO_MEMORY, "a CSV reader");
	csv->fd = fd;
	csv->line = 1;
	csv->converter = (iconv_t)-1;
	csv->max_bytes = options->max_bytes > 0 ? options->max_bytes : PB_TABLE_BYTES;
	csv->bytes_read = csv->raw_end = head.n;
	memcpy(csv->raw, head.p, head.n);
	s = encoding_detect(head, options->encoding, &csv->encoding, &csv->raw_from, err);
	if (s == PB_OK && csv->encoding != PB_ENCODING_UTF8) {
		csv->converter = iconv_open("UTF-8", encoding_iconv_name(csv->encoding));
		if (csv->converter == (iconv_t)-1)
			s = pb_fail_errno(err, PB_INPUT_INVALID, errno, "%s", pb_encoding_name(csv->encoding));
	}
	if (s == PB_OK && !refill(csv))
		s = csv->failure != PB_OK ? pb_fail(err, csv->failure, "%s", csv->err.msg) :
					    pb_fail(err, PB_INPUT_INVALID, "the file is empty");
	if (s != PB_OK) {
		csv_close(csv);
		return s;
	}
	read_separator_line(csv);
	*ret_csv = csv;
	return PB_OK;
}

void csv_close(struct csv *csv)
{
	if (csv && csv->converter != (iconv_t)-1)
		iconv_close(csv->converter);
	free(csv);
}

enum pb_encoding csv_encoding(const struct csv *csv)
{
	return csv->encoding;
}
