/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The station's side of its messages: does with one reader what one request asks, and words the reply.
 * Not for deadlines or sockets: station_main.c.
 */
#ifndef PROFBILET_ISSUER_STATION_SERVE_H
#define PROFBILET_ISSUER_STATION_SERVE_H

#include "base/bytes.h"
#include "issuer/perso/perso.h"
#include "issuer/reader/reader.h"

struct pb_station_server {
	struct pb_reader *reader; /* borrowed */
	struct pb_perso perso;
	struct pb_reader_card card; /* the one offered, until it is ejected; then without an ATR */
	bool own;		    /* it has our application */
};

void pb_station_server_init(struct pb_station_server *server, struct pb_reader *reader);
void pb_station_server_finish(struct pb_station_server *server);

/* Any bytes are answered, with PB_SAY_FAILED when they make no sense. */
struct pb_view pb_station_serve(struct pb_station_server *server, struct pb_view request, uint8_t *ret_bytes,
				size_t cap);

#endif
