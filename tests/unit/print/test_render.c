/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/render: the same document from the process and from within, and that a photo which kills, stalls
 * or abuses the process costs that photo and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "print/render_wire.h"
#include "tests/unit/print/face_cases.h"

enum { PATIENCE_MS = 60000, HASTE_MS = 1500 };

static struct pb_photo photo;

struct pdf {
	uint8_t *bytes;
	size_t n;
};

static struct pb_render *start(const char *program, int step_ms)
{
	struct pb_render *render = NULL;
	struct pb_err err = { 0 };
	struct pb_render_options options = { .program = program, .layout = shipped_layout(), .font_directory = FONT_DIR,
					     .unix_time = 1790000000, .step_ms = step_ms };

	if (pb_render_start(&options, &render, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return render;
}

static struct pb_view sample_photo(void)
{
	static uint8_t bytes[1 << 20];
	char path[1024];
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "%s/samples/photos/0004.jpg", getenv("PROFBILET_SOURCE"));
	in = fopen(path, "rb");
	assert_non_null(in);
	n = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	return pb_view(bytes, n);
}

static void add(struct pb_render *render, const char *serial)
{
	struct pb_face face = member_face();
	struct pb_err err = { 0 };

	face.card_serial = serial;
	if (pb_render_photo(render, sample_photo(), &photo, &err) != PB_OK ||
	    pb_render_add(render, &face, &photo, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

static struct pdf finish(struct pb_render *render)
{
	struct pdf pdf = { 0 };
	struct pb_err err = { 0 };

	if (pb_render_finish(render, &pdf.bytes, &pdf.n, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_memory_equal(pdf.bytes, "%PDF-1.4", 8);
	pb_render_destroy(render);
	return pdf;
}

static void check_equal(struct pdf a, struct pdf b)
{
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.bytes, b.bytes, a.n);
	free(a.bytes);
	free(b.bytes);
}

static struct pdf two_cards(struct pb_render *render)
{
	add(render, "0000104217");
	add(render, "0000104218");
	return finish(render);
}

static void the_process_draws_what_is_drawn_within(void **state)
{
	(void)state;
	check_equal(two_cards(start(RENDER, PATIENCE_MS)), two_cards(start(NULL, 0)));
}

static void a_photo_that_kills_the_process_costs_only_itself(void **state)
{
	struct pb_render *render = start(FRAGILE, PATIENCE_MS);
	struct pb_err err = { 0 };

	(void)state;
	add(render, "0000104217");
	assert_int_equal(pb_render_photo(render, pb_view_text("abort"), &photo, &err), PB_PHOTO_INVALID);
	assert_non_null(strstr(err.msg, "broke off"));
	assert_int_equal(pb_render_count(render), 1);
	add(render, "0000104218");
	check_equal(finish(render), two_cards(start(NULL, 0)));
}

static void a_photo_that_stalls_the_process_costs_only_itself(void **state)
{
	struct pb_render *render = start(FRAGILE, HASTE_MS);
	struct pb_err err = { 0 };

	(void)state;
	add(render, "0000104217");
	assert_int_equal(pb_render_photo(render, pb_view_text("stall"), &photo, &err), PB_PHOTO_INVALID);
	assert_non_null(strstr(err.msg, "did not come to an end"));
	add(render, "0000104218");
	check_equal(finish(render), two_cards(start(NULL, 0)));
}

static void the_process_can_open_no_file(void **state)
{
	struct pb_render *render = start(FRAGILE, PATIENCE_MS);
	struct pb_err err = { 0 };

	(void)state;
#if !defined(__SANITIZE_ADDRESS__) /* a sanitizer needs system calls of its own, so there is no filter then */
	assert_int_equal(pb_render_photo(render, pb_view_text("open"), &photo, &err), PB_PHOTO_INVALID);
	assert_non_null(strstr(err.msg, "broke off"));
#else
	(void)err;
#endif
	pb_render_destroy(render);
}

static void a_card_that_cannot_be_set_leaves_the_document_as_it_was(void **state)
{
	struct pb_render *render = start(RENDER, PATIENCE_MS);
	struct pb_face face = member_face();
	struct pb_err err = { 0 };

	(void)state;
	add(render, "0000104217");
	face.surname = "王";
	assert_int_equal(pb_render_add(render, &face, NULL, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "U+738B"));
	assert_int_equal(pb_render_photo(render, pb_view_text("no photo"), &photo, &err), PB_PHOTO_INVALID);
	add(render, "0000104218");
	check_equal(finish(render), two_cards(start(NULL, 0)));
}

static void a_document_needs_a_card_and_then_the_next_begins(void **state)
{
	struct pb_render *render = start(RENDER, PATIENCE_MS);
	struct pdf first = { 0 };

	(void)state;
	assert_int_equal(pb_render_finish(render, &first.bytes, &first.n, NULL), PB_NOT_ALLOWED);
	add(render, "0000104217");
	add(render, "0000104218");
	assert_int_equal(pb_render_finish(render, &first.bytes, &first.n, NULL), PB_OK);
	assert_int_equal(pb_render_count(render), 0);
	check_equal(two_cards(render), first);
}

static void a_missing_layout_or_program_is_told_at_the_start(void **state)
{
	struct pb_render *render = NULL;
	struct pb_render_options options = { .program = RENDER, .layout = "/nonexistent", .font_directory = FONT_DIR };
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(pb_render_start(&options, &render, &err), PB_FILE_UNREADABLE);
	assert_non_null(strstr(err.msg, "/nonexistent"));
	options.program = "/nonexistent";
	assert_int_not_equal(pb_render_start(&options, &render, &err), PB_OK);
}

/* ---- the wire */

static void a_face_survives_the_wire(void **state)
{
	static struct pb_wire_face got;
	struct pb_face face = member_face();
	uint8_t bytes[4096], again[4096];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes)), back = pb_writer(again, sizeof(again));

	(void)state;
	face.test = true;
	face.name_form = PB_NAME_INITIALS;
	pb_wire_put_face(&out, &face);
	assert_true(pb_wire_read_face(pb_view(bytes, out.n), &got));
	assert_string_equal(got.face.contact_line, face.contact_line);
	assert_int_equal(got.face.valid_until.year, 2031);
	pb_wire_put_face(&back, &got.face);
	assert_int_equal(back.n, out.n);
	assert_memory_equal(again, bytes, out.n);
}

static void no_shortened_or_altered_face_is_taken_for_another_form(void **state)
{
	static struct pb_wire_face got;
	struct pb_face face = member_face();
	uint8_t bytes[4096];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	(void)state;
	pb_wire_put_face(&out, &face);
	for (size_t n = 0; n < out.n; n++)
		assert_false(pb_wire_read_face(pb_view(bytes, n), &got));
	bytes[0]++;
	assert_false(pb_wire_read_face(pb_view(bytes, out.n), &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process_draws_what_is_drawn_within),
		cmocka_unit_test(a_photo_that_kills_the_process_costs_only_itself),
		cmocka_unit_test(a_photo_that_stalls_the_process_costs_only_itself),
		cmocka_unit_test(the_process_can_open_no_file),
		cmocka_unit_test(a_card_that_cannot_be_set_leaves_the_document_as_it_was),
		cmocka_unit_test(a_document_needs_a_card_and_then_the_next_begins),
		cmocka_unit_test(a_missing_layout_or_program_is_told_at_the_start),
		cmocka_unit_test(a_face_survives_the_wire),
		cmocka_unit_test(no_shortened_or_altered_face_is_taken_for_another_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
