/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Walks the interface bytes only to find the historical ones: rates and protocols are the driver's.
 */
#include "issuer/iso7816/atr.h"

enum {
	DIRECT = 0x3B,
	INVERSE = 0x3F,
	INTERFACE_ROUNDS_MAX = 8,
};

/* PC/SC part 3: category 80, application identifier 4F, its length, the RID of the PC/SC workgroup. */
static const uint8_t storage_prefix[] = { 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06 };

static int count_bits(unsigned nibble)
{
	return __builtin_popcount(nibble);
}

/* Takes TAi TBi TCi and TDi as announced; true when `in` stands at the historical bytes.  ret_check:
 * whether a check byte follows them (a protocol other than T=0 was named). */
static bool skip_interface(struct pb_cursor *in, unsigned announced, bool *ret_check)
{
	bool check = false;

	for (int round = 0; announced; round++) {
		struct pb_view bytes;
		uint8_t td = 0;

		if (round == INTERFACE_ROUNDS_MAX || !pb_take(in, (size_t)count_bits(announced & 7), &bytes))
			return false;
		if (!(announced & 8))
			break;
		if (!pb_take_u8(in, &td))
			return false;
		check = check || (td & 0x0F) != 0;
		announced = td >> 4;
	}
	*ret_check = check;
	return true;
}

static bool check_byte_right(struct pb_view bytes)
{
	uint8_t sum = 0;

	for (size_t i = 1; i < bytes.n; i++) /* all but TS */
		sum ^= bytes.p[i];
	return sum == 0;
}

static void classify(struct pb_view bytes, struct pb_atr *atr)
{
	struct pb_cursor in = pb_cursor(atr->historical);
	struct pb_view prefix, standard;
	uint64_t name;

	/* TD1 = 80 and TD2 = 01 and no other interface byte: the form part 3 prescribes. */
	if (bytes.n < 4 || (bytes.p[1] & 0xF0) != 0x80 || bytes.p[2] != 0x80 || bytes.p[3] != 0x01)
		return;
	atr->kind = PB_ATR_CONTACTLESS;
	if (!pb_take(&in, sizeof(storage_prefix), &prefix) || !pb_view_equal(prefix, PB_VIEW(storage_prefix)) ||
	    !pb_take(&in, 1, &standard) || !pb_take_be(&in, 2, &name))
		return;
	atr->kind = PB_ATR_STORAGE;
	atr->storage_name = (uint16_t)name;
}

bool pb_atr_parse(struct pb_view bytes, struct pb_atr *ret_atr)
{
	struct pb_cursor in = pb_cursor(bytes);
	struct pb_atr atr = { 0 };
	uint8_t ts, t0, tck;
	bool check;

	if (!pb_take_u8(&in, &ts) || (ts != DIRECT && ts != INVERSE) || !pb_take_u8(&in, &t0) ||
	    !skip_interface(&in, t0 >> 4, &check) || !pb_take(&in, t0 & 0x0F, &atr.historical))
		return false;
	if (check && (!pb_take_u8(&in, &tck) || !check_byte_right(bytes)))
		return false;
	if (in.left)
		return false;
	classify(bytes, &atr);
	*ret_atr = atr;
	return true;
}

const char *pb_atr_storage_words(uint16_t storage_name)
{
	/* PC/SC part 3 supplemental document, card names */
	static const struct {
		uint16_t name;
		const char *words;
	} rows[] = {
		{ 0x0001, "MIFARE Classic 1K" },
		{ 0x0002, "MIFARE Classic 4K" },
		{ 0x0003, "MIFARE Ultralight or NTAG" },
		{ 0x0026, "MIFARE Mini" },
		{ 0x0036, "MIFARE Plus SL1 2K" },
		{ 0x0037, "MIFARE Plus SL1 4K" },
		{ 0x003A, "MIFARE Ultralight C" },
		{ 0x003B, "FeliCa" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].name == storage_name)
			return rows[i].words;
	return "storage card";
}
