/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The native commands that NXP's chips share, in their frames of ISO/IEC 7816-4: 90 INS 00 00, answers 91xx.  Numbers
 * and one struct; what a chip does with them is its own (ntag424.h, desfire.h).
 */
#ifndef PROFBILET_SOFTCARD_NATIVE_H
#define PROFBILET_SOFTCARD_NATIVE_H

#include "base/bytes.h"

enum { CLA_NATIVE = 0x90, SW_NATIVE = 0x9100 };

enum native_ins {
	AUTHENTICATE_FIRST = 0x71,
	AUTHENTICATE_NEXT = 0x77,
	ADDITIONAL_FRAME = 0xAF,
	GET_VERSION = 0x60,
	GET_CARD_UID = 0x51,
	CHANGE_KEY = 0xC4,
	GET_KEY_VERSION = 0x64,
	CHANGE_FILE_SETTINGS = 0x5F,
	GET_FILE_SETTINGS = 0xF5,
	READ_DATA = 0xAD,
	WRITE_DATA = 0x8D,
};

/* The second byte of 91xx */
enum native_status {
	DONE = 0x00,
	NO_CHANGES = 0x0C,
	OUT_OF_MEMORY = 0x0E,
	ILLEGAL_COMMAND = 0x1C,
	INTEGRITY_ERROR = 0x1E,
	NO_SUCH_KEY = 0x40,
	LENGTH_ERROR = 0x7E,
	PERMISSION_DENIED = 0x9D,
	PARAMETER_ERROR = 0x9E,
	APPLICATION_NOT_FOUND = 0xA0,
	AUTHENTICATION_ERROR = 0xAE,
	MORE = 0xAF,
	BOUNDARY_ERROR = 0xBE,
	COMMAND_ABORTED = 0xCA,
	COUNT_ERROR = 0xCE,
	DUPLICATE_ERROR = 0xDE,
	MEMORY_ERROR = 0xEE,
	FILE_NOT_FOUND = 0xF0,
};

/* Of communication, as FileOption has it. */
enum mode { PLAIN = 0, MAC = 1, FULL = 3 };

enum { FILE_HEAD = 7 }; /* number, offset, length */

/* The nibbles of an access right beside the numbers of keys */
enum { ACCESS_FREE = 0xE, ACCESS_NEVER = 0xF };

/* One native command in the clear. */
struct native {
	uint8_t ins;
	struct pb_view header, data;
};

static inline uint32_t native_le24(const uint8_t bytes[static 3])
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
}

#endif
