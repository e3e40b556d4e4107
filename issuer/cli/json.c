/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON on stdout.
 */
#include "issuer/cli/json.h"

#include <stdio.h>

void pb_json_print(json_t *object)
{
	if (!object)
		PB_BUG("a result that jansson cannot hold");
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

void pb_json_error(const char *about, const struct pb_status_row *row, const struct pb_err *err)
{
	pb_json_print(json_pack("{s:{s:s, s:s*, s:s, s:s, s:s, s:b}}", "error", "status", row->name, "about", about, "happened",
				row->happened, "advice", row->advice, "detail", err->msg, "retry", row->retry));
}
