/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet backup and profbilet restore: the whole office, away and back.  (Its keys: profbilet keys restore.)
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "issuer/app/backup.h"
#include "issuer/app/restore.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"

int pb_cmd_backup(struct pb_call *call)
{
	struct pb_backup_result result;
	enum pb_status s = pb_app_backup(&call->app, call->words[0], pb_call_option(call, "to"), &result, &call->err);

	if (s != PB_OK) {
		int code = pb_say_error(call, call->words[0], s);

		if (s == PB_FILE_UNREADABLE && !pb_call_option(call, "to"))
			fprintf(stderr, "  %s\n", _("An office from before ceremonies made a key for backups names one that its custodians keep: --to CERTIFICATE."));
		return code;
	}
	if (call->json) {
		pb_json_print(json_pack("{s:s, s:I, s:I, s:I, s:s}", "backup", call->words[0], "parts", (json_int_t)result.parts, "bytes",
					(json_int_t)result.bytes, "entries", (json_int_t)result.entries, "certificate", result.to));
		return PB_EXIT_OK;
	}
	printf(_("The office is in %s: %zu parts, %llu KB, ledger of %llu entries; each part was read back and compared.\n"),
	       call->words[0], result.parts, (unsigned long long)(result.bytes / 1024), (unsigned long long)result.entries);
	printf(_("Only the custodians' key opens it; certificate %s.\n"), result.to);
	return PB_EXIT_OK;
}

static void say_restored(const char *folder, const struct pb_restore_result *result)
{
	char serial[PB_SERIAL_TEXT] = "-", when[PB_WHEN_TEXT];

	pb_when(result->last_time, 0, when);
	if (result->last_serial != 0)
		pb_serial_format(result->last_serial, serial);
	printf(_("The office is restored in %s. Its ledger, as of %s UTC, goes on as %s: give the new name to its witnesses and auditors.\n"),
	       folder, when, result->after);
	printf(_("Not in it: cards begun after serial %s, and losses reported after that time. Enter the losses again, and follow the issuer's key with another before new cards are made: profbilet keys rotate.\n"),
	       serial);
	puts(_("Data that was destroyed after that time is back: carry out each act of destruction of a later date again."));
}

/* The names must hold wherever this process and its children stand. */
static enum pb_status absolute(const char *path, char ret_path[static PATH_MAX], struct pb_err *err)
{
	char here[PATH_MAX];

	if (path[0] != '/' && !getcwd(here, sizeof(here)))
		return pb_fail(err, PB_FILE_UNREADABLE, "the present folder");
	if (snprintf(ret_path, PATH_MAX, "%s%s%s", path[0] == '/' ? "" : here, path[0] == '/' ? "" : "/", path) >= PATH_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	return PB_OK;
}

int pb_cmd_restore(struct pb_call *call)
{
	const char *keys = pb_call_option(call, "keys");
	struct pb_restore_result result;
	char folder[PATH_MAX];
	enum pb_status s;

	if (!keys)
		return pb_say_usage(call, _("--keys names the folder that profbilet keys restore --with-root has made"));
	s = absolute(call->words[1], folder, &call->err);
	if (s == PB_OK)
		s = pb_app_restore(call->words[0], keys, folder, &call->prompt, &result, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, call->words[0], s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "office", call->words[1], "old_origin", result.before, "origin",
					result.after, "entries", (json_int_t)result.entries, "last_serial",
					(json_int_t)result.last_serial, "as_of", (json_int_t)result.last_time));
	else
		say_restored(call->words[1], &result);
	return PB_EXIT_OK;
}
