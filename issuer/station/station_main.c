/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-station READER [TRACE]: serves one reader over the socket it was given, until that closes.
 * Started by issuer/station/station.c, never by hand.  Everything else its owner has open was closed
 * before it started; it opens the PC/SC service and, when told to, the trace.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/message.h"
#include "base/process.h"
#include "base/secret.h"
#include "issuer/reader/pcsc.h"
#include "issuer/reader/trace.h"
#include "issuer/station/serve.h"

enum { LOOK_MS = 3600 * 1000 };

static enum pb_status serve(struct pb_station_server *server, struct pb_err *err)
{
	uint8_t asked[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];

	for (;;) {
		size_t n;
		enum pb_status s = pb_message_receive(PB_PROCESS_FD, pb_deadline_in(LOOK_MS), asked, &n, err);

		if (s == PB_INTERRUPTED)
			continue; /* an owner may be idle for long */
		if (s != PB_OK)
			return s;
		s = pb_message_send(PB_PROCESS_FD,
				    pb_station_serve(server, pb_view(asked, n), answered, sizeof(answered)), err);
		pb_wipe(asked, n);
		if (s != PB_OK)
			return s;
	}
}

static enum pb_status open_reader(int argc, char *const argv[], struct pb_reader **ret_reader, struct pb_err *err)
{
	struct pb_reader *reader = pb_pcsc_create(argv[1]);
	enum pb_status s;

	if (!reader)
		return pb_fail(err, PB_NO_MEMORY, "reader");
	*ret_reader = reader;
	if (argc < 3)
		return PB_OK;
	s = pb_trace_create(reader, argv[2], ret_reader, err);
	if (s != PB_OK)
		pb_reader_destroy(reader);
	return s;
}

int main(int argc, char *argv[])
{
	struct pb_station_server server;
	struct pb_reader *reader;
	struct pb_err err;
	enum pb_status s;

	pb_process_harden();
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "profbilet-station is started by profbilet and profbiletd\n");
		return pb_status_row(PB_USAGE)->exit_code;
	}
	s = open_reader(argc, argv, &reader, &err);
	if (s != PB_OK) {
		fprintf(stderr, "profbilet-station: %s\n", err.msg);
		return pb_status_row(s)->exit_code;
	}
	pb_station_server_init(&server, reader);
	(void)serve(&server, &err); /* ends when the owner closes its end: nothing to report */
	pb_station_server_finish(&server);
	pb_reader_destroy(reader);
	return 0;
}
