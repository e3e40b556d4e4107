/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libqrencode with two explicit segments: left to find them itself it once in a hundred takes one version
 * more.  Whether a text fits depends only on its two lengths, so that question encodes a text of 'A's.
 */
#include "print/qr.h"

#include <qrencode.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

static QRcode *encode(struct pb_view text, size_t prefix_n, QRecLevel level)
{
	QRinput *input = QRinput_new2(0, level);
	QRcode *code = NULL;

	if (input && QRinput_append(input, QR_MODE_8, (int)prefix_n, text.p) == 0 &&
	    QRinput_append(input, QR_MODE_AN, (int)(text.n - prefix_n), text.p + prefix_n) == 0)
		code = QRcode_encodeInput(input);
	QRinput_free(input);
	return code;
}

static void take(const QRcode *code, int dots, char level, struct pb_qr *ret_qr)
{
	ret_qr->side = code->width;
	ret_qr->dots = dots;
	ret_qr->level = level;
	for (int row = 0; row < code->width; row++)
		for (int column = 0; column < code->width; column++)
			ret_qr->dark[row][column] = code->data[row * code->width + column] & 1;
}

bool pb_qr_encode(struct pb_view text, size_t prefix_n, double field_mm, struct pb_qr *ret_qr)
{
	static const struct {
		QRecLevel level;
		char name;
	} levels[] = { { QR_ECLEVEL_Q, 'Q' }, { QR_ECLEVEL_M, 'M' } };
	int field_dots = (int)(field_mm * PB_QR_DPI / 25.4);
	bool done = false;

	if (prefix_n == 0 || text.n <= prefix_n || text.n > TEXT_MAX || field_mm <= 0)
		return false;
	for (size_t i = 0; i < 2 && !done; i++) {
		QRcode *code = encode(text, prefix_n, levels[i].level);

		done = code && code->width <= PB_QR_SIDE_MAX && field_dots / code->width >= PB_QR_DOTS_MIN;
		if (done)
			take(code, field_dots / code->width, levels[i].name, ret_qr);
		QRcode_free(code);
	}
	return done;
}

bool pb_qr_fits(size_t prefix_n, size_t rest_n, double field_mm)
{
	uint8_t text[TEXT_MAX];
	struct pb_qr qr;

	if (prefix_n > sizeof(text) || rest_n > sizeof(text) - prefix_n)
		return false;
	memset(text, 'A', sizeof(text));
	return pb_qr_encode(pb_view(text, prefix_n + rest_n), prefix_n, field_mm, &qr);
}
