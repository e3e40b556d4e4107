/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * draw_qr FILE.png TEXT...: a picture with the QR code of each text, one below the other, as a photo would show them: what
 * flow tests give to profbilet-audit.
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print/qr.h"

enum { DOTS = 4, QUIET = 4, FIELD = 80, WIDTH = (PB_QR_SIDE_MAX + 2 * QUIET) * DOTS, HEIGHT_MAX = 4000 };

static uint8_t grey[HEIGHT_MAX * WIDTH];

static bool draw(const char *text, int *top)
{
	const char *hash = strchr(text, '#');
	struct pb_qr qr;

	if (!pb_qr_encode(pb_view_text(text), hash != NULL ? (size_t)(hash - text) + 1 : strlen(text), FIELD, &qr) ||
	    *top + (qr.side + 2 * QUIET) * DOTS > HEIGHT_MAX)
		return false;
	for (int y = 0; y < qr.side * DOTS; y++)
		for (int x = 0; x < qr.side * DOTS; x++)
			if (qr.dark[y / DOTS][x / DOTS])
				grey[(*top + QUIET * DOTS + y) * WIDTH + QUIET * DOTS + x] = 10;
	*top += (qr.side + 2 * QUIET) * DOTS;
	return true;
}

int main(int argc, char **argv)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .width = WIDTH, .format = PNG_FORMAT_GRAY };
	int top = QUIET;

	memset(grey, 245, sizeof(grey));
	for (int i = 2; i < argc; i++)
		if (!draw(argv[i], &top)) {
			(void)fprintf(stderr, "draw_qr: no code of %zu letters\n", strlen(argv[i]));
			return EXIT_FAILURE;
		}
	image.height = (png_uint_32)top + QUIET;
	return argc > 2 && png_image_write_to_file(&image, argv[1], 0, grey, 0, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}
