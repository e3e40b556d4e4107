/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One card reader, whatever stands behind it: PC/SC, a trace that is played back, a card in the same
 * process.  A reader holds at most one card at a time, for itself alone, and every way in which it or
 * the card can go away ends in a named status.  An implementation fills five functions and keeps its
 * words about trouble to the statuses named here.
 *
 * Calls may block as long as the driver does: only a process that may be killed (issuer/station/; an auditor's own,
 * issuer/audit/) may drive a real reader.  Not for what is said to a card: issuer/card/, issuer/perso/.
 */
#ifndef PROFBILET_ISSUER_READER_READER_H
#define PROFBILET_ISSUER_READER_READER_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "card-applet-spec/applet.h"

enum {
	PB_READERS_MAX = 16,	      /* PCSCLITE_MAX_READERS_CONTEXTS */
	PB_READER_NAME_MAX = 128,     /* with the NUL */
	PB_ATR_MAX = 33,	      /* ISO/IEC 7816-3 */
	PB_COMMAND_MAX = 5 + 255 + 1, /* short APDUs only */
	PB_RESPONSE_MAX = 256 + 2,
};

struct pb_reader_list {
	char names[PB_READERS_MAX][PB_READER_NAME_MAX];
	size_t count;
};

/* The card on the reader, as far as the reader knows it. */
struct pb_reader_card {
	uint8_t atr[PB_ATR_MAX];
	size_t atr_n;
	uint8_t uid[UID_MAX]; /* of a contactless card; may be random on every tap (4 bytes, first 08) */
	size_t uid_n;	      /* 0 in a contact reader */
};

struct pb_reader;

/* What an implementation fills.
 *
 * connect  waits for a card until the deadline (PB_CARD_ABSENT) and takes it exclusively, freshly
 *          reset; a card still held is let go first.  `changed`: a card that lies there already does not
 *          count, it must be taken away and one put down.
 * transmit one exchange, no chaining; an answer of less than two bytes is PB_CARD_REMOVED.  After any
 *          failure what the card did with the command is unknown.
 * eject    lets go of the card and cuts its power, also of one that was never connected here. */
struct pb_reader_ops {
	enum pb_status (*list)(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err);
	enum pb_status (*connect)(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				  struct pb_reader_card *ret_card, struct pb_err *err);
	enum pb_status (*transmit)(struct pb_reader *reader, struct pb_view command,
				   uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err);
	enum pb_status (*eject)(struct pb_reader *reader, struct pb_err *err);
	void (*destroy)(struct pb_reader *reader);
};

/* First member of every implementation's struct. */
struct pb_reader {
	const struct pb_reader_ops *ops;
	bool ejected; /* a card was let go, and another is wanted; its UID: */
	uint8_t uid[UID_MAX];
	size_t uid_n;
};

PB_MUST_USE enum pb_status pb_reader_list(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err);
/* Waits for a card; after pb_reader_eject, for another one than that (told by its UID) or for the same
 * one put down anew. */
PB_MUST_USE enum pb_status pb_reader_connect(struct pb_reader *reader, struct pb_deadline deadline,
					     struct pb_reader_card *ret_card, struct pb_err *err);
/* One command and its whole answer: 61xx is followed by GET RESPONSE and 6Cxx by the same command with
 * the right Le, here and nowhere else.  ret_n counts SW1 SW2 and is at least 2. */
PB_MUST_USE enum pb_status pb_reader_transmit(struct pb_reader *reader, struct pb_view command,
					      uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n,
					      struct pb_err *err);
/* The same with an answer of up to `cap` bytes, from PB_RESPONSE_MAX on, in as many pieces as the card makes of it. */
PB_MUST_USE enum pb_status pb_reader_transmit_long(struct pb_reader *reader, struct pb_view command, uint8_t *ret_response,
						   size_t cap, size_t *ret_n, struct pb_err *err);
/* Done with the card of this UID (empty: it has none): its power is cut, and the next connect wants
 * another. */
PB_MUST_USE enum pb_status pb_reader_eject(struct pb_reader *reader, struct pb_view uid, struct pb_err *err);
void pb_reader_destroy(struct pb_reader *reader); /* accepts NULL */

#endif
