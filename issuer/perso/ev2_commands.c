/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What protects a command is put on before and taken off behind; who fails in either has no session any more.
 */
#include "issuer/perso/ev2_commands.h"

#include <string.h>

#include "card-applet-spec/applet.h"
#include "issuer/iso7816/sw.h"

enum pb_status pb_ev2_ask_challenge(struct pb_reader *reader, uint8_t number, bool first,
				    uint8_t ret_challenge[static PB_EV2_CHALLENGE], struct pb_err *err)
{
	const uint8_t field[] = { number, 0 }; /* the second: no capabilities */
	struct pb_answer answer;
	enum pb_status s = pb_native_expect(reader, "AuthenticateEV2",
					    first ? PB_NATIVE_AUTHENTICATE_FIRST : PB_NATIVE_AUTHENTICATE_NEXT,
					    pb_view(field, first ? 2 : 1), PB_NATIVE_MORE, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n != PB_EV2_CHALLENGE)
		return pb_fail(err, PB_CARD_PROTOCOL, "AuthenticateEV2: %zu bytes", answer.response.data.n);
	memcpy(ret_challenge, answer.response.data.p, PB_EV2_CHALLENGE);
	return PB_OK;
}

enum pb_status pb_ev2_give_response(struct pb_reader *reader, bool first, const uint8_t response[static PB_EV2_RESPONSE],
				    uint8_t ret_answer[static PB_EV2_ANSWER_FIRST], struct pb_err *err)
{
	const size_t n = first ? PB_EV2_ANSWER_FIRST : PB_EV2_ANSWER_NEXT;
	struct pb_answer answer;
	enum pb_status s = pb_native_ask(reader, "AuthenticateEV2", PB_NATIVE_ADDITIONAL_FRAME,
					 pb_view(response, PB_EV2_RESPONSE), &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.sw == PB_NATIVE_AUTHENTICATION)
		return pb_fail_sw(err, PB_CARD_KEYS, answer.response.sw, "AuthenticateEV2: the card has another key");
	if (answer.response.sw != PB_NATIVE_OK)
		return pb_sw_fail(err, "AuthenticateEV2", answer.response.sw);
	if (answer.response.data.n != n)
		return pb_fail(err, PB_CARD_PROTOCOL, "AuthenticateEV2: %zu bytes", answer.response.data.n);
	memcpy(ret_answer, answer.response.data.p, n);
	return PB_OK;
}

enum pb_status pb_ev2_first_words(struct pb_reader *reader, uint8_t number, struct pb_view versions,
				  struct pb_card_words *ret_words, struct pb_err *err)
{
	struct pb_writer writer = pb_writer(ret_words->bytes, sizeof(ret_words->bytes));
	uint8_t challenge[PB_EV2_CHALLENGE];
	enum pb_status s = pb_ev2_ask_challenge(reader, number, true, challenge, err);

	if (s != PB_OK)
		return s;
	pb_put_u8(&writer, number);
	pb_put_u8(&writer, (uint8_t)versions.n);
	pb_put_view(&writer, versions);
	pb_put(&writer, challenge, sizeof(challenge));
	ret_words->n = writer.n;
	return PB_OK;
}

enum pb_status pb_ev2_next_words(struct pb_reader *reader, struct pb_view say, struct pb_card_words *ret_words,
				 struct pb_err *err)
{
	if (say.n != PB_EV2_RESPONSE)
		return pb_fail(err, PB_INPUT_INVALID, "AuthenticateEV2: a response of %zu bytes", say.n);
	ret_words->n = PB_EV2_ANSWER_FIRST;
	return pb_ev2_give_response(reader, true, say.p, ret_words->bytes, err);
}

enum pb_status pb_ev2_ask(struct pb_reader *reader, struct pb_ev2_session *session, const char *step,
			  const struct pb_ev2_command *command, uint8_t *ret_data, size_t *ret_n, struct pb_err *err)
{
	uint8_t field[APDU_DATA_MAX];
	struct pb_writer writer = pb_writer(field, sizeof(field));
	struct pb_answer answer;
	enum pb_status s = pb_ev2_wrap(session, command, &writer, err);

	if (s == PB_OK)
		s = pb_native_expect(reader, step, command->ins, pb_view(field, writer.n), PB_NATIVE_OK, &answer, err);
	if (s != PB_OK) {
		pb_ev2_session_wipe(session); /* the card has ended it, or nobody knows */
		return s;
	}
	s = pb_ev2_unwrap(session, command->mode, PB_EV2_OK, answer.response.data, ret_data, ret_n, err);
	return s == PB_OK ? s : pb_wrap(err, s, "%s", step);
}

enum pb_status pb_ev2_do(struct pb_reader *reader, struct pb_ev2_session *session, const char *step,
			 const struct pb_ev2_command *command, struct pb_err *err)
{
	uint8_t data[PB_EV2_ANSWER_MAX];
	size_t n;
	enum pb_status s = pb_ev2_ask(reader, session, step, command, data, &n, err);

	if (s == PB_OK && n != 0)
		return pb_fail(err, PB_CARD_PROTOCOL, "%s: %zu bytes more than asked for", step, n);
	return s;
}

enum pb_status pb_ev2_write(struct pb_reader *reader, struct pb_ev2_session *session, uint8_t file, size_t offset,
			    struct pb_view data, enum pb_ev2_mode mode, struct pb_err *err)
{
	uint8_t head[PB_NATIVE_FILE_HEAD];
	struct pb_writer writer = pb_writer(head, sizeof(head));
	const struct pb_ev2_command command = { PB_NATIVE_WRITE_DATA, PB_VIEW(head), data, mode };

	pb_put_u8(&writer, file);
	pb_native_put_le24(&writer, (uint32_t)offset);
	pb_native_put_le24(&writer, (uint32_t)data.n);
	return pb_ev2_do(reader, session, "WriteData", &command, err);
}

enum pb_status pb_ev2_change_key(struct pb_reader *reader, struct pb_ev2_session *session, bool own, struct pb_view field,
				 struct pb_err *err)
{
	struct pb_answer answer;
	uint8_t data[PB_EV2_ANSWER_MAX];
	enum pb_status s = pb_native_expect(reader, "ChangeKey", PB_EV2_CHANGE_KEY, field, PB_NATIVE_OK, &answer, err);
	size_t n;

	if (s != PB_OK || own) {
		pb_ev2_session_wipe(session);
		return s;
	}
	s = pb_ev2_unwrap(session, PB_EV2_FULL, PB_EV2_OK, answer.response.data, data, &n, err);
	return s == PB_OK ? s : pb_wrap(err, s, "ChangeKey");
}

enum pb_status pb_ev2_give_keys(struct pb_reader *reader, struct pb_ev2_session *session, struct pb_view keys,
				struct pb_err *err)
{
	struct pb_cursor in = pb_cursor(keys);
	struct pb_view field;
	enum pb_status s = PB_OK;

	if (keys.n == 0 || keys.n % PB_EV2_CHANGE_KEY_MAX != 0)
		return pb_fail(err, PB_INPUT_INVALID, "ChangeKey: keys of %zu bytes", keys.n);
	while (s == PB_OK && pb_take(&in, PB_EV2_CHANGE_KEY_MAX, &field))
		s = pb_ev2_change_key(reader, session, field.p[0] == 0, field, err);
	return s;
}
