/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The native commands of NXP's chips (DESFire, NTAG 424 DNA) in their frames of ISO/IEC 7816-4: 90 INS 00 00, answers
 * 91xx (MF2DL(H)x0 9.2, NT4H2421Gx 9.2).  What needs no session; what does is issuer/perso/ev2_commands.h.
 */
#ifndef PROFBILET_ISSUER_CARD_NATIVE_H
#define PROFBILET_ISSUER_CARD_NATIVE_H

#include "base/err.h"
#include "issuer/reader/exchange.h"

enum pb_native_ins {
	PB_NATIVE_AUTHENTICATE_FIRST = 0x71,
	PB_NATIVE_AUTHENTICATE_NEXT = 0x77,
	PB_NATIVE_ADDITIONAL_FRAME = 0xAF,
	PB_NATIVE_GET_VERSION = 0x60,
	PB_NATIVE_FREE_MEMORY = 0x6E,
	PB_NATIVE_READ_SIG = 0x3C,
	PB_NATIVE_SELECT_APPLICATION = 0x5A,
	PB_NATIVE_CREATE_APPLICATION = 0xCA,
	PB_NATIVE_GET_KEY_VERSION = 0x64,
	PB_NATIVE_GET_FILE_IDS = 0x6F,
	PB_NATIVE_GET_FILE_SETTINGS = 0xF5,
	PB_NATIVE_CHANGE_FILE_SETTINGS = 0x5F,
	PB_NATIVE_CREATE_BACKUP_FILE = 0xCB,
	PB_NATIVE_READ_DATA = 0xAD,
	PB_NATIVE_WRITE_DATA = 0x8D,
	PB_NATIVE_COMMIT = 0xC7,
};

enum {
	PB_NATIVE_OK = 0x9100,
	PB_NATIVE_MORE = 0x91AF,
	PB_NATIVE_SIGNED = 0x9190, /* Read_Sig of a DESFire */
	PB_NATIVE_AUTHENTICATION = 0x91AE,
	PB_NATIVE_NO_APPLICATION = 0x91A0,
	PB_NATIVE_FILE_HEAD = 7, /* number, offset, length */
};

/* Any status word is PB_OK: the caller looks at it. */
PB_MUST_USE enum pb_status pb_native_ask(struct pb_reader *reader, const char *step, uint8_t ins, struct pb_view field,
					 struct pb_answer *ret_answer, struct pb_err *err);
/* Anything but `good` is a failure by the table of issuer/iso7816/sw.h. */
PB_MUST_USE enum pb_status pb_native_expect(struct pb_reader *reader, const char *step, uint8_t ins, struct pb_view field,
					    unsigned good, struct pb_answer *ret_answer, struct pb_err *err);

/* Of what is selected; no attempt at the key. */
PB_MUST_USE enum pb_status pb_native_key_version(struct pb_reader *reader, uint8_t number, uint8_t *ret_version,
						 struct pb_err *err);
/* ReadData of exactly `n` bytes in the clear, from the beginning of a file that anybody may read. */
PB_MUST_USE enum pb_status pb_native_read(struct pb_reader *reader, uint8_t file, size_t n, uint8_t *ret_bytes,
					  struct pb_err *err);

/* 24 bits, least significant byte first, as these chips count. */
void pb_native_put_le24(struct pb_writer *writer, uint32_t value);

#endif
