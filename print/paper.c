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
#include "print/draw.h"
#include "print/qr.h"
#include "print/sheet.h"

#define SEAL_Y (SHEET_A4_HEIGHT / 3)
#define FOLD_Y (2 * SHEET_A4_HEIGHT / 3)
#define QR_FIELD 46.0

static const double pale[4] = { 0, 0, 0, 0.10 };
static const double red[4] = { 0.10, 1, 0.85, 0.05 }, pink[4] = { 0.01, 0.16, 0.07, 0 };
static const double dashed[2] = { 2, 1.5 };

/* Once large behind everything, once small where it cannot be cut away. */
static void draw_rehearsal(struct sheet *sheet, const struct pb_paper_ceremony *ceremony, double y)
{
	static const char mark[] = "РЕПЕТИЦИЯ / TEST";
	const struct pb_text_place place = { .font = SHEET_BOLD, .size = 19, .x = 30, .y = y, .rotate = 24 };

	if (!ceremony->rehearsal)
		return;
	sheet_ink(sheet, pink);
	pb_canvas_text(sheet->canvas, &place, mark, strlen(mark));
	sheet_ink(sheet, red);
	sheet_box(sheet, 0, 0, SHEET_A4_WIDTH, 9);
	pb_canvas_fill(sheet->canvas);
	sheet_ink(sheet, (const double[4]){ 0, 0, 0, 0 });
	sheet_put(sheet, SHEET_BOLD, SHEET_NORMAL, SHEET_LEFT, 6.2, SHEET_WIDTH, "РЕПЕТИЦИЯ / TEST: ключи ненастоящие, хранить этот лист незачем");
	sheet_ink(sheet, sheet_black);
}

/* ---- a share */

static void draw_label(struct sheet *sheet, const struct pb_paper_ceremony *ceremony, const struct pb_paper_share *share)
{
	char text[96];

	sheet_ink(sheet, sheet_black);
	sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT, 21, SHEET_WIDTH, ceremony->office);
	sheet_ink(sheet, sheet_petrol);
	(void)snprintf(text, sizeof(text), "Доля %u из %u", share->index, ceremony->count);
	sheet_put(sheet, SHEET_BOLD, 13, SHEET_LEFT, 37, 76, text);
	sheet_ink(sheet, sheet_black);
	(void)snprintf(text, sizeof(text), "нужно %u", ceremony->needed);
	sheet_put(sheet, SHEET_REGULAR, 8, SHEET_LEFT + 80, 37, 58, text);
	sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT, 45, SHEET_WIDTH,
	    "Часть секрета, который открывает ключи организации. Не копировать, не фотографировать, не пересылать.");
	sheet_labelled(sheet, SHEET_LEFT, 53, 60, "Церемония", ceremony->id);
	sheet_labelled(sheet, SHEET_LEFT + 65, 53, 40, "Дата", ceremony->date);
	sheet_labelled(sheet, SHEET_LEFT, 65, SHEET_WIDTH, "Хранитель", share->custodian);
	sheet_blank(sheet, SHEET_LEFT, 84, 75, "подпись хранителя: доля прочитана с этого листа и проверена");
	sheet_blank(sheet, SHEET_LEFT + 85, 84, 85, "пакет или сейф №, дата вскрытия");
}

static void draw_marks(struct sheet *sheet)
{
	sheet_ink(sheet, sheet_grey);
	sheet_put(sheet, SHEET_REGULAR, 2.6, SHEET_LEFT, SEAL_Y - 1.4, SHEET_WIDTH,
	    "Сюда ложится нижний край листа. Заклейте его по всей длине и распишитесь поперёк края в трёх местах.");
	sheet_put(sheet, SHEET_REGULAR, 2.6, SHEET_LEFT, FOLD_Y + 3.4, SHEET_WIDTH, "Сгиб: нижняя треть накрывает слова, текстом внутрь.");
	pb_canvas_save(sheet->canvas); /* only restoring ends dashes */
	sheet_pen(sheet, sheet_grey, 0.2, dashed);
	sheet_rule(sheet, 9, FOLD_Y, SHEET_A4_WIDTH - 18, 0);
	pb_canvas_restore(sheet->canvas);
	sheet_pen(sheet, sheet_black, 0.3, sheet_solid);
	for (int side = 0; side < 2; side++) {
		double x = side == 0 ? 0 : SHEET_A4_WIDTH - 8;

		sheet_rule(sheet, x, SEAL_Y, 8, 0);
		sheet_rule(sheet, x, FOLD_Y, 8, 0);
	}
	sheet_rule(sheet, SHEET_LEFT, SEAL_Y, SHEET_WIDTH, 0);
	sheet_ink(sheet, sheet_black);
}

/* Down the columns, as one dictates; the two checksum words are shaded. */
static void draw_words(struct sheet *sheet, const char *words)
{
	enum { ROWS = 10, COLUMNS = 4 };
	const double top = SEAL_Y + 6, row = 8.6, column = SHEET_WIDTH / COLUMNS;
	char text[64];

	for (unsigned i = 0; i < PB_PAPER_WORDS; i++) {
		double x = SHEET_LEFT + (i / ROWS) * column, y = top + (i % ROWS) * row;
		size_t n = strcspn(words, " ");

		if (i >= PB_PAPER_WORDS - 2) {
			sheet_ink(sheet, pale);
			sheet_box(sheet, x, y, column, row);
			pb_canvas_fill(sheet->canvas);
		}
		sheet_pen(sheet, sheet_grey, 0.15, sheet_solid);
		sheet_box(sheet, x, y, column, row);
		pb_canvas_stroke(sheet->canvas);
		sheet_ink(sheet, sheet_grey);
		(void)snprintf(text, sizeof(text), "%u", i + 1);
		sheet_put(sheet, SHEET_REGULAR, 2.8, x + 1.6, y + 5.6, 6, text);
		sheet_ink(sheet, sheet_black);
		(void)snprintf(text, sizeof(text), "%.*s", (int)n, words);
		sheet_put(sheet, SHEET_MONO, 5, x + 8, y + 5.9, column - 9, text);
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
	pb_draw_qr(sheet->canvas, &qr, SHEET_LEFT, FOLD_Y + 13);
	pb_wipe(&qr, sizeof(qr));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT + 58, FOLD_Y + 17 + (double)i * 5, SHEET_WIDTH - 58, lines[i]);
}

enum pb_status pb_paper_print_share(const struct pb_paper *paper, const struct pb_paper_ceremony *ceremony,
				    const struct pb_paper_share *share, uint8_t **ret_pdf, size_t *ret_n,
				    struct pb_err *err)
{
	struct sheet sheet;
	enum pb_status s = sheet_begin(paper, "Profbilet: share of a key ceremony", ceremony->unix_time, &sheet, err);

	if (s != PB_OK)
		return s;
	draw_rehearsal(&sheet, ceremony, 195);
	draw_label(&sheet, ceremony, share);
	draw_marks(&sheet);
	draw_words(&sheet, share->words);
	draw_code(&sheet, share);
	return sheet_end(&sheet, ret_pdf, ret_n, err);
}

/* ---- the protocol */

static double draw_steps(struct sheet *sheet, double y, const struct pb_paper_protocol *protocol)
{
	for (size_t i = 0; i < PB_PAPER_STEPS && protocol->step[i].name; i++, y += 5.6) {
		sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT, y, 30, protocol->step[i].name);
		sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT + 32, y, SHEET_WIDTH - 32, protocol->step[i].value);
	}
	return y + 3;
}

static double draw_facts(struct sheet *sheet, double y, const struct pb_paper_protocol *protocol)
{
	for (size_t i = 0; i < PB_PAPER_FACTS && protocol->fact[i].name; i++, y += 5.6) {
		sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT, y, 52, protocol->fact[i].name);
		sheet_put(sheet, SHEET_MONO, SHEET_SMALL, SHEET_LEFT + 54, y, SHEET_WIDTH - 54, protocol->fact[i].value);
	}
	return y + 3;
}

static double draw_signatures(struct sheet *sheet, double y, const struct pb_paper_ceremony *ceremony,
			      const struct pb_paper_protocol *protocol)
{
	char text[16];

	for (unsigned i = 0; i < ceremony->count; i++, y += 9.5) {
		(void)snprintf(text, sizeof(text), "%u", i + 1);
		sheet_put(sheet, SHEET_BOLD, SHEET_NORMAL, SHEET_LEFT, y, 8, text);
		sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT + 8, y, 92, protocol->custodian[i]);
		sheet_pen(sheet, sheet_black, 0.25, sheet_solid);
		sheet_rule(sheet, SHEET_LEFT + 105, y + 1, 65, 0);
	}
	sheet_blank(sheet, SHEET_LEFT + 8, y + 1, 92, "ведущий церемонии: фамилия, имя, отчество");
	sheet_blank(sheet, SHEET_LEFT + 105, y + 1, 65, "подпись");
	return y + 12;
}

static void draw_protocol(struct sheet *sheet, const struct pb_paper_ceremony *ceremony,
			  const struct pb_paper_protocol *protocol)
{
	char text[128];
	double y = 21;

	sheet_ink(sheet, sheet_black);
	sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT, y, SHEET_WIDTH, ceremony->office);
	sheet_ink(sheet, sheet_petrol);
	sheet_put(sheet, SHEET_BOLD, 8, SHEET_LEFT, y + 13, SHEET_WIDTH, "Протокол церемонии ключей");
	sheet_ink(sheet, sheet_black);
	(void)snprintf(text, sizeof(text), "Церемония %s, %s. Долей %u, для восстановления нужно %u.", ceremony->id,
		       ceremony->date, ceremony->count, ceremony->needed);
	sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT, y + 21, SHEET_WIDTH, text);
	y = sheet_heading(sheet, y + 33, "Что сделано");
	y = draw_steps(sheet, y, protocol);
	y = sheet_heading(sheet, y + 3, "Ключи и сертификаты");
	y = draw_facts(sheet, y, protocol);
	y = sheet_heading(sheet, y + 3, "Хранители и номера их долей");
	sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT, y, SHEET_WIDTH,
	    "Подписью каждый подтверждает: он сам прочёл свою долю с бумаги, программа её приняла, копий он не делал.");
	y = draw_signatures(sheet, y + 10, ceremony, protocol);
	if (y > SHEET_A4_HEIGHT - 8)
		sheet->unfit = "the page";
}

enum pb_status pb_paper_print_protocol(const struct pb_paper *paper, const struct pb_paper_ceremony *ceremony,
				       const struct pb_paper_protocol *protocol, uint8_t **ret_pdf, size_t *ret_n,
				       struct pb_err *err)
{
	struct sheet sheet;
	enum pb_status s = sheet_begin(paper, "Profbilet: protocol of a key ceremony", ceremony->unix_time, &sheet, err);

	if (s != PB_OK)
		return s;
	draw_rehearsal(&sheet, ceremony, 215);
	draw_protocol(&sheet, ceremony, protocol);
	return sheet_end(&sheet, ret_pdf, ret_n, err);
}
