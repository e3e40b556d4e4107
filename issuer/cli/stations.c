/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting stations.
 */
#include "issuer/cli/stations.h"

#include <stdio.h>

static enum pb_status start_one(struct pb_call *call, const char *name, const char *trace_path, struct pb_stations *stations)
{
	size_t i = stations->count;
	enum pb_status s = pb_app_start_station(&call->app, name, trace_path, &stations->station[i], &call->err);

	if (s != PB_OK)
		return pb_wrap(&call->err, s, "%s", name);
	snprintf(stations->name[i], sizeof(stations->name[i]), "%s", name);
	stations->count++;
	return PB_OK;
}

enum pb_status pb_stations_start(struct pb_call *call, const char *reader, bool all, const char *trace_path,
				 struct pb_stations *ret_stations)
{
	struct pb_reader_list list = { .count = 0 };
	enum pb_status s;

	*ret_stations = (struct pb_stations){ .count = 0 };
	if (!all)
		return start_one(call, reader ? reader : "", trace_path, ret_stations);
	s = pb_app_readers(&call->app, &list, &call->err);
	for (size_t i = 0; s == PB_OK && i < list.count; i++)
		s = start_one(call, list.names[i], trace_path, ret_stations);
	if (s != PB_OK)
		pb_stations_stop(ret_stations);
	return s;
}

void pb_stations_stop(struct pb_stations *stations)
{
	for (size_t i = 0; i < stations->count; i++)
		pb_station_stop(stations->station[i]);
	stations->count = 0;
}
