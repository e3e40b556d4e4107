/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which column is what, by its heading, as Russian offices word them.  Compared without letter case, ё,
 * punctuation and doubled spaces: «Дата  рождения:», «ДАТА РОЖДЕНИЯ».
 */
#include <string.h>

#include "base/text.h"
#include "issuer/register/import_internal.h"

static const struct {
	enum field field;
	const char *words;
} known[] = {
	{ FIELD_NUMBER, "номер билета" },
	{ FIELD_NUMBER, "номер профбилета" },
	{ FIELD_NUMBER, "номер профсоюзного билета" },
	{ FIELD_NUMBER, "номер членского билета" },
	{ FIELD_NUMBER, "номер члена профсоюза" },
	{ FIELD_NUMBER, "№ билета" },
	{ FIELD_NUMBER, "№ профбилета" },
	{ FIELD_NUMBER, "№ профсоюзного билета" },
	{ FIELD_NUMBER, "№ членского билета" },
	{ FIELD_NUMBER, "профбилет" },
	{ FIELD_NUMBER, "member number" },
	{ FIELD_SURNAME, "фамилия" },
	{ FIELD_SURNAME, "surname" },
	{ FIELD_NAME, "имя" },
	{ FIELD_NAME, "name" },
	{ FIELD_PATRONYMIC, "отчество" },
	{ FIELD_PATRONYMIC, "отчество при наличии" },
	{ FIELD_PATRONYMIC, "patronymic" },
	{ FIELD_FULL_NAME, "фио" },
	{ FIELD_FULL_NAME, "ф и о" },
	{ FIELD_FULL_NAME, "фио полностью" },
	{ FIELD_FULL_NAME, "фамилия имя отчество" },
	{ FIELD_FULL_NAME, "full name" },
	{ FIELD_SEX, "пол" },
	{ FIELD_SEX, "sex" },
	{ FIELD_BORN, "дата рождения" },
	{ FIELD_BORN, "день рождения" },
	{ FIELD_BORN, "д р" },
	{ FIELD_BORN, "др" },
	{ FIELD_BORN, "birth date" },
	{ FIELD_ORGANISATION, "первичная организация" },
	{ FIELD_ORGANISATION, "первичная профсоюзная организация" },
	{ FIELD_ORGANISATION, "ппо" },
	{ FIELD_ORGANISATION, "организация" },
	{ FIELD_ORGANISATION, "образовательная организация" },
	{ FIELD_ORGANISATION, "наименование организации" },
	{ FIELD_ORGANISATION, "учреждение" },
	{ FIELD_ORGANISATION, "место работы" },
	{ FIELD_ORGANISATION, "место работы учебы" },
	{ FIELD_ORGANISATION, "organisation" },
	{ FIELD_POSITION, "должность" },
	{ FIELD_POSITION, "профессия" },
	{ FIELD_POSITION, "профессия должность" },
	{ FIELD_POSITION, "position" },
	{ FIELD_JOINED, "дата вступления" },
	{ FIELD_JOINED, "дата вступления в профсоюз" },
	{ FIELD_JOINED, "вступил в профсоюз" },
	{ FIELD_JOINED, "в профсоюзе с" },
	{ FIELD_JOINED, "joined" },
	{ FIELD_PHONE, "телефон" },
	{ FIELD_PHONE, "тел" },
	{ FIELD_PHONE, "номер телефона" },
	{ FIELD_PHONE, "контактный телефон" },
	{ FIELD_PHONE, "мобильный телефон" },
	{ FIELD_PHONE, "моб телефон" },
	{ FIELD_PHONE, "сотовый телефон" },
	{ FIELD_PHONE, "phone" },
	{ FIELD_EMAIL, "e mail" },
	{ FIELD_EMAIL, "email" },
	{ FIELD_EMAIL, "электронная почта" },
	{ FIELD_EMAIL, "адрес электронной почты" },
	{ FIELD_EMAIL, "эл почта" },
	{ FIELD_EMAIL, "почта" },
	{ FIELD_PHOTO, "фото" },
	{ FIELD_PHOTO, "фотография" },
	{ FIELD_PHOTO, "файл фото" },
	{ FIELD_PHOTO, "photo" },
	{ FIELD_NONE, "" },
	{ FIELD_NONE, "№" },
	{ FIELD_NONE, "№ п п" },
	{ FIELD_NONE, "п п" },
	{ FIELD_NONE, "n п п" },
};

static bool keeps(uint32_t c)
{
	return c >= 0x400 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* Words alone, one space between; what does not fit is no heading of ours and comes out empty-handed. */
static bool bare(const char *heading, char *ret_words, size_t cap)
{
	char folded[PB_EXCERPT_CAP * 2], *out = folded;
	const char *in = folded;
	uint32_t c;

	if (!pb_text_fold(heading, folded, sizeof(folded)))
		return false;
	/* In place: each code point is kept or becomes one space, never longer. */
	for (const char *from = in; (c = pb_text_next(&in)) != 0; from = in) {
		if (!keeps(c) || (c >= 0x2000 && c < 0x2116))
			*out++ = ' ';
		else
			for (; from < in; from++)
				*out++ = *from;
	}
	*out = '\0';
	return pb_text_fold(folded, ret_words, cap);
}

static bool find(const char *heading, enum field *ret_field)
{
	char words[PB_EXCERPT_CAP * 2];

	if (!bare(heading, words, sizeof(words)))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].words, words) == 0) {
			*ret_field = known[i].field;
			return true;
		}
	}
	return false;
}

static bool is_part_of_name(enum field field)
{
	return field == FIELD_SURNAME || field == FIELD_NAME || field == FIELD_PATRONYMIC;
}

/* A list that says a name twice may say it in two ways. */
static enum pb_status check_name_columns(const struct headings *headings, struct pb_err *err)
{
	int full = headings->column[FIELD_FULL_NAME];

	for (int field = 0; full >= 0 && field < FIELDS; field++)
		if (is_part_of_name((enum field)field) && headings->column[field] >= 0)
			return pb_fail(err, PB_INPUT_INVALID, "columns %d and %d have the same meaning",
				       (full < headings->column[field] ? full : headings->column[field]) + 1,
				       (full < headings->column[field] ? headings->column[field] : full) + 1);
	return PB_OK;
}

static enum pb_status check_required(const struct headings *headings, bool organisation_needed, struct pb_err *err)
{
	static const struct {
		enum field field;
		const char *name;
	} required[] = {
		{ FIELD_SURNAME, "Фамилия" },
		{ FIELD_NAME, "Имя" },
		{ FIELD_BORN, "Дата рождения" },
		{ FIELD_ORGANISATION, "Первичная организация" },
	};

	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		if (headings->column[required[i].field] >= 0 ||
		    (required[i].field == FIELD_ORGANISATION && !organisation_needed) ||
		    (is_part_of_name(required[i].field) && headings->column[FIELD_FULL_NAME] >= 0))
			continue;
		return pb_fail(err, PB_INPUT_INVALID, "the first line has no heading «%s» (or the encoding was guessed wrong)",
			       required[i].name);
	}
	return PB_OK;
}

enum pb_status headings_read(const struct pb_table_row *row, bool organisation_needed, struct headings *ret_headings,
			     struct pb_err *err)
{
	struct headings *h = ret_headings;
	enum field field;
	enum pb_status s;

	*h = (struct headings){ .columns = row->cells };
	for (int i = 0; i < FIELDS; i++)
		h->column[i] = -1;
	for (size_t i = 0; i < row->cells; i++) {
		excerpt(row->cell[i].text, h->text[i]);
		if (!find(row->cell[i].text, &field)) {
			if (h->unknown < 4)
				memcpy(h->unknown_text[h->unknown], h->text[i], PB_EXCERPT_CAP);
			h->unknown++;
			continue;
		}
		if (field == FIELD_NONE)
			continue;
		if (h->column[field] >= 0)
			return pb_fail(err, PB_INPUT_INVALID, "columns %d and %zu have the same meaning", h->column[field] + 1,
				       i + 1);
		h->column[field] = (int)i;
		h->needed = i + 1;
	}
	s = check_name_columns(h, err);
	return s == PB_OK ? check_required(h, organisation_needed, err) : s;
}
