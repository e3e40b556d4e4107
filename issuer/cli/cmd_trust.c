/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet trust: show the accepted trust list, judge or take in another, publish the office's next one.  A list
 * that is refused is a negative verdict, not a failure: exit code 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/message.h"
#include "issuer/app/publish.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"
#include "keys/crypto/hash.h"
#include "keys/trust.h"

enum { DAY = 86400, STATE_LETTERS = 18, CODE_LETTERS = 17 };

/* ---- words */

static const char *const states[PB_ISSUER_STATE_COUNT] = {
	[PB_ISSUER_ACTIVE] = N_("active"),
	[PB_ISSUER_RETIRED] = N_("retired"),
	[PB_ISSUER_COMPROMISED] = N_("COMPROMISED"),
};

/* What a person has to know; every fault of form is one to him, and its detail is told besides. */
static const char *const refusals[PB_TRUST_FAULT_COUNT] = {
	[PB_TRUST_FAULT_WRONG_PURPOSE] = N_("Its signer's certificate is not for trust lists."),
	[PB_TRUST_FAULT_FOREIGN_ROOT] = N_("Its signer is not under the roots that are trusted here."),
	[PB_TRUST_FAULT_SIGNER_EXPIRED] = N_("Its signer's certificate was not valid on the day of the list."),
	[PB_TRUST_FAULT_OTHER_SIGNER] = N_("It names another signer than its certificate."),
	[PB_TRUST_FAULT_TEST_SIGNER] = N_("It is signed with a TEST key and names issuers that are not TEST."),
	[PB_TRUST_FAULT_FORGED] = N_("Its signature is wrong: somebody changed it."),
	[PB_TRUST_FAULT_ROLLBACK] = N_("A later list is here already: an old one would bring refused keys back."),
	[PB_TRUST_FAULT_FORK] = N_("Another list of this number is here: two people have published. Ask the office."),
};

static const char *word_of(enum pb_trust_fault fault)
{
	return _(refusals[fault] != NULL ? refusals[fault] : N_("It is no trust list, or it is damaged."));
}

static void format_day(int64_t instant, char ret_text[static 11])
{
	pb_date_format_ru(pb_date_of_instant(instant, 0), ret_text);
}

/* ---- one list */

static json_t *entry_as_json(const struct pb_trust_entry *entry)
{
	char kid[2 * PB_P256_KID + 1];

	pb_hex_encode(PB_VIEW(entry->kid), kid);
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:s, s:s}", "kid", kid, "issuer", entry->code, "name", entry->name,
			 "state", pb_issuer_state_name(entry->state), "test", entry->test, "valid_from",
			 (json_int_t)entry->valid_from, "valid_until", (json_int_t)entry->valid_until, "last_signing",
			 (json_int_t)entry->last_signing, "status_base", entry->status_base, "checkpoint", entry->checkpoint);
}

static json_t *list_as_json(const struct pb_trust_list *list, int64_t now)
{
	json_t *issuers = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(issuers, entry_as_json(&list->entries[i]));
	return json_pack("{s:I, s:s, s:I, s:I, s:I, s:b, s:o}", "sequence", (json_int_t)list->sequence, "publisher", list->publisher,
			 "issued_at", (json_int_t)list->issued_at, "expires", (json_int_t)list->expires, "age",
			 (json_int_t)(now - list->issued_at), "old", now > list->expires, "issuers", issuers);
}

static void say_entry(const struct pb_trust_entry *entry)
{
	char kid[2 * PB_P256_KID + 1], until[11], last[11];

	pb_hex_encode(PB_VIEW(entry->kid), kid);
	format_day(entry->valid_until, until);
	format_day(entry->last_signing, last);
	printf("%s  ", kid);
	pb_say_padded(entry->code, CODE_LETTERS);
	pb_say_padded(_(states[entry->state]), STATE_LETTERS);
	printf(_("%s signs to %s, valid to %s  %s\n"), entry->test ? "TEST" : "    ", last, until, entry->name);
}

static void say_list(const struct pb_trust_list *list, int64_t now)
{
	long long days = now > list->issued_at ? (now - list->issued_at) / DAY : 0;
	char issued[11];

	format_day(list->issued_at, issued);
	printf(ngettext("Trust list %llu of %s, published by %s, %lld day old\n", "Trust list %llu of %s, published by %s, %lld days old\n",
			(unsigned long)days),
	       (unsigned long long)list->sequence, issued, list->publisher, days);
	if (now > list->expires)
		puts(_("The list is old: bring a newer one. Until then, keys that were stolen since are not known here."));
	for (size_t i = 0; i < list->count; i++)
		say_entry(&list->entries[i]);
}

/* ---- commands */

static const char *directory_of(const struct pb_call *call, char ret_path[static PB_TRUST_DIRECTORY_CAP])
{
	return pb_app_trust_directory(&call->app.config, ret_path);
}

int pb_cmd_trust_show(struct pb_call *call)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	int64_t now = pb_clock_now(&pb_clock_system);
	struct pb_trust *trust = NULL;
	char digest[2 * PB_SHA256_LEN + 1];
	json_t *object;
	enum pb_status s = pb_trust_load(directory_of(call, directory), &trust, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	pb_hex_encode(pb_view(pb_trust_digest(trust), PB_SHA256_LEN), digest);
	if (call->json) {
		object = list_as_json(pb_trust_list(trust), now);
		json_object_set_new(object, "sha256", json_string(digest));
		pb_json_print(object);
	} else {
		say_list(pb_trust_list(trust), now);
		printf("SHA-256 %s\n", digest);
	}
	pb_trust_destroy(trust);
	return PB_EXIT_OK;
}

static int say_verdict(const struct pb_call *call, const struct pb_trust_list *list, enum pb_trust_fault fault, bool taken)
{
	bool good = fault == PB_TRUST_FAULT_NONE;

	if (call->json) {
		pb_json_print(json_pack("{s:b, s:s, s:b, s:I}", "accepted", good, "fault", pb_trust_fault_name(fault), "taken_in",
					good && taken, "sequence", (json_int_t)list->sequence));
	} else if (!good) {
		printf(_("REFUSED: %s\n"), word_of(fault));
		printf(_("  Detail: %s\n"), pb_trust_fault_words(fault));
	} else {
		puts(taken ? _("Taken in.") : _("GOOD: this list may be taken in."));
		say_list(list, pb_clock_now(&pb_clock_system));
	}
	return good ? PB_EXIT_OK : PB_EXIT_NEGATIVE;
}

static int judge(struct pb_call *call, bool take)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault = PB_TRUST_FAULT_NONE;
	uint8_t *token = NULL;
	size_t n = 0;
	int code;
	enum pb_status s = pb_read_path(call->words[0], PB_TRUST_LIST_MAX, &token, &n, &call->err);

	if (s == PB_OK)
		s = (take ? pb_trust_accept : pb_trust_examine)(directory_of(call, directory), pb_view(token, n), &list, &fault, &call->err);
	code = s == PB_OK ? say_verdict(call, &list, fault, take) : pb_say_error(call, NULL, s);
	pb_trust_list_finish(&list);
	free(token);
	return code;
}

int pb_cmd_trust_verify(struct pb_call *call)
{
	return judge(call, false);
}

int pb_cmd_trust_update(struct pb_call *call)
{
	return judge(call, true);
}

int pb_cmd_trust_publish(struct pb_call *call)
{
	char directory[PB_TRUST_DIRECTORY_CAP], digest[2 * PB_SHA256_LEN + 1];
	struct pb_trust_draft draft = { 0 };
	enum pb_status s = pb_app_publish_trust(&call->app, NULL, 0, NULL, &draft, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	pb_hex_encode(PB_VIEW(draft.digest), digest);
	directory_of(call, directory);
	if (call->json)
		pb_json_print(json_pack("{s:I, s:s, s:i, s:s}", "sequence", (json_int_t)draft.sequence, "sha256", digest, "bytes",
					(int)draft.n, "directory", directory));
	else
		printf(_("Trust list %llu is published: give %s/trust.cwt to whoever verifies cards.\nSHA-256 %s\n"),
		       (unsigned long long)draft.sequence, directory, digest);
	pb_trust_draft_finish(&draft);
	return PB_EXIT_OK;
}
