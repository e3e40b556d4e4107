/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sizes are checked before anything is decoded.  A large JPEG is decoded at a fraction of its size, which
 * its own transform gives for free.  Scaling is integer arithmetic with a triangle filter, so every
 * machine makes the same bytes: down first, in blocks of bytes that a compiler turns into vectors, then
 * across, where one multiplication takes the three colours of a pixel.
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
	UNIT = 1 << 13,	 /* the weights of a pixel add up to this */
	TAPS_MAX = 64,	 /* 2 * PB_PHOTO_SIDE_MAX / PB_PHOTO_WIDTH and a few */
	BLOCK = 64,	 /* bytes of a row that are scaled at once */
	LANE = 21,	 /* bits of a colour while it is added up: 255 * UNIT and a half fit */
};

struct pixels {
	int width, height;
	uint8_t *rgb;
};

static bool make_pixels(int width, int height, struct pixels *ret_pixels)
{
	size_t n = (size_t)width * (size_t)height * RGB; /* a block that begins in the last row may end behind it */

	*ret_pixels = (struct pixels){ width, height, malloc(n + BLOCK) };
	if (ret_pixels->rgb)
		memset(ret_pixels->rgb + n, 0, BLOCK);
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
	int width = 0, height = 0, subsampling = 0, space = 0; /* not set for a file of tables alone, which is no error */
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
	int16_t weight[TAPS_MAX]; /* adding up to UNIT; 0 from `count` on */
};

/* Which pixels of the span make pixel `index` of `length`, and how much each. */
static void make_taps(struct span span, int length, int index, struct taps *ret_taps)
{
	double scale = (double)span.length / length, radius = fmax(scale, 1);
	double centre = (index + 0.5) * scale - 0.5, total = 0, share[TAPS_MAX];
	int first = (int)fmax(0, ceil(centre - radius)), last = (int)fmin(span.length - 1, floor(centre + radius));
	int left = UNIT;

	memset(ret_taps->weight, 0, sizeof(ret_taps->weight));
	ret_taps->count = last - first + 1 < TAPS_MAX ? last - first + 1 : TAPS_MAX;
	ret_taps->first = span.start + first;
	for (int i = 0; i < ret_taps->count; i++)
		total += share[i] = fmax(1 - fabs(first + i - centre) / radius, 0);
	for (int i = 0; i < ret_taps->count; i++) {
		ret_taps->weight[i] = (int16_t)(share[i] / total * UNIT);
		left -= ret_taps->weight[i];
	}
	ret_taps->weight[ret_taps->count / 2] = (int16_t)(ret_taps->weight[ret_taps->count / 2] + left);
}

/* One row of `n` bytes, rounded up to blocks, from rows that are `stride` bytes apart. */
static void mix_rows(const struct taps *taps, const uint8_t *from, size_t stride, size_t n, uint8_t *ret_row)
{
	from += (size_t)taps->first * stride;
	for (size_t at = 0; at < n; at += BLOCK) {
		int32_t sum[BLOCK];

		for (size_t i = 0; i < BLOCK; i++)
			sum[i] = UNIT / 2;
		for (size_t tap = 0; tap < (size_t)taps->count; tap++) {
			const uint8_t *source = from + tap * stride + at;
			int16_t weight = taps->weight[tap];

			for (size_t i = 0; i < BLOCK; i++)
				sum[i] += weight * (int16_t)source[i];
		}
		for (size_t i = 0; i < BLOCK; i++)
			ret_row[at + i] = (uint8_t)(sum[i] / UNIT);
	}
}

/* How the columns are made: all of as many, in fours, since a branch that differs from pixel to pixel costs more
 * than weights of 0.  The weights of a column follow those of the one before. */
struct columns {
	size_t count; /* of weights of a column */
	uint16_t first[PB_PHOTO_HEIGHT]; /* a row is at most so long, the photo lying on its side */
	uint16_t weight[PB_PHOTO_HEIGHT * TAPS_MAX];
};

static void make_columns(int length, int width, struct columns *ret_columns)
{
	struct taps taps;

	static_assert(TAPS_MAX % 4 == 0, "weights are taken in fours");
	ret_columns->count = 0;
	for (int column = 0; column < width; column++) {
		make_taps((struct span){ 0, length }, width, column, &taps);
		if ((size_t)taps.count > ret_columns->count)
			ret_columns->count = ((size_t)taps.count + 3) / 4 * 4;
	}
	for (int column = 0; column < width; column++) {
		make_taps((struct span){ 0, length }, width, column, &taps);
		ret_columns->first[column] = (uint16_t)taps.first;
		for (size_t tap = 0; tap < ret_columns->count; tap++)
			ret_columns->weight[(size_t)column * ret_columns->count + tap] = (uint16_t)taps.weight[tap];
	}
}

/* The pixels of a row from those of another, each with a lane per colour. */
static void mix_columns(const struct columns *columns, const uint64_t *from, size_t width, uint8_t *ret_rgb)
{
	static_assert((255 * UNIT + UNIT / 2) < 1 << LANE && RGB * LANE <= 64, "no colour runs into the next");
	const uint64_t half = UNIT / 2 * (1 + (UINT64_C(1) << LANE) + (UINT64_C(1) << 2 * LANE));
	const uint16_t *weight = columns->weight;

	for (size_t column = 0; column < width; column++, ret_rgb += RGB) {
		const uint64_t *source = from + columns->first[column];
		uint64_t sum = half;

		for (size_t tap = 0; tap < columns->count; tap += 4, weight += 4, source += 4)
			sum += weight[0] * source[0] + weight[1] * source[1] + weight[2] * source[2] + weight[3] * source[3];
		for (int colour = 0; colour < RGB; colour++)
			ret_rgb[colour] = (uint8_t)((sum >> colour * LANE) % (1 << LANE) / UNIT);
	}
}

/* Behind the row there are TAPS_MAX that count nothing. */
static void spread(const uint8_t *rgb, size_t width, uint64_t *ret_lanes)
{
	for (size_t i = 0; i < width; i++, rgb += RGB)
		ret_lanes[i] = rgb[0] | (uint64_t)rgb[1] << LANE | (uint64_t)rgb[2] << 2 * LANE;
	memset(ret_lanes + width, 0, TAPS_MAX * sizeof(*ret_lanes));
}

struct scaling {
	struct columns columns;
	uint8_t row[(PB_PHOTO_SIDE_MAX * RGB / BLOCK + 1) * BLOCK];
	uint64_t lanes[PB_PHOTO_SIDE_MAX + TAPS_MAX];
};

/* The part of x and y; `ret_scaled` has its size already. */
static bool scale(const struct pixels *from, struct span x, struct span y, struct pixels *ret_scaled)
{
	struct scaling *scaling = malloc(sizeof(*scaling));
	size_t stride = (size_t)from->width * RGB, width = (size_t)ret_scaled->width;
	struct taps down;

	if (!scaling)
		return false;
	make_columns(x.length, ret_scaled->width, &scaling->columns);
	for (int row = 0; row < ret_scaled->height; row++) {
		make_taps(y, ret_scaled->height, row, &down);
		mix_rows(&down, from->rgb + x.start * RGB, stride, (size_t)x.length * RGB, scaling->row);
		spread(scaling->row, (size_t)x.length, scaling->lanes);
		mix_columns(&scaling->columns, scaling->lanes, width, ret_scaled->rgb + (size_t)row * width * RGB);
	}
	free(scaling);
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
	static_assert(PB_PHOTO_HEIGHT > PB_PHOTO_WIDTH, "struct columns takes the longer one");
	bool side = lies_on_its_side(orientation);
	int width = side ? PB_PHOTO_HEIGHT : PB_PHOTO_WIDTH, height = side ? PB_PHOTO_WIDTH : PB_PHOTO_HEIGHT;
	struct pixels scaled;
	struct span x, y;
	bool ok;

	crop(decoded, width, height, &x, &y);
	ok = make_pixels(width, height, &scaled) && scale(decoded, x, y, &scaled);
	if (ok && orientation == 1) {
		*ret_print = scaled;
		return true;
	}
	ok = ok && turn_upright(&scaled, orientation, ret_print);
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
