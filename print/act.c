/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of the act and of the extract, and where they stand.
 */
#include "print/act.h"

#include <stdio.h>
#include <string.h>

#include "print/sheet.h"

#define LABEL 58.0 /* width of the left column */
#define GAP 1.8
#define FOOT (SHEET_A4_HEIGHT - 20.0)

static const char *const categories[PB_ACT_CATEGORIES] = {
	[PB_ACT_NAME] = "фамилия, имя, отчество",
	[PB_ACT_BORN] = "дата рождения",
	[PB_ACT_SEX] = "пол",
	[PB_ACT_NUMBER] = "номер члена профсоюза",
	[PB_ACT_WORK] = "первичная организация и должность",
	[PB_ACT_MEMBERSHIP] = "сведения о членстве: дата вступления, состояние и его изменения",
	[PB_ACT_PHONE] = "номер телефона",
	[PB_ACT_EMAIL] = "адрес электронной почты",
	[PB_ACT_PHOTO] = "фотография",
	[PB_ACT_CARDS] = "сведения о членских билетах: подписанные записи карт и коды, связывавшие карты с членом профсоюза",
};

static const char *const reasons[PB_ACT_REASONS] = {
	[PB_ACT_CONSENT] = "отзыв согласия на обработку персональных данных",
	[PB_ACT_PURPOSE] = "достижение цели обработки персональных данных",
	[PB_ACT_TERM] = "истечение срока хранения персональных данных",
	[PB_ACT_UNLAWFUL] = "выявление неправомерной обработки персональных данных",
};

static const char method[] =
	"Удаление записей с перезаписью нулями, запись файла базы данных заново без удалённого и усечение журнала "
	"предварительной записи.";
static const char method_of_files[] = "Файлы фотографии в папке фотографий перезаписаны нулями и удалены.";

/* With a capital, between commas. */
static void list_categories(unsigned bits, char *ret_text, size_t cap)
{
	size_t used = 0;

	ret_text[0] = '\0';
	for (unsigned i = 0; i < PB_ACT_CATEGORIES && used < cap; i++)
		if ((bits & 1u << i) != 0)
			used += (size_t)snprintf(ret_text + used, cap - used, "%s%s", used ? "; " : "", categories[i]);
}

static double row(struct sheet *sheet, double y, const char *label, const char *value)
{
	const double right = SHEET_LEFT + LABEL + 4;
	double below, other;

	sheet_ink(sheet, sheet_grey);
	other = sheet_paragraph(sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT, y, LABEL, label);
	sheet_ink(sheet, sheet_black);
	if (value[0] != '\0') {
		below = sheet_paragraph(sheet, SHEET_REGULAR, SHEET_NORMAL, right, y, SHEET_WIDTH - LABEL - 4, value);
	} else {
		sheet_pen(sheet, sheet_black, 0.25, sheet_solid);
		sheet_rule(sheet, right, y + 1, SHEET_WIDTH - LABEL - 4, 0);
		below = y + 6;
	}
	return (below > other ? below : other) + GAP;
}

static void mark_test(struct sheet *sheet, const struct pb_act *act)
{
	static const double red[4] = { 0.10, 1, 0.85, 0.05 };

	if (!act->test)
		return;
	sheet_ink(sheet, red);
	sheet_put(sheet, SHEET_BOLD, SHEET_NORMAL, SHEET_LEFT, 10, SHEET_WIDTH, "TEST: организация работает с ключами TEST");
	sheet_ink(sheet, sheet_black);
}

/* What both papers name. */
static double common_rows(struct sheet *sheet, double y, const struct pb_act *act)
{
	char list[1536];

	list_categories(act->categories, list, sizeof(list));
	y = row(sheet, y, "Субъект, чьи персональные данные уничтожены", act->subject);
	y = row(sheet, y, "Категории уничтоженных персональных данных", list);
	y = row(sheet, y, "Информационная система персональных данных", act->system);
	y = row(sheet, y, "Причина уничтожения", reasons[act->reason]);
	return row(sheet, y, "Дата уничтожения", act->date);
}

static void draw_act(struct sheet *sheet, const struct pb_act *act)
{
	char text[160];
	double y = 21;

	mark_test(sheet, act);
	sheet_ink(sheet, sheet_petrol);
	sheet_put(sheet, SHEET_BOLD, 8, SHEET_LEFT, y, SHEET_WIDTH, "Акт об уничтожении персональных данных");
	sheet_ink(sheet, sheet_black);
	(void)snprintf(text, sizeof(text), "№ %s от %s", act->entry[0].index, act->date);
	sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT, y + 8, SHEET_WIDTH, text);
	y = row(sheet, y + 20, "Оператор", act->operator_name);
	y = row(sheet, y, "Адрес оператора", act->operator_address);
	y = row(sheet, y, "Лицо, обрабатывавшее данные по поручению", "нет: данные обрабатывал оператор");
	y = common_rows(sheet, y, act);
	y = row(sheet, y, "Способ уничтожения", method);
	if (act->photo_files)
		y = row(sheet, y - GAP, "", method_of_files);
	y = row(sheet, y, "Записи журнала", "см. выгрузку из журнала, неотъемлемую часть этого акта");
	y = row(sheet, y, "Код акта", act->code);
	sheet_ink(sheet, sheet_grey);
	y = sheet_paragraph(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT + LABEL + 4, y - 1, SHEET_WIDTH - LABEL - 4,
			    "Журнал хранит HMAC-SHA-256 номера члена профсоюза под этим кодом. Код есть только здесь: по нему "
			    "видно, что запись журнала — об этом субъекте.");
	sheet_ink(sheet, sheet_black);
	y = sheet_heading(sheet, y + 8, "Данные уничтожил");
	y = row(sheet, y, "Фамилия, имя, отчество, должность", act->executor);
	sheet_blank(sheet, SHEET_LEFT + LABEL + 4, y + 10, 60, "подпись");
	sheet_blank(sheet, SHEET_LEFT + LABEL + 70, y + 10, 38, "дата");
	sheet_ink(sheet, sheet_grey);
	sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT, FOOT + 6, SHEET_WIDTH,
		  "Акт и выгрузка хранятся три года с даты уничтожения (приказ Роскомнадзора от 28.10.2022 № 179).");
	if (y + 16 > FOOT)
		sheet->unfit = "the page";
}

static void draw_entry(struct sheet *sheet, double y, const struct pb_act_entry *entry)
{
	sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT, y, 14, entry->index);
	sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT + 15, y, 34, entry->when);
	sheet_put(sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT + 50, y, 22, entry->serial[0] != '\0' ? entry->serial : "карт не было");
	sheet_put(sheet, SHEET_MONO, 2.4, SHEET_LEFT + 73, y, SHEET_WIDTH - 73, entry->leaf);
}

static double draw_entry_heads(struct sheet *sheet, double y)
{
	static const struct {
		double x;
		const char *text;
	} heads[] = { { 0, "запись" }, { 15, "время" }, { 50, "карта" }, { 73, "хеш записи, SHA-256 (RFC 9162)" } };

	sheet_ink(sheet, sheet_grey);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		sheet_put(sheet, SHEET_REGULAR, 2.8, SHEET_LEFT + heads[i].x, y, 60, heads[i].text);
	sheet_ink(sheet, sheet_black);
	return y + 5;
}

/* The note as it is signed, line by line. */
static double draw_checkpoint(struct sheet *sheet, double y, const char *note)
{
	char line[256];

	while (*note != '\0') {
		size_t n = strcspn(note, "\n");

		(void)snprintf(line, sizeof(line), "%.*s", (int)n, note);
		if (n > 0)
			y = sheet_paragraph(sheet, SHEET_MONO, 2.8, SHEET_LEFT, y, SHEET_WIDTH, line);
		else
			y += 2.8;
		note += n + (note[n] == '\n');
	}
	return y;
}

static void draw_extract(struct sheet *sheet, const struct pb_act *act)
{
	double y = 21;

	mark_test(sheet, act);
	sheet_ink(sheet, sheet_petrol);
	sheet_put(sheet, SHEET_BOLD, 6.5, SHEET_LEFT, y, SHEET_WIDTH, "Выгрузка из журнала регистрации событий");
	sheet_ink(sheet, sheet_black);
	sheet_put(sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT, y + 8, SHEET_WIDTH, "в информационной системе персональных данных");
	y = row(sheet, y + 20, "Оператор", act->operator_name);
	y = common_rows(sheet, y, act);
	y = row(sheet, y, "Журнал", act->origin);
	y = sheet_heading(sheet, y + 4, "Записи об уничтожении персональных данных");
	y = draw_entry_heads(sheet, y);
	for (size_t i = 0; i < act->entries; i++, y += 5) {
		if (y > FOOT) {
			sheet_turn(sheet);
			mark_test(sheet, act);
			y = draw_entry_heads(sheet, 21);
		}
		draw_entry(sheet, y, &act->entry[i]);
	}
	if (y + 40 > FOOT) {
		sheet_turn(sheet);
		mark_test(sheet, act);
		y = 14;
	}
	y = sheet_heading(sheet, y + 6, "Подписанная контрольная точка журнала, охватывающая эти записи");
	(void)draw_checkpoint(sheet, y, act->checkpoint);
}

static enum pb_status print(const struct pb_paper *paper, const struct pb_act *act, const char *title,
			    void (*draw)(struct sheet *sheet, const struct pb_act *act), uint8_t **ret_pdf, size_t *ret_n,
			    struct pb_err *err)
{
	struct sheet sheet;
	enum pb_status s;

	if (act->entries == 0 || act->entries > PB_ACT_ENTRIES || (unsigned)act->reason >= PB_ACT_REASONS)
		return pb_fail(err, PB_INPUT_INVALID, "an act of %zu entries", act->entries);
	s = sheet_begin(paper, title, act->unix_time, &sheet, err);
	if (s != PB_OK)
		return s;
	draw(&sheet, act);
	return sheet_end(&sheet, ret_pdf, ret_n, err);
}

enum pb_status pb_act_print(const struct pb_paper *paper, const struct pb_act *act, uint8_t **ret_pdf, size_t *ret_n,
			    struct pb_err *err)
{
	return print(paper, act, "Profbilet: act of destruction", draw_act, ret_pdf, ret_n, err);
}

enum pb_status pb_act_print_extract(const struct pb_paper *paper, const struct pb_act *act, uint8_t **ret_pdf, size_t *ret_n,
				    struct pb_err *err)
{
	return print(paper, act, "Profbilet: extract of the ledger", draw_extract, ret_pdf, ret_n, err);
}
