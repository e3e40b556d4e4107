/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/scan: codes are read from pictures made here, in this process and in the confined one; what is no photo is refused
 * by name, and what kills the process costs one photo.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <png.h>
#include <turbojpeg.h>

#include "print/qr.h"
#include "print/scan.h"

enum { SIDE = 900, FILE_MAX = 1 << 20, DOTS = 5, QUIET = 4, PREFIX = 22 };

static const char first[] = "https://a.example/v#DKCEJIQ2IF2AMAAAACXQ2SRJ", second[] = "https://a.example/v#SECONDCODEOFTHEPICTURE";
static uint8_t grey[SIDE * SIDE], file[FILE_MAX];
static size_t file_n;
static struct pb_scan_text text;

static void draw(const char *words, int left, int top)
{
	struct pb_qr qr;

	assert_true(pb_qr_encode(pb_view_text(words), PREFIX, 60, &qr));
	assert_true((qr.side + 2 * QUIET) * DOTS + left < SIDE);
	for (int y = 0; y < qr.side * DOTS; y++)
		for (int x = 0; x < qr.side * DOTS; x++)
			if (qr.dark[y / DOTS][x / DOTS])
				grey[(top + QUIET * DOTS + y) * SIDE + left + QUIET * DOTS + x] = 20;
}

static int blank_picture(void **state)
{
	(void)state;
	memset(grey, 235, sizeof(grey));
	return 0;
}

static void save_png(void)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .width = SIDE, .height = SIDE, .format = PNG_FORMAT_GRAY };
	png_alloc_size_t n = sizeof(file);

	assert_true(png_image_write_to_memory(&image, file, &n, 0, grey, 0, NULL));
	file_n = n;
}

static void save_jpeg(int quality)
{
	tjhandle encoder = tjInitCompress();
	unsigned char *jpeg = NULL;
	unsigned long n = 0;

	assert_int_equal(tjCompress2(encoder, grey, SIDE, 0, SIDE, TJPF_GRAY, &jpeg, &n, TJSAMP_GRAY, quality, 0), 0);
	memcpy(file, jpeg, n);
	file_n = n;
	tjFree(jpeg);
	tjDestroy(encoder);
}

static void has(const char *words)
{
	for (size_t at = 0; at < text.n; at += strlen(text.text + at) + 1)
		if (strcmp(text.text + at, words) == 0)
			return;
	fail_msg("%s was not read", words);
}

static void codes_of_a_png_and_a_jpeg_are_read(void **state)
{
	struct pb_err err = { 0 };

	(void)state;
	draw(first, 10, 20);
	draw(second, 400, 430);
	save_png();
	assert_int_equal(pb_scan_here(pb_view(file, file_n), &text, &err), PB_OK);
	assert_int_equal(text.count, 2);
	has(first);
	has(second);
	save_jpeg(40);
	assert_int_equal(pb_scan_here(pb_view(file, file_n), &text, &err), PB_OK);
	has(first);
	has(second);
}

static void a_photo_without_a_code_has_no_text(void **state)
{
	struct pb_err err = { 0 };

	(void)state;
	save_png();
	assert_int_equal(pb_scan_here(pb_view(file, file_n), &text, &err), PB_OK);
	assert_int_equal(text.count, 0);
}

static void what_is_no_photo_is_refused_by_name(void **state)
{
	static const uint8_t junk[] = "GIF89a is not what is asked for";
	static const uint8_t tables[] = { 0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xD9 };
	struct pb_err err = { 0 };

	(void)state;
	draw(first, 10, 20);
	save_jpeg(80);
	assert_int_equal(pb_scan_here(pb_view(junk, sizeof(junk)), &text, &err), PB_PHOTO_INVALID);
	assert_string_equal(err.msg, "photo: neither JPEG nor PNG");
	assert_int_equal(pb_scan_here(pb_view(tables, sizeof(tables)), &text, &err), PB_PHOTO_INVALID);
	assert_string_equal(err.msg, "photo: no picture is in it");
	assert_int_equal(pb_scan_here(pb_view(file, file_n / 2), &text, &err), PB_PHOTO_INVALID);
	assert_int_equal(pb_scan_here(pb_view(file, 0), &text, &err), PB_PHOTO_INVALID);
	save_png();
	assert_int_equal(pb_scan_here(pb_view(file, file_n / 2), &text, &err), PB_PHOTO_INVALID);
	/* A header that asks for 65,535 by 65,535 pixels is refused before they are. */
	memcpy(file + 16, "\0\0\xff\xff\0\0\xff\xff", 8);
	assert_int_equal(pb_scan_here(pb_view(file, file_n), &text, &err), PB_PHOTO_INVALID);
}

/* Encodings are loaded before files are out of reach, so the hundredth code is read as the first. */
static void the_confined_process_reads_one_photo_after_the_other(void **state)
{
	struct pb_err err = { 0 };
	struct pb_scan *scan = NULL;

	(void)state;
	draw(first, 10, 20);
	save_png();
	assert_int_equal(pb_scan_start(SCAN, &scan, &err), PB_OK);
	for (int i = 0; i < 20; i++) {
		enum pb_status s = pb_scan_photo(scan, pb_view(file, file_n), &text, &err);

		if (s != PB_OK)
			fail_msg("photo %d: %s", i, err.msg);
		assert_int_equal(text.count, 1);
		has(first);
		assert_int_equal(pb_scan_photo(scan, pb_view(file, file_n / 3), &text, &err), PB_PHOTO_INVALID);
	}
	pb_scan_destroy(scan);
}

static void a_process_that_is_no_scanner_costs_one_photo(void **state)
{
	struct pb_err err = { 0 };
	struct pb_scan *scan = NULL;

	(void)state;
	save_png();
	assert_int_equal(pb_scan_start("/bin/true", &scan, &err), PB_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pb_scan_photo(scan, pb_view(file, file_n), &text, &err), PB_PHOTO_INVALID);
	pb_scan_destroy(scan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(codes_of_a_png_and_a_jpeg_are_read, blank_picture),
		cmocka_unit_test_setup(a_photo_without_a_code_has_no_text, blank_picture),
		cmocka_unit_test_setup(what_is_no_photo_is_refused_by_name, blank_picture),
		cmocka_unit_test_setup(the_confined_process_reads_one_photo_after_the_other, blank_picture),
		cmocka_unit_test_setup(a_process_that_is_no_scanner_costs_one_photo, blank_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
