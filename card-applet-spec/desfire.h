/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers of a MIFARE DESFire as Profbilet uses one, and their only home.  One application holds everything: its
 * identifier is ours, its ISO name is that of every NFC Forum tag, so a telephone finds the address and a verifier the
 * credential, under two keys and in one session.
 *
 *     key 0   master: writes the files, changes the keys; replaced last
 *     key 1   proof: for whoever checks the chip with the union's keys, and for nothing else
 *
 *     file 1  E103  capability container
 *     file 2  E104  NDEF file: the address for telephones
 *     file 3  E105  the credential, and zeroes behind it
 *
 * All three are backup files: what is written takes effect with one CommitTransaction, so a card has a whole content or
 * none.  Anybody reads them; key 0 writes them, each command with a MAC.  Keys have versions of the office's range
 * (never 00, which is the factory's), so that a card says without an authentication whose it is.
 *
 * Shown with software cards only: that a real chip lets ISO READ BINARY into a backup file is its maker's word.
 */
#ifndef PROFBILET_CARD_APPLET_SPEC_DESFIRE_H
#define PROFBILET_CARD_APPLET_SPEC_DESFIRE_H

#include "card-applet-spec/applet.h"

/* 504231, "PB1": not registered, and outside of what is (MAD aliases begin with F).  As it goes to the card, least
 * significant byte first. */
#define DESFIRE_OWN_AID	    "\x31\x42\x50"
#define DESFIRE_OWN_AID_LEN 3

enum {
	DESFIRE_OWN_MASTER = 0,
	DESFIRE_OWN_PROOF = 1,
	DESFIRE_OWN_KEYS = 2,

	/* Master key changeable, listing free, files only by key 0, settings changeable; keys by key 0 */
	DESFIRE_OWN_SETTINGS = 0x0B,
	DESFIRE_OWN_KIND = 0x80 | 0x20 | DESFIRE_OWN_KEYS, /* AES, ISO file identifiers */
	DESFIRE_OWN_DF = 0xE110,

	DESFIRE_FILE_CC = 1,
	DESFIRE_FILE_NDEF = 2,
	DESFIRE_FILE_CREDENTIAL = 3,
	DESFIRE_OWN_FILES = 3,
	DESFIRE_CC_LEN = 15,

	DESFIRE_MODE_MAC = 0x01,
	/* Access rights: ReadWrite 0 and Change 0, Read free and Write 0 */
	DESFIRE_RIGHTS_LOW = 0x00,
	DESFIRE_RIGHTS_HIGH = 0xE0,
};

/* Length, mapping 2.0, MLe, MLc; the NDEF file: E104, NDEF_MAX bytes, read by all, written by nobody */
#define DESFIRE_CC "\x00\x0F\x20\x00\xFF\x00\xFF\x04\x06\xE1\x04\x00\x60\x00\xFF"

_Static_assert(NDEF_MAX == 0x60, "the container says how long the file is");

#endif
