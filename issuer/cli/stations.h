/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stations a command works with, by its words: --reader NAME, --all-readers, or the only reader.
 * Each is a process of its own (issuer/station/), stopped at the end of the command.
 */
#ifndef PROFBILET_ISSUER_CLI_STATIONS_H
#define PROFBILET_ISSUER_CLI_STATIONS_H

#include "issuer/cli/command.h"

struct pb_stations {
	struct pb_station *station[PB_READERS_MAX];
	char name[PB_READERS_MAX][PB_READER_NAME_MAX];
	size_t count;
};

/* `reader` NULL: the only one, or every one with `all`.  Says nothing; the status is the caller's to say. */
PB_MUST_USE enum pb_status pb_stations_start(struct pb_call *call, const char *reader, bool all, const char *trace_path,
					     struct pb_stations *ret_stations);
void pb_stations_stop(struct pb_stations *stations);

#endif
