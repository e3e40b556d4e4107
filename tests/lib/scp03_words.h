/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of our own application's family (keys/login_scp03.c), put together and taken apart: what issuer/perso/ does
 * with a card, for tests that have none.
 */
#ifndef PROFBILET_TESTS_SCP03_WORDS_H
#define PROFBILET_TESTS_SCP03_WORDS_H

#include "keys/keystore.h"
#include "keys/scp03_keys.h"

enum pb_status scp03_open(const struct pb_keystore *store, struct pb_view uid,
			  const uint8_t host_challenge[static PB_SCP03_S8], struct pb_view answer,
			  struct pb_card_session *ret_session, struct pb_err *err);

/* In a session that the set `kvn` opened: data and receipt of PUT KEY. */
enum pb_status scp03_put_key(const struct pb_keystore *store, struct pb_view uid, uint8_t kvn,
			     uint8_t ret_data[static PB_SCP03_PUT_KEY], uint8_t ret_receipt[static PB_SCP03_RECEIPT],
			     struct pb_err *err);

#endif
