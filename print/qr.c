/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libqrencode with two explicit segments: left to find them itself it once in a hundred takes one version
 * more.  Which symbol holds a text follows from its two lengths alone, so the level is chosen by counting bits
 * and only one symbol is ever made: most of that work is the search for a mask.
 */
#include "print/qr.h"

#include <qrencode.h>
#include <string.h>

enum { TEXT_MAX = 4096, VERSIONS = 40, VERSION_STEP = 4, MODE_BITS = 4 };

struct symbol {
	QRecLevel level;
	char level_name;
	int version, side, dots;
};

/* ISO/IEC 18004, table 7: codewords of data in each version. */
static const uint16_t data_q[VERSIONS] = { 13,  22,  34,  48,  62,  76,	 88,   110,  132,  154,	 180,  206,  244,  261,
					   295, 325, 367, 397, 445, 485, 512,  568,  614,  664,	 718,  754,  808,  871,
					   911, 985, 1033, 1115, 1171, 1231, 1286, 1354, 1426, 1502, 1582, 1666 };
static const uint16_t data_m[VERSIONS] = { 16,	 28,   44,   64,   86,	 108,  124,  154,  182,	 216,  254,  290,  334,	 365,
					   415,	 453,  507,  563,  627,	 669,  714,  782,  860,	 914,  1000, 1062, 1128, 1193,
					   1267, 1373, 1455, 1541, 1631, 1725, 1812, 1914, 1992, 2102, 2216, 2334 };

/* Sections 7.4.3 to 7.4.5 of it: two alphanumerics are 11 bits; table 3: how wide the counts are. */
static size_t bits_in(int version, size_t prefix_n, size_t rest_n)
{
	size_t byte_count = version < 10 ? 8 : 16, alphanumeric_count = version < 10 ? 9 : version < 27 ? 11 : 13;

	return MODE_BITS + byte_count + 8 * prefix_n + MODE_BITS + alphanumeric_count + rest_n / 2 * 11 + rest_n % 2 * 6;
}

/* The smallest version that holds the text, 0 when none does. */
static int version_for(const uint16_t data[static VERSIONS], size_t prefix_n, size_t rest_n)
{
	for (int version = 1; version <= VERSIONS; version++)
		if (bits_in(version, prefix_n, rest_n) <= 8 * (size_t)data[version - 1])
			return version;
	return 0;
}

static bool choose(size_t prefix_n, size_t rest_n, double field_mm, struct symbol *ret_symbol)
{
	static const struct {
		QRecLevel level;
		char name;
		const uint16_t *data;
	} levels[] = { { QR_ECLEVEL_Q, 'Q', data_q }, { QR_ECLEVEL_M, 'M', data_m } };
	int field_dots;

	if (prefix_n == 0 || rest_n == 0 || prefix_n > TEXT_MAX || rest_n > TEXT_MAX - prefix_n || !(field_mm > 0))
		return false;
	field_dots = (int)(field_mm * PB_QR_DPI / 25.4);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		int version = version_for(levels[i].data, prefix_n, rest_n), side = 17 + VERSION_STEP * version;

		if (version == 0 || field_dots / side < PB_QR_DOTS_MIN)
			continue;
		*ret_symbol = (struct symbol){ levels[i].level, levels[i].name, version, side, field_dots / side };
		return true;
	}
	return false;
}

static QRcode *encode(struct pb_view text, size_t prefix_n, const struct symbol *symbol)
{
	QRinput *input = QRinput_new2(symbol->version, symbol->level);
	QRcode *code = NULL;

	if (input && QRinput_append(input, QR_MODE_8, (int)prefix_n, text.p) == 0 &&
	    QRinput_append(input, QR_MODE_AN, (int)(text.n - prefix_n), text.p + prefix_n) == 0)
		code = QRcode_encodeInput(input);
	QRinput_free(input);
	return code;
}

bool pb_qr_encode(struct pb_view text, size_t prefix_n, double field_mm, struct pb_qr *ret_qr)
{
	struct symbol symbol;
	QRcode *code;
	bool done;

	if (text.n <= prefix_n || !choose(prefix_n, text.n - prefix_n, field_mm, &symbol))
		return false;
	code = encode(text, prefix_n, &symbol);
	done = code && code->width == symbol.side;
	if (done) {
		ret_qr->side = symbol.side;
		ret_qr->dots = symbol.dots;
		ret_qr->level = symbol.level_name;
		for (int row = 0; row < code->width; row++)
			for (int column = 0; column < code->width; column++)
				ret_qr->dark[row][column] = code->data[row * code->width + column] & 1;
	}
	QRcode_free(code);
	return done;
}

bool pb_qr_fits(size_t prefix_n, size_t rest_n, double field_mm)
{
	struct symbol symbol;

	return choose(prefix_n, rest_n, field_mm, &symbol);
}
