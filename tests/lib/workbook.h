/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The smallest XLSX workbook that has everything the reader looks at, with some of its parts replaced by a
 * test's own.  For tests only; whatever fails aborts.
 */
#ifndef PROFBILET_TESTS_LIB_WORKBOOK_H
#define PROFBILET_TESTS_LIB_WORKBOOK_H

#include "base/bytes.h"

/* A part whose view is zero is as follows: one sheet with the rows «text, 20719, 22.09.1956» where the second
 * is no date and the third is one; strings: "text"; styles: 0 plain, 1 a date.  `pad` entries more, empty. */
struct workbook {
	struct pb_view book, relations, sheet, strings, styles;
	int pad;
};

/* An unlinked file with the packed workbook; the caller closes it. */
int workbook_file(const struct workbook *workbook);

#endif
