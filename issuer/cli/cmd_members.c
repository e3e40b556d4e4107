/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet members: take lists in, list members, show one with their cards.  And organisations list.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/import.h"
#include "issuer/store/store.h"

/* ---- import */

static const char *const outcome_names[PB_IMPORT_OUTCOMES] = { "added", "updated", "unchanged", "duplicate", "refused" };
static const char *const outcome_words[PB_IMPORT_OUTCOMES] = { N_("added"), N_("updated"), N_("unchanged"), N_("duplicate"),
							       N_("refused") };

struct report {
	const struct pb_call *call;
	bool every_row;
	json_t *rows; /* with --json */
};

static void say_note(const struct pb_import_note *note)
{
	const struct pb_fault_row *fault = pb_fault_row(note->fault);

	printf("    ");
	if (note->heading[0] != '\0')
		printf("%s", note->heading);
	if (note->value[0] != '\0')
		printf(" «%s»", note->value);
	if (note->became[0] != '\0')
		printf(" → «%s»", note->became);
	printf("%s%s", note->heading[0] || note->value[0] ? ": " : "", _(fault->happened));
	if (note->other_row > 0)
		printf(_(" (row %d)"), note->other_row);
	if (fault->advice[0] != '\0')
		printf(" %s", _(fault->advice));
	putchar('\n');
}

static json_t *note_as_json(const struct pb_import_note *note)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:i}", "fault", pb_fault_row(note->fault)->name, "column", note->column, "heading",
			 note->heading, "value", note->value, "became", note->became, "other_row", note->other_row);
}

static void keep_row(struct report *report, const struct pb_import_row *row)
{
	json_t *notes = json_array();

	for (size_t i = 0; i < row->notes; i++)
		json_array_append_new(notes, note_as_json(&row->note[i]));
	json_array_append_new(report->rows,
			      json_pack("{s:i, s:s, s:o}", "row", row->row, "outcome", outcome_names[row->outcome], "notes", notes));
}

static enum pb_status say_row(void *context, const struct pb_import_row *row, struct pb_err *err)
{
	struct report *report = context;

	(void)err;
	if (row->notes == 0 && !report->every_row)
		return PB_OK;
	if (report->rows) {
		keep_row(report, row);
		return PB_OK;
	}
	printf(_("Row %d: %s\n"), row->row, _(outcome_words[row->outcome]));
	for (size_t i = 0; i < row->notes; i++)
		say_note(&row->note[i]);
	return PB_OK;
}

static void say_totals(const struct pb_import_totals *totals, bool dry_run)
{
	const int *of = totals->outcome;

	for (int i = 0; i < totals->unknown_columns && i < 4; i++)
		printf(_("Column not known and not used: %s\n"), totals->unknown_heading[i]);
	printf(_("Rows %d: added %d, updated %d, unchanged %d, duplicates %d, refused %d; photos %d, new organisations %d\n"),
	       totals->rows, of[PB_IMPORT_ADDED], of[PB_IMPORT_UPDATED], of[PB_IMPORT_UNCHANGED], of[PB_IMPORT_DUPLICATE],
	       of[PB_IMPORT_REFUSED], totals->photos, totals->organisations_created);
	if (dry_run)
		puts(_("This was a dry run: nothing was changed."));
}

static json_t *totals_as_json(const struct pb_import_totals *totals, bool dry_run, json_t *rows)
{
	const int *of = totals->outcome;

	return json_pack("{s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "dry_run", dry_run, "rows", totals->rows, "added",
			 of[PB_IMPORT_ADDED], "updated", of[PB_IMPORT_UPDATED], "unchanged", of[PB_IMPORT_UNCHANGED], "duplicates",
			 of[PB_IMPORT_DUPLICATE], "refused", of[PB_IMPORT_REFUSED], "repaired", totals->repaired, "photos",
			 totals->photos, "organisations_created", totals->organisations_created, "report", rows);
}

static int import_open_files(struct pb_call *call, int list_fd, int photos_fd, enum pb_encoding encoding)
{
	struct report report = { .call = call, .every_row = pb_call_switch(call, "all-rows"), .rows = call->json ? json_array() : NULL };
	struct pb_import_options options = {
		.dry_run = pb_call_switch(call, "dry-run"),
		.photos_fd = photos_fd,
		.table.encoding = encoding,
		.each = say_row,
		.ctx = &report,
	};
	struct pb_import_totals totals = { 0 };
	int code;
	enum pb_status s = pb_register_import(call->app.office.members, list_fd, &options, &totals, &call->err);

	if (s != PB_OK) {
		json_decref(report.rows);
		if (totals.committed > 0)
			fprintf(stderr, _("Rows up to here are in the register: %d\n"), totals.committed);
		code = pb_say_error(call, call->words[0], s);
		if (s == PB_INPUT_INVALID)
			fprintf(stderr, "  %s\n", _("Save the list anew as XLSX or CSV. Are its letters wrong? Name their encoding: --encoding."));
		return code;
	}
	if (call->json)
		pb_json_print(totals_as_json(&totals, options.dry_run, report.rows));
	else
		say_totals(&totals, options.dry_run);
	return totals.outcome[PB_IMPORT_REFUSED] > 0 ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}

int pb_cmd_members_import(struct pb_call *call)
{
	const char *photos = pb_call_option(call, "photos"), *encoding_name = pb_call_option(call, "encoding");
	enum pb_encoding encoding = PB_ENCODING_DETECT;
	int list_fd, photos_fd = -1, code;

	if (encoding_name && !pb_encoding_parse(encoding_name, &encoding))
		return pb_say_usage(call, _("encoding %s is not known"), encoding_name);
	list_fd = open(call->words[0], O_RDONLY | O_CLOEXEC);
	if (list_fd < 0)
		return pb_say_error(call, NULL, pb_fail_errno(&call->err, PB_FILE_UNREADABLE, errno, "%s", call->words[0]));
	if (photos)
		photos_fd = open(photos, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (photos && photos_fd < 0) {
		code = pb_say_error(call, NULL, pb_fail_errno(&call->err, PB_FILE_UNREADABLE, errno, "%s", photos));
	} else {
		code = import_open_files(call, list_fd, photos_fd, encoding);
	}
	if (photos_fd >= 0)
		close(photos_fd);
	close(list_fd);
	return code;
}

/* ---- list and show */

struct listing {
	struct pb_call *call;
	json_t *array; /* with --json */
	size_t count;
};

static json_t *member_as_json(const struct pb_member *member)
{
	char joined[11] = "";

	if (member->joined.year != 0)
		pb_date_format_iso(member->joined, joined);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "number", member->number, "surname", member->surname, "name",
			 member->name, "patronymic", member->patronymic, "position", member->position, "joined", joined, "photo",
			 member->photo != PB_PHOTO_NONE);
}

static enum pb_status list_member(void *context, const struct pb_member *member, struct pb_err *err)
{
	struct listing *listing = context;
	char shown[PB_MEMBER_NUMBER_SHOWN_CAP];

	(void)err;
	listing->count++;
	if (listing->array) {
		json_array_append_new(listing->array, member_as_json(member));
		return PB_OK;
	}
	pb_member_number_show(member->number, shown);
	printf("%s  %s %s %s%s\n", shown, member->surname, member->name, member->patronymic,
	       member->photo == PB_PHOTO_NONE ? _("  (no photo)") : "");
	return PB_OK;
}

int pb_cmd_members_list(struct pb_call *call)
{
	struct listing listing = { call, call->json ? json_array() : NULL, 0 };
	struct pb_member_filter filter = { .name = pb_call_option(call, "name") };
	const char *organisation_name = pb_call_option(call, "organisation");
	struct pb_register *members = call->app.office.members;
	struct pb_organisation organisation = { 0 };
	enum pb_status s = PB_OK;

	if (organisation_name)
		s = pb_register_find_organisation(members, organisation_name, &organisation, &call->err);
	filter.organisation = organisation.id;
	if (s == PB_OK)
		s = pb_register_each_member(members, &filter, list_member, &listing, &call->err);
	if (s != PB_OK) {
		json_decref(listing.array);
		return pb_say_error(call, organisation_name, s);
	}
	pb_say_if_none(call, listing.count);
	if (call->json)
		pb_json_print(json_pack("{s:o}", "members", listing.array));
	return PB_EXIT_OK;
}

struct cards_of_member {
	const char *number;
	json_t *array; /* with --json */
};

static bool list_card_of_member(void *context, const struct pb_ledger_card *card)
{
	struct cards_of_member *cards = context;
	char serial[PB_SERIAL_TEXT];

	if (strcmp(card->member_number, cards->number) != 0)
		return true;
	pb_serial_format(card->serial, serial);
	if (cards->array)
		json_array_append_new(cards->array,
				      json_pack("{s:s, s:s?}", "serial", serial, "state", pb_card_state_name(card->state)));
	else
		printf(_("Card %s: %s\n"), serial, pb_word_of_state(card->state));
	return true;
}

static void say_member(const struct pb_member *member, const struct pb_organisation *organisation)
{
	char shown[PB_MEMBER_NUMBER_SHOWN_CAP];

	pb_member_number_show(member->number, shown);
	printf("%s\n%s %s %s\n%s\n", shown, member->surname, member->name, member->patronymic, organisation->name);
	if (member->photo == PB_PHOTO_NONE)
		puts(_("No photo"));
}

int pb_cmd_members_show(struct pb_call *call)
{
	struct pb_register *members = call->app.office.members;
	struct cards_of_member cards = { 0 };
	char number[PB_MEMBER_NUMBER_CAP];
	struct pb_organisation organisation;
	struct pb_member member;
	enum pb_status s = pb_member_number_parse(call->words[0], pb_register_rule(members), number, &call->err);

	if (s == PB_OK)
		s = pb_register_find_member(members, number, &member, &call->err);
	if (s == PB_OK)
		s = pb_register_organisation(members, member.organisation, &organisation, &call->err);
	cards = (struct cards_of_member){ number, call->json ? json_array() : NULL };
	if (s == PB_OK && !call->json)
		say_member(&member, &organisation);
	if (s == PB_OK)
		s = pb_ledger_each_card(call->app.office.ledger, PB_CARD_IS_UNKNOWN, list_card_of_member, &cards, &call->err);
	if (s != PB_OK) {
		json_decref(cards.array);
		return pb_say_error(call, call->words[0], s);
	}
	if (call->json)
		pb_json_print(json_pack("{s:o, s:s, s:o}", "member", member_as_json(&member), "organisation", organisation.name, "cards",
					cards.array));
	return PB_EXIT_OK;
}

/* ---- organisations */

static enum pb_status list_organisation(void *context, const struct pb_organisation *organisation, struct pb_err *err)
{
	struct listing *listing = context;
	struct pb_member_filter filter = { .organisation = organisation->id };
	int64_t count;
	enum pb_status s = pb_register_count_members(listing->call->app.office.members, &filter, &count, err);

	if (s != PB_OK)
		return s;
	listing->count++;
	if (listing->array)
		json_array_append_new(listing->array, json_pack("{s:s, s:s, s:I}", "code", organisation->code, "name", organisation->name,
								"members", (json_int_t)count));
	else
		printf("%6lld  %s\n", (long long)count, organisation->name);
	return PB_OK;
}

int pb_cmd_organisations_list(struct pb_call *call)
{
	struct listing listing = { call, call->json ? json_array() : NULL, 0 };
	enum pb_status s = pb_register_each_organisation(call->app.office.members, list_organisation, &listing, &call->err);

	if (s != PB_OK) {
		json_decref(listing.array);
		return pb_say_error(call, NULL, s);
	}
	pb_say_if_none(call, listing.count);
	if (call->json)
		pb_json_print(json_pack("{s:o}", "organisations", listing.array));
	return PB_EXIT_OK;
}
