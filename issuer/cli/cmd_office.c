/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet office: set one up, and say how it stands.
 */
#include <stdio.h>
#include <string.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/register.h"

enum { SETTINGS_MAX = 32, SETTINGS_TEXT = 4096 };

struct settings {
	char text[SETTINGS_TEXT];
	const char *values[2 * SETTINGS_MAX + 1];
	size_t count;
};

/* "section.key=value,section.key=value": cut in place.  A comma inside a value is written twice. */
static bool add_list(struct settings *settings, const char *list)
{
	char *at = settings->text;

	if (snprintf(settings->text, sizeof(settings->text), "%s", list) >= (int)sizeof(settings->text))
		return false;
	while (at && *at) {
		char *comma = at, *equals;

		while ((comma = strchr(comma, ',')) && comma[1] == ',') {
			memmove(comma, comma + 1, strlen(comma));
			comma++;
		}
		if (comma)
			*comma = '\0';
		equals = strchr(at, '=');
		if (!equals || settings->count + 2 >= 2 * SETTINGS_MAX)
			return false;
		*equals = '\0';
		settings->values[settings->count++] = at;
		settings->values[settings->count++] = equals + 1;
		at = comma ? comma + 1 : NULL;
	}
	return true;
}

static void add(struct settings *settings, const char *key, const char *value)
{
	if (!value)
		return;
	settings->values[settings->count++] = key;
	settings->values[settings->count++] = value;
}

static void say_created(const struct pb_call *call, const char *directory, const char *ceremony, bool test)
{
	if (call->json)
		pb_json_print(json_pack("{s:s, s:b}", "office", directory, "test", test));
	else if (test)
		printf(_("The office is set up in %s, with TEST keys: no card of it is a real one.\n"), directory);
	else
		printf(_("The office is set up in %s, with the keys of the ceremony. Destroy the copy in %s.\n"), directory, ceremony);
}

int pb_cmd_office_create(struct pb_call *call)
{
	struct settings settings = { .count = 0 };
	const char *directory = call->words[0], *list = pb_call_option(call, "set"), *ceremony = pb_call_option(call, "keys");
	bool test = true;
	enum pb_status s;

	if (pb_call_switch(call, "test-keys") == (ceremony != NULL))
		return pb_say_usage(call, _("say whose keys: --keys DIR of a ceremony, or --test-keys to try"));
	if (list && !add_list(&settings, list))
		return pb_say_usage(call, _("--set takes section.key=value, several with commas between"));
	add(&settings, "office.issuer_code", pb_call_option(call, "issuer-code"));
	add(&settings, "office.issuer_name", pb_call_option(call, "issuer-name"));
	if (ceremony && (pb_call_option(call, "issuer-code") || pb_call_option(call, "issuer-name")))
		return pb_say_usage(call, _("code and name of the issuer are in the keys of the ceremony"));
	s = ceremony ? pb_app_create_office(directory, ceremony, settings.values, &test, &call->err) :
		       pb_app_create_test_office(directory, settings.values, &call->prompt, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, directory, s);
	say_created(call, directory, ceremony, test);
	return PB_EXIT_OK;
}

/* ---- check */

static json_t *readiness_as_json(const struct pb_readiness *readiness)
{
	json_t *list = json_array();

	for (size_t i = 0; i < readiness->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "finding", pb_unready_row(readiness->found[i].code)->name, "about",
						      readiness->found[i].about));
	return json_pack("{s:b, s:o}", "ready", readiness->count == 0, "findings", list);
}

int pb_cmd_office_check(struct pb_call *call)
{
	struct pb_readiness readiness;

	pb_app_check(&call->app.config, &call->prompt, &readiness);
	if (call->json)
		pb_json_print(readiness_as_json(&readiness));
	else
		pb_say_readiness(stdout, &readiness);
	if (readiness.count == 0 && !call->json)
		puts(_("Nothing is amiss: the office may work with its keys."));
	return readiness.count == 0 ? PB_EXIT_OK : PB_EXIT_NEGATIVE;
}

/* ---- status */

static unsigned long long number(uint64_t value)
{
	return value;
}

static void say_status(const struct pb_call *call, const struct pb_ledger_counts *counts, int64_t members)
{
	if (call->app.test)
		puts(_("This office works with TEST keys."));
	printf(_("Members: %lld\n"), (long long)members);
	printf(_("Blanks: received %llu = issued %llu + spoiled %llu + left %llu\n"), number(counts->received),
	       number(counts->issued), number(counts->spoiled), number(counts->left));
	printf(_("Half-written cards: %llu\n"), number(counts->open));
	printf(_("Ledger entries: %llu\n"), number(counts->entries));
}

static json_t *status_as_json(const struct pb_call *call, const struct pb_ledger_counts *counts, int64_t members)
{
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "test", call->app.test, "members", (json_int_t)members, "entries",
			 (json_int_t)counts->entries, "received", (json_int_t)counts->received, "issued",
			 (json_int_t)counts->issued, "spoiled", (json_int_t)counts->spoiled, "left", (json_int_t)counts->left,
			 "open", (json_int_t)counts->open);
}

int pb_cmd_office_status(struct pb_call *call)
{
	struct pb_member_filter everyone = { 0 };
	struct pb_ledger_counts counts;
	int64_t members;
	enum pb_status s = pb_register_count_members(call->app.office.members, &everyone, &members, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	pb_ledger_counts(call->app.office.ledger, &counts);
	if (call->json)
		pb_json_print(status_as_json(call, &counts, members));
	else
		say_status(call, &counts, members);
	return PB_EXIT_OK;
}
