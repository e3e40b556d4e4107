/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers of the card application, and their only home.  What they mean is in
 * card-applet-spec/README.md; this header holds no code and needs nothing.  The host (issuer/) and the
 * software card (softcard/) share these numbers and not one line of card code.
 */
#ifndef PROFBILET_CARD_APPLET_SPEC_APPLET_H
#define PROFBILET_CARD_APPLET_SPEC_APPLET_H

/* ---- Application identifiers (ISO/IEC 7816-5) */
#define APPLET_AID	"\xF0\x50\x52\x4F\x46\x42\x49\x4C\x45\x54\x01" /* F0 "PROFBILET" 01 */
#define APPLET_AID_LEN	11
#define NDEF_AID	"\xD2\x76\x00\x00\x85\x01\x01" /* NFC Forum Type 4 Tag 2.0 */
#define NDEF_AID_LEN	7
#define ISD_AID		"\xA0\x00\x00\x01\x51\x00\x00\x00" /* GlobalPlatform issuer security domain */
#define ISD_AID_LEN	8

#define APPLET_VERSION	0x0100 /* major, minor */

/* ---- Life cycle (GPC 2.3.1 5.3: application states have the three low bits set) */
enum applet_state {
	APPLET_BLANK = 0x07,	    /* GP SELECTABLE: nothing committed */
	APPLET_PERSONALISED = 0x0F, /* committed; may be personalised again under the keys */
	APPLET_LOCKED = 0x1F,	    /* issued; nobody rewrites it, whatever keys they hold */
	APPLET_TERMINATED = 0x7F,   /* key and files wiped; for good */
};

/* ---- Classes and instructions */
enum {
	CLA_ISO = 0x00,
	CLA_GP = 0x80,
	CLA_GP_SM = 0x84, /* GlobalPlatform, secure messaging */

	INS_SELECT = 0xA4,
	INS_READ_BINARY = 0xB0,
	INS_GET_DATA = 0xCB,		      /* applet: odd-style, P1P2 = 3FFF, data 5C {tag} */
	INS_INTERNAL_AUTHENTICATE = 0x88,
	INS_GENERATE_KEY_PAIR = 0x47,	      /* CLA 84 only */
	INS_INITIALIZE_UPDATE = 0x50,
	INS_EXTERNAL_AUTHENTICATE = 0x82,
	INS_INSTALL = 0xE6,
	INS_STORE_DATA = 0xE2,
	INS_PUT_KEY = 0xD8,
	INS_SET_STATUS = 0xF0,
	INS_GP_GET_DATA = 0xCA,		      /* ISD: key information template 00E0 */
};

enum {
	P1_SELECT_BY_NAME = 0x04,
	P1_SELECT_BY_FID = 0x00,
	P2_SELECT_FCI = 0x00,
	P2_SELECT_NO_FCI = 0x0C,
	P1_SFI = 0x80,			      /* READ BINARY: P1 = 80 | SFI, P2 = offset */
	P1_INSTALL_FOR_PERSONALIZATION = 0x20,
	P1_STORE_LAST = 0x80,
	P1_STORE_DGI = 0x08,		      /* b5b4 = 01: DGI format (GPC 2.3.1 11.11.2.1) */
	P2_PUT_KEY_SET = 0x81,		      /* key identifier 1, several keys */
	P1_STATUS_APPLICATION = 0x40,	      /* SET STATUS: P2 = the new state */
	SCP03_LEVEL = 0x33,		      /* C-MAC, C-DECRYPTION, R-MAC, R-ENCRYPTION */
	SCP03_ID = 0x03,
};

/* ---- Files */
enum {
	SFI_CARD = 0x01,		      /* EF.CARD: everything a verifier needs, one READ BINARY */
	FID_NDEF_CC = 0xE103,
	FID_NDEF = 0xE104,
};

/* ---- Tags */
enum {
	TAG_FCI = 0x6F,
	TAG_FCI_AID = 0x84,
	TAG_FCI_PROPRIETARY = 0xA5,
	TAG_STATE = 0x9F6E,		      /* 1 byte, enum applet_state */
	TAG_MAX_LC = 0x9F65,		      /* 1 byte */
	TAG_SHADOW = 0x9F6F,		      /* 1 byte: 01 when a generated key waits for its commit */
	TAG_VERSION = 0x9F08,		      /* 2 bytes */
	TAG_TAG_LIST = 0x5C,
	TAG_PUBLIC_KEY = 0x7F49,	      /* {86 04 X Y} */
	TAG_EC_POINT = 0x86,
	TAG_SHADOW_KEY = 0x7F4A,	      /* same shape: the key generated and not yet committed */
	TAG_CREDENTIAL = 0xC1,		      /* in EF.CARD */
	TAG_NDEF = 0xC2,		      /* in EF.CARD: the NDEF file image, NLEN || message */
};

/* ---- Data groupings of STORE DATA (2-byte DGI, 1-byte length 00..FE) */
enum {
	DGI_CREDENTIAL = 0x0101,
	DGI_NDEF = 0x0102,
	DGI_STATE = 0x7FFE,		      /* 1 byte: LOCKED or TERMINATED; alone, last block */
	DGI_COMMIT = 0x7FFF,		      /* 8 bytes: SHA-256 of all DGIs before it [0..8); last block */
	DGI_COMMIT_LEN = 8,
};

/* ---- Lengths, bytes */
enum {
	CREDENTIAL_MAX = 128,
	NDEF_MAX = 96,			      /* NLEN and message */
	CHALLENGE_MIN = 16,
	CHALLENGE_MAX = 32,
	APDU_DATA_MAX = 255,
	APDU_RESPONSE_MAX = 256,
	SCP03_PLAIN_MAX = 239,		      /* S8: 255 - 8 of MAC, whole blocks, 1 of padding */
	STORE_BLOCKS_MAX = 4,
	UID_MAX = 10,
};

/* ---- Signing a challenge: ECDSA over SHA-256( PREFIX || SHA-256(credential) || challenge ), DER */
#define LIVE_PREFIX	"PROFBILET-LIVE-v1"
#define LIVE_PREFIX_LEN 17

/* ---- Keys of the security domain */
enum {
	KVN_FACTORY = 0xFF,		      /* of a blank; never given by PUT KEY */
	KVN_ISSUER_FIRST = 0x30,	      /* of our key sets: one for each generation of the master key */
	KVN_ISSUER_LAST = 0x3F,
	KEY_ID_FIRST = 0x01,
	KEY_TYPE_AES = 0x88,
	KCV_LEN = 3,
	AUTHENTICATION_ATTEMPTS = 10,	      /* failures in a row until a key set is blocked */
};
#define FACTORY_KEY	"\x40\x41\x42\x43\x44\x45\x46\x47\x48\x49\x4A\x4B\x4C\x4D\x4E\x4F"
#define FACTORY_KEY_LEN 16

/* ---- Status words */
enum {
	SW_OK = 0x9000,
	SW_END_OF_FILE = 0x6282,	      /* fewer bytes than Le: data is valid */
	SW_TERMINATED = 0x6285,		      /* SELECT of a terminated application */
	SW_HOST_CRYPTOGRAM = 0x6300,
	SW_MEMORY = 0x6581,
	SW_LENGTH = 0x6700,
	SW_SECURITY = 0x6982,
	SW_BLOCKED = 0x6983,		      /* no authentication attempt is left */
	SW_CONDITIONS = 0x6985,
	SW_SM_MISSING = 0x6987,
	SW_SM_INCORRECT = 0x6988,
	SW_DATA = 0x6A80,
	SW_FILE_NOT_FOUND = 0x6A82,
	SW_NO_SPACE = 0x6A84,
	SW_P1P2 = 0x6A86,
	SW_REFERENCE = 0x6A88,
	SW_OFFSET = 0x6B00,
	SW_INS = 0x6D00,
	SW_CLA = 0x6E00,
	SW_UNKNOWN = 0x6F00,
};

#endif
