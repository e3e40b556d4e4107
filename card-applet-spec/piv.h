/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers of a PIV card as Profbilet uses one, and their only home: NIST SP 800-73-4 and 800-78-4, and
 * the four commands outside them that YubiKey, CanoKey and PivApplet have in common.  What applet.h has
 * already (SELECT, GET DATA, status words) is not repeated.
 *
 *     key 9E  card authentication, P-256, made on the card: it proves that the chip is the original
 *     CHUID   5FC102 {30 FASC-N, 34 GUID, 35 expiry, 3E the chip credential, FE}: read by anyone, without a PIN
 *     5FC101  the certificate of key 9E, for programs that look for keys by certificates
 *     key 9B  management: who has it may write; replaced last
 */
#ifndef PROFBILET_CARD_APPLET_SPEC_PIV_H
#define PROFBILET_CARD_APPLET_SPEC_PIV_H

#include "card-applet-spec/applet.h"

#define PIV_AID	    "\xA0\x00\x00\x03\x08\x00\x00\x10\x00\x01\x00"
#define PIV_AID_LEN 11

enum {
	PIV_AID_SHORTEST = 5, /* the registered provider; a name may be cut off on the right (part 2, 3.1.1) */

	CLA_CHAINED = 0x10, /* more of this command follows */
	INS_PIV_VERIFY = 0x20,
	INS_PIV_GENERATE = 0x47, /* P2: the key; data AC{80 algorithm} */
	INS_GENERAL_AUTHENTICATE = 0x87, /* P1: the algorithm, P2: the key */
	INS_GET_RESPONSE = 0xC0,
	INS_NDEF_UPDATE_BINARY = 0xD6,
	INS_PUT_DATA = 0xDB,

	/* not of NIST */
	INS_PIV_GET_METADATA = 0xF7, /* P2: the key */
	INS_PIV_GET_SERIAL = 0xF8,
	INS_PIV_GET_VERSION = 0xFD,
	INS_PIV_SET_MANAGEMENT_KEY = 0xFF, /* P1P2 = FFFF; data algorithm, 9B, length, key */

	P1_PIV_OBJECT = 0x3F,
	P2_PIV_OBJECT = 0xFF,
	P12_PIV_SET_MANAGEMENT_KEY = 0xFF,
};

enum piv_reference { PIV_PIN = 0x80, PIV_KEY_MANAGEMENT = 0x9B, PIV_KEY_CARD = 0x9E };

/* SP 800-78-4 table 6-2 */
enum piv_algorithm {
	PIV_3DES = 0x03,
	PIV_AES_128 = 0x08,
	PIV_AES_192 = 0x0A,
	PIV_AES_256 = 0x0C,
	PIV_P256 = 0x11,
};

enum {
	PIV_TAG_OBJECT = 0x53,
	PIV_TAG_AUTHENTICATION = 0x7C,
	PIV_TAG_WITNESS = 0x80,
	PIV_TAG_CHALLENGE = 0x81,
	PIV_TAG_RESPONSE = 0x82,
	PIV_TAG_CONTROL = 0xAC, /* of GENERATE and of the application's template */
	PIV_TAG_ALGORITHM = 0x80,
	PIV_TAG_DISCOVERY = 0x7E,

	PIV_OBJECT_FIRST = 0x5FC101, /* also the certificate of key 9E */
	PIV_OBJECT_CARD_CERTIFICATE = 0x5FC101,
	PIV_OBJECT_CHUID = 0x5FC102,
	PIV_OBJECT_LAST = 0x5FC123,

	PIV_CHUID_FASC_N = 0x30,
	PIV_CHUID_GUID = 0x34,
	PIV_CHUID_EXPIRY = 0x35,
	PIV_CHUID_SIGNATURE = 0x3E, /* "issuer asymmetric signature": the chip credential */
	PIV_CHUID_CHECK = 0xFE,
	PIV_CERTIFICATE = 0x70,
	PIV_CERTIFICATE_INFO = 0x71,

	PIV_METADATA_ALGORITHM = 0x01,
	PIV_METADATA_POLICY = 0x02,
	PIV_METADATA_ORIGIN = 0x03,
	PIV_METADATA_PUBLIC_KEY = 0x04,
	PIV_METADATA_DEFAULT = 0x05, /* 01: the factory's */
	PIV_METADATA_RETRIES = 0x06,

	PIV_MANAGEMENT_KEY_MAX = 32,
};

/* What factories put into key 9B, as triple DES or, of late, AES-192. */
#define PIV_FACTORY_KEY                                                                                                \
	"\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08"
#define PIV_FACTORY_KEY_LEN 24

#endif
