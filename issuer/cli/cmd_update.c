/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet update: what an office gives a shop in one file, and the shop's taking it in.  A part that is refused is a
 * negative verdict, not a failure: exit code 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/message.h"
#include "issuer/app/output.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "keys/update_file.h"

enum { NAME_LETTERS = 40 };

static const char *const words[] = {
	[PB_UPDATE_TAKEN] = N_("taken in"),
	[PB_UPDATE_PRESENT] = N_("here already"),
	[PB_UPDATE_OLDER] = N_("REFUSED: a later one is here already"),
	[PB_UPDATE_FORKED] = N_("REFUSED: another one of the same number or second is here: two people have published. Ask the office"),
	[PB_UPDATE_REFUSED] = N_("REFUSED: damaged, or signed by nobody who is trusted here"),
	[PB_UPDATE_IGNORED] = N_("passed over: it is of a later version"),
};

static const char *const outcomes[] = {
	[PB_UPDATE_TAKEN] = "taken",	 [PB_UPDATE_PRESENT] = "present", [PB_UPDATE_OLDER] = "older",
	[PB_UPDATE_FORKED] = "forked", [PB_UPDATE_REFUSED] = "refused", [PB_UPDATE_IGNORED] = "ignored",
};

int pb_cmd_update_export(struct pb_call *call)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s = pb_update_export(pb_app_trust_directory(&call->app.config, directory), &bytes, &n, &call->err);

	if (s == PB_OK)
		s = pb_output_write(call->words[0], pb_view(bytes, n), &call->err);
	free(bytes);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:I}", "file", call->words[0], "bytes", (json_int_t)n));
	else
		printf(_("Written: %s, %zu bytes. Give it to whoever verifies cards; any channel will do.\n"), call->words[0], n);
	return PB_EXIT_OK;
}

struct telling {
	json_t *array; /* NULL: in words */
	long refused;
};

static void tell(void *ctx, const struct pb_update_part *part)
{
	struct telling *telling = ctx;
	bool refused = part->outcome == PB_UPDATE_OLDER || part->outcome == PB_UPDATE_FORKED || part->outcome == PB_UPDATE_REFUSED;

	telling->refused += refused;
	if (telling->array != NULL) {
		json_array_append_new(telling->array, json_pack("{s:s, s:s, s:s, s:s}", "kind", pb_update_kind_name(part->kind), "name",
								part->name, "outcome", outcomes[part->outcome], "fault", part->fault));
		return;
	}
	pb_say_padded(part->name[0] != '\0' ? part->name : pb_update_kind_name(part->kind), NAME_LETTERS);
	puts(_(words[part->outcome]));
	if (part->outcome == PB_UPDATE_REFUSED)
		printf(_("  Detail: %s\n"), part->words);
}

int pb_cmd_update_import(struct pb_call *call)
{
	struct telling telling = { .array = call->json ? json_array() : NULL };
	char directory[PB_TRUST_DIRECTORY_CAP];
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s = pb_read_path(call->words[0], PB_UPDATE_MAX, &bytes, &n, &call->err);

	if (s == PB_OK)
		s = pb_update_import(pb_app_trust_directory(&call->app.config, directory), pb_view(bytes, n), tell, &telling, &call->err);
	free(bytes);
	if (s != PB_OK) {
		json_decref(telling.array);
		return pb_say_error(call, NULL, s);
	}
	if (telling.array != NULL)
		pb_json_print(json_pack("{s:I, s:o}", "refused", (json_int_t)telling.refused, "parts", telling.array));
	return telling.refused > 0 ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}
