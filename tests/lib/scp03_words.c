/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See scp03_words.h.
 */
#include "tests/lib/scp03_words.h"

#include <string.h>

enum pb_status scp03_open(const struct pb_keystore *store, struct pb_view uid,
			  const uint8_t host_challenge[static PB_SCP03_S8], struct pb_view answer,
			  struct pb_card_session *ret_session, struct pb_err *err)
{
	struct pb_login_step step;
	uint8_t bytes[PB_CARD_WORDS_MAX];
	struct pb_writer words = pb_writer(bytes, sizeof(bytes));
	enum pb_status s;

	pb_put(&words, host_challenge, PB_SCP03_S8);
	pb_put_view(&words, answer);
	s = pb_keystore_login_begin(store, PB_MASTER_APPLET, uid, pb_view(bytes, words.n), &step, err);
	if (s == PB_OK && step.open)
		*ret_session = step.session;
	return s;
}

enum pb_status scp03_put_key(const struct pb_keystore *store, struct pb_view uid, uint8_t kvn,
			     uint8_t ret_data[static PB_SCP03_PUT_KEY], uint8_t ret_receipt[static PB_SCP03_RECEIPT],
			     struct pb_err *err)
{
	struct pb_card_session session = { .kind = PB_SESSION_SCP03, .kvn = kvn };
	struct pb_card_words keys;
	enum pb_status s;

	for (int i = 0; i < 3; i++)
		pb_secret_set((struct pb_secret *const[]){ &session.u.scp03.enc, &session.u.scp03.mac, &session.u.scp03.rmac }[i],
			      "not looked at...", 16);
	s = pb_keystore_give_keys(store, PB_MASTER_APPLET, uid, &session, &keys, err);
	if (s != PB_OK || keys.n != PB_SCP03_PUT_KEY + PB_SCP03_RECEIPT)
		return s;
	memcpy(ret_data, keys.bytes, PB_SCP03_PUT_KEY);
	memcpy(ret_receipt, keys.bytes + PB_SCP03_PUT_KEY, PB_SCP03_RECEIPT);
	return PB_OK;
}
