/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of a software card, shared by its applications: memory, selection, secure channel, and what
 * is lost with the power.  Handlers answer `uint16_t` status words and put their data into `out`.
 */
#ifndef PROFBILET_SOFTCARD_CARD_H
#define PROFBILET_SOFTCARD_CARD_H

#include "softcard/command.h"
#include "softcard/desfire.h"
#include "softcard/ntag21x.h"
#include "softcard/ntag424.h"
#include "softcard/nvm.h"
#include "softcard/scp03_card.h"
#include "softcard/softcard.h"

enum application { APPLICATION_ISD, APPLICATION_APPLET, APPLICATION_NDEF, APPLICATION_PIV };

/* STORE DATA blocks on their way to a commit. */
struct store_buffer {
	uint8_t bytes[STORE_BLOCKS_MAX * SCP03_PLAIN_MAX];
	size_t n;
	uint8_t next; /* number the next block must have */
};

/* A command of the PIV application on its way, in pieces. */
struct piv_chain {
	uint8_t ins, p1, p2;
	uint8_t bytes[PIV_OBJECT_MAX + 16];
	size_t n; /* 0: none */
};

enum piv_asked { PIV_ASKED_NOTHING, PIV_ASKED_WITNESS, PIV_ASKED_CHALLENGE };

/* A PIV application between two commands. */
struct piv_session {
	bool authenticated; /* with the management key */
	bool pin_verified;
	enum piv_asked asked;
	uint8_t expected[16]; /* the right answer to what was asked */
	struct piv_chain chain;
	uint8_t answer[PIV_OBJECT_MAX + 8];
	size_t answer_n, answered; /* of it, said already */
};

struct softcard {
	struct nvm nvm;
	struct pb_p256_private *key; /* of nvm.now.key; NULL until first used */
	struct softcard_faults faults;
	struct softcard_timing timing;
	struct softcard_work work;
	uint64_t modelled_us;
	unsigned long commands;
	struct softcard *swapped_for; /* the card that lies there now */
	bool foreign, away;

	/* lost with the power */
	bool powered, foreign_now, proved;
	enum application selected;
	struct scp03_card channel;
	bool installed; /* the security domain hands STORE DATA to the application */
	struct store_buffer store;
	unsigned ndef_file; /* 0: none */
	struct ntag424_session ntag; /* of that kind only */
	struct piv_session piv;	     /* of that kind only */
	struct desfire_session desfire; /* of that kind only */
};

/* What neither a SELECT nor the loss of power leaves standing. */
void card_forget_session(struct softcard *card);

#endif
