/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet blanks key: one blank after another is given the office's keys.
 */
#include <stdio.h>
#include <stdlib.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/stations.h"
#include "issuer/core/blank.h"

enum { BLANKS_MAX = 1000000 };

static enum pb_status key_next(struct pb_call *call, struct pb_station *station, bool *ret_already)
{
	struct pb_card_identity card;
	enum pb_status s = pb_station_offer(station, call->app.office.policy.card_wait_ms, &card, &call->err);

	if (s == PB_OK)
		s = pb_blank_give_keys(&call->app.office, station, &card, ret_already, &call->err);
	return s == PB_OK ? pb_station_eject(station, &call->err) : s;
}

/* A blank that fails stops the row: what is on the reader then is looked at by a person. */
static enum pb_status key_blanks(struct pb_call *call, struct pb_station *station, long wanted, long *ret_keyed)
{
	enum pb_status s = PB_OK;

	for (*ret_keyed = 0; s == PB_OK && *ret_keyed < wanted;) {
		bool already = false;

		s = key_next(call, station, &already);
		if (s != PB_OK)
			break;
		++*ret_keyed;
		if (already && !call->json)
			fprintf(stderr, "%s\n", _("This blank had the office's keys already."));
		pb_say_progress(_("Keys given"), (unsigned)*ret_keyed, (unsigned)wanted);
	}
	return s;
}

static bool read_count(const struct pb_call *call, long *ret_count)
{
	char *end;

	*ret_count = strtol(call->words[0], &end, 10);
	return end != call->words[0] && *end == '\0' && *ret_count >= 1 && *ret_count <= BLANKS_MAX;
}

int pb_cmd_blanks_key(struct pb_call *call)
{
	struct pb_stations stations = { .count = 0 };
	long wanted, keyed = 0;
	enum pb_status s;

	if (!read_count(call, &wanted))
		return pb_say_usage(call, _("%s is not a number of blanks"), call->words[0]);
	s = pb_stations_start(call, pb_call_option(call, "reader"), false, NULL, &stations);
	if (s == PB_OK)
		s = key_blanks(call, stations.station[0], wanted, &keyed);
	pb_stations_stop(&stations);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:I}", "keyed", (json_int_t)keyed));
	else
		printf(_("Blanks that have the office's keys now: %ld\n"), keyed);
	return PB_EXIT_OK;
}
