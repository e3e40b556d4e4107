/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages first, then who says them when.
 */
#include "keys/keyd/token_start.h"

#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "base/message.h"
#include "keys/keyd/messages.h"

enum type { START = 64, PIN_WANTED, PIN, READY };

enum {
	START_ELEMENTS = 8,
	WANTED_ELEMENTS = 6,
	START_MS = 60 * 1000,	/* of a token that is slow to wake */
	PERSON_MS = 600 * 1000, /* of a person who looks for a PIN */
};

static struct pb_view finished(const struct pb_writer *out)
{
	struct pb_view message;

	if (!pb_writer_view(out, &message))
		PB_BUG("a message about a token outside its bounds");
	return message;
}

static bool take_head(struct pb_cbor *in, enum type type, size_t elements)
{
	uint64_t found;

	return pb_cbor_array_of(in, elements) && pb_cbor_uint(in, UINT8_MAX, &found) && found == type;
}

/* Names of files and tokens stand in messages to people: no control characters. */
static bool take_text(struct pb_cbor *in, size_t min, char *ret_text, size_t cap)
{
	if (!pb_cbor_text_copy(in, min, ret_text, cap))
		return false;
	for (; *ret_text != '\0'; ret_text++)
		if ((unsigned char)*ret_text < ' ' || *ret_text == 0x7F)
			return false;
	return true;
}

struct pb_view pb_keyd_token_encode(const struct pb_keyd_token *token, uint8_t *ret_bytes, size_t cap)
{
	struct pb_writer out = pb_writer(ret_bytes, cap);

	pb_cbor_put_array(&out, START_ELEMENTS);
	pb_cbor_put_uint(&out, START);
	pb_cbor_put_text(&out, token->module);
	pb_cbor_put_text(&out, token->label);
	pb_cbor_put_text(&out, token->environment);
	pb_cbor_put_text(&out, token->storage);
	pb_cbor_put_text(&out, token->pin.path);
	pb_cbor_put_bool(&out, token->pin.credential);
	pb_cbor_put_bool(&out, token->spend_last_try);
	return finished(&out);
}

enum pb_status pb_keyd_token_decode(struct pb_view bytes, struct pb_keyd_token *ret_token, struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_keyd_token token = { 0 };

	if (!take_head(&in, START, START_ELEMENTS) || !take_text(&in, 1, token.module, sizeof(token.module)) ||
	    !take_text(&in, 1, token.label, sizeof(token.label)) ||
	    !take_text(&in, 0, token.environment, sizeof(token.environment)) ||
	    !take_text(&in, 0, token.storage, sizeof(token.storage)) ||
	    !take_text(&in, 0, token.pin.path, sizeof(token.pin.path)) || !pb_cbor_bool(&in, &token.pin.credential) ||
	    !pb_cbor_bool(&in, &token.spend_last_try) || !pb_cbor_end(&in))
		return pb_fail(err, PB_MESSAGE_INVALID, "which token, in %zu bytes", bytes.n);
	*ret_token = token;
	return PB_OK;
}

struct pb_view pb_keyd_pin_encode(const struct pb_secret *pin, uint8_t *ret_bytes, size_t cap)
{
	struct pb_writer out = pb_writer(ret_bytes, cap);

	pb_cbor_put_array(&out, 2);
	pb_cbor_put_uint(&out, PIN);
	pb_cbor_put_bytes(&out, pb_secret_view(pin));
	return finished(&out);
}

enum pb_status pb_keyd_pin_decode(struct pb_view bytes, struct pb_secret *ret_pin, struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_view pin;

	if (!take_head(&in, PIN, 2) || !pb_cbor_bytes(&in, 1, PB_SECRET_MAX, &pin) || !pb_cbor_end(&in))
		return pb_fail(err, PB_MESSAGE_INVALID, "a PIN, in a message that is none");
	pb_secret_set(ret_pin, pin.p, pin.n);
	return PB_OK;
}

struct pb_view pb_keyd_wanted_encode(const struct pb_token_facts *token, uint8_t *ret_bytes, size_t cap)
{
	struct pb_writer out = pb_writer(ret_bytes, cap);

	pb_cbor_put_array(&out, WANTED_ELEMENTS);
	pb_cbor_put_uint(&out, PIN_WANTED);
	pb_cbor_put_text(&out, token->label);
	pb_cbor_put_text(&out, token->serial);
	pb_cbor_put_bool(&out, token->tries_count_low);
	pb_cbor_put_bool(&out, token->last_try);
	pb_cbor_put_bool(&out, token->locked);
	return finished(&out);
}

enum pb_status pb_keyd_wanted_decode(struct pb_view bytes, struct pb_token_facts *ret_token, struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_token_facts token = { 0 };

	if (!take_head(&in, PIN_WANTED, WANTED_ELEMENTS) || !take_text(&in, 0, token.label, sizeof(token.label)) ||
	    !take_text(&in, 0, token.serial, sizeof(token.serial)) || !pb_cbor_bool(&in, &token.tries_count_low) ||
	    !pb_cbor_bool(&in, &token.last_try) || !pb_cbor_bool(&in, &token.locked) || !pb_cbor_end(&in))
		return pb_fail(err, PB_MESSAGE_INVALID, "a question about a token, in %zu bytes", bytes.n);
	*ret_token = token;
	return PB_OK;
}

static bool is_ready(struct pb_view bytes)
{
	struct pb_cbor in = pb_cbor(bytes);

	return take_head(&in, READY, 1) && pb_cbor_end(&in);
}

/* ---- the owner's side */

/* What is neither a question for the PIN nor good news. */
static enum pb_status failure_of(struct pb_view message, struct pb_err *err)
{
	struct pb_keyd_reply reply;
	enum pb_status s = pb_keyd_reply_decode(message, PB_KEYD_FAILED, &reply, err);

	if (s != PB_OK)
		return s;
	if (err != NULL)
		*err = reply.u.failure;
	return reply.u.failure.status;
}

static enum pb_status send_pin(int fd, const struct pb_token_facts *token, pb_keyd_ask_pin *ask, void *ctx, struct pb_err *err)
{
	uint8_t bytes[PB_SECRET_MAX + 8];
	PB_SECRET pin = { 0 };
	enum pb_status s;

	if (ask == NULL)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "no file with the PIN is named, systemd has given no credential, and nobody can be asked");
	s = ask(ctx, token, &pin, err);
	if (s == PB_OK && (pin.n == 0 || pin.n > PB_SECRET_MAX))
		s = pb_fail(err, PB_TOKEN_PIN, "a PIN has 1 to %d bytes; none was tried", PB_SECRET_MAX);
	if (s == PB_OK)
		s = pb_message_send(fd, pb_keyd_pin_encode(&pin, bytes, sizeof(bytes)), err);
	pb_wipe(bytes, sizeof(bytes));
	return s;
}

static enum pb_status receive(int fd, int64_t ms, uint8_t ret_bytes[static PB_MESSAGE_MAX], struct pb_view *ret_message,
			      struct pb_err *err)
{
	size_t n = 0;
	enum pb_status s = pb_message_receive(fd, pb_deadline_in(ms), ret_bytes, &n, err);

	if (s == PB_INTERRUPTED)
		return pb_fail(err, PB_PROCESS_FAILED, "no answer about a token in time");
	*ret_message = pb_view(ret_bytes, n);
	return s;
}

enum pb_status pb_keyd_token_tell(int fd, const struct pb_keyd_token *token, pb_keyd_ask_pin *ask, void *ctx, struct pb_err *err)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_token_facts facts;
	struct pb_view message;
	enum pb_status s = pb_message_send(fd, pb_keyd_token_encode(token, bytes, sizeof(bytes)), err);

	if (s == PB_OK)
		s = receive(fd, START_MS, bytes, &message, err);
	if (s == PB_OK && pb_keyd_wanted_decode(message, &facts, NULL) == PB_OK) {
		s = send_pin(fd, &facts, ask, ctx, err);
		if (s == PB_OK)
			s = receive(fd, START_MS, bytes, &message, err);
	}
	if (s != PB_OK)
		return s;
	return is_ready(message) ? PB_OK : failure_of(message, err);
}

/* ---- the process's side */

enum pb_status pb_keyd_token_hear(int fd, struct pb_keyd_token *ret_token, struct pb_err *err)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_view message;
	enum pb_status s = receive(fd, START_MS, bytes, &message, err);

	return s == PB_OK ? pb_keyd_token_decode(message, ret_token, err) : s;
}

enum pb_status pb_keyd_token_want_pin(int fd, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_view message;
	enum pb_status s = pb_message_send(fd, pb_keyd_wanted_encode(token, bytes, sizeof(bytes)), err);

	if (s == PB_OK)
		s = receive(fd, PERSON_MS, bytes, &message, err);
	if (s == PB_OK)
		s = pb_keyd_pin_decode(message, ret_pin, err);
	pb_wipe(bytes, sizeof(bytes));
	return s;
}

void pb_keyd_token_answer(int fd, const struct pb_err *failure)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));
	struct pb_view message;

	if (failure != NULL) {
		struct pb_keyd_reply reply = { .type = PB_KEYD_FAILED, .u.failure = *failure };

		message = pb_keyd_reply_encode(&reply, bytes, sizeof(bytes));
	} else {
		pb_cbor_put_array(&out, 1);
		pb_cbor_put_uint(&out, READY);
		message = finished(&out);
	}
	if (pb_message_send(fd, message, NULL) != PB_OK)
		return; /* nobody is there to be told */
}
