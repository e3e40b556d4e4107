/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sizes are checked before anything is decoded.  A large JPEG is decoded at a fraction of its size, which
 * its own transform gives for free.  Scaling is integer arithmetic with a triangle filter, so every
 * machine makes the same bytes.
 */
#include "print/photo.h"

#include <assert.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum {
	RGB = 3,
	JPEG_QUALITY = 90,
	UNIT = 1 << 14,	 /* the weights of a pixel add up to this */
	TAPS_MAX = 64,	 /* 2 * PB_PHOTO_SIDE_MAX / PB_PHOTO_WIDTH and a few */
};

struct pixels {
	int width, height;
	uint8_t *rgb;
};

static bool make_pixels(int width, int height, struct pixels *ret_pixels)
{
	*ret_pixels = (struct pixels){ width, height, malloc((size_t)width * (size_t)height * RGB) };
	return ret_pixels->rgb != NULL;
}

static enum pb_status refuse(struct pb_err *err, const char *reason)
{
	return pb_fail(err, PB_PHOTO_INVALID, "photo: %s", reason);
}

static enum pb_status check_size(long width, long height, struct pb_err *err)
{
	if (width > PB_PHOTO_SIDE_MAX || height > PB_PHOTO_SIDE_MAX)
		return refuse(err, "more than 4000 pixels wide or high");
	if (width < PB_PHOTO_SIDE_MIN || height < PB_PHOTO_SIDE_MIN)
		return refuse(err, "fewer than 90 pixels wide or high");
	return PB_OK;
}

/* ---- decoding */

/* The smallest eighth of the size that is still no smaller than the print, either way up. */
static tjscalingfactor reduction(int width, int height)
{
	tjscalingfactor best = { 1, 1 };

	for (int eighth = 1; eighth < 8; eighth++) {
		tjscalingfactor f = { eighth, 8 };

		if (TJSCALED(width, f) >= PB_PHOTO_HEIGHT && TJSCALED(height, f) >= PB_PHOTO_HEIGHT)
			return f;
	}
	return best;
}

static enum pb_status decode_jpeg_with(tjhandle decoder, struct pb_view file, struct pixels *ret_pixels,
				       struct pb_err *err)
{
	const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
	int width, height, subsampling, space;
	tjscalingfactor f;
	enum pb_status s;

	if (tjDecompressHeader3(decoder, file.p, file.n, &width, &height, &subsampling, &space) != 0)
		return refuse(err, tjGetErrorStr2(decoder));
	if (space == TJCS_CMYK || space == TJCS_YCCK)
		return refuse(err, "made for the press (CMYK), not for a screen");
	s = check_size(width, height, err);
	if (s != PB_OK)
		return s;
	f = reduction(width, height);
	if (!make_pixels(TJSCALED(width, f), TJSCALED(height, f), ret_pixels))
		return pb_fail(err, PB_NO_MEMORY, "photo");
	if (tjDecompress2(decoder, file.p, file.n, ret_pixels->rgb, ret_pixels->width, 0, ret_pixels->height, TJPF_RGB,
			  flags) != 0)
		return refuse(err, tjGetErrorStr2(decoder));
	return PB_OK;
}

static enum pb_status decode_jpeg(struct pb_view file, struct pixels *ret_pixels, struct pb_err *err)
{
	tjhandle decoder = tjInitDecompress();
	enum pb_status s;

	if (!decoder)
		return pb_fail(err, PB_NO_MEMORY, "photo");
	s = decode_jpeg_with(decoder, file, ret_pixels, err);
	tjDestroy(decoder);
	return s;
}

/* Warnings of libpng are about what surrounds the pixels (old colour profiles, mostly) and are let pass;
 * the pixels themselves are under checksums whose failure is an error. */
static enum pb_status decode_png(struct pb_view file, struct pixels *ret_pixels, struct pb_err *err)
{
	static const png_color white = { 255, 255, 255 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	enum pb_status s;

	if (!png_image_begin_read_from_memory(&image, file.p, file.n))
		return refuse(err, image.message);
	s = check_size((long)image.width, (long)image.height, err);
	if (s == PB_OK && !make_pixels((int)image.width, (int)image.height, ret_pixels))
		s = pb_fail(err, PB_NO_MEMORY, "photo");
	if (s != PB_OK) {
		png_image_free(&image);
		return s;
	}
	image.format = PNG_FORMAT_RGB;
	if (!png_image_finish_read(&image, &white, ret_pixels->rgb, 0, NULL))
		return refuse(err, image.message);
	return PB_OK;
}

/* ---- cropping and scaling */

struct span {
	int start, length;
};

/* The largest part of width : height, in the middle. */
static void crop(const struct pixels *from, int width, int height, struct span *ret_x, struct span *ret_y)
{
	int w = from->width, h = from->height;

	if (w * height > h * width)
		w = (h * width + height / 2) / height;
	else
		h = (w * height + width / 2) / width;
	*ret_x = (struct span){ (from->width - w) / 2, w };
	*ret_y = (struct span){ (from->height - h) / 2, h };
}

struct taps {
	int first, count;
	int weight[TAPS_MAX]; /* adding up to UNIT */
};

/* Which pixels of the span make pixel `index` of `length`, and how much each. */
static void make_taps(struct span span, int length, int index, struct taps *ret_taps)
{
	double scale = (double)span.length / length, radius = fmax(scale, 1);
	double centre = (index + 0.5) * scale - 0.5, total = 0, share[TAPS_MAX];
	int first = (int)fmax(0, ceil(centre - radius)), last = (int)fmin(span.length - 1, floor(centre + radius));
	int left = UNIT;

	ret_taps->count = last - first + 1 < TAPS_MAX ? last - first + 1 : TAPS_MAX;
	ret_taps->first = span.start + first;
	for (int i = 0; i < ret_taps->count; i++)
		total += share[i] = fmax(1 - fabs(first + i - centre) / radius, 0);
	for (int i = 0; i < ret_taps->count; i++) {
		ret_taps->weight[i] = (int)(share[i] / total * UNIT);
		left -= ret_taps->weight[i];
	}
	ret_taps->weight[ret_taps->count / 2] += left;
}

/* One pixel from a row or column whose pixels lie `stride` bytes apart. */
static void mix(const struct taps *taps, const uint8_t *from, size_t stride, uint8_t ret_pixel[static RGB])
{
	unsigned red = UNIT / 2, green = UNIT / 2, blue = UNIT / 2; /* weights are not negative and add up to UNIT */

	from += (size_t)taps->first * stride;
	for (int i = 0; i < taps->count; i++, from += stride) {
		red += (unsigned)taps->weight[i] * from[0];
		green += (unsigned)taps->weight[i] * from[1];
		blue += (unsigned)taps->weight[i] * from[2];
	}
	ret_pixel[0] = (uint8_t)(red / UNIT);
	ret_pixel[1] = (uint8_t)(green / UNIT);
	ret_pixel[2] = (uint8_t)(blue / UNIT);
}

/* Only the rows of `y` are made. */
static bool scale_across(const struct pixels *from, struct span x, struct span y, int width, struct pixels *ret_scaled)
{
	static_assert(PB_PHOTO_HEIGHT > PB_PHOTO_WIDTH, "a row is at most so long, the photo lying on its side");
	struct taps *taps = malloc(PB_PHOTO_HEIGHT * sizeof(*taps));
	bool ok = taps && make_pixels(width, y.length, ret_scaled);

	for (int column = 0; ok && column < width; column++)
		make_taps(x, width, column, &taps[column]);
	for (int row = 0; ok && row < y.length; row++) {
		const uint8_t *source = from->rgb + (size_t)(y.start + row) * (size_t)from->width * RGB;
		uint8_t *made = ret_scaled->rgb + (size_t)row * (size_t)width * RGB;

		for (int column = 0; column < width; column++)
			mix(&taps[column], source, RGB, made + column * RGB);
	}
	free(taps);
	return ok;
}

static bool scale_down(const struct pixels *from, int height, struct pixels *ret_scaled)
{
	size_t stride = (size_t)from->width * RGB;

	if (!make_pixels(from->width, height, ret_scaled))
		return false;
	for (int row = 0; row < height; row++) {
		struct taps taps;

		make_taps((struct span){ 0, from->height }, height, row, &taps);
		for (size_t column = 0; column < (size_t)from->width; column++)
			mix(&taps, from->rgb + column * RGB, stride, ret_scaled->rgb + (size_t)row * stride + column * RGB);
	}
	return true;
}

/* ---- turning */

static bool lies_on_its_side(int orientation)
{
	return orientation >= 5;
}

/* EXIF 2.32, 4.6.4: where the pixel at x y of the upright picture is found in the stored one. */
static void stored_place(const struct pixels *stored, int orientation, int x, int y, int *ret_x, int *ret_y)
{
	int across = lies_on_its_side(orientation) ? y : x, down = lies_on_its_side(orientation) ? x : y;
	bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

	*ret_x = from_right ? stored->width - 1 - across : across;
	*ret_y = from_bottom ? stored->height - 1 - down : down;
}

static bool turn_upright(const struct pixels *stored, int orientation, struct pixels *ret_upright)
{
	if (!make_pixels(PB_PHOTO_WIDTH, PB_PHOTO_HEIGHT, ret_upright))
		return false;
	for (int y = 0; y < PB_PHOTO_HEIGHT; y++)
		for (int x = 0; x < PB_PHOTO_WIDTH; x++) {
			int from_x, from_y;

			stored_place(stored, orientation, x, y, &from_x, &from_y);
			memcpy(ret_upright->rgb + ((size_t)y * PB_PHOTO_WIDTH + (size_t)x) * RGB,
			       stored->rgb + ((size_t)from_y * (size_t)stored->width + (size_t)from_x) * RGB, RGB);
		}
	return true;
}

static bool fit_to_print(const struct pixels *decoded, int orientation, struct pixels *ret_print)
{
	bool side = lies_on_its_side(orientation);
	int width = side ? PB_PHOTO_HEIGHT : PB_PHOTO_WIDTH, height = side ? PB_PHOTO_WIDTH : PB_PHOTO_HEIGHT;
	struct pixels across = { 0 }, scaled = { 0 };
	struct span x, y;
	bool ok;

	crop(decoded, width, height, &x, &y);
	ok = scale_across(decoded, x, y, width, &across) && scale_down(&across, height, &scaled) &&
	     turn_upright(&scaled, orientation, ret_print);
	free(across.rgb);
	free(scaled.rgb);
	return ok;
}

/* ---- */

static enum pb_status encode(const struct pixels *print, struct pb_photo *ret_photo, struct pb_err *err)
{
	tjhandle encoder = tjInitCompress();
	unsigned char *jpeg = NULL;
	unsigned long n = 0;
	enum pb_status s = PB_OK;

	if (!encoder || tjCompress2(encoder, print->rgb, print->width, 0, print->height, TJPF_RGB, &jpeg, &n, TJSAMP_420,
				    JPEG_QUALITY, TJFLAG_ACCURATEDCT) != 0)
		s = pb_fail(err, PB_NO_MEMORY, "photo");
	else if (n > sizeof(ret_photo->jpeg))
		s = refuse(err, "noise that does not compress");
	if (s == PB_OK) {
		memcpy(ret_photo->jpeg, jpeg, n);
		ret_photo->n = n;
	}
	tjFree(jpeg);
	if (encoder)
		tjDestroy(encoder);
	return s;
}

enum pb_status pb_photo_normalise(struct pb_view file, struct pb_photo *ret_photo, struct pb_err *err)
{
	static const uint8_t jpeg_mark[] = { 0xFF, 0xD8, 0xFF }, png_mark[] = { 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A };
	struct pixels decoded = { 0 }, print = { 0 };
	int orientation = 1;
	enum pb_status s;

	if (file.n > PB_RENDER_PHOTO_MAX)
		return refuse(err, "larger than 5 MB");
	if (file.n > sizeof(jpeg_mark) && memcmp(file.p, jpeg_mark, sizeof(jpeg_mark)) == 0) {
		orientation = pb_photo_orientation(file);
		s = decode_jpeg(file, &decoded, err);
	} else if (file.n > sizeof(png_mark) && memcmp(file.p, png_mark, sizeof(png_mark)) == 0) {
		s = decode_png(file, &decoded, err);
	} else {
		s = refuse(err, "neither JPEG nor PNG");
	}
	if (s == PB_OK && !fit_to_print(&decoded, orientation, &print))
		s = pb_fail(err, PB_NO_MEMORY, "photo");
	if (s == PB_OK)
		s = encode(&print, ret_photo, err);
	free(decoded.rgb);
	free(print.rgb);
	return s;
}
