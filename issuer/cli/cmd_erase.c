/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet members erase: everything of one person, with the papers that prove it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/erase.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/dialogue.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/register/register.h"

static bool read_reason(const char *name, enum pb_reason *ret_reason)
{
	return name && pb_reason_parse(name, ret_reason) && *ret_reason >= PB_REASON_CONSENT;
}

/* The whole name, so that nobody is taken for another.  One who is not there needs no question: at most an erasure
 * that was confirmed before is finished. */
static enum pb_status confirm(struct pb_call *call, const char *number)
{
	struct pb_dialogue dialogue = PB_DIALOGUE_NONE;
	char shown[PB_MEMBER_NUMBER_SHOWN_CAP];
	struct pb_member member;
	enum pb_status s = pb_register_find_member(call->app.office.members, number, &member, &call->err);

	if (s != PB_OK || pb_call_switch(call, "yes")) {
		pb_err_clear(&call->err);
		return s == PB_NOT_FOUND ? PB_OK : s;
	}
	s = pb_dialogue_open(NULL, &dialogue, &call->err);
	if (s != PB_OK)
		return s;
	pb_member_number_show(number, shown);
	pb_dialogue_say(&dialogue, _("%s %s %s, member number %s: all data, photo and signed records will be destroyed for good.\n"),
			member.surname, member.name, member.patronymic, shown);
	s = pb_dialogue_confirm(&dialogue, _("Destroy them? (yes/no)"), &call->err);
	pb_dialogue_close(&dialogue);
	return s;
}

static void say_result(const struct pb_call *call, const struct pb_erase_result *result)
{
	if (call->json) {
		pb_json_print(json_pack("{s:b, s:b, s:I, s:I, s:s}", "erased", result->done, "resumed", result->resumed, "entry",
					(json_int_t)result->entry, "photo_files", (json_int_t)result->photos, "papers",
					result->papers));
		return;
	}
	if (result->resumed)
		puts(_("An erasure that had been interrupted is finished."));
	if (result->photos > 0)
		printf(_("Files of the photo destroyed: %zu\n"), result->photos);
	printf(_("The person's data is destroyed: ledger entry %llu. Act and extract of the ledger are in %s: print and sign them, keep them for three years.\n"),
	       (unsigned long long)result->entry, result->papers);
	puts(_("Lists, printed faces, traces and backups made before are yours to destroy."));
}

static int erase(struct pb_call *call, const struct pb_erasure_order *order)
{
	struct pb_erase_result result = { 0 };
	enum pb_status s = confirm(call, order->member_number);

	if (s == PB_OK)
		s = pb_app_erase(&call->app, order, &result, &call->err);
	if (s == PB_NOT_FOUND && result.resumed)
		s = PB_OK;
	if (s == PB_OK) {
		say_result(call, &result);
		return PB_EXIT_OK;
	}
	if (result.resumed && !call->json)
		puts(_("An erasure that had been interrupted is finished."));
	pb_say_error(call, call->words[0], s);
	if (s == PB_CARD_EXISTS)
		fprintf(stderr, "  %s\n", _("End the card first: profbilet cards lost SERIAL --reason returned, or profbilet cards spoil SERIAL for a half-written one. Then run this command again."));
	return pb_status_row(s)->exit_code;
}

int pb_cmd_members_erase(struct pb_call *call)
{
	const char *papers = pb_call_option(call, "papers"), *photos = pb_call_option(call, "photos"), *by = pb_call_option(call, "by");
	char papers_path[PATH_MAX], photos_path[PATH_MAX] = "", number[PB_MEMBER_NUMBER_CAP];
	struct pb_erasure_order order = { .member_number = number, .actor = "", .executor = by ? by : "", .papers = papers_path,
					  .photos = photos_path };
	enum pb_status s;

	if (!read_reason(pb_call_option(call, "reason"), &order.reason))
		return pb_say_usage(call, _("--reason takes consent, purpose, term or unlawful"));
	if (!papers)
		return pb_say_usage(call, _("--papers names the folder for act and extract"));
	s = pb_member_number_parse(call->words[0], pb_register_rule(call->app.office.members), number, &call->err);
	if (s == PB_OK && !realpath(papers, papers_path))
		s = pb_fail(&call->err, PB_FILE_UNWRITABLE, "no such folder: %s", papers);
	if (s == PB_OK && photos && !realpath(photos, photos_path))
		s = pb_fail(&call->err, PB_FILE_UNREADABLE, "no such folder: %s", photos);
	return s == PB_OK ? erase(call, &order) : pb_say_error(call, call->words[0], s);
}
