/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print/photo: what becomes of good photos, and that bad ones are refused by name.  The pictures are made
 * here: four quarters of different colours, so that a turned or mirrored one is noticed.
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

#include "print/photo.h"

enum { RGB = 3, FILE_MAX = 1 << 20 };

static const uint8_t quarters[4][RGB] = { { 220, 30, 30 }, { 30, 200, 30 }, { 30, 30, 220 }, { 230, 220, 30 } };
static struct pb_photo photo;

struct file {
	uint8_t bytes[FILE_MAX];
	size_t n;
};
static struct file file;

/* Quarter 0 top left, 1 top right, 2 bottom left, 3 bottom right. */
static uint8_t *picture(int width, int height)
{
	uint8_t *rgb = malloc((size_t)width * (size_t)height * RGB);

	assert_non_null(rgb);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			memcpy(rgb + ((size_t)y * (size_t)width + (size_t)x) * RGB,
			       quarters[(y >= height / 2) * 2 + (x >= width / 2)], RGB);
	return rgb;
}

static void make_jpeg(int width, int height, int format, int flags)
{
	tjhandle encoder = tjInitCompress();
	uint8_t *rgb = format == TJPF_CMYK ? calloc((size_t)width * (size_t)height, 4) : picture(width, height);
	unsigned char *jpeg = NULL;
	unsigned long n = 0;

	assert_int_equal(tjCompress2(encoder, rgb, width, 0, height, format, &jpeg, &n, TJSAMP_444, 90, flags), 0);
	assert_true(n <= FILE_MAX);
	memcpy(file.bytes, jpeg, n);
	file.n = n;
	tjFree(jpeg);
	tjDestroy(encoder);
	free(rgb);
}

/* Puts an APP1 segment with one directory entry behind the start of the image. */
static void turn(uint8_t orientation, bool little)
{
	uint8_t exif[36] = { 0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0 };

	memcpy(exif + 10, little ? "II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" : "MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01",
	       18);
	exif[little ? 28 : 29] = orientation;
	memmove(file.bytes + 2 + sizeof(exif), file.bytes + 2, file.n - 2);
	memcpy(file.bytes + 2, exif, sizeof(exif));
	file.n += sizeof(exif);
}

static enum pb_status normalise(struct pb_err *err)
{
	memset(&photo, 0, sizeof(photo));
	return pb_photo_normalise(pb_view(file.bytes, file.n), &photo, err);
}

/* The quarters of the printed photo, as digits in reading order. */
static int printed_quarters(void)
{
	tjhandle decoder = tjInitDecompress();
	static uint8_t rgb[PB_PHOTO_WIDTH * PB_PHOTO_HEIGHT * RGB];
	int width, height, subsampling, space, seen = 0;

	assert_int_equal(tjDecompressHeader3(decoder, photo.jpeg, photo.n, &width, &height, &subsampling, &space), 0);
	assert_int_equal(width, PB_PHOTO_WIDTH);
	assert_int_equal(height, PB_PHOTO_HEIGHT);
	assert_int_equal(tjDecompress2(decoder, photo.jpeg, photo.n, rgb, 0, 0, 0, TJPF_RGB, 0), 0);
	tjDestroy(decoder);
	for (int i = 0; i < 4; i++) {
		int x = PB_PHOTO_WIDTH / 4 * (i % 2 * 2 + 1), y = PB_PHOTO_HEIGHT / 4 * (i / 2 * 2 + 1), best = -1;
		const uint8_t *p = rgb + ((size_t)y * PB_PHOTO_WIDTH + (size_t)x) * RGB;

		for (int q = 0; q < 4; q++)
			if (abs(p[0] - quarters[q][0]) + abs(p[1] - quarters[q][1]) + abs(p[2] - quarters[q][2]) < 40)
				best = q;
		seen = seen * 10 + best + 1;
	}
	return seen;
}

static void a_photo_of_any_shape_becomes_the_printed_size(void **state)
{
	static const int sizes[][2] = { { 354, 472 }, { 90, 90 }, { 4000, 300 }, { 300, 4000 }, { 2000, 1500 }, { 236, 315 } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		make_jpeg(sizes[i][0], sizes[i][1], TJPF_RGB, 0);
		assert_int_equal(normalise(NULL), PB_OK);
		assert_int_equal(printed_quarters(), 1234);
	}
}

static void a_photo_is_turned_as_its_camera_was_held(void **state)
{
	/* by orientation: where each stored quarter comes to stand (EXIF 2.32, 4.6.4) */
	static const int wanted[] = { 0, 1234, 2143, 4321, 3412, 1324, 3142, 4231, 2413 };

	(void)state;
	for (uint8_t orientation = 1; orientation <= 8; orientation++) {
		make_jpeg(400, 400, TJPF_RGB, 0);
		turn(orientation, orientation % 2);
		assert_int_equal(pb_photo_orientation(pb_view(file.bytes, file.n)), orientation);
		assert_int_equal(normalise(NULL), PB_OK);
		assert_int_equal(printed_quarters(), wanted[orientation]);
	}
	make_jpeg(400, 400, TJPF_RGB, 0);
	turn(9, true);
	assert_int_equal(pb_photo_orientation(pb_view(file.bytes, file.n)), 1);
}

static void the_same_file_gives_the_same_bytes(void **state)
{
	static struct pb_photo first;

	(void)state;
	make_jpeg(1000, 1300, TJPF_RGB, TJFLAG_PROGRESSIVE);
	assert_int_equal(normalise(NULL), PB_OK);
	first = photo;
	assert_int_equal(normalise(NULL), PB_OK);
	assert_int_equal(first.n, photo.n);
	assert_memory_equal(first.jpeg, photo.jpeg, photo.n);
}

static void make_png(int width, int height, int format, const void *pixels)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .width = (uint32_t)width, .height = (uint32_t)height,
			    .format = (uint32_t)format };
	png_alloc_size_t n = FILE_MAX;

	assert_true(png_image_write_to_memory(&image, file.bytes, &n, 0, pixels, 0, NULL));
	file.n = n;
}

static void a_png_is_taken_and_lies_on_white(void **state)
{
	uint8_t *rgb = picture(300, 400), *clear = calloc(300 * 400, 4);
	tjhandle decoder = tjInitDecompress();
	static uint8_t printed[PB_PHOTO_WIDTH * PB_PHOTO_HEIGHT * RGB];

	(void)state;
	make_png(300, 400, PNG_FORMAT_RGB, rgb);
	assert_int_equal(normalise(NULL), PB_OK);
	assert_int_equal(printed_quarters(), 1234);
	make_png(300, 400, PNG_FORMAT_RGBA, clear);
	assert_int_equal(normalise(NULL), PB_OK);
	assert_int_equal(tjDecompress2(decoder, photo.jpeg, photo.n, printed, 0, 0, 0, TJPF_RGB, 0), 0);
	assert_true(printed[0] > 250 && printed[1] > 250 && printed[sizeof(printed) - 1] > 250);
	tjDestroy(decoder);
	free(rgb);
	free(clear);
}

static void check_refused(const char *why)
{
	struct pb_err err = { 0 };

	assert_int_equal(normalise(&err), PB_PHOTO_INVALID);
	if (!strstr(err.msg, why))
		fail_msg("expected %s, got %s", why, err.msg);
}

static void what_cannot_be_printed_is_refused_by_name(void **state)
{
	(void)state;
	file.n = 0;
	check_refused("neither JPEG nor PNG");
	memcpy(file.bytes, "GIF89a", 6);
	file.n = 6;
	check_refused("neither JPEG nor PNG");
	make_jpeg(300, 400, TJPF_CMYK, 0);
	check_refused("CMYK");
	make_jpeg(89, 400, TJPF_RGB, 0);
	check_refused("fewer than 90");
	make_jpeg(4001, 100, TJPF_RGB, 0);
	check_refused("more than 4000");
}

static void a_file_that_was_cut_short_is_refused(void **state)
{
	size_t whole;
	uint8_t *rgb = picture(300, 400);

	(void)state;
	make_jpeg(300, 400, TJPF_RGB, 0);
	whole = file.n;
	for (size_t cut = 4; cut < whole - 2; cut += 97) {
		file.n = cut;
		check_refused("photo: ");
	}
	make_png(300, 400, PNG_FORMAT_RGB, rgb);
	whole = file.n;
	for (size_t cut = 9; cut < whole - 16; cut += 31) { /* all but IEND, which says nothing */
		file.n = cut;
		check_refused("photo: ");
	}
	free(rgb);
}

/* A PNG of a few bytes that says it is 30,000 pixels wide and high: refused before a pixel is made. */
static void a_bomb_is_refused_by_its_header(void **state)
{
	static const uint8_t bomb[] = { 0x89, 'P',  'N',  'G',	0x0D, 0x0A, 0x1A, 0x0A, 0,    0,    0,	  13,
					'I',  'H',  'D',  'R',	0,    0,    0x75, 0x30, 0,    0,    0x75, 0x30,
					8,    2,    0,	  0,	0,    0xA2, 0x08, 0x0D, 0xF3, 0,    0,	  0,
					0,    'I',  'D',  'A',	'T',  0x35, 0xAF, 0x06, 0x1E };

	(void)state;
	memcpy(file.bytes, bomb, sizeof(bomb));
	file.n = sizeof(bomb);
	check_refused("photo: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_photo_of_any_shape_becomes_the_printed_size),
		cmocka_unit_test(a_photo_is_turned_as_its_camera_was_held),
		cmocka_unit_test(the_same_file_gives_the_same_bytes),
		cmocka_unit_test(a_png_is_taken_and_lies_on_white),
		cmocka_unit_test(what_cannot_be_printed_is_refused_by_name),
		cmocka_unit_test(a_file_that_was_cut_short_is_refused),
		cmocka_unit_test(a_bomb_is_refused_by_its_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
