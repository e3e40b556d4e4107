/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One row of a list becomes a draft of a member.  Every field is looked at even when one is refused
 * already, so that an office mends a row once.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "issuer/register/import_internal.h"

struct work {
	const struct reading *reading;
	const struct pb_table_row *row;
	struct draft *draft;
	struct pb_import_row *report;
	enum field field;	     /* the one in hand */
	char text[PB_CELL_MAX + 1];  /* its text, cleaned so far */
};

void excerpt(const char *text, char ret_excerpt[static PB_EXCERPT_CAP])
{
	const char *next = text;

	while (next - text < PB_EXCERPT_CAP) {
		const char *end = next;

		if (pb_text_next(&end) == 0 || end - text >= PB_EXCERPT_CAP)
			break;
		next = end;
	}
	memcpy(ret_excerpt, text, (size_t)(next - text));
	ret_excerpt[next - text] = '\0';
}

void note_fault(struct pb_import_row *report, const struct headings *headings, enum pb_import_fault fault,
		enum field field, const char *value, const char *became)
{
	struct pb_import_note *note = &report->note[report->notes];

	if (report->notes == PB_FAULTS_PER_ROW)
		return;
	report->notes++;
	note->fault = fault;
	note->column = field < FIELDS ? headings->column[field] + 1 : 0;
	excerpt(note->column > 0 ? headings->text[note->column - 1] : "", note->heading);
	note->other_row = 0;
	excerpt(value, note->value);
	excerpt(became ? became : "", note->became);
}

static const struct pb_cell *cell_of(const struct work *w, enum field field)
{
	int column = w->reading->headings->column[field];

	return column >= 0 && (size_t)column < w->row->cells ? &w->row->cell[column] : NULL;
}

static void refuse(struct work *w, enum pb_import_fault fault)
{
	const struct pb_cell *cell = w->field < FIELDS ? cell_of(w, w->field) : NULL;

	note_fault(w->report, w->reading->headings, fault, w->field, cell ? cell->text : "", NULL);
	w->draft->refused = true;
}

static void repaired(struct work *w, enum pb_import_fault fault)
{
	note_fault(w->report, w->reading->headings, fault, w->field, cell_of(w, w->field)->text, w->text);
}

static bool is_dash(const char *text)
{
	return strcmp(text, "-") == 0 || strcmp(text, "–") == 0 || strcmp(text, "—") == 0;
}

/* A spreadsheet that opens our report or export again would run it. */
static bool is_formula(const struct work *w)
{
	char c = w->text[0];

	return c == '=' || c == '@' || ((c == '+' || c == '-') && w->field != FIELD_PHONE);
}

/* Brings the text of a field into w->text, with the repairs that suit every text; false when there is none
 * or it is refused. */
static bool load(struct work *w, enum field field)
{
	const struct pb_cell *cell = cell_of(w, field);

	w->field = field;
	w->text[0] = '\0';
	if (!cell || cell->text[0] == '\0')
		return false;
	if (cell->cut || cell->broken) {
		refuse(w, cell->cut ? PB_IMPORT_FAULT_TOO_LONG : PB_IMPORT_FAULT_QUOTES);
		return false;
	}
	register_copy(w->text, sizeof(w->text), cell->text);
	if (clean_composition(w->text))
		repaired(w, PB_IMPORT_FAULT_COMPOSED);
	if (clean_spaces(w->text) && w->text[0] != '\0')
		repaired(w, PB_IMPORT_FAULT_SPACES);
	if (w->text[0] == '\0' || is_dash(w->text))
		return false;
	if (is_formula(w)) {
		refuse(w, PB_IMPORT_FAULT_FORMULA);
		return false;
	}
	return true;
}

/* Says that a required field is missing, once, and only if nothing else was said of it. */
static void require(struct work *w, bool present)
{
	for (size_t i = 0; i < w->report->notes; i++)
		if (w->report->note[i].column == w->reading->headings->column[w->field] + 1 &&
		    pb_fault_row(w->report->note[i].fault)->kind == PB_IMPORT_FAULT_REFUSAL)
			return;
	if (!present)
		refuse(w, PB_IMPORT_FAULT_MISSING);
}

/* Words in the Russian alphabet, at most `letters` of them. */
static bool load_words(struct work *w, enum field field, size_t letters)
{
	bool mixed;

	if (!load(w, field))
		return false;
	if (clean_lookalikes(w->text, &mixed))
		repaired(w, PB_IMPORT_FAULT_LOOKALIKE);
	if (mixed) {
		refuse(w, PB_IMPORT_FAULT_MIXED_SCRIPT);
		return false;
	}
	if (pb_text_length(w->text) > letters) {
		refuse(w, PB_IMPORT_FAULT_TOO_LONG);
		return false;
	}
	return true;
}

static void read_name(struct work *w, enum field field, char ret_name[static PB_NAME_CAP], bool required)
{
	bool present = load_words(w, field, PB_NAME_LETTERS);

	if (present && !valid_name(w->text))
		refuse(w, PB_IMPORT_FAULT_NAME_LETTERS);
	else if (present && clean_letter_case(w->text))
		repaired(w, PB_IMPORT_FAULT_LETTER_CASE);
	if (required)
		require(w, present);
	if (present && pb_text_length(w->text) <= PB_NAME_LETTERS)
		register_copy(ret_name, PB_NAME_CAP, w->text);
}

/* «оглы», «кызы» and their like belong to the patronymic before them. */
static bool is_patronymic_suffix(const char *word)
{
	static const char *const suffixes[] = { "оглы", "оглу", "кызы", "гызы", "улы", "уулу", "углы", "кизи" };
	char folded[PB_NAME_CAP];

	if (!pb_text_fold(word, folded, sizeof(folded)))
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(folded, suffixes[i]) == 0)
			return true;
	return false;
}

/* Surname, name and at most one patronymic; a surname of two words cannot be told from a name of two. */
static bool split_name(const char *full, struct pb_member *ret_member)
{
	const char *name = strchr(full, ' '), *patronymic = name ? strchr(name + 1, ' ') : NULL;
	const char *more = patronymic ? strchr(patronymic + 1, ' ') : NULL;

	if (!name || (more && !is_patronymic_suffix(more + 1)))
		return false;
	snprintf(ret_member->surname, PB_NAME_CAP, "%.*s", (int)(name - full), full);
	snprintf(ret_member->name, PB_NAME_CAP, "%.*s", patronymic ? (int)(patronymic - name - 1) : -1, name + 1);
	snprintf(ret_member->patronymic, PB_NAME_CAP, "%s", patronymic ? patronymic + 1 : "");
	return true;
}

static void read_full_name(struct work *w)
{
	struct pb_member *m = &w->draft->member;
	bool present = load_words(w, FIELD_FULL_NAME, PB_NAME_LETTERS);

	if (present && !valid_name(w->text)) {
		refuse(w, PB_IMPORT_FAULT_NAME_LETTERS);
	} else if (present) {
		if (clean_letter_case(w->text))
			repaired(w, PB_IMPORT_FAULT_LETTER_CASE);
		if (!split_name(w->text, m))
			refuse(w, PB_IMPORT_FAULT_FULL_NAME);
	}
	require(w, present);
}

static void read_names(struct work *w)
{
	struct pb_member *m = &w->draft->member;

	if (w->reading->headings->column[FIELD_FULL_NAME] >= 0) {
		read_full_name(w);
		return;
	}
	read_name(w, FIELD_SURNAME, m->surname, true);
	read_name(w, FIELD_NAME, m->name, true);
	read_name(w, FIELD_PATRONYMIC, m->patronymic, false);
}

static void read_title(struct work *w, enum field field, char ret_title[static PB_TITLE_CAP])
{
	if (load_words(w, field, PB_TITLE_LETTERS))
		register_copy(ret_title, PB_TITLE_CAP, w->text);
}

static void read_date(struct work *w, enum field field, struct pb_date *ret_date)
{
	if (!load(w, field))
		return;
	if (!parse_list_date(w->text, ret_date))
		refuse(w, PB_IMPORT_FAULT_BAD_DATE);
	else if (pb_date_compare(*ret_date, w->reading->today) > 0)
		refuse(w, PB_IMPORT_FAULT_FUTURE_DATE);
}

static void read_dates(struct work *w)
{
	struct pb_member *m = &w->draft->member;
	bool both;

	read_date(w, FIELD_BORN, &m->born);
	require(w, m->born.year != 0);
	read_date(w, FIELD_JOINED, &m->joined);
	both = m->born.year != 0 && m->joined.year != 0;
	if (both && pb_date_compare(m->joined, m->born) <= 0)
		refuse(w, PB_IMPORT_FAULT_JOINED_BEFORE_BIRTH);
}

static void read_contacts(struct work *w)
{
	struct pb_member *m = &w->draft->member;
	bool changed;

	if (load(w, FIELD_PHONE)) {
		if (!parse_phone(w->text, m->phone, &changed))
			refuse(w, PB_IMPORT_FAULT_PHONE);
		else if (changed)
			note_fault(w->report, w->reading->headings, PB_IMPORT_FAULT_PHONE_FORM, FIELD_PHONE, w->text, m->phone);
	}
	if (load(w, FIELD_EMAIL)) {
		if (valid_email(w->text))
			register_copy(m->email, sizeof(m->email), w->text);
		else
			refuse(w, PB_IMPORT_FAULT_EMAIL);
	}
}

/* A number that a sheet kept as a number has lost the zeros at its beginning: the check digit proves them. */
static void restore_zeros(struct work *w)
{
	int digits = w->reading->rule->digits > 0 ? w->reading->rule->digits : PB_MEMBER_NUMBER_DIGITS;
	size_t n = strlen(w->text), missing = n < (size_t)digits ? (size_t)digits - n : 0;

	if (!cell_of(w, FIELD_NUMBER)->number || missing == 0 || w->text[strspn(w->text, "0123456789")] != '\0')
		return;
	memmove(w->text + missing, w->text, n + 1);
	memset(w->text, '0', missing);
	repaired(w, PB_IMPORT_FAULT_NUMBER_ZEROS);
}

static void read_number(struct work *w)
{
	enum pb_status s;

	if (!load(w, FIELD_NUMBER))
		return;
	restore_zeros(w);
	s = pb_member_number_parse(w->text, w->reading->rule, w->draft->member.number, NULL);
	if (s != PB_OK)
		refuse(w, s == PB_CHECK_DIGIT ? PB_IMPORT_FAULT_NUMBER_CHECK : PB_IMPORT_FAULT_NUMBER_FORM);
}

static void read_photo_name(struct work *w)
{
	if (!load(w, FIELD_PHOTO))
		return;
	if (valid_photo_name(w->text))
		register_copy(w->draft->photo, sizeof(w->draft->photo), w->text);
	else
		refuse(w, PB_IMPORT_FAULT_PHOTO_PATH);
}

static void read_organisation(struct work *w)
{
	read_title(w, FIELD_ORGANISATION, w->draft->organisation);
	if (w->reading->headings->column[FIELD_ORGANISATION] >= 0)
		require(w, w->draft->organisation[0] != '\0');
}

/* False when the row is no row of this table, so that its fields mean nothing. */
static bool check_width(struct work *w)
{
	const struct headings *h = w->reading->headings;

	w->field = FIELDS;
	if (w->row->cells < h->needed && !w->reading->sheet) {
		refuse(w, PB_IMPORT_FAULT_SHORT_ROW);
		return false;
	}
	for (size_t i = h->columns; i < w->row->cells; i++) {
		if (w->row->cell[i].text[0] == '\0')
			continue;
		refuse(w, PB_IMPORT_FAULT_LONG_ROW);
		return false;
	}
	return true;
}

/* FNV-1a over the cells as they are. */
static uint64_t fingerprint(const struct pb_table_row *row)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (size_t i = 0; i < row->cells; i++) {
		for (const char *p = row->cell[i].text; *p != '\0'; p++)
			hash = (hash ^ (uint8_t)*p) * 0x100000001B3u;
		hash = (hash ^ 0xFF) * 0x100000001B3u;
	}
	return hash;
}

/* Only what is read as empty must be: clearing the whole draft for each row would cost more than reading. */
static void start(struct draft *draft)
{
	struct pb_member *m = &draft->member;

	m->id = m->organisation = 0;
	m->number[0] = m->surname[0] = m->name[0] = m->patronymic[0] = '\0';
	m->position[0] = m->phone[0] = m->email[0] = '\0';
	m->born = m->joined = m->photo_date = (struct pb_date){ 0 };
	m->sex = PB_SEX_UNKNOWN;
	m->status = PB_MEMBER_ACTIVE;
	m->photo = PB_PHOTO_NONE;
	draft->organisation[0] = draft->photo[0] = '\0';
	draft->refused = false;
}

void draft_read(const struct reading *reading, const struct pb_table_row *row, struct draft *ret_draft,
		struct pb_import_row *report)
{
	struct work w;
	struct pb_member *m = &ret_draft->member;

	w.reading = reading;
	w.row = row;
	w.draft = ret_draft;
	w.report = report;
	start(ret_draft);
	report->row = row->row;
	report->notes = 0;
	ret_draft->fingerprint = fingerprint(row);
	if (!check_width(&w))
		return;
	read_number(&w);
	read_names(&w);
	if (load(&w, FIELD_SEX) && !parse_sex(w.text, &m->sex))
		refuse(&w, PB_IMPORT_FAULT_SEX);
	read_dates(&w);
	read_organisation(&w);
	read_title(&w, FIELD_POSITION, m->position);
	read_contacts(&w);
	read_photo_name(&w);
}
