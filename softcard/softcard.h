/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A software card: one contactless chip with the application of card-applet-spec/README.md, an issuer
 * security domain and the NDEF application, written from that text alone and sharing no code with the
 * host; or a chip as it is bought (enum softcard_kind), written from its maker's data sheet.  Tests put it
 * in-process; profbilet-softcard puts it under a real pcscd (vpcd.h).
 *
 * It is exact in what a host can see (bytes, states, tears, lost answers) and is not a secure element:
 * its keys lie readable in its file.  One thread per card.
 */
#ifndef PROFBILET_SOFTCARD_SOFTCARD_H
#define PROFBILET_SOFTCARD_SOFTCARD_H

#include "base/bytes.h"
#include "base/err.h"
#include "card-applet-spec/applet.h"
#include "softcard/desfire_image.h"
#include "softcard/faults.h"
#include "softcard/ntag21x_image.h"
#include "softcard/ntag424_image.h"
#include "softcard/timing.h"

struct softcard;

enum { SOFTCARD_ATR_MAX = 33, SOFTCARD_ANSWER_MAX = APDU_RESPONSE_MAX + 2, SOFTCARD_UID_LEN = 7 };

enum softcard_kind {
	SOFTCARD_APPLET,
	SOFTCARD_NTAG424, /* the chip NTAG 424 DNA: softcard/ntag424.h */
	SOFTCARD_PIV,	  /* a chip with a PIV application: softcard/piv.h */
	SOFTCARD_DESFIRE, /* the chip MIFARE DESFire EV2 or EV3: softcard/desfire.h */
	SOFTCARD_NTAG215, /* a memory card, the chip NTAG 215: softcard/ntag21x.h */
};

struct softcard_options {
	enum softcard_kind kind; /* of a new card */
	const char *path;    /* the card's file; NULL: the card lives in memory only */
	struct pb_view uid;  /* of a new card: 4, 7 or 10 bytes */
	uint8_t scp03_i;     /* of a new card: 0x60 random or 0x70 pseudo-random challenges; 0 means 0x70 */
	bool piv_aes;	     /* of a new PIV card: its management key is AES-192, as newer ones have it; else triple DES */
	bool desfire_ev3;    /* of a new DESFire: it is an EV3; else an EV2 */
	bool durable;	     /* fsync at every commit; without it a power cut of the machine may undo some */
};

/* Opens the file when there is one (what is said of a new card is then not looked at), else makes a
 * factory-fresh blank.  PB_INPUT_INVALID for a file that is no card, or a uid of another length. */
PB_MUST_USE enum pb_status softcard_create(const struct softcard_options *options, struct softcard **ret_card,
					   struct pb_err *err);
void softcard_destroy(struct softcard *card); /* accepts NULL */

/* Also a reset when the power is on.  Returns the length of the ATR; 0 when the card is out of the field. */
size_t softcard_power_on(struct softcard *card, uint8_t ret_atr[static SOFTCARD_ATR_MAX]);
/* The ATR again, without a reset. */
size_t softcard_atr(const struct softcard *card, uint8_t ret_atr[static SOFTCARD_ATR_MAX]);
void softcard_power_off(struct softcard *card);
/* The card was put back on the reader after SOFTCARD_GONE; it still needs its power. */
void softcard_put_back(struct softcard *card);

enum softcard_outcome {
	SOFTCARD_ANSWERED,
	SOFTCARD_SILENT, /* on the reader, and will not answer this */
	SOFTCARD_GONE,	 /* left the field, or has no power: nobody there */
};

/* `command` may be any bytes.  ret_answer ends with the status word; untouched unless SOFTCARD_ANSWERED. */
enum softcard_outcome softcard_transmit(struct softcard *card, struct pb_view command,
					uint8_t ret_answer[static SOFTCARD_ANSWER_MAX], size_t *ret_n);

/* The next command is number 1 of this fault; commands to the reader (CLA FF) are not counted, but those by which it
 * reads and writes a memory card.  At most
 * SOFTCARD_FAULTS_MAX wait at once, more are PB_BUG. */
void softcard_arm(struct softcard *card, const struct softcard_fault *fault);
void softcard_set_timing(struct softcard *card, struct softcard_timing timing);
uint64_t softcard_modelled_us(const struct softcard *card); /* since creation, by the timing model */
unsigned long softcard_commands(const struct softcard *card); /* answered or not, without CLA FF */

/* What a test may look at.  Views are borrowed until the next transmit. */
/* Of a PIV card and a DESFire: LOCKED under keys of its own; of an NTAG 215 when nothing of it can be written. */
enum applet_state softcard_state(const struct softcard *card);
struct pb_view softcard_credential(const struct softcard *card);
struct pb_view softcard_ndef(const struct softcard *card);
uint8_t softcard_kvn(const struct softcard *card);
unsigned softcard_attempts_left(const struct softcard *card);
bool softcard_shadow_waits(const struct softcard *card);
/* The memory of an NTAG 424 DNA; NULL for another kind.  Of such a card the functions above are as of a blank. */
const struct ntag424_image *softcard_ntag424(const struct softcard *card);
const struct desfire_image *softcard_desfire(const struct softcard *card); /* the same of a DESFire */
const struct ntag21x_image *softcard_ntag21x(const struct softcard *card); /* the same of an NTAG 215 */
/* INTERNAL AUTHENTICATE was answered since the power came on. */
bool softcard_proved(const struct softcard *card);

#endif
