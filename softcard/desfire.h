/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip MIFARE DESFire EV2, and EV3 as far as it is the same, written from NXP's published pages alone: MF2DL(H)x0
 * (the DESFire Light, whose EV2 commands these are), AN12343, AN12196, and for what only the older chips document in
 * public the format of MF3ICD40.  Selection, the native commands in their ISO 7816 wrapping, EV2 sessions under AES
 * keys, ISO READ and UPDATE BINARY.
 *
 * AuthenticateLegacy (0A) under DES keys is there as far as a card needs it that comes from the factory: its session
 * protects nothing but ChangeKey of its own key and ChangeKeySettings, and enters no file in another mode than plain.
 *
 * Not there: ISO and EV1 AES authentication (1A, AA), key sets, delegated applications, value and record files,
 * transaction MAC, SetConfiguration (and with it the random UID), the originality signature, SUN of EV3, GetVersion
 * within a session.  They are answered as unknown commands.
 */
#ifndef PROFBILET_SOFTCARD_DESFIRE_H
#define PROFBILET_SOFTCARD_DESFIRE_H

#include "softcard/command.h"
#include "softcard/desfire_image.h"
#include "softcard/ev2_card.h"

struct softcard;

enum { DESFIRE_LONG_MAX = 1024 + 16 }; /* a command or an answer in several frames */

enum desfire_opened { DESFIRE_NOBODY, DESFIRE_BY_DES, DESFIRE_BY_AES };

/* Lost with the power; all zero is a card that was just powered. */
struct desfire_session {
	unsigned application; /* 0: the PICC */
	unsigned fid;	      /* of the file that ISO SELECT chose; 0: none */
	enum desfire_opened opened;
	uint8_t key;		/* that opened it */
	struct ev2_card channel; /* BY_AES */
	uint8_t des[DESFIRE_KEY_LEN]; /* BY_DES */
	uint8_t waits_for;	/* INS whose next frame is awaited; 0: none */
	uint8_t part, waiting_key;
	uint8_t rnd_b[EV2_BLOCK];
	uint8_t bytes[DESFIRE_LONG_MAX]; /* a command that comes, or an answer that goes, in frames */
	size_t n, said;
	bool written; /* to a backup file, and not committed */
	uint8_t uncommitted[DESFIRE_MEMORY];
};

uint16_t desfire_command(struct softcard *card, const struct command *command, struct pb_writer *out);
void desfire_forget(struct desfire_session *session);
/* A key that nobody knows in place of the PICC's: a card of an unknown batch. */
void desfire_lose_key(struct desfire_image *image);

#endif
