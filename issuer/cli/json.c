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

/* JSON is UTF-8, and a detail may be cut in the middle of a letter. */
static void make_text(const char *from, char *ret_text, size_t cap)
{
	struct pb_view left = pb_view_text(from);
	size_t n = 0;

	while (left.n > 0 && n + 5 <= cap) {
		size_t letter = 1;

		while (letter < 4 && letter < left.n && !pb_text_valid(pb_view(left.p, letter)))
			letter++;
		if (pb_text_valid(pb_view(left.p, letter))) {
			memcpy(ret_text + n, left.p, letter);
			n += letter;
		} else {
			letter = 1;
			ret_text[n++] = '?';
		}
		left = pb_view(left.p + letter, left.n - letter);
	}
	ret_text[n] = '\0';
}

void pb_json_error(const char *about, const struct pb_status_row *row, const char *detail)
{
	char about_text[512], detail_text[1024];

	make_text(about ? about : "", about_text, sizeof(about_text));
	make_text(detail, detail_text, sizeof(detail_text));
	pb_json_print(json_pack("{s:{s:s, s:s*, s:s, s:s, s:s, s:b}}", "error", "status", row->name, "about",
				about ? about_text : NULL, "happened", row->happened, "advice", row->advice, "detail",
				detail_text, "retry", row->retry));
}
