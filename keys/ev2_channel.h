/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AES EV2 secure messaging (NXP NT4H2421Gx 9.1.8 to 9.1.10, MF2DLHX0 9.1): what a session protects.  Every command
 * and its answer have a number, CmdCtr, which goes into their MACs and into the vectors of their enciphering, so
 * neither can be dropped, repeated or moved to another session.
 *
 * The functions work on the data fields of native commands; the ISO 7816 wrapping 90 INS 00 00 Lc .. 00 and 91xx is
 * the caller's.  It is in keys/ and not with the card's commands because the key of a card is put into a command
 * here, where keys are, and leaves enciphered.
 */
#ifndef PROFBILET_KEYS_EV2_CHANNEL_H
#define PROFBILET_KEYS_EV2_CHANNEL_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/ev2_keys.h"

/* As the card's file settings name them. */
enum pb_ev2_mode {
	PB_EV2_PLAIN, /* in a session too: its number is counted */
	PB_EV2_MAC,
	PB_EV2_FULL,  /* enciphered, and a MAC over that */
};

enum {
	PB_EV2_MAC_LEN = 8,
	PB_EV2_DATA_MAX = 239, /* enciphered, beside a header of 7 bytes, in a short APDU */
	PB_EV2_ANSWER_MAX = 256,
	PB_EV2_OK = 0x00,      /* status of the card, the second byte of 91xx */
	PB_EV2_CHANGE_KEY = 0xC4,
	PB_EV2_CHANGE_KEY_MAX = 1 + 32 + PB_EV2_MAC_LEN,
};

struct pb_ev2_command {
	uint8_t ins;
	struct pb_view header; /* never enciphered: file number, offset, length */
	struct pb_view data;
	enum pb_ev2_mode mode;
};

/* The data field as it goes to the card.  PB_NOT_ALLOWED when the session is over or its numbers are used up,
 * PB_INPUT_INVALID when it would not fit a short APDU. */
PB_MUST_USE enum pb_status pb_ev2_wrap(const struct pb_ev2_session *session, const struct pb_ev2_command *command,
				       struct pb_writer *writer, struct pb_err *err);

/* The answer to the command wrapped last, and the next number.  `status` and `answer` are the card's; ret_data has
 * room for PB_EV2_ANSWER_MAX.  Anything but PB_EV2_OK ends a session on the card, so it ends here too (PB_OK: the
 * caller looks at the status), and so does a wrong MAC or padding (PB_CARD_PROTOCOL). */
PB_MUST_USE enum pb_status pb_ev2_unwrap(struct pb_ev2_session *session, enum pb_ev2_mode mode, uint8_t status,
					 struct pb_view answer, uint8_t *ret_data, size_t *ret_n, struct pb_err *err);

/* A key to be changed.  `number` is that of an AES key of the application; `current` is what it is now, and is not
 * looked at for the key the session was opened with. */
struct pb_ev2_key_change {
	uint8_t number, session_number;
	const struct pb_secret *current, *next;
	uint8_t version; /* of the next */
};

/* The data field of ChangeKey (NT4H2421Gx 10.6.1): for the session's own key next || version, for another one
 * (next XOR current) || version || CRC32(next).  Changing the session's own key ends the session on the card, and
 * its answer carries no MAC: no pb_ev2_unwrap then. */
PB_MUST_USE enum pb_status pb_ev2_wrap_change_key(const struct pb_ev2_session *session,
						  const struct pb_ev2_key_change *change, struct pb_writer *writer,
						  struct pb_err *err);

/* CRC-32 as NXP's cards take it: of IEEE 802.3 without the last inversion, least significant byte first. */
void pb_ev2_crc32(struct pb_view bytes, uint8_t ret_crc[static 4]);

#endif
