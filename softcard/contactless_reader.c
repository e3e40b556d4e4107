/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ATRs are of kinds a real office sees: a Java Card, an NTAG 424 DNA, and a ticket that came into the wrong stack.
 */
#include "softcard/contactless_reader.h"

enum {
	CLA_READER = 0xFF,
	INS_GET_UID = 0xCA,
	SW_WRONG_LE = 0x6C00,	  /* plus the right one */
	SW_NOT_SUPPORTED = 0x6A81,
	INTERFACE_T0_T1 = 0x80,	  /* TD1: T = 0, TD2 follows */
	INTERFACE_T1 = 0x01,	  /* TD2: T = 1, no more */
};

/* Category 80: card capabilities: selection by full name and by short EF identifier, short APDUs */
static const uint8_t own_historical[] = { 0x80, 0x73, 0x84, 0x21, 0x00 };
/* NT4H2421Gx table 4: T1; a DESFire has the same */
static const uint8_t nxp_historical[] = { 0x80 };
/* The registered form of storage cards: MIFARE Classic 1K */
static const uint8_t foreign_historical[] = { 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06,
					      0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00 };

/* The same of a MIFARE Ultralight, which readers call every NTAG 21x */
static const uint8_t memory_historical[] = { 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06,
					     0x03, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00 };

size_t contactless_reader_atr(bool foreign, enum softcard_kind kind, uint8_t ret_atr[static SOFTCARD_ATR_MAX])
{
	const bool nxp = kind == SOFTCARD_NTAG424 || kind == SOFTCARD_DESFIRE;
	const struct pb_view own = kind == SOFTCARD_NTAG215 ? PB_VIEW(memory_historical) :
				   nxp			    ? PB_VIEW(nxp_historical) :
							      PB_VIEW(own_historical);

	return contactless_reader_atr_of(foreign ? PB_VIEW(foreign_historical) : own, ret_atr);
}

size_t contactless_reader_atr_of(struct pb_view historical, uint8_t ret_atr[static SOFTCARD_ATR_MAX])
{
	struct pb_writer out = pb_writer(ret_atr, SOFTCARD_ATR_MAX);
	uint8_t check = 0;

	pb_put_u8(&out, 0x3B);
	pb_put_u8(&out, (uint8_t)(0x80 | historical.n));
	pb_put_u8(&out, INTERFACE_T0_T1);
	pb_put_u8(&out, INTERFACE_T1);
	pb_put_view(&out, historical);
	for (size_t i = 1; i < out.n; i++)
		check ^= ret_atr[i];
	pb_put_u8(&out, check);
	return out.n;
}

bool contactless_reader_answers(struct pb_view command)
{
	return command.n && command.p[0] == CLA_READER;
}

void contactless_reader_command(struct pb_view uid, struct pb_view bytes, struct pb_writer *out)
{
	struct command command;
	uint16_t sw = SW_OK;

	if (!command_parse(bytes, &command) || command.data.n || !command.le)
		sw = SW_LENGTH;
	else if (command.ins != INS_GET_UID || command.p1 || command.p2)
		sw = SW_NOT_SUPPORTED;
	else if (command.le < uid.n)
		sw = (uint16_t)(SW_WRONG_LE | uid.n);
	if (sw == SW_OK)
		pb_put_view(out, uid);
	pb_put_be(out, sw, 2);
}
