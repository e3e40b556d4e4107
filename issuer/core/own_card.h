/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps with a card of our own that more than one journey takes: opening a session with the keys that the card
 * names, and proving that it is the card of the record, byte for byte and by its chip's key.
 *
 * Not for: verifiers, who have no record and no keys (verify.h).
 */
#ifndef PROFBILET_ISSUER_CORE_OWN_CARD_H
#define PROFBILET_ISSUER_CORE_OWN_CARD_H

#include "issuer/core/office.h"
#include "issuer/ledger/ledger.h"
#include "issuer/station/station.h"
#include "keys/keystore.h"

/* The card says which key it has, and the office's key of that version opens it, or none does: a key is tried once, and
 * a second one only where the card cannot say which of two it has.
 * Errors as pb_station_begin, pb_station_answer and pb_keystore_login_begin. */
PB_MUST_USE enum pb_status pb_own_card_session(const struct pb_office *office, struct pb_station *station,
					       const struct pb_card_identity *card, enum pb_session_purpose purpose,
					       struct pb_card_session *ret_session, struct pb_err *err);

/* PB_CARD_MISMATCH when the credential is not the recorded one, or a chip with a key does not prove the recorded one.
 * That its UID is the record's is what the record was found by. */
PB_MUST_USE enum pb_status pb_own_card_prove(struct pb_station *station, const struct pb_card_identity *card, const struct pb_ledger_card *record,
					     struct pb_card_image *ret_image, struct pb_err *err);

/* KVN of the keys that such cards are given now.  PB_KEYS_NO_FAMILY when the office has made none for this family. */
PB_MUST_USE enum pb_status pb_own_card_newest_kvn(const struct pb_office *office, const struct pb_card_identity *card,
						  uint8_t *ret_kvn, struct pb_err *err);

/* In that session for keys: the newest keys of the office, and a new session with them, so that they
 * are known to open the card. */
PB_MUST_USE enum pb_status pb_own_card_give_keys(const struct pb_office *office, struct pb_station *station,
						 const struct pb_card_identity *card,
						 const struct pb_card_session *session, struct pb_err *err);

#endif
