/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two kinds of table behind table.h, and the guess of an encoding.  Each kind fills the caller's row with
 * cells that live in its own memory until the next row.
 */
#ifndef PROFBILET_ISSUER_REGISTER_TABLE_INTERNAL_H
#define PROFBILET_ISSUER_REGISTER_TABLE_INTERNAL_H

#include "issuer/register/table.h"

enum { TABLE_HEAD = 64 * 1024 };

/* The texts of one row, side by side: a cell is at most PB_CELL_MAX bytes and there are at most
 * PB_TABLE_COLUMNS, so that this never grows. */
struct row_room {
	size_t used;
	char bytes[PB_TABLE_COLUMNS * (PB_CELL_MAX + 1)];
};

struct csv;
struct xlsx;

/* `head` is what was read of the file already, up to TABLE_HEAD bytes; the rest comes from fd. */
PB_MUST_USE enum pb_status csv_open(int fd, struct pb_view head, const struct pb_table_options *options,
				    struct csv **ret_csv, struct pb_err *err);
PB_MUST_USE enum pb_status csv_next(struct csv *csv, struct pb_table_row *ret_row, bool *ret_more, struct pb_err *err);
void csv_close(struct csv *csv);
enum pb_encoding csv_encoding(const struct csv *csv);

PB_MUST_USE enum pb_status xlsx_open(int fd, struct xlsx **ret_xlsx, struct pb_err *err);
PB_MUST_USE enum pb_status xlsx_next(struct xlsx *xlsx, struct pb_table_row *ret_row, bool *ret_more, struct pb_err *err);
void xlsx_close(struct xlsx *xlsx);

/* encoding.c: what the first bytes are written in; PB_INPUT_INVALID when they are no text at all.
 * ret_skip: bytes of a byte order mark. */
PB_MUST_USE enum pb_status encoding_detect(struct pb_view head, enum pb_encoding chosen, enum pb_encoding *ret_encoding,
					   size_t *ret_skip, struct pb_err *err);
/* iconv's name. */
const char *encoding_iconv_name(enum pb_encoding encoding);

#endif
