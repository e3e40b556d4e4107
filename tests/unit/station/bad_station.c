/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A station process that behaves as its first argument says, for test_kill.c:
 *
 *     good      offers a foreign card, does everything else at once
 *     silent    reads requests and never answers
 *     deaf      does not even read
 *     garbage   answers with bytes that are no message
 *     wrong     answers each request with the reply of another
 *     gone      ends at the first request
 *     chatty    answers twice
 */
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/process.h"
#include "issuer/station/messages.h"

static void say(struct pb_view bytes)
{
	if (pb_message_send(PB_PROCESS_FD, bytes, NULL) != PB_OK)
		_exit(1);
}

static void answer(const char *mode, const struct pb_station_request *request)
{
	struct pb_station_reply reply = { .type = request->type == PB_ASK_OFFER ? PB_SAY_OFFER : PB_SAY_DONE };
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_view message;

	if (!strcmp(mode, "silent"))
		return;
	if (!strcmp(mode, "gone"))
		_exit(3);
	if (!strcmp(mode, "wrong"))
		reply.type = PB_SAY_KEY;
	message = pb_station_reply_encode(&reply, bytes, sizeof(bytes));
	if (!strcmp(mode, "garbage"))
		message = pb_view("\x81\x18", 2);
	say(message);
	if (!strcmp(mode, "chatty"))
		say(message);
}

int main(int argc, char *argv[])
{
	const char *mode = argc > 1 ? argv[1] : "";
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_station_request request;
	size_t n;

	pb_process_harden();
	while (strcmp(mode, "deaf") ? 1 : pause())
		if (pb_message_receive(PB_PROCESS_FD, pb_deadline_in(60000), bytes, &n, NULL) != PB_OK ||
		    pb_station_request_decode(pb_view(bytes, n), &request, NULL) != PB_OK)
			return 0;
		else
			answer(mode, &request);
	return 0;
}
