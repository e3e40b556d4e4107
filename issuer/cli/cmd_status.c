/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet status: sign the lists of refused cards anew, and show those of a trust folder.
 */
#include <stdio.h>

#include "issuer/app/publish_status.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "keys/status_folder.h"

enum { DAY = 86400, WEEK = 7, MONTH = 30, NAME_LETTERS = 30 };

int pb_cmd_status_publish(struct pb_call *call)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	struct pb_status_publication done;
	enum pb_status s = pb_app_publish_status(&call->app, &done, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	pb_app_trust_directory(&call->app.config, directory);
	if (call->json)
		pb_json_print(json_pack("{s:I, s:I, s:I, s:I, s:s}", "lists", (json_int_t)done.lists, "signed",
					(json_int_t)done.signed_now, "refused", (json_int_t)done.refused, "issued_at",
					(json_int_t)done.issued_at, "directory", directory));
	else if (done.signed_now == 0)
		printf(_("Nothing to sign: the status lists in %s are of today and say what the ledger says.\n"), directory);
	else
		printf(_("Status lists published in %s: %lu, cards refused: %llu.\n"), directory, (unsigned long)done.lists,
		       (unsigned long long)done.refused);
	return PB_EXIT_OK;
}

static json_t *list_as_json(const struct pb_status_list *list, int64_t now)
{
	return json_pack("{s:s, s:I, s:s, s:b, s:I, s:I, s:I, s:b, s:I}", "issuer", list->issuer, "number", (json_int_t)list->number,
			 "uri", list->uri, "test", list->test, "issued_at", (json_int_t)list->issued_at, "expires",
			 (json_int_t)list->expires, "age", (json_int_t)(now - list->issued_at), "old", now > list->expires, "refused",
			 (json_int_t)pb_status_list_refused(list));
}

static void say_list(const struct pb_status_list *list, int64_t now)
{
	long long days = now > list->issued_at ? (now - list->issued_at) / DAY : 0;
	char name[PB_STATUS_FILE_CAP];

	(void)snprintf(name, sizeof(name), "%s/%lu", list->issuer, (unsigned long)list->number);
	pb_say_padded(name, NAME_LETTERS);
	printf(ngettext("%s %lld day old, cards refused: %lu%s\n", "%s %lld days old, cards refused: %lu%s\n", (unsigned long)days),
	       list->test ? "TEST" : "    ", days, (unsigned long)pb_status_list_refused(list),
	       days > MONTH ? _("  CAUTION: old") : days > WEEK ? _("  bring a newer one") : "");
}

int pb_cmd_status_show(struct pb_call *call)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	int64_t now = pb_clock_now(&pb_clock_system);
	struct pb_statuses *statuses = NULL;
	json_t *array;
	enum pb_status s = pb_statuses_load(pb_app_trust_directory(&call->app.config, directory), &statuses, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	array = json_array();
	for (size_t i = 0; i < pb_statuses_count(statuses); i++) {
		if (call->json)
			json_array_append_new(array, list_as_json(pb_statuses_list(statuses, i), now));
		else
			say_list(pb_statuses_list(statuses, i), now);
	}
	if (call->json)
		pb_json_print(json_pack("{s:O}", "lists", array));
	else if (pb_statuses_count(statuses) == 0)
		puts(_("No status list is here: lost cards are not noticed."));
	json_decref(array);
	pb_statuses_destroy(statuses);
	return PB_EXIT_OK;
}
