/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet ledger: audit it, show entries and the last checkpoint.  And blanks receive, which is an entry.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/cli/say.h"
#include "issuer/cli/tell_entry.h"
#include "issuer/ledger/audit.h"

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

struct findings {
	json_t *array; /* with --json */
};

static void say_finding(void *context, const struct pb_finding *finding)
{
	struct findings *findings = context;
	char serial[PB_SERIAL_TEXT] = "";

	if (finding->serial != 0)
		pb_serial_format(finding->serial, serial);
	if (findings->array) {
		json_array_append_new(findings->array, json_pack("{s:s, s:I, s:s}", "finding", pb_finding_name(finding->code), "entry",
								 (json_int_t)finding->entry, "serial", serial));
		return;
	}
	printf(_("Entry %llu"), number(finding->entry));
	if (serial[0] != '\0')
		printf(_(", card %s"), serial);
	printf(": %s\n", pb_word_of_finding(finding->code));
}

static void say_audit(const struct pb_audit_summary *summary)
{
	printf(_("Ledger: entries %llu, checkpoints %llu, cards %llu\n"), number(summary->entries), number(summary->checkpoints),
	       number(summary->cards));
	for (unsigned kvn = 0; kvn < PB_LEDGER_KVNS; kvn++)
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

int pb_cmd_ledger_audit(struct pb_call *call)
{
	struct findings findings = { call->json ? json_array() : NULL };
	struct pb_audit_summary summary;
	enum pb_status s = pb_ledger_audit(call->app.office.ledger, pb_call_option(call, "key"), say_finding, &findings, &summary,
					   &call->err);

	if (s != PB_OK) {
		json_decref(findings.array);
		return pb_say_error(call, NULL, s);
	}
	if (call->json)
		pb_json_print(json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "entries", (json_int_t)summary.entries, "checkpoints",
					(json_int_t)summary.checkpoints, "cards", (json_int_t)summary.cards, "findings",
					(json_int_t)summary.findings, "live_cards_by_kvn", cards_by_kvn(&summary), "report",
					findings.array));
	else
		say_audit(&summary);
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
