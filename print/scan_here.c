/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Grey pixels of a JPEG or PNG, and what libzbar sees in them.  Sizes are checked before anything is decoded.  A code is
 * small in a photo, so pixels are given up only where there are more than PB_SCAN_DECODED_MAX.
 */
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <zbar.h>

#include "print/scan.h"

struct grey {
	int width, height;
	uint8_t *pixels;
};

static enum pb_status refuse(struct pb_err *err, const char *reason)
{
	return pb_fail(err, PB_PHOTO_INVALID, "photo: %s", reason);
}

static enum pb_status make_grey(int width, int height, struct grey *ret_grey, struct pb_err *err)
{
	*ret_grey = (struct grey){ width, height, malloc((size_t)width * (size_t)height) };
	return ret_grey->pixels != NULL ? PB_OK : pb_fail(err, PB_NO_MEMORY, "photo");
}

/* ---- decoding */

static tjscalingfactor reduction(int width, int height)
{
	tjscalingfactor f = { 8, 8 };

	while (f.num > 1 && (TJSCALED(width, f) > PB_SCAN_DECODED_MAX || TJSCALED(height, f) > PB_SCAN_DECODED_MAX))
		f.num--;
	return f;
}

static enum pb_status decode_jpeg_with(tjhandle decoder, struct pb_view file, struct grey *ret_grey, struct pb_err *err)
{
	int width = 0, height = 0, subsampling = 0, space = 0; /* not set for a file of tables alone, which is no error */
	tjscalingfactor f;
	enum pb_status s;

	if (tjDecompressHeader3(decoder, file.p, file.n, &width, &height, &subsampling, &space) != 0)
		return refuse(err, tjGetErrorStr2(decoder));
	if (space == TJCS_CMYK || space == TJCS_YCCK)
		return refuse(err, "made for the press (CMYK), not for a screen");
	if (width < 1 || height < 1)
		return refuse(err, "no picture is in it");
	if (width > PB_SCAN_SIDE_MAX || height > PB_SCAN_SIDE_MAX)
		return refuse(err, "more than 16384 pixels wide or high");
	f = reduction(width, height);
	s = make_grey(TJSCALED(width, f), TJSCALED(height, f), ret_grey, err);
	if (s == PB_OK && tjDecompress2(decoder, file.p, file.n, ret_grey->pixels, ret_grey->width, 0, ret_grey->height, TJPF_GRAY,
					TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
		s = refuse(err, tjGetErrorStr2(decoder));
	return s;
}

static enum pb_status decode_jpeg(struct pb_view file, struct grey *ret_grey, struct pb_err *err)
{
	tjhandle decoder = tjInitDecompress();
	enum pb_status s = decoder != NULL ? decode_jpeg_with(decoder, file, ret_grey, err) : pb_fail(err, PB_NO_MEMORY, "photo");

	if (decoder != NULL)
		tjDestroy(decoder);
	return s;
}

static enum pb_status decode_png(struct pb_view file, struct grey *ret_grey, struct pb_err *err)
{
	static const png_color white = { 255, 255, 255 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	enum pb_status s = PB_OK;

	if (!png_image_begin_read_from_memory(&image, file.p, file.n))
		return refuse(err, image.message);
	if (image.width > PB_SCAN_DECODED_MAX || image.height > PB_SCAN_DECODED_MAX)
		s = refuse(err, "more than 4096 pixels wide or high");
	if (s == PB_OK)
		s = make_grey((int)image.width, (int)image.height, ret_grey, err);
	image.format = PNG_FORMAT_GRAY;
	if (s == PB_OK && !png_image_finish_read(&image, &white, ret_grey->pixels, 0, NULL))
		s = refuse(err, image.message);
	png_image_free(&image);
	return s;
}

static enum pb_status decode(struct pb_view file, struct grey *ret_grey, struct pb_err *err)
{
	static const uint8_t jpeg_mark[] = { 0xFF, 0xD8, 0xFF }, png_mark[] = { 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A };

	if (file.n > PB_SCAN_PHOTO_MAX)
		return refuse(err, "larger than 16 MB");
	if (file.n > sizeof(jpeg_mark) && memcmp(file.p, jpeg_mark, sizeof(jpeg_mark)) == 0)
		return decode_jpeg(file, ret_grey, err);
	if (file.n > sizeof(png_mark) && memcmp(file.p, png_mark, sizeof(png_mark)) == 0)
		return decode_png(file, ret_grey, err);
	return refuse(err, "neither JPEG nor PNG");
}

/* ---- looking */

/* A code with more in it than any of ours is passed over, as is one with a NUL. */
static void take_text(const zbar_symbol_t *symbol, struct pb_scan_text *text)
{
	const char *data = zbar_symbol_get_data(symbol);
	size_t n = zbar_symbol_get_data_length(symbol);

	if (data == NULL || n == 0 || n + 1 > sizeof(text->text) - text->n || memchr(data, '\0', n) != NULL)
		return;
	memcpy(text->text + text->n, data, n);
	text->text[text->n + n] = '\0';
	text->n += n + 1;
	text->count++;
}

static enum pb_status look(const struct grey *grey, struct pb_scan_text *ret_text, struct pb_err *err)
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	enum pb_status s = PB_OK;

	if (scanner == NULL || image == NULL) {
		s = pb_fail(err, PB_NO_MEMORY, "photo");
	} else {
		(void)zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
		(void)zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
		zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
		zbar_image_set_size(image, (unsigned)grey->width, (unsigned)grey->height);
		zbar_image_set_data(image, grey->pixels, (size_t)grey->width * (size_t)grey->height, NULL);
		(void)zbar_scan_image(scanner, image);
		for (const zbar_symbol_t *at = zbar_image_first_symbol(image); at != NULL; at = zbar_symbol_next(at))
			if (zbar_symbol_get_type(at) == ZBAR_QRCODE)
				take_text(at, ret_text);
	}
	if (image != NULL)
		zbar_image_destroy(image);
	if (scanner != NULL)
		zbar_image_scanner_destroy(scanner);
	return s;
}

enum pb_status pb_scan_here(struct pb_view file, struct pb_scan_text *ret_text, struct pb_err *err)
{
	struct grey grey = { 0 };
	enum pb_status s = decode(file, &grey, err);

	ret_text->count = ret_text->n = 0;
	if (s == PB_OK)
		s = look(&grey, ret_text, err);
	free(grey.pixels);
	return s;
}
