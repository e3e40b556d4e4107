/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet ledger: audit it, show entries and the last checkpoint.  And blanks receive, which is an entry.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/signer.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/finding_list.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"
#include "issuer/cli/tell_entry.h"
#include "issuer/ledger/audit.h"
#include "issuer/ledger/base64.h"
#include "keys/trust.h"

static unsigned long long number(uint64_t value)
{
	return value;
}

static bool parse_count(const char *text, uint64_t max, uint64_t *ret_count)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max)
		return false;
	*ret_count = value;
	return true;
}

/* ---- audit */

static void say_audit(const struct pb_audit_summary *summary)
{
	printf(_("Ledger: entries %llu, checkpoints %llu, cards %llu\n"), number(summary->entries), number(summary->checkpoints),
	       number(summary->cards));
	if (summary->live_by_kvn[PB_LEDGER_KVN_NONE] != 0)
		printf(_("Cards without keys, which can be copied: %llu\n"), number(summary->live_by_kvn[PB_LEDGER_KVN_NONE]));
	for (unsigned kvn = PB_LEDGER_KVN_NONE + 1; kvn < PB_LEDGER_KVNS; kvn++)
		if (summary->live_by_kvn[kvn] != 0)
			printf(_("Cards with keys of master key %02X: %llu\n"), kvn, number(summary->live_by_kvn[kvn]));
	if (summary->findings == 0)
		puts(_("Everything agrees: nothing was changed, nothing is missing."));
	else
		printf(ngettext("DOES NOT AGREE: %llu finding. Issue nothing more and call the auditor.\n",
				"DOES NOT AGREE: %llu findings. Issue nothing more and call the auditor.\n",
				(unsigned long)summary->findings),
		       number(summary->findings));
}

/* {"30": 4, "31": 2} */
static json_t *cards_by_kvn(const struct pb_audit_summary *summary)
{
	json_t *object = json_object();
	char kvn[4];

	for (unsigned i = 0; i < PB_LEDGER_KVNS; i++) {
		snprintf(kvn, sizeof(kvn), "%02X", i);
		if (summary->live_by_kvn[i] != 0)
			json_object_set_new(object, kvn, json_integer((json_int_t)summary->live_by_kvn[i]));
	}
	return object;
}

static void print_json(const struct pb_audit_summary *summary, const struct pb_finding_list *findings)
{
	pb_json_print(json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "entries", (json_int_t)summary->entries, "checkpoints",
				(json_int_t)summary->checkpoints, "cards", (json_int_t)summary->cards, "findings",
				(json_int_t)summary->findings, "live_cards_by_kvn", cards_by_kvn(summary), "report",
				pb_findings_json(findings)));
}

/* By the list that this office believes; without one nothing is said. */
static bool is_test_ledger(const struct pb_app *app)
{
	const char *vkey = pb_ledger_vkey(app->office.ledger);

	for (size_t i = 0; app->trust != NULL && i < pb_trust_count(app->trust); i++)
		if (strcmp(pb_trust_issuer(app->trust, i)->entry->checkpoint, vkey) == 0)
			return pb_trust_issuer(app->trust, i)->entry->test;
	return false;
}

static enum pb_status write_conclusion(struct pb_call *call, const char *path, const struct pb_audit_summary *summary,
				       const struct pb_finding_list *findings)
{
	const struct pb_app *app = &call->app;
	char root[4 * ((PB_MERKLE_HASH + 2) / 3) + 1], last[PB_WHEN_TEXT];
	struct pb_writer writer = pb_writer(root, sizeof(root));
	struct pb_paper_audit paper = {
		.unix_time = pb_clock_now(app->office.clock), .source = app->config.database, .test = is_test_ledger(app), .origin = summary->origin, .root = root,
		.key = pb_ledger_vkey(app->office.ledger), .last_entry = last, .entries = summary->entries,
		.checkpoints = summary->checkpoints, .total = summary->findings,
	};

	pb_base64_put(&writer, PB_VIEW(summary->root.bytes));
	root[writer.n] = '\0';
	pb_when(summary->last_time, app->config.zone, last);
	pb_conclusion_count(&paper, &summary->blanks, summary->by_state);
	return pb_conclusion_write(path, &paper, findings, app->config.zone, &call->err);
}

/* What the holder of the keys has counted, where it is asked for. */
static enum pb_status ask_signer(struct pb_call *call, struct pb_audit_summary *summary, struct pb_finding_list *findings)
{
	uint64_t found = 0;
	bool counted = true;
	enum pb_status s = PB_OK;

	if (pb_call_switch(call, "signer"))
		s = pb_app_audit_signer(&call->app, &call->prompt, pb_finding_list_add, findings, &found, &counted, &call->err);
	if (s == PB_OK && !counted)
		fprintf(stderr, "%s\n", _("Nobody counts what is signed: the keys are in the process that asks (keys.process)."));
	summary->findings += found;
	return s;
}

int pb_cmd_ledger_audit(struct pb_call *call)
{
	struct pb_finding_list *findings = calloc(1, sizeof(*findings));
	const char *pdf = pb_call_option(call, "pdf");
	struct pb_audit_summary summary;
	enum pb_status s = findings != NULL ? PB_OK : pb_fail(&call->err, PB_NO_MEMORY, "audit");

	if (s == PB_OK)
		s = pb_ledger_audit(call->app.office.ledger, pb_call_option(call, "key"), pb_finding_list_add, findings, &summary, &call->err);
	if (s == PB_OK)
		s = ask_signer(call, &summary, findings);
	if (s == PB_OK && pdf)
		s = write_conclusion(call, pdf, &summary, findings);
	if (s != PB_OK) {
		free(findings);
		return pb_say_error(call, NULL, s);
	}
	if (call->json) {
		print_json(&summary, findings);
	} else {
		pb_say_findings(findings);
		say_audit(&summary);
	}
	free(findings);
	return summary.findings > 0 ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}

/* ---- show */

static enum pb_status show_entry(struct pb_call *call, uint64_t index, json_t *array)
{
	uint8_t bytes[PB_ENTRY_MAX];
	struct pb_entry entry;
	size_t n;
	enum pb_status s = pb_ledger_entry(call->app.office.ledger, index, bytes, &n, &call->err);

	if (s != PB_OK)
		return s;
	if (!pb_entry_decode(pb_view(bytes, n), &entry))
		return pb_fail(&call->err, PB_LEDGER_CORRUPT, "entry %llu", number(index));
	if (array)
		json_array_append_new(array, pb_entry_json(index, &entry));
	else
		pb_say_entry(index, &entry, call->app.config.zone);
	return PB_OK;
}

int pb_cmd_ledger_show(struct pb_call *call)
{
	json_t *array = call->json ? json_array() : NULL;
	struct pb_ledger_counts counts;
	uint64_t first = 0, end;
	enum pb_status s = PB_OK;

	pb_ledger_counts(call->app.office.ledger, &counts);
	end = counts.entries;
	if (call->word_count) {
		if (!parse_count(call->words[0], UINT64_MAX - 1, &first))
			return pb_say_usage(call, _("%s is not the number of an entry"), call->words[0]);
		end = first + 1;
	}
	for (uint64_t index = first; s == PB_OK && index < end; index++)
		s = show_entry(call, index, array);
	if (s != PB_OK) {
		json_decref(array);
		return pb_say_error(call, NULL, s);
	}
	if (call->json)
		pb_json_print(json_pack("{s:o}", "entries", array));
	return PB_EXIT_OK;
}

int pb_cmd_ledger_checkpoint(struct pb_call *call)
{
	char text[PB_CHECKPOINT_MAX];
	enum pb_status s = pb_ledger_checkpoint(call->app.office.ledger, text, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:s}", "checkpoint", text, "key", pb_ledger_vkey(call->app.office.ledger)));
	else
		fputs(text, stdout);
	return PB_EXIT_OK;
}

/* ---- blanks */

int pb_cmd_blanks_receive(struct pb_call *call)
{
	enum { BATCH_OF_BLANKS_MAX = 1000000 };
	const char *batch = pb_call_option(call, "batch");
	struct pb_ledger_counts counts;
	uint64_t count;
	enum pb_status s;

	if (!parse_count(call->words[0], BATCH_OF_BLANKS_MAX, &count) || count == 0)
		return pb_say_usage(call, _("%s is not a number of blanks"), call->words[0]);
	if (!batch)
		return pb_say_usage(call, _("name the supplier's batch: --batch NUMBER"));
	s = pb_ledger_receive_blanks(call->app.office.ledger, count, batch, NULL, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, batch, s);
	pb_ledger_counts(call->app.office.ledger, &counts);
	if (call->json)
		pb_json_print(json_pack("{s:I, s:I}", "received", (json_int_t)counts.received, "left", (json_int_t)counts.left));
	else
		printf(_("Blanks taken in: %llu. Now left: %llu.\n"), number(count), number(counts.left));
	return PB_EXIT_OK;
}
