/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON on stdout.
 */
#include "issuer/cli/json.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void pb_json_print(json_t *object)
{
	if (!object)
		PB_BUG("a result that jansson cannot hold");
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

json_t *pb_json_text(const char *bytes)
{
	enum { TEXT_MAX = 1024 };
	char text[TEXT_MAX];

	pb_text_mend(bytes, text, sizeof(text));
	return json_string(text);
}

void pb_json_error(const char *about, const struct pb_status_row *row, const char *detail)
{
	pb_json_print(json_pack("{s:{s:s, s:o*, s:s, s:s, s:o, s:b}}", "error", "status", row->name, "about",
				about ? pb_json_text(about) : NULL, "happened", row->happened, "advice", row->advice, "detail",
				pb_json_text(detail), "retry", row->retry));
}
