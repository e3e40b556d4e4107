/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet witness: the files that offices send each other, so that each can say what it saw of the other's ledger.  A
 * refusal is a negative verdict, not a failure: exit code 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/message.h"
#include "issuer/app/output.h"
#include "issuer/app/witness.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"

static unsigned long long number(uint64_t value)
{
	return value;
}

/* What a refusal means, to the office that asked and to the one that answers. */
static const char *word_of(unsigned status)
{
	switch (status) {
	case PB_ADD_FORBIDDEN:
		return N_("not signed by the key of that ledger");
	case PB_ADD_UNKNOWN_LOG:
		return N_("a ledger that this witness does not know: it is not in the witness's policy");
	case PB_ADD_CONFLICT:
		return N_("the witness has seen another size");
	case PB_ADD_UNPROVEN:
		return N_("it does NOT go on from what the witness saw: entries were changed, or there are two histories. Keep both files and call the auditor");
	default:
		return N_("the request is damaged");
	}
}

/* ---- the key */

static int say_key(struct pb_call *call)
{
	struct pb_note_key key;
	char vkey[PB_VKEY_MAX + 1];
	enum pb_status s = pb_app_witness_key(&call->app.config, &call->prompt, &key, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	pb_note_key_format(&key, vkey);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:s}", "name", key.name, "key", vkey));
	else
		printf("witness %s %s\n", call->app.config.issuer_code, vkey);
	return PB_EXIT_OK;
}

int pb_cmd_witness_begin(struct pb_call *call)
{
	enum pb_status s = pb_app_witness_begin(&call->app.config, &call->prompt, pb_call_switch(call, "anew"), &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (!call->json)
		puts(_("This office is a witness now. The line for the policy of those it witnesses for:"));
	return say_key(call);
}

int pb_cmd_witness_key(struct pb_call *call)
{
	return say_key(call);
}

/* ---- asking */

/* The key of a witness of the policy; false, and said, when there is none of that name. */
static bool find_witness(struct pb_call *call, const struct pb_witness_policy *policy, const char *name,
			 const struct pb_policy_witness **ret_witness)
{
	*ret_witness = pb_witness_policy_find(policy, name);
	if (*ret_witness == NULL)
		(void)pb_say_usage(call, _("the policy %s has no witness %s"), call->app.config.witness_policy, name);
	return *ret_witness != NULL;
}

/* From where: as was said, or as far as this witness has cosigned. */
static bool find_old_size(struct pb_call *call, const struct pb_policy_witness *witness, uint64_t *ret_size, enum pb_status *ret_s)
{
	long old;

	*ret_s = PB_OK;
	if (!pb_call_number(call, "old", 0, INT64_MAX / 2, -1, &old))
		return false;
	*ret_size = (uint64_t)old;
	if (old < 0)
		*ret_s = pb_ledger_seen_by(call->app.office.ledger, &witness->key, ret_size, &call->err);
	return true;
}

int pb_cmd_witness_ask(struct pb_call *call)
{
	static struct pb_witness_policy policy;
	static char room[PB_ADD_CHECKPOINT_MAX];
	struct pb_writer out = pb_writer(room, sizeof(room));
	const struct pb_policy_witness *witness;
	uint64_t old = 0;
	enum pb_status s = pb_app_witness_policy(&call->app.config, &policy, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (!find_witness(call, &policy, call->words[0], &witness) || !find_old_size(call, witness, &old, &s))
		return pb_status_row(PB_USAGE)->exit_code;
	if (s == PB_OK)
		s = pb_ledger_ask_witness(call->app.office.ledger, old, &out, &call->err);
	if (s == PB_NOT_FOUND) {
		fprintf(stderr, _("The witness has seen %llu entries, and this ledger is shorter: entries are MISSING here. An old copy came back?\n"),
			number(old));
		return PB_EXIT_NEGATIVE;
	}
	if (s == PB_OK)
		s = pb_output_write(call->words[1], pb_view(room, out.n), &call->err);
	if (s != PB_OK)
		return pb_say_error(call, call->words[0], s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:I}", "file", call->words[1], "old", (json_int_t)old));
	else
		printf(_("Written: %s. Give it to the witness; any channel will do.\n"), call->words[1]);
	return PB_EXIT_OK;
}

/* ---- answering */

static int say_reply(struct pb_call *call, const struct pb_witness_reply *reply)
{
	if (call->json)
		pb_json_print(json_pack("{s:i, s:s}", "status", (int)reply->status, "file", call->words[1]));
	else if (reply->status == PB_ADD_COSIGNED)
		printf(_("Cosigned. Written: %s. Give it back to the office that asked.\n"), call->words[1]);
	else
		printf(_("REFUSED: %s. Written: %s.\n"), _(word_of(reply->status)), call->words[1]);
	return reply->status == PB_ADD_COSIGNED ? PB_EXIT_OK : PB_EXIT_NEGATIVE;
}

static enum pb_status answer(struct pb_call *call, struct pb_app_witness *witness, struct pb_witness_reply *ret_reply)
{
	char room[PB_WITNESS_REPLY_MAX];
	struct pb_writer out = pb_writer(room, sizeof(room));
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s = pb_output_check(call->words[1], &call->err);

	if (s == PB_OK)
		s = pb_read_path(call->words[0], PB_ADD_CHECKPOINT_MAX, &bytes, &n, &call->err);
	if (s == PB_OK)
		s = pb_app_witness_answer(witness, pb_view(bytes, n), ret_reply, &call->err);
	free(bytes);
	if (s != PB_OK)
		return s;
	pb_witness_reply_put(&out, ret_reply);
	return pb_output_write(call->words[1], pb_view(room, out.n), &call->err);
}

int pb_cmd_witness_answer(struct pb_call *call)
{
	static struct pb_app_witness witness;
	struct pb_witness_reply reply;
	enum pb_status s = pb_app_witness_open(&call->app.config, &call->prompt, &witness, &call->err);

	if (s == PB_OK) {
		s = answer(call, &witness, &reply);
		pb_app_witness_close(&witness);
	}
	return s == PB_OK ? say_reply(call, &reply) : pb_say_error(call, NULL, s);
}

/* ---- taking answers in */

static int say_words(struct pb_call *call, const struct pb_witness_words *words)
{
	if (call->json)
		pb_json_print(json_pack("{s:i, s:I}", "status", (int)words->status, "size", (json_int_t)words->size));
	else if (words->refused)
		printf(_("The witness refused: %s.\n"), _(word_of(words->status)));
	else if (words->conflict)
		printf(_("The witness has seen %llu entries. Ask again with --old %llu.\n"), number(words->size), number(words->size));
	else
		printf(_("Taken in: the checkpoint of %llu entries is cosigned by %s.\n"), number(words->size), call->words[0]);
	return words->refused || words->conflict ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}

int pb_cmd_witness_take(struct pb_call *call)
{
	static struct pb_witness_policy policy;
	const struct pb_policy_witness *witness;
	struct pb_witness_words words;
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s = pb_app_witness_policy(&call->app.config, &policy, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (!find_witness(call, &policy, call->words[0], &witness))
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_read_path(call->words[1], PB_ADD_CHECKPOINT_MAX, &bytes, &n, &call->err);
	if (s == PB_OK)
		s = pb_ledger_take_answer(call->app.office.ledger, &witness->key, pb_view(bytes, n), &words, &call->err);
	free(bytes);
	return s == PB_OK ? say_words(call, &words) : pb_say_error(call, call->words[1], s);
}

/* ---- how it stands */

static enum pb_status say_witnesses(struct pb_call *call, const struct pb_witness_policy *policy, json_t *array)
{
	enum { NAME_LETTERS = 24 };
	enum pb_status s = PB_OK;

	for (size_t i = 0; i < policy->witness_count && s == PB_OK; i++) {
		uint64_t size = 0;

		s = pb_ledger_seen_by(call->app.office.ledger, &policy->witnesses[i].key, &size, &call->err);
		if (array != NULL)
			json_array_append_new(array, json_pack("{s:s, s:I}", "name", policy->witnesses[i].name, "size", (json_int_t)size));
		else if (s == PB_OK) {
			pb_say_padded(policy->witnesses[i].name, NAME_LETTERS);
			printf("%llu\n", number(size));
		}
	}
	return s;
}

/* How it stands by the policy, looked up. */
struct standing {
	struct pb_witness_policy policy;
	struct pb_backdated backdated;
	uint64_t witnessed;
};

static enum pb_status look(struct pb_call *call, long days, struct standing *standing, json_t *array)
{
	struct pb_ledger *ledger = call->app.office.ledger;
	enum pb_status s = pb_app_witness_policy(&call->app.config, &standing->policy, &call->err);

	if (s == PB_OK)
		s = say_witnesses(call, &standing->policy, array);
	if (s == PB_OK)
		s = pb_ledger_last_witnessed(ledger, &standing->policy, &standing->witnessed, &call->err);
	if (s == PB_OK)
		s = pb_ledger_find_backdated(ledger, &standing->policy, days * INT64_C(86400), &standing->backdated, &call->err);
	return s;
}

static void say_standing(const struct pb_call *call, const struct standing *standing, uint64_t entries)
{
	char said[PB_WHEN_TEXT], seen[PB_WHEN_TEXT];

	printf(_("Witnessed by the quorum: %llu entries of %llu.\nlog %s\n"), number(standing->witnessed), number(entries),
	       pb_ledger_vkey(call->app.office.ledger));
	if (standing->backdated.entry == 0)
		return;
	pb_when(standing->backdated.said, call->app.config.zone, said);
	pb_when((int64_t)standing->backdated.seen_at, call->app.config.zone, seen);
	printf(_("BACKDATED: entry %llu says %s, and on %s a witness was shown the ledger without it.\n"),
	       number(standing->backdated.entry), said, seen);
}

int pb_cmd_witness_status(struct pb_call *call)
{
	enum { TRAVEL_DAYS = 7, TRAVEL_DAYS_MAX = 366 };
	static struct standing standing;
	json_t *array = call->json ? json_array() : NULL;
	struct pb_ledger_counts counts;
	long days;
	enum pb_status s;

	if (!pb_call_number(call, "travel", 0, TRAVEL_DAYS_MAX, TRAVEL_DAYS, &days))
		return pb_status_row(PB_USAGE)->exit_code;
	s = look(call, days, &standing, array);
	if (s != PB_OK) {
		json_decref(array);
		return pb_say_error(call, NULL, s);
	}
	pb_ledger_counts(call->app.office.ledger, &counts);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:I, s:I, s:I, s:o}", "log", pb_ledger_vkey(call->app.office.ledger), "entries",
					(json_int_t)counts.entries, "witnessed", (json_int_t)standing.witnessed, "backdated",
					(json_int_t)standing.backdated.entry, "witnesses", array));
	else
		say_standing(call, &standing, counts.entries);
	return standing.backdated.entry == 0 ? PB_EXIT_OK : PB_EXIT_NEGATIVE;
}

/* ---- after a backup */

int pb_cmd_ledger_begin_anew(struct pb_call *call)
{
	enum pb_status s = pb_ledger_begin_anew(call->app.office.ledger, NULL, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:s}", "origin", pb_ledger_origin(call->app.office.ledger), "key",
					pb_ledger_vkey(call->app.office.ledger)));
	else
		printf(_("The ledger goes on as %s. The line for the policies of its witnesses, in place of the old one:\nlog %s\n"),
		       pb_ledger_origin(call->app.office.ledger), pb_ledger_vkey(call->app.office.ledger));
	return PB_EXIT_OK;
}
