/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the papers of a ceremony look.  A share has three thirds: the label that stays in sight; the words; the
 * QR code, folded up over the words, so that its edge meets the label, where it is sealed and signed across.
 */
#include "print/paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "print/draw.h"
#include "print/pdf.h"
#include "print/qr.h"

enum { REGULAR, BOLD, MONO, FONTS };

#define A4_WIDTH 210.0
#define A4_HEIGHT 297.0
#define LEFT 20.0
#define RIGHT (A4_WIDTH - 20.0)
#define WIDTH (RIGHT - LEFT)
#define SEAL_Y (A4_HEIGHT / 3)
#define FOLD_Y (2 * A4_HEIGHT / 3)
#define QR_FIELD 46.0
#define SMALL 3.2
#define NORMAL 4.2

static const double black[4] = { 0, 0, 0, 1 }, grey[4] = { 0, 0, 0, 0.55 }, pale[4] = { 0, 0, 0, 0.10 };
static const double red[4] = { 0.10, 1, 0.85, 0.05 }, pink[4] = { 0.01, 0.16, 0.07, 0 };
static const double petrol[4] = { 0.95, 0.60, 0.45, 0.35 };
static const double solid[2] = { 0, 0 }, dashed[2] = { 2, 1.5 };

struct pb_paper {
	struct pb_font *font[FONTS];
};

/* One page being drawn; the first text that cannot be is remembered. */
struct sheet {
	const struct pb_paper *paper;
	struct pb_canvas *canvas;
	const char *unfit;
};

enum pb_status pb_paper_open(const char *font_directory, struct pb_paper **ret_paper, struct pb_err *err)
{
	static const char *const file[FONTS] = { "PTS55F.ttf", "PTS75F.ttf", "PTM55F.ttf" };
	struct pb_paper *paper = calloc(1, sizeof(*paper));
	enum pb_status s = PB_OK;
	char path[4096];

	if (!paper)
		return pb_fail(err, PB_NO_MEMORY, "paper");
	for (size_t i = 0; s == PB_OK && i < FONTS; i++) {
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
	for (size_t i = 0; i < FONTS; i++)
		pb_font_free(paper->font[i]);
	free(paper);
}

/* ---- text and lines */

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

/* At x y, at most `room` wide: smaller, to three fifths, when it must be. */
static void put(struct sheet *sheet, int font, double size, double x, double y, double room, const char *text)
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

static void rule(const struct sheet *sheet, double x, double y, double width, double height)
{
	pb_canvas_step(sheet->canvas, "m", (const double[]){ x, y }, 2);
	pb_canvas_step(sheet->canvas, "l", (const double[]){ x + width, y + height }, 2);
	pb_canvas_stroke(sheet->canvas);
}

static void box(const struct sheet *sheet, double x, double y, double width, double height)
{
	pb_canvas_step(sheet->canvas, "re", (const double[]){ x, y, width, height }, 4);
}

static void pen(const struct sheet *sheet, const double colour[static 4], double width, const double dash[static 2])
{
	pb_canvas_stroke_colour(sheet->canvas, colour);
	pb_canvas_line_style(sheet->canvas, width, false, dash);
}

static void ink(const struct sheet *sheet, const double colour[static 4])
{
	pb_canvas_fill_colour(sheet->canvas, colour);
}

/* A line to write on, and under it in small what belongs there. */
static void blank(struct sheet *sheet, double x, double y, double width, const char *what)
{
	pen(sheet, black, 0.25, solid);
	rule(sheet, x, y, width, 0);
	ink(sheet, grey);
	put(sheet, REGULAR, 2.6, x, y + 3.2, width, what);
	ink(sheet, black);
}

static void labelled(struct sheet *sheet, double x, double y, double room, const char *label, const char *value)
{
	ink(sheet, grey);
	put(sheet, REGULAR, 2.8, x, y, room, label);
	ink(sheet, black);
	put(sheet, REGULAR, NORMAL, x, y + 5.2, room, value);
}

/* Once large behind everything, once small where it cannot be cut away. */
static void draw_rehearsal(struct sheet *sheet, const struct pb_paper_ceremony *ceremony, double y)
{
	static const char mark[] = "РЕПЕТИЦИЯ / TEST";
	const struct pb_text_place place = { .font = BOLD, .size = 19, .x = 30, .y = y, .rotate = 24 };

	if (!ceremony->rehearsal)
		return;
	ink(sheet, pink);
	pb_canvas_text(sheet->canvas, &place, mark, strlen(mark));
	ink(sheet, red);
	box(sheet, 0, 0, A4_WIDTH, 9);
	pb_canvas_fill(sheet->canvas);
	ink(sheet, (const double[4]){ 0, 0, 0, 0 });
	put(sheet, BOLD, NORMAL, LEFT, 6.2, WIDTH, "РЕПЕТИЦИЯ / TEST: ключи ненастоящие, хранить этот лист незачем");
	ink(sheet, black);
}

/* ---- a share */

static void draw_label(struct sheet *sheet, const struct pb_paper_ceremony *ceremony, const struct pb_paper_share *share)
{
	char text[96];

	ink(sheet, black);
	put(sheet, REGULAR, NORMAL, LEFT, 21, WIDTH, ceremony->office);
	ink(sheet, petrol);
	(void)snprintf(text, sizeof(text), "Доля %u из %u", share->index, ceremony->count);
	put(sheet, BOLD, 13, LEFT, 37, 76, text);
	ink(sheet, black);
	(void)snprintf(text, sizeof(text), "нужно %u", ceremony->needed);
	put(sheet, REGULAR, 8, LEFT + 80, 37, 58, text);
	put(sheet, REGULAR, SMALL, LEFT, 45, WIDTH,
	    "Часть секрета, который открывает ключи организации. Не копировать, не фотографировать, не пересылать.");
	labelled(sheet, LEFT, 53, 60, "Церемония", ceremony->id);
	labelled(sheet, LEFT + 65, 53, 40, "Дата", ceremony->date);
	labelled(sheet, LEFT, 65, WIDTH, "Хранитель", share->custodian);
	blank(sheet, LEFT, 84, 75, "подпись хранителя: доля прочитана с этого листа и проверена");
	blank(sheet, LEFT + 85, 84, 85, "пакет или сейф №, дата вскрытия");
}

static void draw_marks(struct sheet *sheet)
{
	ink(sheet, grey);
	put(sheet, REGULAR, 2.6, LEFT, SEAL_Y - 1.4, WIDTH,
	    "Сюда ложится нижний край листа. Заклейте его по всей длине и распишитесь поперёк края в трёх местах.");
	put(sheet, REGULAR, 2.6, LEFT, FOLD_Y + 3.4, WIDTH, "Сгиб: нижняя треть накрывает слова, текстом внутрь.");
	pb_canvas_save(sheet->canvas); /* only restoring ends dashes */
	pen(sheet, grey, 0.2, dashed);
	rule(sheet, 9, FOLD_Y, A4_WIDTH - 18, 0);
	pb_canvas_restore(sheet->canvas);
	pen(sheet, black, 0.3, solid);
	for (int side = 0; side < 2; side++) {
		double x = side == 0 ? 0 : A4_WIDTH - 8;

		rule(sheet, x, SEAL_Y, 8, 0);
		rule(sheet, x, FOLD_Y, 8, 0);
	}
	rule(sheet, LEFT, SEAL_Y, WIDTH, 0);
	ink(sheet, black);
}

/* Down the columns, as one dictates; the two checksum words are shaded. */
static void draw_words(struct sheet *sheet, const char *words)
{
	enum { ROWS = 10, COLUMNS = 4 };
	const double top = SEAL_Y + 6, row = 8.6, column = WIDTH / COLUMNS;
	char text[64];

	for (unsigned i = 0; i < PB_PAPER_WORDS; i++) {
		double x = LEFT + (i / ROWS) * column, y = top + (i % ROWS) * row;
		size_t n = strcspn(words, " ");

		if (i >= PB_PAPER_WORDS - 2) {
			ink(sheet, pale);
			box(sheet, x, y, column, row);
			pb_canvas_fill(sheet->canvas);
		}
		pen(sheet, grey, 0.15, solid);
		box(sheet, x, y, column, row);
		pb_canvas_stroke(sheet->canvas);
		ink(sheet, grey);
		(void)snprintf(text, sizeof(text), "%u", i + 1);
		put(sheet, REGULAR, 2.8, x + 1.6, y + 5.6, 6, text);
		ink(sheet, black);
		(void)snprintf(text, sizeof(text), "%.*s", (int)n, words);
		put(sheet, MONO, 5, x + 8, y + 5.9, column - 9, text);
		words += n + (words[n] == ' ');
		pb_wipe(text, sizeof(text));
	}
}

static void draw_code(struct sheet *sheet, const struct pb_paper_share *share)
{
	static const char *const lines[] = {
		"Тот же секрет для считывателя QR-кодов.",
		"",
		"Чтобы ввести долю, прочтите код считывателем или наберите",
		"сорок слов по порядку номеров: столбец за столбцом,",
		"строчными буквами, через пробел. Буквы «ё» в словах нет.",
		"",
		"Слова 39 и 40 (на сером) — контрольные: по ним программа",
		"замечает ошибку. Слово не из списка она назовёт по номеру.",
		"",
		"Лист утрачен или вскрыт — сообщите председателю в тот же день:",
		"проводится новая церемония, а старые доли теряют силу.",
	};
	struct pb_qr qr;

	if (!pb_qr_encode(pb_view_text(share->qr), 5, QR_FIELD, &qr)) {
		sheet->unfit = "QR";
		return;
	}
	pb_draw_qr(sheet->canvas, &qr, LEFT, FOLD_Y + 13);
	pb_wipe(&qr, sizeof(qr));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		put(sheet, REGULAR, SMALL + 0.2, LEFT + 58, FOLD_Y + 17 + (double)i * 5, WIDTH - 58, lines[i]);
}

static enum pb_status begin(const struct pb_paper *paper, const struct pb_paper_ceremony *ceremony, const char *title,
			    struct pb_pdf **ret_pdf, struct sheet *ret_sheet, struct pb_err *err)
{
	enum pb_status s = pb_pdf_create(title, ceremony->unix_time, paper->font, FONTS, ret_pdf, err);

	if (s != PB_OK)
		return s;
	*ret_sheet = (struct sheet){ .paper = paper, .canvas = pb_pdf_page(*ret_pdf, A4_WIDTH, A4_HEIGHT, 0) };
	if (ret_sheet->canvas)
		return PB_OK;
	s = pb_pdf_status(*ret_pdf, err);
	pb_pdf_destroy(*ret_pdf);
	return s;
}

/* Names what did not fit only for names: a share's words always do. */
static enum pb_status end(struct pb_pdf *pdf, const struct sheet *sheet, uint8_t **ret_pdf, size_t *ret_n,
			  struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (sheet->unfit)
		s = pb_fail(err, PB_INPUT_INVALID, "a text of the paper is too long or has a letter the font lacks");
	if (s == PB_OK)
		s = pb_pdf_finish(pdf, ret_pdf, ret_n, err);
	pb_pdf_destroy(pdf);
	return s;
}

enum pb_status pb_paper_print_share(const struct pb_paper *paper, const struct pb_paper_ceremony *ceremony,
				    const struct pb_paper_share *share, uint8_t **ret_pdf, size_t *ret_n,
				    struct pb_err *err)
{
	struct pb_pdf *pdf;
	struct sheet sheet;
	enum pb_status s = begin(paper, ceremony, "Profbilet: share of a key ceremony", &pdf, &sheet, err);

	if (s != PB_OK)
		return s;
	draw_rehearsal(&sheet, ceremony, 195);
	draw_label(&sheet, ceremony, share);
	draw_marks(&sheet);
	draw_words(&sheet, share->words);
	draw_code(&sheet, share);
	return end(pdf, &sheet, ret_pdf, ret_n, err);
}

/* ---- the protocol */

static double draw_heading(struct sheet *sheet, double y, const char *text)
{
	ink(sheet, petrol);
	put(sheet, BOLD, NORMAL, LEFT, y, WIDTH, text);
	pen(sheet, petrol, 0.4, solid);
	rule(sheet, LEFT, y + 1.8, WIDTH, 0);
	ink(sheet, black);
	return y + 7.5;
}

static double draw_steps(struct sheet *sheet, double y, const struct pb_paper_protocol *protocol)
{
	for (size_t i = 0; i < PB_PAPER_STEPS && protocol->step[i].name; i++, y += 5.6) {
		put(sheet, REGULAR, SMALL + 0.2, LEFT, y, 30, protocol->step[i].name);
		put(sheet, REGULAR, SMALL + 0.2, LEFT + 32, y, WIDTH - 32, protocol->step[i].value);
	}
	return y + 3;
}

static double draw_facts(struct sheet *sheet, double y, const struct pb_paper_protocol *protocol)
{
	for (size_t i = 0; i < PB_PAPER_FACTS && protocol->fact[i].name; i++, y += 5.6) {
		put(sheet, REGULAR, SMALL + 0.2, LEFT, y, 52, protocol->fact[i].name);
		put(sheet, MONO, SMALL, LEFT + 54, y, WIDTH - 54, protocol->fact[i].value);
	}
	return y + 3;
}

static double draw_signatures(struct sheet *sheet, double y, const struct pb_paper_ceremony *ceremony,
			      const struct pb_paper_protocol *protocol)
{
	char text[16];

	for (unsigned i = 0; i < ceremony->count; i++, y += 9.5) {
		(void)snprintf(text, sizeof(text), "%u", i + 1);
		put(sheet, BOLD, NORMAL, LEFT, y, 8, text);
		put(sheet, REGULAR, NORMAL, LEFT + 8, y, 92, protocol->custodian[i]);
		pen(sheet, black, 0.25, solid);
		rule(sheet, LEFT + 105, y + 1, 65, 0);
	}
	blank(sheet, LEFT + 8, y + 1, 92, "ведущий церемонии: фамилия, имя, отчество");
	blank(sheet, LEFT + 105, y + 1, 65, "подпись");
	return y + 12;
}

static void draw_protocol(struct sheet *sheet, const struct pb_paper_ceremony *ceremony,
			  const struct pb_paper_protocol *protocol)
{
	char text[128];
	double y = 21;

	ink(sheet, black);
	put(sheet, REGULAR, NORMAL, LEFT, y, WIDTH, ceremony->office);
	ink(sheet, petrol);
	put(sheet, BOLD, 8, LEFT, y + 13, WIDTH, "Протокол церемонии ключей");
	ink(sheet, black);
	(void)snprintf(text, sizeof(text), "Церемония %s, %s. Долей %u, для восстановления нужно %u.", ceremony->id,
		       ceremony->date, ceremony->count, ceremony->needed);
	put(sheet, REGULAR, NORMAL, LEFT, y + 21, WIDTH, text);
	y = draw_heading(sheet, y + 33, "Что сделано");
	y = draw_steps(sheet, y, protocol);
	y = draw_heading(sheet, y + 3, "Ключи и сертификаты");
	y = draw_facts(sheet, y, protocol);
	y = draw_heading(sheet, y + 3, "Хранители и номера их долей");
	put(sheet, REGULAR, SMALL, LEFT, y, WIDTH,
	    "Подписью каждый подтверждает: он сам прочёл свою долю с бумаги, программа её приняла, копий он не делал.");
	y = draw_signatures(sheet, y + 10, ceremony, protocol);
	if (y > A4_HEIGHT - 8)
		sheet->unfit = "the page";
}

enum pb_status pb_paper_print_protocol(const struct pb_paper *paper, const struct pb_paper_ceremony *ceremony,
				       const struct pb_paper_protocol *protocol, uint8_t **ret_pdf, size_t *ret_n,
				       struct pb_err *err)
{
	struct pb_pdf *pdf;
	struct sheet sheet;
	enum pb_status s = begin(paper, ceremony, "Profbilet: protocol of a key ceremony", &pdf, &sheet, err);

	if (s != PB_OK)
		return s;
	draw_rehearsal(&sheet, ceremony, 215);
	draw_protocol(&sheet, ceremony, protocol);
	return end(pdf, &sheet, ret_pdf, ret_n, err);
}
