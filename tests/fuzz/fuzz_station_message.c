/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both ends of a station's socket: requests of any bytes to the station, replies of any bytes to its
 * owner.  What a decoder accepts, the encoder writes back the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/message.h"
#include "issuer/reader/replay.h"
#include "issuer/station/messages.h"
#include "issuer/station/serve.h"

static void as_request(struct pb_view bytes)
{
	struct pb_station_request request;
	uint8_t again[PB_MESSAGE_MAX];

	if (pb_station_request_decode(bytes, &request, NULL) == PB_OK &&
	    !pb_view_equal(pb_station_request_encode(&request, again, sizeof(again)), bytes))
		abort();
}

static void as_reply(struct pb_view bytes)
{
	struct pb_station_reply reply;
	uint8_t again[PB_MESSAGE_MAX];

	for (int expected = PB_SAY_DONE; expected <= PB_SAY_CHIP; expected++)
		if (pb_station_reply_decode(bytes, (enum pb_message_type)expected, &reply, NULL) == PB_OK &&
		    !pb_view_equal(pb_station_reply_encode(&reply, again, sizeof(again)), bytes))
			abort();
}

/* The station answers anything with a reply that its owner understands. */
static void as_served(struct pb_view bytes)
{
	static const uint8_t answers[] = { 0x02, 0x90, 0x00, 0x02, 0x6A, 0x82 };
	struct pb_reader *reader = pb_replay_create_hostile(PB_VIEW(answers));
	struct pb_station_server server;
	struct pb_station_reply reply;
	uint8_t answered[PB_MESSAGE_MAX];
	struct pb_view answer;
	bool understood = false;

	pb_station_server_init(&server, reader);
	answer = pb_station_serve(&server, bytes, answered, sizeof(answered));
	for (int expected = PB_SAY_DONE; expected <= PB_SAY_CHIP; expected++)
		understood = understood ||
			     pb_station_reply_decode(answer, (enum pb_message_type)expected, &reply, NULL) == PB_OK;
	if (!understood)
		abort();
	pb_station_server_finish(&server);
	pb_reader_destroy(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > PB_MESSAGE_MAX)
		return 0;
	as_request(pb_view(data, size));
	as_reply(pb_view(data, size));
	as_served(pb_view(data, size));
	return 0;
}
