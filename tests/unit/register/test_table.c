/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/table: what CSV and XLSX files say, cell by cell, and what hostile ones are refused for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "issuer/register/table.h"
#include "office.h"
#include "workbook.h"

/* All rows as "1:a|b;3:c|d;" and the status that ended them.  Closes the file. */
static enum pb_status read_fd(int fd, char *ret_text, size_t cap, struct pb_err *err)
{
	const struct pb_table_options options = { 0 };
	struct pb_table_row row;
	struct pb_table *table;
	bool more = true;
	size_t n = 0;
	enum pb_status s = pb_table_open(fd, &options, &table, err);

	ret_text[0] = '\0';
	if (s != PB_OK) {
		close(fd);
		return s;
	}
	while ((s = pb_table_next(table, &row, &more, err)) == PB_OK && more) {
		n += (size_t)snprintf(ret_text + n, cap - n, "%d:", row.row);
		for (size_t i = 0; i < row.cells && n < cap; i++)
			n += (size_t)snprintf(ret_text + n, cap - n, "%s%s", i > 0 ? "|" : "", row.cell[i].text);
		n += (size_t)snprintf(ret_text + n, cap - n, ";");
		assert_true(n < cap);
	}
	pb_table_close(table);
	close(fd);
	return s;
}

static void assert_csv(const char *csv, const char *rows)
{
	char text[512];

	assert_int_equal(read_fd(file_of(csv, strlen(csv)), text, sizeof(text), NULL), PB_OK);
	assert_string_equal(text, rows);
}

/* ---- CSV */

static void csv_follows_rfc_4180(void **state)
{
	(void)state;
	/* The examples of section 2, and what it leaves to us. */
	assert_csv("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "1:aaa|bbb|ccc;2:zzz|yyy|xxx;");
	assert_csv("aaa,bbb,ccc\r\nzzz,yyy,xxx", "1:aaa|bbb|ccc;2:zzz|yyy|xxx;");
	assert_csv("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx", "1:aaa|bbb|ccc;2:zzz|yyy|xxx;");
	assert_csv("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx", "1:aaa|b\nbb|ccc;3:zzz|yyy|xxx;");
	assert_csv("\"aaa\",\"b\"\"bb\",\"ccc\"", "1:aaa|b\"bb|ccc;");
	assert_csv("a,b\n\n,\n\"\",c\n", "1:a|b;4:|c;");
	assert_csv("a;b\nООО \"Р\";x", "1:a|b;2:ООО \"Р\"|x;");
}

static void csv_finds_its_separator_and_line_end(void **state)
{
	(void)state;
	assert_csv("a;b,c;d\re;f\r", "1:a|b,c|d;2:e|f;");
	assert_csv("a\tb\n1,5\t2;5\n", "1:a|b;2:1,5|2;5;");
	assert_csv("\"a,b,c\";d\n", "1:a,b,c|d;");
	assert_csv("sep=,\r\na,b;c\r\n", "2:a|b;c;");
	assert_csv("single\nrow\n", "1:single;2:row;");
}

static void assert_refused(const char *bytes, size_t n, enum pb_status status, const char *words)
{
	struct pb_err err = { 0 };
	char *text = malloc(64 * 1024);

	assert_non_null(text);
	assert_int_equal(read_fd(file_of(bytes, n), text, 64 * 1024, &err), status);
	if (!strstr(err.msg, words))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
	free(text);
}

static void csv_names_the_line_of_what_it_refuses(void **state)
{
	char wide[256];

	(void)state;
	assert_refused("a;b\nc;\"d\ne;f\n", 13, PB_INPUT_INVALID, "line 2: the quote opened here");
	assert_refused("a;b\nc;d\0\n", 9, PB_INPUT_INVALID, "byte 8");
	assert_refused("a;b\nc;\x1B[31m\n", 12, PB_INPUT_INVALID, "byte 7");
	/* UTF-8 by its mark, and not UTF-8 */
	assert_refused("\xEF\xBB\xBF" "a;b\nc;\xFF\n", 11, PB_INPUT_INVALID, "line 2");
	/* half a character of UTF-16 */
	assert_refused("\xFF\xFE" "a\0;\0b", 7, PB_INPUT_INVALID, "line 1");
	memset(wide, ';', sizeof(wide));
	assert_refused(wide, sizeof(wide), PB_INPUT_INVALID, "64 columns");
}

static void csv_cuts_a_long_field_at_a_letter_and_says_so(void **state)
{
	const struct pb_table_options options = { 0 };
	struct pb_table_row row;
	struct pb_table *table;
	char *text = malloc(20001);
	bool more;
	int fd;

	(void)state;
	assert_non_null(text);
	memcpy(text, "xа;", 4);
	for (size_t i = 4; i + 2 <= 20000; i += 2)
		memcpy(text + i, "я", 2);
	fd = file_of(text, 20000);
	assert_int_equal(pb_table_open(fd, &options, &table, NULL), PB_OK);
	assert_int_equal(pb_table_next(table, &row, &more, NULL), PB_OK);
	assert_false(row.cell[0].cut);
	assert_true(row.cell[1].cut);
	assert_true(strlen(row.cell[1].text) <= PB_CELL_MAX && strlen(row.cell[1].text) > PB_CELL_MAX - 4);
	pb_table_close(table);
	close(fd);
	free(text);
}

/* A piece ends anywhere: in a letter, in CR LF, in a doubled quote. */
static void csv_reads_the_same_wherever_its_pieces_end(void **state)
{
	static const char row[] = "«ё»;\"a\"\"b\"\r\n";
	const struct pb_table_options options = { 0 };
	char *text = calloc(1, 70000);

	(void)state;
	assert_non_null(text);
	for (size_t shift = 0; shift < sizeof(row); shift++) {
		struct pb_table_row got;
		struct pb_table *table;
		size_t n = 0;
		bool more = true;
		int fd, rows = 0;

		memset(text, 'x', shift);
		memcpy(text + shift, ";h\n", 3);
		for (n = shift + 3; n + sizeof(row) < 70000; n += sizeof(row) - 1)
			memcpy(text + n, row, sizeof(row) - 1);
		fd = file_of(text, n);
		assert_int_equal(pb_table_open(fd, &options, &table, NULL), PB_OK);
		assert_int_equal(pb_table_next(table, &got, &more, NULL), PB_OK);
		for (; pb_table_next(table, &got, &more, NULL) == PB_OK && more; rows++) {
			assert_string_equal(got.cell[0].text, "«ё»");
			assert_string_equal(got.cell[1].text, "a\"b");
		}
		assert_int_equal(rows, (n - shift - 3) / (sizeof(row) - 1));
		pb_table_close(table);
		close(fd);
	}
	free(text);
}

/* ---- XLSX */

static void assert_workbook(const struct workbook *workbook, const char *rows)
{
	char text[512];

	assert_int_equal(read_fd(workbook_file(workbook), text, sizeof(text), NULL), PB_OK);
	assert_string_equal(text, rows);
}

static void assert_sheet(const char *sheet_data, const char *rows)
{
	char sheet[2048];

	snprintf(sheet, sizeof(sheet), "<worksheet><sheetData>%s</sheetData></worksheet>", sheet_data);
	assert_workbook(&(struct workbook){ .sheet = pb_view_text(sheet) }, rows);
}

static void xlsx_reads_every_kind_of_cell(void **state)
{
	(void)state;
	assert_workbook(&(struct workbook){ 0 }, "1:text|20719|22.09.1956;");
	assert_sheet("<row r='2'><c r='B2' t='inlineStr'><is><r><t>a</t></r><rPh><t>!</t></rPh><r><t> b</t></r></is></c>"
		     "<c t='str'><f>A1</f><v>x</v></c><c t='b'><v>1</v></c></row><row/><row><c><f>A1</f></c></row>"
		     "<row r='9'><c><v>7.9141234567E10</v></c><c><v>0.5</v></c><c t='e'><v>#N/A</v></c></row>",
		     "2:|a b|x|1;9:79141234567|0.5|#N/A;");
	/* a prefix on every element, as some programs write */
	assert_workbook(&(struct workbook){ .sheet = pb_view_text("<x:worksheet xmlns:x='x'><x:row r='1'><x:c><x:v>5</x:v></x:c></x:row></x:worksheet>") },
			"1:5;");
}

static void xlsx_counts_days_as_excel_does(void **state)
{
	(void)state;
	/* Day 60 is the 29 February 1900 that never was; 61 is 1 March. */
	assert_sheet("<row><c s='1'><v>1</v></c><c s='1'><v>59</v></c><c s='1'><v>60</v></c><c s='1'><v>61</v></c>"
		     "<c s='1'><v>45658.99</v></c><c s='1'><v>-3</v></c><c s='1'><v>1e9</v></c></row>",
		     "1:01.01.1900|28.02.1900|60|01.03.1900|01.01.2025|-3|1000000000;");
	assert_workbook(&(struct workbook){ .book = pb_view_text("<workbook xmlns:r='r'><workbookPr date1904='1'/><sheets>"
								 "<sheet r:id='rId1'/></sheets></workbook>") },
			"1:text|20719|23.09.1960;");
}

static void assert_hostile(const struct workbook *workbook, enum pb_status status, const char *words)
{
	struct pb_err err = { 0 };
	char text[512];

	assert_int_equal(read_fd(workbook_file(workbook), text, sizeof(text), &err), status);
	if (!strstr(err.msg, words))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
}

#define SHEET(text) (&(struct workbook){ .sheet = pb_view_text(text) })

static void xlsx_refuses_what_is_hostile(void **state)
{
	size_t bomb_size = 8 * 1024 * 1024;
	char *bomb = malloc(bomb_size), deep[1024] = "";

	(void)state;
	assert_non_null(bomb);
	assert_hostile(SHEET("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><worksheet><row><c><v>&b;</v></c></row></worksheet>"),
		       PB_INPUT_INVALID, "document type");
	memset(bomb, ' ', bomb_size);
	assert_hostile(&(struct workbook){ .strings = pb_view(bomb, bomb_size) }, PB_INPUT_TOO_LARGE, "packed too well");
	assert_hostile(&(struct workbook){ .pad = 1000 }, PB_INPUT_TOO_LARGE, "1000 parts");
	for (int i = 0; i < 40; i++)
		memcpy(deep + 3 * (size_t)i, "<a>", 4);
	assert_hostile(SHEET(deep), PB_INPUT_INVALID, "too deeply");
	assert_hostile(SHEET("<worksheet><row r='2'/><row r='1'/></worksheet>"), PB_INPUT_INVALID, "out of order");
	assert_hostile(SHEET("<worksheet><row><c r='B1'/><c r='A1'/></row></worksheet>"), PB_INPUT_INVALID, "out of order");
	assert_hostile(SHEET("<worksheet><row><c t='s'><v>1</v></c></row></worksheet>"), PB_INPUT_INVALID, "does not have");
	assert_hostile(SHEET("<worksheet><row><c r='XFD1'><v>1</v></c></row></worksheet>"), PB_INPUT_INVALID, "64 columns");
	assert_hostile(SHEET("<worksheet><row><c t='str'><v>&#x85;</v></c></row></worksheet>"), PB_INPUT_INVALID, "not text");
	assert_hostile(SHEET("<worksheet><row>"), PB_INPUT_INVALID, "damaged");
	assert_hostile(&(struct workbook){ .book = pb_view_text("<workbook/>") }, PB_INPUT_INVALID, "no sheet");
	assert_hostile(&(struct workbook){ .relations = pb_view_text("<Relationships><Relationship Id='rId1' Target='../../a'/>"
								     "</Relationships>") },
		       PB_INPUT_INVALID, "not in it");
	free(bomb);
}

/* Every byte of a workbook changed, and every length of it: refused or read, never more than that. */
static void xlsx_survives_every_damage(void **state)
{
	int whole = workbook_file(&(struct workbook){ 0 });
	off_t n = lseek(whole, 0, SEEK_END);
	uint8_t *bytes = malloc((size_t)n);
	char text[512];

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(pread(whole, bytes, (size_t)n, 0), n);
	close(whole);
	for (off_t i = 0; i < n; i++) {
		(void)read_fd(file_of(bytes, (size_t)i), text, sizeof(text), NULL);
		bytes[i] ^= 0x55;
		(void)read_fd(file_of(bytes, (size_t)n), text, sizeof(text), NULL);
		bytes[i] ^= 0x55;
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_follows_rfc_4180),
		cmocka_unit_test(csv_finds_its_separator_and_line_end),
		cmocka_unit_test(csv_names_the_line_of_what_it_refuses),
		cmocka_unit_test(csv_cuts_a_long_field_at_a_letter_and_says_so),
		cmocka_unit_test(csv_reads_the_same_wherever_its_pieces_end),
		cmocka_unit_test(xlsx_reads_every_kind_of_cell),
		cmocka_unit_test(xlsx_counts_days_as_excel_does),
		cmocka_unit_test(xlsx_refuses_what_is_hostile),
		cmocka_unit_test(xlsx_survives_every_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
