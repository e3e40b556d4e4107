/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip NTAG 424 DNA in AES mode, written from NXP's data sheet NT4H2421Gx rev. 3.0 alone: selection, the native
 * commands in their ISO 7816 wrapping, ISO READ and UPDATE BINARY.
 *
 * Not there: LRP mode, SetConfiguration (and with it the random UID), originality keys and signature, the delay
 * after many failures, GetVersion within a session.  They are answered as unknown commands.
 */
#ifndef PROFBILET_SOFTCARD_NTAG424_H
#define PROFBILET_SOFTCARD_NTAG424_H

#include "softcard/command.h"
#include "softcard/ev2_card.h"
#include "softcard/ntag424_image.h"

struct softcard;

/* Lost with the power; all zero is a card that was just powered. */
struct ntag424_session {
	bool application;    /* selected; otherwise the PICC level is */
	unsigned file;	     /* selected: 1 to 3; 0: none */
	struct ev2_card channel;
	uint8_t key;	     /* that opened it */
	uint8_t waits_for;   /* INS whose next part is awaited; 0: none */
	uint8_t part, waiting_key;
	uint8_t rnd_b[EV2_BLOCK];
	uint8_t reads;	     /* INS of the read that the counter was moved on for; 0: the next one counts */
	uint8_t padding[16];
};

uint16_t ntag424_command(struct softcard *card, const struct command *command, struct pb_writer *out);
void ntag424_forget(struct ntag424_session *session);

#endif
