/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the conclusion of an audit looks: from top to bottom, turning the page where the next piece does not fit whole.
 */
#include "print/paper_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "print/sheet.h"

#define BOTTOM	 (SHEET_A4_HEIGHT - 18)
#define LINE	 5.4
#define SIGNINGS 66.0 /* height of the conclusion and its signatures: they stay together */

struct page {
	struct sheet sheet;
	const struct pb_paper_audit *audit;
	unsigned number;
	double y;
};

enum { FOREIGN = 256 };

/* What strangers have named is drawn as far as the font has letters for it: nobody keeps a conclusion from being printed. */
static void as_drawn(const struct page *page, int font, const char *name, char ret_text[static FOREIGN])
{
	char text[FOREIGN];
	size_t n = 0;

	pb_text_mend(name, text, sizeof(text));
	for (const char *at = text, *next = text; *at != '\0'; at = next) {
		uint32_t letter = pb_text_next(&next);

		if (letter >= ' ' && pb_font_glyph(page->sheet.paper->font[font], letter) != 0) {
			memcpy(ret_text + n, at, (size_t)(next - at));
			n += (size_t)(next - at);
		} else {
			ret_text[n++] = '?';
		}
	}
	ret_text[n] = '\0';
}

static void put_foot(struct page *page)
{
	char text[FOREIGN];

	(void)snprintf(text, sizeof(text), "Лист %u", page->number);
	sheet_ink(&page->sheet, sheet_grey);
	sheet_put(&page->sheet, SHEET_REGULAR, 2.8, SHEET_LEFT, SHEET_A4_HEIGHT - 9, 20, text);
	as_drawn(page, SHEET_REGULAR, page->audit->origin, text);
	sheet_put(&page->sheet, SHEET_REGULAR, 2.8, SHEET_LEFT + 24, SHEET_A4_HEIGHT - 9, SHEET_WIDTH - 24, text);
	sheet_ink(&page->sheet, sheet_black);
}

static void make_room(struct page *page, double height)
{
	if (page->y + height <= BOTTOM)
		return;
	sheet_turn(&page->sheet);
	page->number++;
	page->y = 21;
	put_foot(page);
}

static void heading(struct page *page, const char *text)
{
	page->y += 3;
	make_room(page, 7.5 + 2 * LINE);
	page->y = sheet_heading(&page->sheet, page->y, text);
}

static void fact(struct page *page, const char *label, int font, const char *value)
{
	char text[FOREIGN];

	if (value == NULL)
		return;
	as_drawn(page, font, value, text);
	make_room(page, 2 * LINE);
	sheet_put(&page->sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT, page->y, 50, label);
	page->y = sheet_paragraph(&page->sheet, font, SHEET_SMALL + 0.2, SHEET_LEFT + 53, page->y, SHEET_WIDTH - 53, text) + 0.7;
}

static void number(struct page *page, const char *label, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	fact(page, label, SHEET_REGULAR, text);
}

static void draw_title(struct page *page)
{
	char text[96];

	sheet_ink(&page->sheet, sheet_petrol);
	sheet_put(&page->sheet, SHEET_BOLD, 8, SHEET_LEFT, 26, SHEET_WIDTH, "Заключение о проверке журнала выдачи");
	sheet_ink(&page->sheet, sheet_black);
	(void)snprintf(text, sizeof(text), "Проверка проведена %s программой Profbilet.", page->audit->when);
	sheet_put(&page->sheet, SHEET_REGULAR, SHEET_NORMAL, SHEET_LEFT, 35, SHEET_WIDTH, text);
	page->y = 44;
	if (!page->audit->test)
		return;
	sheet_put(&page->sheet, SHEET_BOLD, SHEET_NORMAL, SHEET_LEFT, 42, SHEET_WIDTH,
		  "ПРОБНЫЙ ЖУРНАЛ / TEST: ключи ненастоящие, карты ничего не стоят.");
	page->y = 50;
}

static void draw_lists(struct page *page)
{
	const struct pb_paper_audit *audit = page->audit;
	char text[160];

	fact(page, "Корневой сертификат", SHEET_MONO, audit->pinned);
	if (audit->pinned != NULL && audit->pinned_in_source)
		fact(page, "", SHEET_REGULAR, "Взят из самой папки: отпечаток сверяется с протоколом церемонии ключей.");
	if (audit->trust_issued != NULL) {
		(void)snprintf(text, sizeof(text), "№ %" PRIu64 ", подписан %s", audit->trust_sequence, audit->trust_issued);
		fact(page, "Список доверия", SHEET_REGULAR, text);
	}
	if (audit->status_lists > 0) {
		(void)snprintf(text, sizeof(text), "%u, дней самому старому: %lld", audit->status_lists, audit->status_days);
		fact(page, "Списки недействительных", SHEET_REGULAR, text);
	}
	if (audit->samples > 0) {
		(void)snprintf(text, sizeof(text), "%u, из них верных %u", audit->samples, audit->samples_good);
		fact(page, "Предъявлено карт и кодов", SHEET_REGULAR, text);
	}
}

static void draw_examined(struct page *page)
{
	const struct pb_paper_audit *audit = page->audit;

	heading(page, "Что проверено");
	fact(page, "Откуда", SHEET_REGULAR, audit->source);
	fact(page, "Журнал", SHEET_MONO, audit->origin);
	number(page, "Записей", audit->entries);
	fact(page, "Последняя запись", SHEET_REGULAR, audit->last_entry);
	fact(page, "Корень дерева", SHEET_MONO, audit->root);
	number(page, "Подписанных отметок", audit->checkpoints);
	fact(page, "Ключ отметок", SHEET_MONO, audit->key);
	if (audit->has_witnesses)
		number(page, "Подписей свидетелей", audit->witnesses);
	draw_lists(page);
}

static void draw_counts(struct page *page)
{
	const struct pb_paper_audit *audit = page->audit;
	char text[192];

	heading(page, "Счёт бланков и карт");
	(void)snprintf(text, sizeof(text), "%" PRIu64 " = выдано %" PRIu64 " + испорчено %" PRIu64 " + осталось %" PRIu64,
		       audit->received, audit->issued, audit->spoiled, audit->left);
	fact(page, "Получено бланков", SHEET_REGULAR, text);
	number(page, "Из них в работе", audit->open);
	(void)snprintf(text, sizeof(text), "%" PRIu64 ", из них действуют %" PRIu64 ", приостановлено %" PRIu64 ", отозвано %" PRIu64,
		       audit->cards, audit->valid, audit->suspended, audit->revoked);
	fact(page, "Карт в журнале", SHEET_REGULAR, text);
	sheet_ink(&page->sheet, sheet_grey);
	page->y = sheet_paragraph(&page->sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT, page->y + 1, SHEET_WIDTH,
				  "Остаток бланков сверяется пересчётом в сейфе: карту, которой нет в журнале, выдаёт только недостача.");
	sheet_ink(&page->sheet, sheet_black);
}

/* Returns the y of what follows. */
static double put_about(struct page *page, const char *about)
{
	char text[FOREIGN];

	as_drawn(page, SHEET_REGULAR, about, text);
	return sheet_paragraph(&page->sheet, SHEET_REGULAR, SHEET_SMALL, SHEET_LEFT, page->y, 58, text);
}

static void draw_finding(struct page *page, const struct pb_paper_finding *finding)
{
	char where[64] = "";
	double left = 0, right;
	int n = 0;

	make_room(page, 3 * LINE);
	if (finding->has_entry)
		n = snprintf(where, sizeof(where), "Запись %" PRIu64, finding->entry);
	if (finding->card[0] != '\0')
		(void)snprintf(where + n, sizeof(where) - (size_t)n, "%s %s", n > 0 ? ", карта" : "Карта", finding->card);
	if (where[0] != '\0' || finding->about == NULL)
		sheet_put(&page->sheet, SHEET_BOLD, SHEET_SMALL + 0.2, SHEET_LEFT, page->y, 58, where);
	else
		left = put_about(page, finding->about);
	right = sheet_paragraph(&page->sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT + 61, page->y, SHEET_WIDTH - 61,
				finding->words);
	page->y = (left > right ? left : right) + 1.2;
}

static void draw_findings(struct page *page)
{
	const struct pb_paper_audit *audit = page->audit;
	char text[128];

	heading(page, "Что найдено");
	for (size_t i = 0; i < audit->count; i++)
		draw_finding(page, &audit->findings[i]);
	if (audit->total == 0)
		page->y = sheet_paragraph(&page->sheet, SHEET_REGULAR, SHEET_SMALL + 0.2, SHEET_LEFT, page->y, SHEET_WIDTH,
					  "Расхождений не найдено.");
	if (audit->total <= audit->count)
		return;
	(void)snprintf(text, sizeof(text), "Всего расхождений %" PRIu64 ", здесь названо %zu.", audit->total, audit->count);
	make_room(page, LINE);
	sheet_put(&page->sheet, SHEET_BOLD, SHEET_SMALL + 0.2, SHEET_LEFT, page->y, SHEET_WIDTH, text);
	page->y += LINE;
}

static void draw_conclusion(struct page *page)
{
	static const char *const sound =
		"Записи журнала, подписанные отметки и всё, что было предъявлено, согласуются между собой: "
		"ничего не изменено, ничего не пропущено.";
	static const char *const unsound =
		"Журнал или предъявленное НЕ согласуются: найденное перечислено выше. До выяснения причин выдача карт "
		"приостанавливается, журнал и носители сохраняются как есть.";
	struct sheet *sheet = &page->sheet;
	double y;

	page->y += 3;
	make_room(page, SIGNINGS);
	y = sheet_heading(sheet, page->y, "Заключение");
	y = sheet_paragraph(sheet, SHEET_BOLD, SHEET_NORMAL, SHEET_LEFT, y + 1, SHEET_WIDTH,
			    page->audit->total == 0 ? sound : unsound);
	for (int i = 0; i < 3; i++) {
		y += 13;
		sheet_blank(sheet, SHEET_LEFT, y, 92, i == 0 ? "проверяющий: фамилия, имя, отчество" :
				    i == 1 ? "член комиссии: фамилия, имя, отчество" : "представитель организации: фамилия, имя, отчество");
		sheet_blank(sheet, SHEET_LEFT + 97, y, 40, "подпись");
		sheet_blank(sheet, SHEET_LEFT + 142, y, 28, "дата");
	}
}

enum pb_status pb_paper_print_audit(const struct pb_paper *paper, const struct pb_paper_audit *audit, uint8_t **ret_pdf,
				    size_t *ret_n, struct pb_err *err)
{
	struct page page = { .audit = audit, .number = 1 };
	enum pb_status s = sheet_begin(paper, "Profbilet: conclusion of an audit", audit->unix_time, &page.sheet, err);

	if (s != PB_OK)
		return s;
	put_foot(&page);
	draw_title(&page);
	draw_examined(&page);
	draw_counts(&page);
	draw_findings(&page);
	draw_conclusion(&page);
	return sheet_end(&page.sheet, ret_pdf, ret_n, err);
}
