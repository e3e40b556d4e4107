/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Native commands in a session of EV2, which NTAG 424 DNA and DESFire have in common: opening it, writing a file,
 * changing a key.  No key comes here: who has them answers the chip's challenge, hands over the keys of the session
 * (keys/ev2_keys.h) and makes the data field of ChangeKey (keys/ev2_channel.h).
 *
 * A command that fails ends the session, on the card as here.  Not for: which step is next (perso_ntag424.c,
 * perso_desfire.c).
 */
#ifndef PROFBILET_ISSUER_PERSO_EV2_COMMANDS_H
#define PROFBILET_ISSUER_PERSO_EV2_COMMANDS_H

#include "issuer/card/native.h"
#include "keys/card_session.h"
#include "keys/ev2_channel.h"

/* AuthenticateEV2First, or NonFirst within a session.  The answer has PB_EV2_ANSWER_FIRST or PB_EV2_ANSWER_NEXT
 * bytes.  PB_CARD_KEYS when the card does not take the response: the attempt is spent, and not repeated here. */
PB_MUST_USE enum pb_status pb_ev2_ask_challenge(struct pb_reader *reader, uint8_t number, bool first,
						uint8_t ret_challenge[static PB_EV2_CHALLENGE], struct pb_err *err);
PB_MUST_USE enum pb_status pb_ev2_give_response(struct pb_reader *reader, bool first,
						const uint8_t response[static PB_EV2_RESPONSE],
						uint8_t ret_answer[static PB_EV2_ANSWER_FIRST], struct pb_err *err);

/* The same as a conversation with the key store (keys/login_ev2.c): its first words, with what the card says of the
 * versions of its keys, from key 0 on, and the card's answer to what the key store says. */
PB_MUST_USE enum pb_status pb_ev2_first_words(struct pb_reader *reader, uint8_t number, struct pb_view versions,
					      struct pb_card_words *ret_words, struct pb_err *err);
PB_MUST_USE enum pb_status pb_ev2_next_words(struct pb_reader *reader, struct pb_view say, struct pb_card_words *ret_words,
					     struct pb_err *err);

/* One command; ret_data has room for PB_EV2_ANSWER_MAX. */
PB_MUST_USE enum pb_status pb_ev2_ask(struct pb_reader *reader, struct pb_ev2_session *session, const char *step,
				      const struct pb_ev2_command *command, uint8_t *ret_data, size_t *ret_n,
				      struct pb_err *err);
/* The same, and no data in its answer. */
PB_MUST_USE enum pb_status pb_ev2_do(struct pb_reader *reader, struct pb_ev2_session *session, const char *step,
				     const struct pb_ev2_command *command, struct pb_err *err);
/* WriteData of at most PB_EV2_DATA_MAX bytes, in the mode of the file for this session. */
PB_MUST_USE enum pb_status pb_ev2_write(struct pb_reader *reader, struct pb_ev2_session *session, uint8_t file, size_t offset,
					struct pb_view data, enum pb_ev2_mode mode, struct pb_err *err);
/* `field` from pb_ev2_wrap_change_key of this very session; `own`: its key, with which the session is over. */
PB_MUST_USE enum pb_status pb_ev2_change_key(struct pb_reader *reader, struct pb_ev2_session *session, bool own,
					     struct pb_view field, struct pb_err *err);
/* What pb_keystore_give_keys made in this very session: such fields, that of key 0 last, which opened it. */
PB_MUST_USE enum pb_status pb_ev2_give_keys(struct pb_reader *reader, struct pb_ev2_session *session, struct pb_view keys,
					    struct pb_err *err);

#endif
