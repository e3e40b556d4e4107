/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line of text or one object of JSON for each card.
 */
#include "issuer/cli/tell_roll.h"

#include <stdio.h>

#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/ledger/ledger.h"

static const char *const names[] = {
	[PB_ROLL_MOVED] = "moved", [PB_ROLL_NOTED] = "noted", [PB_ROLL_NOTHING] = "nothing", [PB_ROLL_NOT_ISSUED] = "not_issued",
};

void pb_say_roll(const struct pb_roll *roll)
{
	char serial[PB_SERIAL_TEXT];

	pb_serial_format(roll->serial, serial);
	switch (roll->outcome) {
	case PB_ROLL_MOVED:
		printf(_("Card %s: new keys, %02X in place of %02X\n"), serial, roll->to, roll->from);
		return;
	case PB_ROLL_NOTED:
		printf(_("Card %s: it had the new keys %02X already, and that is noted now\n"), serial, roll->to);
		return;
	case PB_ROLL_NOTHING:
		printf(_("Card %s: it has the newest keys %02X\n"), serial, roll->to);
		return;
	case PB_ROLL_NOT_ISSUED:
		puts(_("Not an issued card of this office: it was not touched"));
		return;
	}
}

json_t *pb_roll_json(const struct pb_roll *roll, const char *reader)
{
	char serial[PB_SERIAL_TEXT] = "", from[3] = "", to[3] = "";

	if (roll->serial != 0) {
		pb_serial_format(roll->serial, serial);
		snprintf(from, sizeof(from), "%02X", roll->from);
		snprintf(to, sizeof(to), "%02X", roll->to);
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "serial", serial, "outcome", names[roll->outcome], "from", from, "to", to,
			 "reader", pb_json_text(reader));
}
