/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of status words, first match wins.
 */
#include "issuer/iso7816/sw.h"

static const struct pb_sw_row rows[] = {
	{ 0x9000, 0xFFFF, PB_OK, "done" },
	{ 0x6100, 0xFF00, PB_CARD_PROTOCOL, "more data waits" },
	{ 0x6282, 0xFFFF, PB_OK, "end of file before Le" },
	{ 0x6283, 0xFFFF, PB_CARD_REFUSED, "the application is locked" },
	{ 0x6285, 0xFFFF, PB_CARD_TERMINATED, "the application is terminated" },
	{ 0x6300, 0xFFFF, PB_CARD_KEYS, "authentication failed" },
	{ 0x63C0, 0xFFF0, PB_CARD_KEYS, "authentication failed, tries are counted" },
	{ 0x6400, 0xFF00, PB_CARD_FAULT, "execution error, memory unchanged" },
	{ 0x6581, 0xFFFF, PB_CARD_FAULT, "memory failure" },
	{ 0x6500, 0xFF00, PB_CARD_FAULT, "execution error, memory changed" },
	{ 0x6700, 0xFFFF, PB_CARD_REFUSED, "wrong length" },
	{ 0x6982, 0xFFFF, PB_CARD_REFUSED, "security status not satisfied" },
	{ 0x6983, 0xFFFF, PB_CARD_KEYS, "the key is blocked" },
	{ 0x6985, 0xFFFF, PB_CARD_REFUSED, "conditions of use not satisfied" },
	{ 0x6987, 0xFFFF, PB_CARD_REFUSED, "secure messaging missing" },
	{ 0x6988, 0xFFFF, PB_CARD_REFUSED, "secure messaging incorrect" },
	{ 0x6999, 0xFFFF, PB_CARD_REFUSED, "the application refuses to be selected" },
	{ 0x6A80, 0xFFFF, PB_CARD_REFUSED, "wrong data" },
	{ 0x6A81, 0xFFFF, PB_CARD_REFUSED, "not supported" },
	{ 0x6A82, 0xFFFF, PB_CARD_REFUSED, "no such file or application" },
	{ 0x6A84, 0xFFFF, PB_CARD_REFUSED, "no space on the card" },
	{ 0x6A86, 0xFFFF, PB_CARD_REFUSED, "wrong P1 P2" },
	{ 0x6A88, 0xFFFF, PB_CARD_REFUSED, "no such data or key" },
	{ 0x6B00, 0xFFFF, PB_CARD_REFUSED, "offset outside the file" },
	{ 0x6C00, 0xFF00, PB_CARD_PROTOCOL, "wrong Le" },
	{ 0x6D00, 0xFFFF, PB_CARD_REFUSED, "no such instruction" },
	{ 0x6E00, 0xFFFF, PB_CARD_REFUSED, "no such class" },
	{ 0x6F00, 0xFFFF, PB_CARD_REFUSED, "the application stopped" },
	/* NXP's native commands in their wrapping: DESFire, NTAG 424 DNA */
	{ 0x910C, 0xFFFF, PB_CARD_REFUSED, "nothing to commit" },
	{ 0x910E, 0xFFFF, PB_CARD_FAULT, "no space on the card" },
	{ 0x911C, 0xFFFF, PB_CARD_REFUSED, "no such command" },
	{ 0x911E, 0xFFFF, PB_CARD_REFUSED, "secure messaging incorrect" },
	{ 0x9140, 0xFFFF, PB_CARD_REFUSED, "no such key" },
	{ 0x917E, 0xFFFF, PB_CARD_REFUSED, "wrong length" },
	{ 0x919D, 0xFFFF, PB_CARD_REFUSED, "not permitted" },
	{ 0x919E, 0xFFFF, PB_CARD_REFUSED, "wrong parameter" },
	{ 0x91A0, 0xFFFF, PB_CARD_REFUSED, "no such application" },
	{ 0x91AD, 0xFFFF, PB_CARD_KEYS, "authentication is delayed after failures" },
	{ 0x91AE, 0xFFFF, PB_CARD_REFUSED, "not in a session of the right key" },
	{ 0x91BE, 0xFFFF, PB_CARD_REFUSED, "outside the file" },
	{ 0x91CA, 0xFFFF, PB_CARD_PROTOCOL, "another command was not finished" },
	{ 0x91CE, 0xFFFF, PB_CARD_REFUSED, "no more applications or files" },
	{ 0x91DE, 0xFFFF, PB_CARD_REFUSED, "there is one already" },
	{ 0x91EE, 0xFFFF, PB_CARD_FAULT, "memory failure" },
	{ 0x91F0, 0xFFFF, PB_CARD_REFUSED, "no such file" },
	{ 0x0000, 0x0000, PB_CARD_REFUSED, "not in the standard" },
};

const struct pb_sw_row *pb_sw_row(uint16_t sw)
{
	const struct pb_sw_row *row = rows;

	while ((sw & row->mask) != row->sw)
		row++; /* the last row fits everything */
	return row;
}

enum pb_status pb_sw_fail(struct pb_err *err, const char *step, uint16_t sw)
{
	const struct pb_sw_row *row = pb_sw_row(sw);

	/* A good word in the wrong place, as 9000 with data missing, is still a failure. */
	return pb_fail_sw(err, row->status == PB_OK ? PB_CARD_PROTOCOL : row->status, sw, "%s: SW %04X (%s)", step, sw,
			  row->words);
}
