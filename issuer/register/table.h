/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table as offices send it, row by row, whatever the file is: CSV (csv.c) and XLSX (xlsx.c) stand behind
 * the same two functions.  The cells are text in UTF-8; nothing here knows what a member is.
 *
 * Every size has a limit, since the file comes from outside: 64 columns, 4 KiB a cell, a million rows.
 */
#ifndef PROFBILET_ISSUER_REGISTER_TABLE_H
#define PROFBILET_ISSUER_REGISTER_TABLE_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	PB_TABLE_COLUMNS = 64,
	PB_CELL_MAX = 4096,
	PB_TABLE_ROWS = 1000000,
	PB_TABLE_BYTES = 64 * 1024 * 1024, /* of the file, by default */
};

enum pb_encoding {
	PB_ENCODING_DETECT,
	PB_ENCODING_UTF8,
	PB_ENCODING_WINDOWS_1251,
	PB_ENCODING_CP866,
	PB_ENCODING_KOI8_R,
	PB_ENCODING_UTF16LE,
	PB_ENCODING_UTF16BE,
	PB_ENCODINGS
};

/* "windows-1251"; false for a name that is none of ours. */
const char *pb_encoding_name(enum pb_encoding encoding);
bool pb_encoding_parse(const char *name, enum pb_encoding *ret_encoding);

struct pb_table_options {
	enum pb_encoding encoding; /* of CSV */
	size_t max_bytes;	   /* 0: PB_TABLE_BYTES */
};

struct pb_cell {
	const char *text; /* with its NUL, at most PB_CELL_MAX bytes; never NULL */
	bool number;	  /* XLSX: was stored as a number, so leading zeros are gone */
	bool cut;	  /* was longer than PB_CELL_MAX; the rest was dropped */
	bool broken;	  /* CSV: text follows the closing quote */
};

struct pb_table_row {
	int row; /* line of the file or row of the sheet, from 1 */
	size_t cells;
	struct pb_cell cell[PB_TABLE_COLUMNS]; /* borrowed until the next row */
};

struct pb_table;

/* Looks at the first bytes to know what the file is.  The descriptor stays the caller's and open meanwhile.
 * PB_INPUT_INVALID: empty, not a table, not text in the encoding; PB_INPUT_TOO_LARGE. */
PB_MUST_USE enum pb_status pb_table_open(int fd, const struct pb_table_options *options, struct pb_table **ret_table,
					 struct pb_err *err);
/* Empty rows are passed over.  False at the end. */
PB_MUST_USE enum pb_status pb_table_next(struct pb_table *table, struct pb_table_row *ret_row, bool *ret_more,
					 struct pb_err *err);
void pb_table_close(struct pb_table *table);

enum pb_encoding pb_table_encoding(const struct pb_table *table);
/* A row may end early without a mistake: true for sheets, which do not store empty cells. */
bool pb_table_is_sheet(const struct pb_table *table);

#endif
