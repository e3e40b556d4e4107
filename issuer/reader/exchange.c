/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The way every plain command takes.
 */
#include "issuer/reader/exchange.h"

#include "issuer/iso7816/sw.h"

enum pb_status pb_exchange(struct pb_reader *reader, const char *step, const struct pb_apdu *command,
			   struct pb_answer *ret_answer, struct pb_err *err)
{
	return pb_exchange_long(reader, step, command, ret_answer->bytes, sizeof(ret_answer->bytes), &ret_answer->response, err);
}

enum pb_status pb_exchange_long(struct pb_reader *reader, const char *step, const struct pb_apdu *command, uint8_t *room,
				size_t cap, struct pb_response *ret_response, struct pb_err *err)
{
	uint8_t bytes[PB_COMMAND_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_view sent;
	enum pb_status s;
	size_t n;

	pb_apdu_put(&writer, command);
	if (!pb_writer_view(&writer, &sent))
		PB_BUG("a command longer than a short APDU");
	s = pb_reader_transmit_long(reader, sent, room, cap, &n, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", step);
	if (!pb_response_parse(pb_view(room, n), ret_response))
		PB_BUG("a reader gave an answer without a status word");
	return PB_OK;
}

enum pb_status pb_exchange_ok(struct pb_reader *reader, const char *step, const struct pb_apdu *command,
			      struct pb_answer *ret_answer, struct pb_err *err)
{
	enum pb_status s = pb_exchange(reader, step, command, ret_answer, err);

	if (s == PB_OK && ret_answer->response.sw != SW_OK)
		return pb_sw_fail(err, step, ret_answer->response.sw);
	return s;
}

enum pb_status pb_exchange_select(struct pb_reader *reader, struct pb_view aid, struct pb_answer *ret_answer,
				  struct pb_err *err)
{
	const struct pb_apdu select = { CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, P2_SELECT_FCI, aid, APDU_RESPONSE_MAX };

	return pb_exchange(reader, "SELECT", &select, ret_answer, err);
}
