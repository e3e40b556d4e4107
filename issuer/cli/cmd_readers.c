/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet readers: which card readers this computer has.
 */
#include <stdio.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/say.h"

int pb_cmd_readers_list(struct pb_call *call)
{
	struct pb_reader_list list;
	json_t *array;
	enum pb_status s = pb_app_readers(&call->app, &list, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	array = json_array();
	for (size_t i = 0; i < list.count; i++) {
		json_array_append_new(array, pb_json_text(list.names[i]));
		if (!call->json)
			puts(list.names[i]);
	}
	if (call->json)
		pb_json_print(json_pack("{s:O}", "readers", array));
	json_decref(array);
	return PB_EXIT_OK;
}
