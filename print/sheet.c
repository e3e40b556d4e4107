/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drawing on A4 pages, and where a line of a paragraph ends.
 */
#include "print/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LEADING 1.32

const double sheet_black[4] = { 0, 0, 0, 1 }, sheet_grey[4] = { 0, 0, 0, 0.55 };
const double sheet_petrol[4] = { 0.95, 0.60, 0.45, 0.35 };
const double sheet_solid[2] = { 0, 0 };

enum pb_status pb_paper_open(const char *font_directory, struct pb_paper **ret_paper, struct pb_err *err)
{
	static const char *const file[SHEET_FONTS] = { "PTS55F.ttf", "PTS75F.ttf", "PTM55F.ttf" };
	struct pb_paper *paper = calloc(1, sizeof(*paper));
	enum pb_status s = PB_OK;
	char path[4096];

	if (!paper)
		return pb_fail(err, PB_NO_MEMORY, "paper");
	for (size_t i = 0; s == PB_OK && i < SHEET_FONTS; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", font_directory, file[i]) >= (int)sizeof(path))
			s = pb_fail(err, PB_FILE_UNREADABLE, "font folder: the path is too long");
		else
			s = pb_font_load(path, &paper->font[i], err);
	}
	if (s == PB_OK)
		*ret_paper = paper;
	else
		pb_paper_close(paper);
	return s;
}

void pb_paper_close(struct pb_paper *paper)
{
	if (!paper)
		return;
	for (size_t i = 0; i < SHEET_FONTS; i++)
		pb_font_free(paper->font[i]);
	free(paper);
}

/* ---- pages */

enum pb_status sheet_begin(const struct pb_paper *paper, const char *title, int64_t unix_time, struct sheet *ret_sheet,
			   struct pb_err *err)
{
	struct sheet sheet = { .paper = paper };
	enum pb_status s = pb_pdf_create(title, unix_time, paper->font, SHEET_FONTS, &sheet.pdf, err);

	if (s != PB_OK)
		return s;
	sheet_turn(&sheet);
	if (sheet.canvas) {
		*ret_sheet = sheet;
		return PB_OK;
	}
	s = pb_pdf_status(sheet.pdf, err);
	pb_pdf_destroy(sheet.pdf);
	return s;
}

void sheet_turn(struct sheet *sheet)
{
	struct pb_canvas *page = pb_pdf_page(sheet->pdf, SHEET_A4_WIDTH, SHEET_A4_HEIGHT, 0);

	if (page) /* else the document remembers why */
		sheet->canvas = page;
}

/* Does not name the text that did not fit: it may be a secret, or somebody's. */
enum pb_status sheet_end(struct sheet *sheet, uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (sheet->unfit)
		s = pb_fail(err, PB_INPUT_INVALID, "a text of the paper is too long or has a letter the font lacks");
	if (s == PB_OK)
		s = pb_pdf_finish(sheet->pdf, ret_pdf, ret_n, err);
	pb_pdf_destroy(sheet->pdf);
	return s;
}

/* ---- lines and colours */

void sheet_rule(const struct sheet *sheet, double x, double y, double width, double height)
{
	pb_canvas_step(sheet->canvas, "m", (const double[]){ x, y }, 2);
	pb_canvas_step(sheet->canvas, "l", (const double[]){ x + width, y + height }, 2);
	pb_canvas_stroke(sheet->canvas);
}

void sheet_box(const struct sheet *sheet, double x, double y, double width, double height)
{
	pb_canvas_step(sheet->canvas, "re", (const double[]){ x, y, width, height }, 4);
}

void sheet_pen(const struct sheet *sheet, const double colour[static 4], double width, const double dash[static 2])
{
	pb_canvas_stroke_colour(sheet->canvas, colour);
	pb_canvas_line_style(sheet->canvas, width, false, dash);
}

void sheet_ink(const struct sheet *sheet, const double colour[static 4])
{
	pb_canvas_fill_colour(sheet->canvas, colour);
}

/* ---- text */

static bool drawable(const struct pb_font *font, const char *text)
{
	uint32_t c;

	if (!pb_text_valid(pb_view_text(text)))
		return false;
	while ((c = pb_text_next(&text)) != 0)
		if (pb_font_glyph(font, c) == 0)
			return false;
	return true;
}

void sheet_put(struct sheet *sheet, int font, double size, double x, double y, double room, const char *text)
{
	size_t n = strlen(text);
	double width;

	if (!drawable(sheet->paper->font[font], text)) {
		sheet->unfit = text;
		return;
	}
	width = pb_font_width(sheet->paper->font[font], text, n) * size;
	if (width * 0.6 > room)
		sheet->unfit = text;
	if (width > room)
		size *= room / width;
	pb_canvas_text(sheet->canvas, &(struct pb_text_place){ .font = (size_t)font, .size = size, .x = x, .y = y }, text, n);
}

/* Bytes of the next line: to the last space that still fits, else to the last letter; at least one letter. */
static size_t line_length(const struct pb_font *font, double size, double room, const char *text)
{
	const char *at = text;
	size_t words = 0, letters = 0;

	while (*at != '\0') {
		const char *next = at;

		(void)pb_text_next(&next);
		if (pb_font_width(font, text, (size_t)(next - text)) * size > room && letters > 0)
			return words > 0 ? words : letters;
		if (*at == ' ')
			words = (size_t)(at - text);
		letters = (size_t)(next - text);
		at = next;
	}
	return letters;
}

double sheet_paragraph(struct sheet *sheet, int font, double size, double x, double y, double room, const char *text)
{
	if (!drawable(sheet->paper->font[font], text)) {
		sheet->unfit = text;
		return y;
	}
	for (; *text != '\0'; y += size * LEADING) {
		size_t n = line_length(sheet->paper->font[font], size, room, text);

		pb_canvas_text(sheet->canvas, &(struct pb_text_place){ .font = (size_t)font, .size = size, .x = x, .y = y }, text, n);
		text += n + (text[n] == ' ');
	}
	return y;
}

double sheet_heading(struct sheet *sheet, double y, const char *text)
{
	sheet_ink(sheet, sheet_petrol);
	sheet_put(sheet, SHEET_BOLD, SHEET_NORMAL, SHEET_LEFT, y, SHEET_WIDTH, text);
	sheet_pen(sheet, sheet_petrol, 0.4, sheet_solid);
	sheet_rule(sheet, SHEET_LEFT, y + 1.8, SHEET_WIDTH, 0);
	sheet_ink(sheet, sheet_black);
	return y + 7.5;
}

void sheet_labelled(struct sheet *sheet, double x, double y, double room, const char *label, const char *value)
{
	sheet_ink(sheet, sheet_grey);
	sheet_put(sheet, SHEET_REGULAR, 2.8, x, y, room, label);
	sheet_ink(sheet, sheet_black);
	sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, x, y + 5.2, room, value);
}

void sheet_blank(struct sheet *sheet, double x, double y, double width, const char *what)
{
	sheet_pen(sheet, sheet_black, 0.25, sheet_solid);
	sheet_rule(sheet, x, y, width, 0);
	sheet_ink(sheet, sheet_grey);
	sheet_put(sheet, SHEET_REGULAR, 2.6, x, y + 3.2, width, what);
	sheet_ink(sheet, sheet_black);
}
