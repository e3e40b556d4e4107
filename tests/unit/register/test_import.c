/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/import: one question after another, on lists of a few rows (test_messy.c has the whole).
 */
#include <fcntl.h>
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "office.h"

#define HEADING "Фамилия;Имя;Отчество;Пол;Дата рождения;Первичная организация;Должность;Дата вступления;Телефон;E-mail;Фото\n"
#define IVANOVA "Иванова;Анна;Петровна;ж;01.02.1980;Школа № 1;учитель;03.09.2001;+7 914 123-45-67;ivanova@example.org;\n"

static struct report report; /* large, and each test begins by filling it */

/* ---- in every encoding */

/* The list in another encoding, in memory the caller frees. */
static char *encoded(const char *text, size_t n, const char *encoding, size_t *ret_n)
{
	iconv_t converter = iconv_open(encoding, "UTF-8");
	size_t left = 4 * n + 16;
	char *bytes = malloc(left), *in = (char *)text, *out = bytes;

	assert_non_null(bytes);
	assert_true(converter != (iconv_t)-1);
	assert_int_equal(iconv(converter, &in, &n, &out, &left), 0);
	iconv_close(converter);
	*ret_n = (size_t)(out - bytes);
	return bytes;
}

static void import_encoded(struct office *office, const char *iconv_name, enum pb_encoding chosen, enum pb_encoding is)
{
	static const char list[] = "\n" HEADING IVANOVA
				   "Цыренов;Баир;Дашиевич;м;21.09.1956;Школа N 2;\"педагог; \"\"мастер\"\"\";;;;\n";
	struct pb_import_options options = { .photos_fd = -1, .table.encoding = chosen };
	bool marked = strncmp(iconv_name, "UTF-16", 6) == 0;
	const char *text = marked ? "\uFEFF" : "";
	char whole[1024], *bytes;
	size_t n;
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", text, list);
	if (strcmp(iconv_name, "KOI8-R") == 0) /* which has no «№» */
		for (char *sign; (sign = strstr(whole, "№")) != NULL;)
			memcpy(sign, "N  ", 3);
	bytes = encoded(whole, strlen(whole), iconv_name, &n);
	fd = file_of(bytes, n);
	assert_int_equal(import_fd(office, fd, &options, &report), PB_OK);
	assert_int_equal(report.totals.encoding, is);
	assert_int_equal(report.totals.rows, 2);
	assert_int_equal(report.totals.outcome[PB_IMPORT_REFUSED], 0);
	close(fd);
	free(bytes);
}

static void each_encoding_is_read_as_itself(void **state)
{
	static const struct {
		const char *iconv;
		enum pb_encoding chosen, is;
	} cases[] = {
		{ "UTF-8", PB_ENCODING_DETECT, PB_ENCODING_UTF8 },
		{ "CP1251", PB_ENCODING_DETECT, PB_ENCODING_WINDOWS_1251 },
		{ "CP866", PB_ENCODING_DETECT, PB_ENCODING_CP866 },
		{ "UTF-16LE", PB_ENCODING_DETECT, PB_ENCODING_UTF16LE },
		{ "UTF-16BE", PB_ENCODING_DETECT, PB_ENCODING_UTF16BE },
		{ "CP866", PB_ENCODING_CP866, PB_ENCODING_CP866 },
		{ "KOI8-R", PB_ENCODING_KOI8_R, PB_ENCODING_KOI8_R },
	};
	struct office *office = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		import_encoded(office, cases[i].iconv, cases[i].chosen, cases[i].is);
	/* KOI8-R lost its «№»: a second organisation, hence a probable duplicate; all others were the same two. */
	assert_int_equal(member_count(office), 2);
}

static void the_sample_lists_are_one_list_in_three_files(void **state)
{
	static const char *const files[] = { "samples/members.csv", "samples/members-utf8.csv", "samples/members.xlsx" };
	struct pb_import_options options = { .photos_fd = -1 };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = project_file(files[i], O_RDONLY);

		assert_int_equal(import_fd(*state, fd, &options, &report), PB_OK);
		assert_int_equal(report.totals.outcome[i == 0 ? PB_IMPORT_ADDED : PB_IMPORT_UNCHANGED], report.totals.rows);
		close(fd);
	}
	assert_int_equal(report.totals.rows, member_count(*state));
}

/* ---- members and what becomes of them */

static void a_changed_row_updates_and_an_empty_field_erases_nothing(void **state)
{
	struct office *office = *state;
	struct pb_member member;

	assert_int_equal(import_text(office, HEADING IVANOVA, NULL, &report), PB_OK);
	assert_int_equal(import_text(office,
				     HEADING "ИВАНОВА;Анна;Петровна;;01.02.1980;школа  № 1;завуч;;;;\n", NULL, &report),
			 PB_OK);
	assert_int_equal(report.row[0].outcome, PB_IMPORT_UPDATED);
	assert_int_equal(pb_register_member(office->reg, report.row[0].member, &member, NULL), PB_OK);
	assert_string_equal(member.position, "завуч");
	assert_string_equal(member.phone, "+79141234567");
	assert_int_equal(member.sex, PB_SEX_FEMALE);
	assert_int_equal(member.joined.year, 2001);
	assert_int_equal(report.totals.organisations_created, 0);
}

static void yo_and_a_missing_patronymic_are_probably_the_same_person(void **state)
{
	assert_int_equal(import_text(*state,
				     HEADING "Семёнова;Алёна;Петровна;ж;01.02.1980;Школа № 1;;;;;\n"
					     "Семенова;Алена;Петровна;ж;01.02.1980;Школа № 1;;;;;\n"
					     "Семёнова;Алёна;;ж;01.02.1980;Школа № 1;;;;;\n"
					     "Семёнова;Алёна;Петровна;ж;01.02.1980;Школа № 2;;;;;\n"
					     "Семёнова;Алёна;Ивановна;ж;01.02.1980;Школа № 1;;;;;\n"
					     "Семёнова;Алёна;Петровна;ж;02.02.1980;Школа № 1;;;;;\n",
				     NULL, &report),
			 PB_OK);
	for (int row = 3; row <= 5; row++) {
		assert_int_equal(report_row(&report, row)->outcome, PB_IMPORT_DUPLICATE);
		assert_true(has_fault(report_row(&report, row), PB_IMPORT_FAULT_DUPLICATE_PROBABLE));
		assert_int_equal(report_row(&report, row)->note[0].other_row, 2);
	}
	assert_int_equal(report_row(&report, 6)->outcome, PB_IMPORT_ADDED);
	assert_int_equal(report_row(&report, 7)->outcome, PB_IMPORT_ADDED);
}

static void a_name_in_one_column_is_split_where_that_is_certain(void **state)
{
	static const struct {
		const char *full, *surname, *name, *patronymic;
	} cases[] = {
		{ "Иванова Анна Петровна", "Иванова", "Анна", "Петровна" },
		{ " ИВАНОВА  АННА ", "Иванова", "Анна", "" },
		{ "Гасанов Эльчин Рашид оглы", "Гасанов", "Эльчин", "Рашид оглы" },
		{ "Иванова", NULL, NULL, NULL },
		{ "Иванова Анна Мария Петровна", NULL, NULL, NULL },
		{ "Гасанов Эльчин Рашид оглы младший", NULL, NULL, NULL },
	};
	struct office *office = *state;
	struct pb_member member;
	char text[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "Ф.И.О.;Дата рождения;ППО\n%s;0%zu.02.1980;Школа\n", cases[i].full, i + 1);
		assert_int_equal(import_text(office, text, NULL, &report), PB_OK);
		if (!cases[i].surname) {
			assert_true(has_fault(&report.row[0], PB_IMPORT_FAULT_FULL_NAME));
			continue;
		}
		assert_int_equal(pb_register_member(office->reg, report.row[0].member, &member, NULL), PB_OK);
		assert_string_equal(member.surname, cases[i].surname);
		assert_string_equal(member.name, cases[i].name);
		assert_string_equal(member.patronymic, cases[i].patronymic);
	}
	assert_int_equal(member_count(office), 3);
	assert_int_equal(import_text(office, "ФИО;Имя;Дата рождения;ППО\nИванова Анна;Анна;01.02.1980;Школа\n", NULL, &report),
			 PB_INPUT_INVALID);
}

#define NUMBERED "№ билета;Фамилия;Имя;Дата рождения;Организация\n"

static void a_member_number_finds_its_member(void **state)
{
	struct office *office = *state;
	struct pb_member member;
	char text[4096];

	assert_int_equal(import_text(office, NUMBERED ";Иванова;Анна;01.02.1980;Школа № 1\n", NULL, &report), PB_OK);
	assert_int_equal(pb_register_member(office->reg, report.row[0].member, &member, NULL), PB_OK);
	/* A new surname after a wedding, another school, and a namesake of another age. */
	snprintf(text, sizeof(text), NUMBERED "%.8s %.8s;Петрова;Анна;01.02.1980;Школа № 2\n%.16s;Сидоров;Олег;05.05.1970;Школа № 1\n",
		 member.number, member.number + 8, member.number);
	assert_int_equal(import_text(office, text, NULL, &report), PB_OK);
	assert_int_equal(report.row[0].outcome, PB_IMPORT_UPDATED);
	assert_int_equal(report.row[0].member, member.id);
	assert_true(has_fault(&report.row[1], PB_IMPORT_FAULT_NUMBER_OTHER));
	member.number[15] = member.number[15] == '0' ? '1' : '0';
	snprintf(text, sizeof(text), NUMBERED "%.16s;Петрова;Анна;01.02.1980;Школа № 2\n123;Сидоров;Олег;05.05.1970;Школа № 1\n",
		 member.number);
	assert_int_equal(import_text(office, text, NULL, &report), PB_OK);
	assert_true(has_fault(&report.row[0], PB_IMPORT_FAULT_NUMBER_CHECK));
	assert_true(has_fault(&report.row[1], PB_IMPORT_FAULT_NUMBER_FORM));
}

static void a_list_without_organisations_goes_into_the_one_chosen(void **state)
{
	struct office *office = *state;
	struct pb_organisation primary = { .level = PB_ORG_PRIMARY, .name = "Школа № 1" };
	struct pb_import_options options = { .photos_fd = -1 };
	struct pb_member member;

	assert_int_equal(pb_store_begin(office->store, NULL), PB_OK);
	assert_int_equal(pb_register_add_organisation(office->reg, &primary, &options.organisation, NULL), PB_OK);
	assert_int_equal(pb_store_commit(office->store, NULL), PB_OK);
	assert_int_equal(import_text(office, "Фамилия,Имя,Дата рождения\nИванова,Анна,1.2.1980 г.\n", &options, &report), PB_OK);
	assert_int_equal(pb_register_member(office->reg, report.row[0].member, &member, NULL), PB_OK);
	assert_int_equal(member.organisation, options.organisation);
	assert_int_equal(import_text(office, "Фамилия,Имя,Дата рождения\nИванова,Анна,1.2.1980\n", NULL, &report),
			 PB_INPUT_INVALID);
}

static void unknown_organisations_are_refused_when_asked(void **state)
{
	struct pb_import_options options = { .photos_fd = -1, .refuse_organisations = true };

	assert_int_equal(import_text(*state, HEADING IVANOVA, &options, &report), PB_OK);
	assert_true(has_fault(&report.row[0], PB_IMPORT_FAULT_ORGANISATION_UNKNOWN));
	assert_int_equal(member_count(*state), 0);
}

/* ---- one fault after another */

static void every_refusal_has_its_cause(void **state)
{
	static const struct {
		enum pb_import_fault fault;
		const char *row;
	} cases[] = {
		{ PB_IMPORT_FAULT_NAME_LETTERS, "Иванова1;Анна;;;01.02.1980;Школа;;;;;" },
		{ PB_IMPORT_FAULT_MIXED_SCRIPT, "Иwанова;Анна;;;01.02.1980;Школа;;;;;" },
		{ PB_IMPORT_FAULT_FORMULA, "@sum;Анна;;;01.02.1980;Школа;;;;;" },
		{ PB_IMPORT_FAULT_BAD_DATE, "Иванова;Анна;;;01.02.80;Школа;;;;;" },
		{ PB_IMPORT_FAULT_BAD_DATE, "Иванова;Анна;;;вчера;Школа;;;;;" },
		{ PB_IMPORT_FAULT_FUTURE_DATE, "Иванова;Анна;;;02.09.2026;Школа;;;;;" },
		{ PB_IMPORT_FAULT_MISSING, "Иванова;Анна;;;;Школа;;;;;" },
		{ PB_IMPORT_FAULT_MISSING, "Иванова;—;;;01.02.1980;Школа;;;;;" },
		{ PB_IMPORT_FAULT_MISSING, "Иванова;Анна;;;01.02.1980; ;;;;;" },
		{ PB_IMPORT_FAULT_PHONE, "Иванова;Анна;;;01.02.1980;Школа;;;32-45-67;;" },
		{ PB_IMPORT_FAULT_PHONE, "Иванова;Анна;;;01.02.1980;Школа;;;89141234567, 89141234568;;" },
		{ PB_IMPORT_FAULT_EMAIL, "Иванова;Анна;;;01.02.1980;Школа;;;;анна@example.org;" },
		{ PB_IMPORT_FAULT_EMAIL, "Иванова;Анна;;;01.02.1980;Школа;;;;a..b@example.org;" },
		{ PB_IMPORT_FAULT_EMAIL, "Иванова;Анна;;;01.02.1980;Школа;;;;a@localhost;" },
		{ PB_IMPORT_FAULT_PHOTO_PATH, "Иванова;Анна;;;01.02.1980;Школа;;;;;/etc/passwd" },
		{ PB_IMPORT_FAULT_PHOTO_PATH, "Иванова;Анна;;;01.02.1980;Школа;;;;;..\\1.jpg" },
		{ PB_IMPORT_FAULT_PHOTO_PATH, "Иванова;Анна;;;01.02.1980;Школа;;;;;.." },
		{ PB_IMPORT_FAULT_QUOTES, "\"Иванова\" А;Анна;;;01.02.1980;Школа;;;;;" },
		{ PB_IMPORT_FAULT_LONG_ROW, "Иванова;Анна;;;01.02.1980;Школа;;;;;;лишнее" },
		{ PB_IMPORT_FAULT_SHORT_ROW, "Иванова;Анна;;;01.02.1980;Школа" },
	};
	char text[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), HEADING "%s\n", cases[i].row);
		assert_int_equal(import_text(*state, text, NULL, &report), PB_OK);
		assert_int_equal(report.row[0].outcome, PB_IMPORT_REFUSED);
		assert_int_equal(report.row[0].notes, 1);
		assert_int_equal(report.row[0].note[0].fault, cases[i].fault);
	}
	assert_int_equal(member_count(*state), 0);
}

static void every_repair_is_made_and_said(void **state)
{
	static const struct {
		enum pb_import_fault fault;
		const char *row, *surname, *position, *phone;
	} cases[] = {
		{ PB_IMPORT_FAULT_SPACES, "Ива\u00ADнова;Анна;;;01.02.1980;Школа;;;;;", "Иванова", "", "" },
		{ PB_IMPORT_FAULT_COMPOSED, "Воронцо\u0438\u0306;Анна;;;01.02.1980;Школа;;;;;", "Воронцой", "", "" },
		{ PB_IMPORT_FAULT_LETTER_CASE, "петрова-водкина;Анна;;;01.02.1980;Школа;;;;;", "Петрова-Водкина", "", "" },
		{ PB_IMPORT_FAULT_LOOKALIKE, "Орлова;Анна;;;01.02.1980;Школа;учитeль;;;;", "Орлова", "учитель", "" },
		{ PB_IMPORT_FAULT_PHONE_FORM, "Серова;Анна;;;01.02.1980;Школа;;;9141234567;;", "Серова", "", "+79141234567" },
	};
	struct office *office = *state;
	struct pb_member member;
	char text[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), HEADING "%s\n", cases[i].row);
		assert_int_equal(import_text(office, text, NULL, &report), PB_OK);
		assert_int_equal(report.row[0].outcome, PB_IMPORT_ADDED);
		assert_int_equal(report.row[0].notes, 1);
		assert_int_equal(report.row[0].note[0].fault, cases[i].fault);
		assert_int_equal(report.totals.repaired, 1);
		assert_int_equal(pb_register_member(office->reg, report.row[0].member, &member, NULL), PB_OK);
		assert_string_equal(member.surname, cases[i].surname);
		assert_string_equal(member.position, cases[i].position);
		assert_string_equal(member.phone, cases[i].phone);
	}
}

static void honest_oddities_pass_unchanged(void **state)
{
	assert_int_equal(import_text(*state,
				     HEADING "О'Коннор;Мак-Дональд;Джоновна;Ж;01.02.1980;ООО \"Ромашка\";IT-специалист 1C;;;;\n"
					     "Мамедов;Эльчин;Рза оглы;муж.;29.02.2000;Школа;-;;+49 30 1234567;;\n"
					     "Дугаржапов;Үнэр;;м;21/09/1956;Школа;;04.01.2002 0:00;;;\n",
				     NULL, &report),
			 PB_OK);
	assert_int_equal(report.totals.outcome[PB_IMPORT_ADDED], 3);
	assert_int_equal(report.totals.repaired, 0);
}

static void unknown_columns_are_named(void **state)
{
	assert_int_equal(import_text(*state, "№ п/п;ФАМИЛИЯ:;имя;Дата  рождения;ППО;Любимый цвет\n1;Иванова;Анна;01.02.1980;Школа;синий\n",
				     NULL, &report),
			 PB_OK);
	assert_int_equal(report.totals.unknown_columns, 1);
	assert_string_equal(report.totals.unknown_heading[0], "Любимый цвет");
	assert_int_equal(report.totals.outcome[PB_IMPORT_ADDED], 1);
}

/* ---- photos */

static int photo_folder(const struct office *office, char path[static 128])
{
	int fd;

	snprintf(path, 128, "%s/photos", office->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	fd = open(path, O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void write_photo(int folder, const char *name, const char *magic, off_t size)
{
	int fd = openat(folder, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, magic, strlen(magic)), (ssize_t)strlen(magic));
	if (size > 0)
		assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void photos_come_in_or_are_warned_of(void **state)
{
	static const char *const names[] = { "a.jpg", "text.jpg", "large.png", "link.jpg", "pipe.jpg" };
	struct office *office = *state;
	char path[128];
	struct pb_import_options options = { .photos_fd = photo_folder(office, path) };
	uint8_t *bytes;
	size_t n;

	write_photo(options.photos_fd, "a.jpg", "\xFF\xD8\xFF\xE0", 0);
	write_photo(options.photos_fd, "text.jpg", "hello", 0);
	write_photo(options.photos_fd, "large.png", "\x89PNG\r\n\x1A\n", PB_PHOTO_MAX + 1);
	assert_int_equal(symlinkat("a.jpg", options.photos_fd, "link.jpg"), 0);
	assert_int_equal(mkfifoat(options.photos_fd, "pipe.jpg", 0600), 0);
	assert_int_equal(import_text(office,
				     HEADING "Агаев;Олег;;;01.02.1980;Школа;;;;;a.jpg\n"
					     "Баев;Олег;;;01.02.1980;Школа;;;;;text.jpg\n"
					     "Ваев;Олег;;;01.02.1980;Школа;;;;;large.png\n"
					     "Гаев;Олег;;;01.02.1980;Школа;;;;;link.jpg\n"
					     "Даев;Олег;;;01.02.1980;Школа;;;;;pipe.jpg\n"
					     "Еаев;Олег;;;01.02.1980;Школа;;;;;none.jpg\n",
				     &options, &report),
			 PB_OK);
	assert_int_equal(report.totals.outcome[PB_IMPORT_ADDED], 6);
	assert_int_equal(report.totals.photos, 1);
	assert_int_equal(report.totals.warned, 5);
	assert_true(has_fault(&report.row[1], PB_IMPORT_FAULT_PHOTO_BROKEN));
	assert_true(has_fault(&report.row[2], PB_IMPORT_FAULT_PHOTO_LARGE));
	for (int i = 3; i < 6; i++)
		assert_true(has_fault(&report.row[i], PB_IMPORT_FAULT_PHOTO_MISSING));
	assert_int_equal(pb_register_photo(office->reg, report.row[0].member, &bytes, &n, NULL), PB_OK);
	assert_int_equal(n, 4);
	free(bytes);
	assert_int_equal(pb_register_photo(office->reg, report.row[1].member, &bytes, &n, NULL), PB_PHOTO_MISSING);
	/* A new picture under the old name renews it. */
	write_photo(options.photos_fd, "a.jpg", "\xFF\xD8\xFF\xE1", 0);
	assert_int_equal(import_text(office, HEADING "Агаев;Олег;;;01.02.1980;Школа;;;;;a.jpg\n", &options, &report), PB_OK);
	assert_int_equal(report.row[0].outcome, PB_IMPORT_UPDATED);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(options.photos_fd, names[i], 0);
	close(options.photos_fd);
	rmdir(path);
}

/* ---- files that are no lists */

static void what_is_no_list_is_refused_once_and_clearly(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} files[] = {
		{ "", 0 },		     { "\n\n\n", 3 },
		{ "\xEF\xBB\xBF", 3 },	     { "\xFF\xFE", 2 },
		{ "\x7F" "ELF\x02\x01\x01\0", 8 }, { "PK\x03\x04garbage", 11 },
		{ "\xD0\xCF\x11\xE0\xA1\xB1", 6 }, { "\xFF\xD8\xFF\xE0\0\x10JFIF", 10 },
		{ "%PDF-1.4\n1 0 obj\n", 17 }, { "просто текст\n", 24 },
		{ HEADING, sizeof(HEADING) - 1 },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct pb_import_options options = { .photos_fd = -1 };
		int fd = file_of(files[i].bytes, files[i].n);
		enum pb_status s = import_fd(*state, fd, &options, &report);

		close(fd);
		if (i + 1 == sizeof(files) / sizeof(files[0]))
			assert_int_equal(s, PB_OK); /* a heading alone is an empty list, not a mistake */
		else
			assert_int_equal(s, PB_INPUT_INVALID);
		assert_int_equal(report.rows, 0);
	}
}

static void a_huge_file_is_refused_before_it_is_read(void **state)
{
	struct pb_import_options options = { .photos_fd = -1 };
	int fd = file_of(HEADING, strlen(HEADING));

	assert_int_equal(ftruncate(fd, 500 * 1024 * 1024), 0);
	assert_int_equal(import_fd(*state, fd, &options, &report), PB_INPUT_TOO_LARGE);
	close(fd);
	options.table.max_bytes = 300;
	assert_int_equal(import_text(*state, HEADING IVANOVA IVANOVA, &options, &report), PB_INPUT_TOO_LARGE);
}

static void a_list_may_come_through_a_pipe_and_is_counted_there(void **state)
{
	static const char list[] = HEADING IVANOVA;
	struct pb_import_options options = { .photos_fd = -1 };

	for (int round = 0; round < 2; round++) {
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], list, sizeof(list) - 1), sizeof(list) - 1);
		close(ends[1]);
		options.table.max_bytes = round == 0 ? sizeof(list) - 1 : sizeof(list) - 2;
		assert_int_equal(import_fd(*state, ends[0], &options, &report), round == 0 ? PB_OK : PB_INPUT_TOO_LARGE);
		assert_int_equal(member_count(*state), 1);
		close(ends[0]);
	}
}

static void a_broken_list_keeps_whole_batches_and_can_be_resumed(void **state)
{
	size_t room = 200 * 2600, n;
	char *text = malloc(room);

	assert_non_null(text);
	n = (size_t)snprintf(text, room, "%s", HEADING);
	for (int i = 0; i < 2500; i++)
		n += (size_t)snprintf(text + n, room - n, "Иванова;Анна;Петровна;ж;%02d.%02d.%d;Школа;;;;;\n", i % 28 + 1,
				      i / 28 % 12 + 1, 1950 + i / 336);
	snprintf(text + n, room - n, "Иванова;\"Анна;;;\n");
	assert_int_equal(import_text(*state, text, NULL, &report), PB_INPUT_INVALID);
	assert_int_equal(report.totals.committed, 2000);
	assert_int_equal(member_count(*state), 2000);
	text[n] = '\0';
	assert_int_equal(import_text(*state, text, NULL, &report), PB_OK);
	assert_int_equal(report.totals.outcome[PB_IMPORT_UNCHANGED], 2000);
	assert_int_equal(report.totals.outcome[PB_IMPORT_ADDED], 500);
	free(text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)
	const struct CMUnitTest tests[] = {
		CASE(each_encoding_is_read_as_itself),
		CASE(the_sample_lists_are_one_list_in_three_files),
		CASE(a_changed_row_updates_and_an_empty_field_erases_nothing),
		CASE(yo_and_a_missing_patronymic_are_probably_the_same_person),
		CASE(a_name_in_one_column_is_split_where_that_is_certain),
		CASE(a_member_number_finds_its_member),
		CASE(a_list_without_organisations_goes_into_the_one_chosen),
		CASE(unknown_organisations_are_refused_when_asked),
		CASE(every_refusal_has_its_cause),
		CASE(every_repair_is_made_and_said),
		CASE(honest_oddities_pass_unchanged),
		CASE(unknown_columns_are_named),
		CASE(photos_come_in_or_are_warned_of),
		CASE(what_is_no_list_is_refused_once_and_clearly),
		CASE(a_huge_file_is_refused_before_it_is_read),
		CASE(a_list_may_come_through_a_pipe_and_is_counted_there),
		CASE(a_broken_list_keeps_whole_batches_and_can_be_resumed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
