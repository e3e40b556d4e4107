/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/face, typeset and russian: how names and organisations come to stand on a card, what is signed as
 * the name, and what is refused.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "print/composition.h"
#include "print/russian.h"
#include "tests/unit/print/face_cases.h"

static struct pb_design *design;
static struct pb_composition composition;

static int open_design(void **state)
{
	(void)state;
	design = shipped_design();
	return 0;
}

static int close_design(void **state)
{
	(void)state;
	pb_design_close(design);
	return 0;
}

static void check_mm(double got, double wanted)
{
	assert_true(fabs(got - wanted) < 1e-6);
}

static const struct pb_set_text *set(const struct pb_face *face, enum pb_side side, const char *element)
{
	struct pb_err err = { 0 };

	if (pb_compose(design, face, false, &composition, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return &composition.text[pb_layout_element(&design->layout, side, element)];
}

static void check_line(const struct pb_set_text *text, size_t line, const char *wanted)
{
	char got[PB_SET_TEXT];

	assert_true(line < text->lines);
	memcpy(got, text->text + text->line[line].start, text->line[line].n);
	got[text->line[line].n] = '\0';
	assert_string_equal(got, wanted);
}

static void a_common_name_stands_at_full_size(void **state)
{
	struct pb_face face = member_face();
	const struct pb_set_text *text = set(&face, PB_FRONT, "surname");

	(void)state;
	assert_int_equal(text->lines, 1);
	check_mm(text->pt, 15);
	check_line(text, 0, "ЖАМСАРАНОВА");
	text = set(&face, PB_FRONT, "given-name");
	check_mm(text->pt, 10.5);
	check_line(text, 0, "Вера Баировна");
}

static void a_long_double_surname_grows_upwards_onto_two_lines(void **state)
{
	struct pb_face face = member_face();
	const struct pb_set_text *text;

	(void)state;
	face.surname = "Константинопольская-Преображенская";
	text = set(&face, PB_FRONT, "surname");
	assert_int_equal(text->lines, 2);
	check_mm(text->pt, 10.5);
	check_line(text, 0, "КОНСТАНТИНОПОЛЬСКАЯ-");
	check_line(text, 1, "ПРЕОБРАЖЕНСКАЯ");
	check_mm(text->y + text->leading, 27);
}

static void a_surname_without_a_hyphen_is_set_narrow(void **state)
{
	struct pb_face face = member_face();
	const struct pb_set_text *text;

	(void)state;
	face.surname = "Христорождественскобогородицкий";
	text = set(&face, PB_FRONT, "surname");
	assert_int_equal(text->lines, 1);
	assert_string_equal(design->layout.font[text->font].name, "narrow");
	assert_true(text->pt >= 9);
	check_line(text, 0, "ХРИСТОРОЖДЕСТВЕНСКОБОГОРОДИЦКИЙ");
}

static void every_line_is_within_its_room(void **state)
{
	static const char *const surnames[] = { "Ли", "Жамсаранова", "Константинопольская-Преображенская",
						"Христорождественскобогородицкий", "Ван ден Берг Оглы Заде" };
	struct pb_face face = member_face();

	(void)state;
	for (size_t i = 0; i < sizeof(surnames) / sizeof(surnames[0]); i++) {
		face.surname = surnames[i];
		(void)set(&face, PB_FRONT, "surname");
		for (size_t e = 0; e < design->layout.elements; e++)
			for (size_t k = 0; k < composition.text[e].lines; k++)
				assert_true(composition.text[e].line[k].width <= design->layout.element[e].box.w);
	}
}

static void the_full_legal_name_of_a_school_takes_three_narrow_lines(void **state)
{
	struct pb_face face = member_face();
	const struct pb_set_text *text;

	(void)state;
	face.organisation = "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа "
			    "№ 30 имени С. А. Коровина города Чита»";
	text = set(&face, PB_FRONT, "organisation");
	assert_int_equal(text->lines, 3);
	check_mm(text->pt, 6.5);
	check_mm(text->y, 35.2);
}

static void an_organisation_that_does_not_fit_gives_way_to_its_short_name(void **state)
{
	char longest[PB_FACE_TEXT_MAX] = "";
	struct pb_face face = member_face();

	(void)state;
	for (int i = 0; i < 12; i++)
		strcat(longest, "общеобразовательное ");
	face.organisation = longest;
	check_line(set(&face, PB_FRONT, "organisation"), 0, "СОШ №\u00A030");
	face.organisation_short = "";
	assert_int_equal(pb_face_check(design, &face, NULL), PB_NAME_TOO_LONG);
}

static void a_second_line_of_the_address_moves_the_next_one_down(void **state)
{
	struct pb_face face = member_face();

	(void)state;
	face.return_line = "672000, Забайкальский край, г. Чита, ул. Профсоюзная, д. 15, кабинет 204";
	assert_int_equal(set(&face, PB_BACK, "return")->lines, 2);
}

/* ---- the printed name */

static void check_name(const char *surname, const char *name, const char *patronymic, enum pb_name_form form,
		       const char *wanted)
{
	char got[PB_PRINTED_NAME_CAP];
	struct pb_err err = { 0 };

	if (pb_face_name_as_printed(design, surname, name, patronymic, form, got, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_string_equal(got, wanted);
}

static void the_signed_name_is_the_printed_one(void **state)
{
	(void)state;
	check_name("Жамсаранова", "Вера", "Баировна", PB_NAME_FULL, "Жамсаранова Вера Баировна");
	check_name("Жамсаранова", "Вера", "Баировна", PB_NAME_INITIALS, "Жамсаранова В. Б.");
	check_name("Ли", "Анна", "", PB_NAME_FULL, "Ли Анна");
	check_name("Ли", "Анна", "", PB_NAME_INITIALS, "Ли А.");
	check_name("Константинопольская-Преображенская", "Александра", "Вячеславовна", PB_NAME_FULL,
		   "Константинопольская-Преображенская Александра Вячеславовна");
	check_name("Сүхбаатарай", "Өлзы", "Һэргэлэнович", PB_NAME_FULL, "Сүхбаатарай Өлзы Һэргэлэнович");
	check_name("Ли", "Александра-Мария-Константина", "Вячеславовна", PB_NAME_FULL, "Ли Александра-Мария-Константина В.");
	check_name("Ли", "Александра-Мария-Константина-Елизавета", "Вячеславовна", PB_NAME_FULL, "Ли А. В.");
}

static void a_name_that_fits_nowhere_or_has_no_glyph_is_refused(void **state)
{
	char got[PB_PRINTED_NAME_CAP], endless[401];
	struct pb_err err = { 0 };

	(void)state;
	memset(endless, 'W', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_int_equal(pb_face_name_as_printed(design, endless, "А", "", PB_NAME_FULL, got, NULL), PB_NAME_TOO_LONG);
	assert_int_equal(pb_face_name_as_printed(design, "", "", "", PB_NAME_FULL, got, NULL), PB_NAME_TOO_LONG);
	assert_int_equal(pb_face_name_as_printed(design, "王", "А", "", PB_NAME_FULL, got, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "U+738B"));
}

static void a_face_shows_what_the_printed_name_said(void **state)
{
	struct pb_face face = member_face();

	(void)state;
	face.name_form = PB_NAME_INITIALS;
	check_line(set(&face, PB_FRONT, "given-name"), 0, "В.\u00A0Б.");
	face.name = "Александра-Мария-Константина-Елизавета";
	face.name_form = PB_NAME_FULL;
	check_line(set(&face, PB_FRONT, "given-name"), 0, "А.\u00A0Б.");
}

static void what_is_not_known_is_left_out(void **state)
{
	struct pb_face face = member_face();

	(void)state;
	face.member_since = (struct pb_date){ 0 };
	face.card_serial = face.qr_url = face.contact_line = "";
	assert_int_equal(set(&face, PB_FRONT, "member-since")->lines, 0);
	assert_int_equal(composition.text[pb_layout_element(&design->layout, PB_BACK, "contact")].lines, 0);
	assert_false(composition.has_qr);
}

/* ---- typography */

static void check_russian(const char *text, const char *wanted)
{
	char got[256];

	assert_true(pb_russian_set(text, got, sizeof(got)));
	assert_string_equal(got, wanted);
}

static void quotes_dashes_and_spaces_are_set_as_in_print(void **state)
{
	(void)state;
	check_russian("МБОУ \"СОШ № 14\" г. Чита", "МБОУ «СОШ №\u00A014» г.\u00A0Чита");
	check_russian("Центр \"Дом \"Созвездие\"\"", "Центр «Дом „Созвездие“»");
	check_russian("Центр «Дом «Созвездие»»", "Центр «Дом „Созвездие“»");
	check_russian("имени  С.А. Коровина", "имени С.А.\u00A0Коровина");
	check_russian("Профсоюз - организация", "Профсоюз\u00A0— организация");
	check_russian("в Профсоюзе с 09.2014", "в\u00A0Профсоюзе с\u00A009.2014");
	check_russian("Семёнова-Доржиева", "Семёнова-Доржиева");
	check_russian(" \"Ёлка\" ", "«Ёлка»");
	check_russian("\"\"\"", "«»»");
	check_russian("", "");
}

static void typography_never_overruns(void **state)
{
	char got[8];

	(void)state;
	assert_true(pb_russian_set("1234567", got, sizeof(got)));
	assert_false(pb_russian_set("12345678", got, sizeof(got)));
	assert_false(pb_russian_set("\"\"\"\"", got, sizeof(got)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_common_name_stands_at_full_size),
		cmocka_unit_test(a_long_double_surname_grows_upwards_onto_two_lines),
		cmocka_unit_test(a_surname_without_a_hyphen_is_set_narrow),
		cmocka_unit_test(every_line_is_within_its_room),
		cmocka_unit_test(the_full_legal_name_of_a_school_takes_three_narrow_lines),
		cmocka_unit_test(an_organisation_that_does_not_fit_gives_way_to_its_short_name),
		cmocka_unit_test(a_second_line_of_the_address_moves_the_next_one_down),
		cmocka_unit_test(the_signed_name_is_the_printed_one),
		cmocka_unit_test(a_name_that_fits_nowhere_or_has_no_glyph_is_refused),
		cmocka_unit_test(a_face_shows_what_the_printed_name_said),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(quotes_dashes_and_spaces_are_set_as_in_print),
		cmocka_unit_test(typography_never_overruns),
	};

	return cmocka_run_group_tests(tests, open_design, close_design);
}
