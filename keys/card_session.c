/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form of a session in a message: its kind, the key version, the login's name, and what its kind has.
 */
#include "keys/card_session.h"

#include <string.h>

enum { AES_KEY_MIN = 16, AES_KEY_MAX = 32 };

void pb_card_words_wipe(struct pb_card_words *words)
{
	pb_wipe(words, sizeof(*words));
}

struct pb_view pb_card_words_view(const struct pb_card_words *words)
{
	return pb_view(words->bytes, words->n);
}

bool pb_card_words_set(struct pb_card_words *words, struct pb_view bytes)
{
	if (bytes.n > sizeof(words->bytes))
		return false;
	if (bytes.n > 0)
		memcpy(words->bytes, bytes.p, bytes.n);
	words->n = bytes.n;
	return true;
}

void pb_card_session_wipe(struct pb_card_session *session)
{
	pb_wipe(session, sizeof(*session));
}

static void put_secret(struct pb_writer *writer, const struct pb_secret *secret)
{
	pb_put_u8(writer, (uint8_t)secret->n);
	pb_put_view(writer, pb_secret_view(secret));
}

static bool take_secret(struct pb_cursor *in, struct pb_secret *ret_secret)
{
	struct pb_view bytes;
	uint8_t n;

	if (!pb_take_u8(in, &n) || n < AES_KEY_MIN || n > AES_KEY_MAX || !pb_take(in, n, &bytes))
		return false;
	pb_secret_set(ret_secret, bytes.p, bytes.n);
	return true;
}

static void put_scp03(struct pb_writer *writer, const struct pb_scp03_login *login)
{
	put_secret(writer, &login->enc);
	put_secret(writer, &login->mac);
	put_secret(writer, &login->rmac);
	pb_put(writer, login->host_cryptogram, sizeof(login->host_cryptogram));
}

static bool take_scp03(struct pb_cursor *in, struct pb_scp03_login *login)
{
	return take_secret(in, &login->enc) && take_secret(in, &login->mac) && take_secret(in, &login->rmac) &&
	       pb_take_copy(in, login->host_cryptogram, sizeof(login->host_cryptogram));
}

static void put_ev2(struct pb_writer *writer, const struct pb_ev2_login *login)
{
	put_secret(writer, &login->channel.enc);
	put_secret(writer, &login->channel.mac);
	pb_put(writer, login->channel.ti, sizeof(login->channel.ti));
	pb_put_be(writer, login->channel.counter, 2);
	pb_put(writer, login->versions, login->versions_n);
}

static bool take_ev2(struct pb_cursor *in, struct pb_ev2_login *login)
{
	uint64_t counter;

	if (!take_secret(in, &login->channel.enc) || !take_secret(in, &login->channel.mac) ||
	    login->channel.enc.n != PB_EV2_KEY || login->channel.mac.n != PB_EV2_KEY ||
	    !pb_take_copy(in, login->channel.ti, sizeof(login->channel.ti)) || !pb_take_be(in, 2, &counter) ||
	    in->left > sizeof(login->versions))
		return false;
	login->channel.counter = (uint16_t)counter;
	login->versions_n = in->left;
	return pb_take_copy(in, login->versions, login->versions_n);
}

void pb_card_session_put(struct pb_writer *writer, const struct pb_card_session *session)
{
	pb_put_u8(writer, (uint8_t)session->kind);
	pb_put_u8(writer, session->kvn);
	pb_put_be(writer, session->login, sizeof(session->login));
	switch (session->kind) {
	case PB_SESSION_SCP03:
		put_scp03(writer, &session->u.scp03);
		return;
	case PB_SESSION_EV2:
		put_ev2(writer, &session->u.ev2);
		return;
	case PB_SESSION_OPEN:
		pb_put_u8(writer, session->u.open.algorithm);
		return;
	case PB_SESSION_NONE:
		return;
	}
}

static bool take_kind(struct pb_cursor *in, struct pb_card_session *session)
{
	switch (session->kind) {
	case PB_SESSION_SCP03:
		return take_scp03(in, &session->u.scp03);
	case PB_SESSION_EV2:
		return take_ev2(in, &session->u.ev2);
	case PB_SESSION_OPEN:
		return pb_take_u8(in, &session->u.open.algorithm);
	case PB_SESSION_NONE:
		break;
	}
	return false;
}

bool pb_card_session_take(struct pb_view bytes, struct pb_card_session *ret_session)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_cursor in = pb_cursor(bytes);
	uint8_t kind;

	if (!pb_take_u8(&in, &kind) || kind > PB_SESSION_OPEN || !pb_take_u8(&in, &session.kvn) ||
	    !pb_take_be(&in, sizeof(session.login), &session.login))
		return false;
	session.kind = (enum pb_session_kind)kind;
	if (!take_kind(&in, &session) || in.left != 0)
		return false;
	*ret_session = session;
	return true;
}
