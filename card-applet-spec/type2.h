/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers of a memory card (NFC Forum Type 2 Tag) as Profbilet uses one, and their only home: NTAG 215 and 216 (NXP
 * NTAG213_215_216 rev. 3.2) behind a PC/SC reader, which reads and writes it (PC/SC part 3, 3.2.2.1.8 and 3.2.2.1.9).
 * Anybody can copy such a card, its UID included: it says who its holder is as a printed paper does.
 *
 *     pages 0..2    UID with its check bytes; bytes 2 and 3 of page 2 are the static lock bits
 *     page 3        capability container {E1, version, size / 8, access}: its bits are only ever set
 *     page 4        {03 FF, length of the message in two bytes}: written last, so there is a message or none
 *     pages 5..     the message, one URI record with the credential's address, and FE
 *     dynamic       one page behind the data: lock bits of pages from 16 on; its bits are only ever set
 *     dynamic + 2   {access, 0, 0, 0}: bit 6 of access makes the configuration permanent
 */
#ifndef PROFBILET_CARD_APPLET_SPEC_TYPE2_H
#define PROFBILET_CARD_APPLET_SPEC_TYPE2_H

enum {
	CLA_TYPE2_READER = 0xFF,
	INS_TYPE2_READ = 0xB0,	/* P2: the page; four pages are read, whatever Le is */
	INS_TYPE2_WRITE = 0xD6, /* P2: the page; one page */

	TYPE2_PAGE_LEN = 4,
	TYPE2_READ_LEN = 16,
	TYPE2_UID_LEN = 7,

	TYPE2_LOCK_PAGE = 2,
	TYPE2_CC_PAGE = 3,
	TYPE2_FIRST_PAGE = 4,
	TYPE2_MESSAGE_PAGE = 5,
	TYPE2_CONFIGURATION_AFTER = 2, /* pages after the dynamic lock bits */

	TYPE2_CC_MAGIC = 0xE1,
	TYPE2_CC_READ_ONLY = 0x0F,
	TYPE2_CC_SIZE_215 = 0x3E, /* NTAG 215: data to page 129 */
	TYPE2_CC_SIZE_216 = 0x6D, /* NTAG 216: data to page 225 */
	TYPE2_LOCKS_215 = 130,	  /* pages of their dynamic lock bits */
	TYPE2_LOCKS_216 = 226,

	TYPE2_TLV_NDEF = 0x03,
	TYPE2_TLV_LONG = 0xFF, /* two bytes of length follow */
	TYPE2_TLV_END = 0xFE,

	TYPE2_CONFIGURATION_LOCKED = 0x40,
	SW_TYPE2_REFUSED = 0x6300,
};

#endif
